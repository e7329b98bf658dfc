"""How an action answers: a page with a message, or JSON with every step."""

from typing import Any

from flask import current_app, flash, jsonify, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from destiny_web.auth.client import current_client, current_membership
from destiny_web.bungie.errors import BungieError, ConsentEnded
from destiny_web.domain.moves.errors import BadRequest, MoveError
from destiny_web.domain.moves.steps import Reason
from destiny_web.inventory.forms import ActionForm
from destiny_web.services.moves.outcome import CallResult, Report, Verdict, verdict_of
from destiny_web.web.errors import answer, wants_json
from destiny_web.web.problems import Problem
from destiny_web.web.services import current_services
from destiny_web.web.sessions import write_session

_STATUS = {
    Verdict.DONE: 200,
    Verdict.SIGN_IN_ENDED: 401,
    Verdict.REFUSED: 409,
    Verdict.INVALID: 422,
    Verdict.BUNGIE_FAILED: 502,
    Verdict.BUNGIE_UNAVAILABLE: 503,
    Verdict.STORE_FAILED: 503,
}

# After these the next page cannot show a message: there is no session any more, or no store.
_SHOWN_AT_ONCE = frozenset({Verdict.SIGN_IN_ENDED, Verdict.STORE_FAILED})


def act(form: ActionForm) -> ResponseReturnValue:
    """Check *form*, carry its command out, and answer with the report.

    A page gets 303 and the message; JSON gets 200 (all done), 409 (the game or its rules
    refused), 422 (a bad request), 502 or 503 (Bungie failed).
    """
    if not form.validate():
        return _answer(Report(message=form.fault, verdict=Verdict.INVALID))
    return _answer(_report(form))


def _report(form: ActionForm) -> Report:
    try:
        return current_services().moves.run(
            current_client(), current_membership(), form.command(), form.key()
        )
    except BadRequest as error:
        return Report(message=str(error), verdict=Verdict.INVALID)
    except MoveError as error:
        return Report(message=str(error), verdict=verdict_of(error))
    except ConsentEnded:
        raise  # the player is to sign in again: not a matter of this form
    except BungieError as error:
        # The account could not even be read, so nothing was sent.
        message = f"{error} Nothing was changed."
        return Report(message=message, verdict=verdict_of(error), code=error.code)


def _answer(report: Report) -> ResponseReturnValue:
    status = _STATUS[report.verdict]
    if wants_json():
        response = jsonify(
            ok=report.ok,
            message=report.message,
            code=report.code,
            steps=[_step(result) for result in report.results],
        )
        response.status_code = status
        return response
    if report.verdict not in _SHOWN_AT_ONCE:
        flash(report.message, "done" if report.ok else "refused")
        if write_session(current_app, session):
            return redirect(_page(report), 303)
    return answer(
        Problem(status=status, kind="error", title="What became of it", message=report.message)
    )


def _page(report: Report) -> str:
    """Return the inventory with the moved item in view."""
    asked = [
        result.step for result in report.results if result.ok and result.step.reason is Reason.ASKED
    ]
    moved = asked[-1] if asked else None
    if moved is None:
        return url_for("inventory.index", on=request.form.get("source"))
    anchor = f"i{moved.instance_id}" if moved.instance_id else None
    return url_for("inventory.index", on=moved.destination, _anchor=anchor)


def _step(result: CallResult) -> dict[str, Any]:
    step = result.step
    return {
        "action": step.action.value,
        "item_instance_id": step.instance_id,
        "item_hash": step.item_hash,
        "quantity": step.quantity,
        "source": step.source,
        "destination": step.destination,
        "ok": result.ok,
        "code": result.code,
    }
