"""From an exception to a page: the one place that knows both."""

import logging
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

from flask import (
    Flask,
    Response,
    current_app,
    jsonify,
    make_response,
    render_template,
    request,
    url_for,
)
from flask.globals import request_ctx
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from destiny_web.bungie.errors import (
    AccountNotFound,
    AnswerLost,
    BungieError,
    ConsentEnded,
    FreshTokenRefused,
    Maintenance,
    Misconfigured,
    Overloaded,
    Refused,
    Throttled,
    TokenRefused,
    TokenUnavailable,
    Unreachable,
)
from destiny_web.manifest.errors import ManifestError
from destiny_web.storage.store import StoreError
from destiny_web.web.csrf import ForeignOrigin
from destiny_web.web.logs import request_id
from destiny_web.web.problems import FOREIGN_FORM, OLD_FORM, PROBLEMS, Problem

_LOG = logging.getLogger("destiny_web.errors")

_OUR_FAULT = 500

_BUNGIE_STATUS: dict[type[BungieError], int] = {
    Maintenance: 503,
    Throttled: 503,
    Overloaded: 503,
    Unreachable: 502,
    AnswerLost: 502,
    Misconfigured: 502,
    ConsentEnded: 401,
    AccountNotFound: 404,
    Refused: 409,
}

_TITLES: dict[type[BungieError], str] = {
    Throttled: "Bungie asks us to slow down",
    Overloaded: "This site is busy",
    ConsentEnded: "You were signed out",
    TokenRefused: "Bungie is having problems",
    TokenUnavailable: "Bungie is having problems",
    FreshTokenRefused: "Bungie is having problems",
    Misconfigured: "This site is not set up right",
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
    # Flask's own line about an exception has no request id; the handlers below log it again.
    app.logger.addFilter(lambda record: record.funcName != "log_exception")

    @app.errorhandler(CSRFError)
    def forgery(error: CSRFError) -> Response:
        _LOG.warning("a form was refused: %s [%s]", error.description, request_id())
        return answer(FOREIGN_FORM if isinstance(error, ForeignOrigin) else OLD_FORM)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        return _of_http(error)

    @app.errorhandler(BungieError)
    def bungie(error: BungieError) -> Response:
        return answer_bungie(error)

    @app.errorhandler(ManifestError)
    def manifest(_: ManifestError) -> Response:
        return _preparing()

    @app.errorhandler(StoreError)
    def store(error: StoreError) -> Response:
        return _of_store(error)

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
        # What went wrong while an exception was being answered, or before it could be: a
        # session that cannot be opened or saved, for example.
        if isinstance(error.original_exception, StoreError):
            return _of_store(error.original_exception)
        _LOG.error("unhandled [%s]", request_id(), exc_info=error.original_exception or error)
        return _failsafe(500)
    unknown = Problem(
        status=code, kind="error", title=error.name, message=f"{error.name}. Nothing was changed."
    )
    response = answer(PROBLEMS.get(code, unknown))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _of_store(error: StoreError) -> Response:
    """Answer without the store, and let nothing else in this request ask it again."""
    _LOG.error("the store failed: %s: %s [%s]", type(error).__name__, error, request_id())
    # An empty session that is not saved: opening or saving the real one would fail again.
    # Flask has no public way to replace the session of a request.
    context = request_ctx._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    context._session = current_app.session_interface.make_null_session(current_app)  # noqa: SLF001
    return _failsafe(503)


def answer_bungie(error: BungieError) -> Response:
    """Answer with the page of a failure at Bungie's."""
    status = status_of(error)
    _LOG.warning(
        "%s: %s %s %s [%s]",
        error.operation or "Bungie",
        type(error).__name__,
        error.code,
        error.message,
        request_id(),
    )
    known = PROBLEMS.get(status, PROBLEMS[502])
    title = next((said for kind, said in _TITLES.items() if isinstance(error, kind)), known.title)
    problem = Problem(status=status, kind=known.kind, title=title, message=_told(error, known))
    return answer(problem, retry_after=error.retry_after)


def _told(error: BungieError, known: Problem) -> str:
    # A call without a player's token may be refused for lack of one: no matter of a sign-in.
    general = isinstance(error, Maintenance | Unreachable | AnswerLost | TokenRefused)
    return known.message if general and not isinstance(error, ConsentEnded) else str(error)


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
        response = jsonify(ok=False, message=PROBLEMS[500].message, code=None, steps=[])
    else:
        page = Path(__file__).resolve().parent.parent.parent / "templates/errors/failsafe.html"
        try:
            text = page.read_text(encoding="utf-8")
        except OSError:
            text = "<!doctype html><title>Error</title><h1>Something broke on our side</h1>"
        response = Response(text, mimetype="text/html")
    response.status_code = status
    return response
