"""The door: every page demands a player, but for those on this list."""

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
    """Close the door."""
    login_manager.init_app(app)
    login_manager.user_loader(user.load)
    # The session's id is random, HttpOnly and rotated at sign-in. Binding it to the
    # browser's address as well would sign out every phone that changes networks.
    login_manager.session_protection = None

    @app.before_request
    def demand_a_player() -> ResponseReturnValue | None:
        if request.endpoint is None or request.endpoint in PUBLIC:
            return None
        if not current_user.is_authenticated:
            return login_manager.unauthorized()  # type: ignore[no-any-return]
        if current_user.membership is None and request.endpoint not in _WITHOUT_ACCOUNT:
            if request.method == "POST" or wants_json():
                return login_manager.unauthorized()  # type: ignore[no-any-return]
            here = quote(request.full_path.rstrip("?"))
            return redirect(f"{url_for('auth.membership')}?next={here}")
        return None


def safe_path(asked: str | None, default: str) -> str:
    """Return *asked* if it is a path of this site, and *default* if it could lead elsewhere."""
    if not asked or not asked.startswith("/") or asked.startswith("//"):
        return default
    # Browsers read a backslash as a slash, and skip tabs and line ends.
    if "\\" in asked or any(ord(sign) <= ord(" ") for sign in asked):
        return default
    try:
        parts = urlsplit(asked)
    except ValueError:
        return default
    return default if parts.scheme or parts.netloc else asked
