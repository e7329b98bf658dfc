"""Sign-in gate: every endpoint needs a signed-in player, except the public ones."""

from urllib.parse import quote, urlsplit

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from destiny_web.auth import user
from destiny_web.web.errors import wants_json
from destiny_web.web.extensions import login_manager

PUBLIC = frozenset(
    {
        "static",
        "bootstrap.static",
        "home.index",
        "auth.login",
        "auth.callback",
        "auth.logout",
        "ops.healthz",
        "ops.metrics",
        "ops.readyz",
        "xur.index",
        "xur.stock",
        "xur.atom",
        "xur.calendar",
    }
)
_WITHOUT_ACCOUNT = frozenset({"auth.membership", "auth.choose_membership"})


def init_app(app: Flask) -> None:
    """Require a sign-in for all endpoints that are not public."""
    login_manager.init_app(app)
    login_manager.user_loader(user.load)
    # The session's id is random, HttpOnly and replaced at sign-in. If it were also bound to the
    # browser's address, a phone that changes networks would be signed out.
    login_manager.session_protection = None

    @app.before_request
    def require_player() -> ResponseReturnValue | None:
        if request.endpoint is None or request.endpoint in PUBLIC:
            return None
        if not current_user.is_authenticated:
            return login_manager.unauthorized()  # type: ignore[no-any-return]
        if current_user.membership is None and request.endpoint not in _WITHOUT_ACCOUNT:
            if request.method == "POST" or wants_json():
                return login_manager.unauthorized()  # type: ignore[no-any-return]
            path = quote(request.full_path.rstrip("?"))
            return redirect(f"{url_for('auth.membership')}?next={path}")
        return None


def safe_path(path: str | None, default: str) -> str:
    """Return *path* if it is a path of this site, and *default* if it may lead to another site."""
    if not path or not path.startswith("/") or path.startswith("//"):
        return default
    # Browsers read a backslash as a slash, and skip tabs and line ends.
    if "\\" in path or any(ord(character) <= ord(" ") for character in path):
        return default
    try:
        url = urlsplit(path)
    except ValueError:
        return default
    return default if url.scheme or url.netloc else path
