"""From an exception to a page: the one place that knows both."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

from flask import (
    Flask,
    Response,
    jsonify,
    make_response,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user, logout_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from destiny_web.bungie.errors import (
    AccountNotFound,
    AnswerLost,
    BungieError,
    Maintenance,
    Misconfigured,
    Refused,
    Throttled,
    TokenRefused,
    Unreachable,
)
from destiny_web.manifest.errors import ManifestError
from destiny_web.storage.store import StoreError
from destiny_web.web.csrf import ForeignOrigin
from destiny_web.web.logs import request_id

_LOG = logging.getLogger("destiny_web.errors")

_OUR_FAULT = 500

_BUNGIE_STATUS: dict[type[BungieError], int] = {
    Maintenance: 503,
    Throttled: 503,
    Unreachable: 502,
    AnswerLost: 502,
    Misconfigured: 502,
    TokenRefused: 401,
    AccountNotFound: 404,
    Refused: 409,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What an error page says. ``kind`` picks its picture."""

    status: int
    kind: str
    title: str
    message: str


_PROBLEMS = {
    400: Problem(
        status=400,
        kind="bad-request",
        title="That request does not add up",
        message="Something in it is missing or malformed. Nothing was changed.",
    ),
    401: Problem(
        status=401,
        kind="sign-in",
        title="Please sign in",
        message="This page belongs to a player. Sign in with your Bungie account to see yours.",
    ),
    403: Problem(
        status=403,
        kind="forbidden",
        title="That is not yours to do",
        message="You are not allowed to do that here.",
    ),
    404: Problem(
        status=404,
        kind="not-found",
        title="There is nothing here",
        message="The page does not exist, or no longer.",
    ),
    429: Problem(
        status=429,
        kind="slow-down",
        title="Too fast",
        message="Too many requests in a short time. Wait a moment, then try again.",
    ),
    500: Problem(
        status=500,
        kind="error",
        title="Something broke on our side",
        message="It is not your fault, and nothing of yours was lost.",
    ),
    502: Problem(
        status=502,
        kind="no-answer",
        title="Bungie does not answer",
        message="Bungie's servers did not give a usable answer. Nothing was lost; try again soon.",
    ),
    503: Problem(
        status=503,
        kind="maintenance",
        title="Bungie is in maintenance",
        message="Bungie has switched its service off for now. Your items are safe.",
    ),
}


def status_of(error: BungieError) -> int:
    """Return the HTTP status that a failure at Bungie's is to our own caller."""
    return next((code for kind, code in _BUNGIE_STATUS.items() if isinstance(error, kind)), 502)


def wants_json() -> bool:
    """Tell whether the caller asked for JSON rather than for a page."""
    accepted = request.accept_mimetypes
    return accepted.best == "application/json"


def init_app(app: Flask) -> None:
    """Answer every exception with a page, or with JSON where that was asked for."""

    @app.errorhandler(CSRFError)
    def forgery(error: CSRFError) -> Response:
        _LOG.warning("a form was refused: %s [%s]", error.description, request_id())
        if isinstance(error, ForeignOrigin):
            return answer(
                Problem(
                    status=403,
                    kind="forbidden",
                    title="That form came from another site",
                    message="This site accepts forms from its own pages only. Nothing was"
                    " changed: open the page here and repeat what you did.",
                )
            )
        return answer(
            Problem(
                status=400,
                kind="bad-request",
                title="That form is no longer good",
                message="It was open for too long, or came from another site. Nothing was"
                " changed: load the page again and repeat what you did.",
            )
        )

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        return _of_http(error)

    @app.errorhandler(BungieError)
    def bungie(error: BungieError) -> Response:
        return _of_bungie(error)

    @app.errorhandler(ManifestError)
    def manifest(_: ManifestError) -> Response:
        return _preparing()

    @app.errorhandler(StoreError)
    def store(error: StoreError) -> Response:
        _LOG.error("the store failed: %s [%s]", error, request_id())
        return _failsafe(503)

    @app.errorhandler(Exception)
    def anything(error: Exception) -> Response:
        _LOG.error("unhandled [%s]", request_id(), exc_info=error)
        return _failsafe(500)


