"""How an action answers: a page with a message, or JSON with every step."""

from collections.abc import Callable
from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from destiny_web.bungie.errors import BungieError, Refused, TokenRefused
from destiny_web.domain.refusals import BadRequest, MoveError
from destiny_web.domain.steps import Reason
from destiny_web.inventory.forms import ActionForm
from destiny_web.services.calls import Done
from destiny_web.services.transfers import Report
from destiny_web.storage.store import Busy
from destiny_web.web.errors import status_of, wants_json

_UNCHANGED = "Nothing was changed."


def act(form: ActionForm, job: Callable[[], Report]) -> ResponseReturnValue:
    """Check *form*, do *job*, and tell what came of it.

    A page gets 303 and the message; JSON gets 200 (all done), 409 (the game or its rules
    refused), 422 (a bad request), 502 or 503 (Bungie failed).
    """
    if not form.validate():
        return _told(Report(message=form.fault), ok=False, status=422)
    try:
        report = job()
    except MoveError as error:
        bad = isinstance(error, BadRequest)
        return _told(Report(message=str(error)), ok=False, status=422 if bad else 409)
    except TokenRefused:
        raise  # the player is to sign in again: not a matter of this form
    except BungieError as error:
        # The account could not even be read, so nothing was sent.
        message = f"{str(error).removesuffix(_UNCHANGED).rstrip()} {_UNCHANGED}"
        return _told(Report(message=message, error=error), ok=False, status=status_of(error))
    except Busy:
        waiting = "Another move of yours is still under way. Nothing was done: try again."
        return _told(Report(message=waiting), ok=False, status=409)
    return _told(report, ok=report.ok, status=_status(report))


def _status(report: Report) -> int:
    if report.error is None:
        return 200
    return 409 if isinstance(report.error, Refused | MoveError) else status_of(report.error)


def _told(report: Report, *, ok: bool, status: int) -> ResponseReturnValue:
    if wants_json():
        answer = jsonify(
            ok=ok,
            message=report.message,
            code=report.code,
            steps=[_step(done) for done in report.steps],
        )
        answer.status_code = status
        return answer
    flash(report.message, "done" if ok else "refused")
    return redirect(_page(report), 303)


def _page(report: Report) -> str:
    """Return the inventory with the moved item in view."""
    asked = [done.step for done in report.steps if done.ok and done.step.reason is Reason.ASKED]
    moved = asked[-1] if asked else None
    if moved is None:
        return url_for("inventory.index", on=request.form.get("source"))
    anchor = f"i{moved.instance_id}" if moved.instance_id else None
    return url_for("inventory.index", on=moved.destination, _anchor=anchor)


def _step(done: Done) -> dict[str, Any]:
    step = done.step
    return {
        "action": step.action.value,
        "item_instance_id": step.instance_id,
        "item_hash": step.item_hash,
        "quantity": step.quantity,
        "source": step.source,
        "destination": step.destination,
        "ok": done.ok,
        "code": done.code,
    }
