"""Runs the command of a form and answers with a page and a message, or with JSON."""

import re
from typing import Any

from flask import current_app, flash, jsonify, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from destiny_web.auth.client import current_client, current_membership
from destiny_web.bungie.errors import BungieError, ConsentEnded
from destiny_web.domain.moves.errors import BadRequest, MoveError
from destiny_web.inventory.forms import ActionForm, ViewForm
from destiny_web.services.moves.outcome import CallResult, Report, Verdict, verdict_of
from destiny_web.storage.store import StoreError
from destiny_web.web.errors import answer, wants_json
from destiny_web.web.problems import Problem
from destiny_web.web.services import current_services
from destiny_web.web.sessions import write_session

_PLACE_PATTERN = re.compile(r"cell-[a-z0-9-]{1,100}", re.ASCII)

_HTTP_STATUSES = {
    Verdict.DONE: 200,
    Verdict.SIGN_IN_ENDED: 401,
    Verdict.REFUSED: 409,
    Verdict.INVALID: 422,
    Verdict.BUNGIE_FAILED: 502,
    Verdict.BUNGIE_UNAVAILABLE: 503,
    Verdict.STORE_FAILED: 503,
}

# Without a session or a store, the message cannot wait for the next page: it is the answer.
_ANSWERED_WITHOUT_REDIRECT = frozenset({Verdict.SIGN_IN_ENDED, Verdict.STORE_FAILED})


def run_action(form: ActionForm) -> ResponseReturnValue:
    """Validate *form*, run its command, and answer with the report.

    A browser gets 303 and the message. JSON gets 200 (everything was done), 409 (the game or
    its rules refused), 422 (invalid request), 502 or 503 (Bungie failed).
    """
    if not form.validate():
        return _respond(Report(message=form.first_error, verdict=Verdict.INVALID))
    return _respond(_run_command(form))


def change_preferences(form: ViewForm) -> ResponseReturnValue:
    """Validate *form* and keep the preferences; a failing store answers as for an action."""
    report = Report(message="", verdict=Verdict.DONE)
    if not form.validate():
        report = Report(message=form.first_error, verdict=Verdict.INVALID)
    else:
        try:
            current_services().preferences.change(current_membership(), form.change())
        except StoreError:
            message = "The storage of this site failed, so the setting was not kept."
            report = Report(message=message, verdict=Verdict.STORE_FAILED)
    return _respond(report)


def _run_command(form: ActionForm) -> Report:
    try:
        return current_services().moves.run(
            current_client(), current_membership(), form.command(), form.key()
        )
    except BadRequest as error:
        return Report(message=str(error), verdict=Verdict.INVALID)
    except MoveError as error:
        return Report(message=str(error), verdict=verdict_of(error))
    except ConsentEnded:
        raise  # the error handler sends the player to the sign-in
    except BungieError as error:
        # The account could not be read before the first step, so nothing was sent.
        message = f"{error} Nothing was changed."
        return Report(message=message, verdict=verdict_of(error), code=error.code)


def _respond(report: Report) -> ResponseReturnValue:
    status = _HTTP_STATUSES[report.verdict]
    if wants_json():
        response = jsonify(
            ok=report.ok,
            message=report.message,
            code=report.code,
            steps=[_step_as_json(result) for result in report.results],
        )
        response.status_code = status
        return response
    if report.verdict not in _ANSWERED_WITHOUT_REDIRECT:
        if report.message:
            flash(report.message, "done" if report.ok else "refused")
        if write_session(current_app, session):
            return redirect(_url_after_action(), 303)
    return answer(Problem(status=status, kind="error", title="Result", message=report.message))


def _url_after_action() -> str:
    """Return the address of the inventory at the place where the player acted.

    The forms of a page name the owner whose items it shows (``on``) and the cell (``place``).
    """
    fields = request.form
    owner = fields.get("on") or fields.get("source") or fields.get("character_id")
    place = fields.get("place", "")
    anchor = place if _PLACE_PATTERN.fullmatch(place) else None
    return url_for("inventory.index", on=owner, _anchor=anchor)


def _step_as_json(result: CallResult) -> dict[str, Any]:
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