def answer(problem: Problem, *, retry_after: int = 0) -> Response:
    """Answer with a problem, as a page or as JSON."""
    if wants_json():
        response = jsonify(ok=False, message=problem.message, code=None, steps=[])
    else:
        try:
            response = make_response(_page(problem))
        except Exception:  # noqa: BLE001  # whatever it is, the player gets an answer
            _LOG.exception("the error page failed too [%s]", request_id())
            return _failsafe(problem.status)
    response.status_code = problem.status
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _page(problem: Problem) -> str:
    return render_template(
        "errors/error.html",
        title=problem.title,
        message=problem.message,
        code=problem.status,
        kind=problem.kind,
        ways=_ways(problem),
        request_id=request_id() if problem.status >= _OUR_FAULT else "",
    )


def _ways(problem: Problem) -> list[tuple[str, str]]:
    """Offer the way on."""
    here = request.full_path.rstrip("?") if request.method == "GET" else ""
    if problem.kind == "sign-in":
        query = urlencode({"next": here}) if here else ""
        return [("Sign in with Bungie", url_for("auth.login") + (f"?{query}" if query else ""))]
    ways = []
    if here and problem.status >= _OUR_FAULT:
        ways.append(("Try again", here))
    if current_user.is_authenticated and request.endpoint != "inventory.index":
        ways.append(("To your inventory", url_for("inventory.index")))
    ways.append(("To the front page", url_for("home.index")))
    return ways


def _of_http(error: HTTPException) -> Response:
    if error.response is not None:  # an answer that a view has made itself, by abort()
        return cast("Response", error.response)
    code = error.code or 500
    if isinstance(error, InternalServerError):
        # What went wrong while an exception was being answered, or before it could be.
        _LOG.error("unhandled [%s]", request_id(), exc_info=error.original_exception or error)
        # A session that cannot be opened comes this way too.
        return _failsafe(503 if isinstance(error.original_exception, StoreError) else 500)
    known = _PROBLEMS.get(code)
    if known is None:
        known = Problem(
            status=code,
            kind="error",
            title=error.name,
            message=f"{error.name}. Nothing was changed.",
        )
    response = answer(known)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _of_bungie(error: BungieError) -> Response:
    status = status_of(error)
    _LOG.warning(
        "%s: %s %s %s [%s]",
        error.operation or "Bungie",
        type(error).__name__,
        error.code,
        error.message,
        request_id(),
    )
    if isinstance(error, TokenRefused):
        logout_user()
        session.clear()
    known = _PROBLEMS.get(status, _PROBLEMS[502])
    title = {401: "You were signed out", 503: known.title}.get(status, known.title)
    if isinstance(error, Throttled):
        title = "Bungie asks us to slow down"
    if isinstance(error, Misconfigured):
        title = "This site is not set up right"
    problem = Problem(status=status, kind=known.kind, title=title, message=_told(error, known))
    return answer(problem, retry_after=error.retry_after)


def _told(error: BungieError, known: Problem) -> str:
    return (
        known.message if isinstance(error, Maintenance | Unreachable | AnswerLost) else str(error)
    )


def _preparing() -> Response:
    message = "The game's definitions are being prepared. This takes a minute at most."
    if wants_json():
        response = jsonify(ok=False, message=message, code=None, steps=[])
    else:
        response = make_response(
            render_template("errors/preparing.html", title="One moment", message=message)
        )
    response.status_code = 503
    response.headers["Retry-After"] = "3"
    return response


def _failsafe(status: int) -> Response:
    """Answer without a template engine, a session, a player or Bungie: it cannot fail again."""
    if wants_json():
        response = jsonify(ok=False, message=_PROBLEMS[500].message, code=None, steps=[])
    else:
        page = Path(__file__).resolve().parent.parent.parent / "templates/errors/failsafe.html"
        try:
            text = page.read_text(encoding="utf-8")
        except OSError:
            text = "<!doctype html><title>Error</title><h1>Something broke on our side</h1>"
        response = Response(text, mimetype="text/html")
    response.status_code = status
    return response
