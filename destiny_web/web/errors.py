"""Error handling: the response to each exception."""

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

_FIRST_SERVER_ERROR = 500

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
    """Return the HTTP status of our response to a failure of Bungie."""
    return next((status for cls, status in _BUNGIE_STATUS.items() if isinstance(error, cls)), 502)


def wants_json() -> bool:
    """Tell whether the client prefers JSON to a page."""
    return request.accept_mimetypes.best == "application/json"


def init_app(app: Flask) -> None:
    """Answer every exception with a page, or with JSON if the client prefers it."""
    # Flask logs an exception without the request id; the handlers below log it with the id.
    app.logger.addFilter(lambda record: record.funcName != "log_exception")

    @app.errorhandler(CSRFError)
    def handle_csrf_error(error: CSRFError) -> Response:
        _LOG.warning("a form was refused: %s [%s]", error.description, request_id())
        return answer(FOREIGN_FORM if isinstance(error, ForeignOrigin) else OLD_FORM)

    @app.errorhandler(HTTPException)
    def handle_http_exception(error: HTTPException) -> Response:
        return _answer_http(error)

    @app.errorhandler(BungieError)
    def handle_bungie_error(error: BungieError) -> Response:
        return answer_bungie(error)

    @app.errorhandler(ManifestError)
    def handle_manifest_error(_: ManifestError) -> Response:
        return _answer_preparing()

    @app.errorhandler(StoreError)
    def handle_store_error(error: StoreError) -> Response:
        return _answer_store(error)

    @app.errorhandler(Exception)
    def handle_unknown(error: Exception) -> Response:
        if _propagates_exceptions(app):
            raise error  # to Werkzeug's debugger, or to the test
        _LOG.error("unhandled [%s]", request_id(), exc_info=error)
        return _answer_static(500)

    handle_exception = app.handle_exception

    def handle_late_exception(error: Exception) -> Response:
        """Handle an exception from outside the view: a session may fail to open or to save."""
        if isinstance(error, StoreError):
            return app.finalize_request(_answer_store(error), from_error_handler=True)
        return handle_exception(error)

    # Flask propagates every such exception while debugging; the store's failures get their page.
    app.handle_exception = handle_late_exception  # type: ignore[method-assign,assignment]


def _propagates_exceptions(app: Flask) -> bool:
    """Tell whether unknown exceptions leave the application, by the rule of Flask itself."""
    configured: bool | None = app.config["PROPAGATE_EXCEPTIONS"]
    return app.testing or app.debug if configured is None else configured


def answer(problem: Problem, *, retry_after: int = 0) -> Response:
    """Answer with a problem, as a page or as JSON."""
    if wants_json():
        response = jsonify(ok=False, message=problem.message, code=None, steps=[])
    else:
        try:
            response = make_response(_render(problem))
        except Exception:  # noqa: BLE001  # the player gets an answer in any case
            _LOG.exception("the error page failed too [%s]", request_id())
            return _answer_static(problem.status)
    response.status_code = problem.status
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _render(problem: Problem) -> str:
    return render_template(
        "errors/error.html",
        title=problem.title,
        message=problem.message,
        code=problem.status,
        kind=problem.kind,
        ways=_links(problem),
        request_id=request_id() if problem.status >= _FIRST_SERVER_ERROR else "",
    )


def _links(problem: Problem) -> list[tuple[str, str]]:
    """List text and address of the links on an error page."""
    path = request.full_path.rstrip("?") if request.method == "GET" else ""
    if problem.kind == "sign-in":
        query = urlencode({"next": path}) if path else ""
        return [("Sign in with Bungie", url_for("auth.login") + (f"?{query}" if query else ""))]
    links = []
    if path and problem.status >= _FIRST_SERVER_ERROR:
        links.append(("Try again", path))
    if current_user.is_authenticated and request.endpoint != "inventory.index":
        links.append(("To your inventory", url_for("inventory.index")))
    links.append(("To the front page", url_for("home.index")))
    return links


def _answer_http(error: HTTPException) -> Response:
    if error.response is not None:  # a response that a view has passed to abort()
        return cast("Response", error.response)
    status = error.code or 500
    if isinstance(error, InternalServerError):
        # An exception in an error handler or outside the view.
        _LOG.error("unhandled [%s]", request_id(), exc_info=error.original_exception or error)
        return _answer_static(500)
    default = Problem(
        status=status, kind="error", title=error.name, message=f"{error.name}. Nothing was changed."
    )
    response = answer(PROBLEMS.get(status, default))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _answer_store(error: StoreError) -> Response:
    """Answer without the store, and prevent that this request uses the store again."""
    _LOG.error("the store failed: %s: %s [%s]", type(error).__name__, error, request_id())
    # Use an empty session that is not saved: to open or save the real one would fail again.
    # Flask has no public way to replace the session of a request.
    context = request_ctx._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    context._session = current_app.session_interface.make_null_session(current_app)  # noqa: SLF001
    return _answer_static(503)


def answer_bungie(error: BungieError) -> Response:
    """Answer with the error page of a failure of Bungie."""
    status = status_of(error)
    _LOG.warning(
        "%s: %s %s %s [%s]",
        error.operation or "Bungie",
        type(error).__name__,
        error.code,
        error.message,
        request_id(),
    )
    general = PROBLEMS.get(status, PROBLEMS[502])
    titles = (title for cls, title in _TITLES.items() if isinstance(error, cls))
    problem = Problem(
        status=status,
        kind=general.kind,
        title=next(titles, general.title),
        message=_bungie_message(error, general),
    )
    return answer(problem, retry_after=error.retry_after)


def _bungie_message(error: BungieError, general: Problem) -> str:
    # TokenRefused: a public call may be refused because it has no token; a sign-in does not help.
    is_general = isinstance(error, Maintenance | Unreachable | AnswerLost | TokenRefused)
    return general.message if is_general and not isinstance(error, ConsentEnded) else str(error)


def _answer_preparing() -> Response:
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


def _answer_static(status: int) -> Response:
    """Answer without template engine, session, player and Bungie, so that it cannot fail again."""
    if wants_json():
        response = jsonify(ok=False, message=PROBLEMS[500].message, code=None, steps=[])
    else:
        root = Path(__file__).resolve().parent.parent.parent
        try:
            text = (root / "templates/errors/failsafe.html").read_text(encoding="utf-8")
        except OSError:
            text = "<!doctype html><title>Error</title><h1>Something broke on our side</h1>"
        response = Response(text, mimetype="text/html")
    response.status_code = status
    return response
