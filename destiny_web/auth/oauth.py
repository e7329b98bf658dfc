"""The OAuth sign-in: Authlib sends the browser to Bungie and checks the state that comes back.

Bungie's page wants no ``scope`` (scopes are fixed at registration) and no ``redirect_uri``
(it has the registered one). ``bungie.token_endpoint`` makes the calls for tokens.
"""

import logging
from datetime import datetime
from threading import BoundedSemaphore
from typing import Any, cast

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from flask import Flask, Response, current_app, request, session

from destiny_web.bungie.errors import CodeRefused
from destiny_web.bungie.token_endpoint import TokenEndpoint
from destiny_web.bungie.tokens import TokenSet
from destiny_web.config import Settings
from destiny_web.web.services import current_services

_LOG = logging.getLogger("destiny_web.auth")

_KEY = "destiny_web.oauth"
_PLACES_KEY = "destiny_web.oauth.places"

PLACES = 12
"""Requests of one process that may wait while another request refreshes their tokens.

Three quarters of gunicorn's 16 threads: however many requests one session makes at once, some
threads stay free.
"""

_TABS = 4


class _SignIn(FlaskOAuth2App):
    """Authlib's client, which checks the state and leaves the token endpoint to us.

    Authlib reads an answer without its status and headers, and fails on a strange
    ``expires_in`` after the refresh token is used up.
    """

    def fetch_access_token(self, redirect_uri: Any = None, **params: Any) -> dict[str, Any]:
        del redirect_uri
        return {"code": params.get("code")}


def init_app(app: Flask, settings: Settings) -> None:
    """Register Bungie with a registry of this application's own.

    A registry caches its clients: one at module level would keep the credentials of the
    first application for every other.
    """
    registry = OAuth(app)
    registry.register(
        "bungie",
        client_cls=_SignIn,
        client_id=settings.bungie_client_id,
        authorize_url=f"{settings.bungie_root}/en/OAuth/Authorize",
    )
    app.extensions[_KEY] = registry.bungie
    app.extensions[_PLACES_KEY] = BoundedSemaphore(PLACES)


class SignInFailed(Exception):
    """The way back from Bungie did not end in a sign-in. ``str()`` is for the player."""


def authorize() -> Response:
    """Send the browser to Bungie's page, with a state that works once.

    A few may be under way, in as many tabs; the oldest make room.
    """
    kept = [key for key in session if key.startswith("_state_bungie_")]
    for key in sorted(kept, key=lambda one: float(session[one].get("exp", 0)))[:-_TABS]:
        del session[key]
    return cast("Response", _bungie().authorize_redirect())


def exchange(now: datetime) -> TokenSet:
    """Turn the callback at hand into tokens.

    Raises:
        SignInFailed: the player declined, or the callback is not the answer to our question.
        BungieError: Bungie could not be asked.
    """
    said = request.args.get("error")
    if said:  # in the address, where anybody may have written it: no word of Bungie's
        _LOG.info("sign-in failed: the callback says %.40r", said)
        raise SignInFailed(_why(said))
    try:
        code = _bungie().authorize_access_token()["code"]
    except OAuthError as error:
        _LOG.info("sign-in failed: %.40r", error.error)
        raise SignInFailed(_why(error.error)) from error
    if not code:
        raise SignInFailed(_why("no code"))
    try:
        return token_endpoint().exchange(code, now)
    except CodeRefused as error:
        _LOG.info("sign-in failed: %s", error.message)
        raise SignInFailed(_why("invalid_grant")) from error


def token_endpoint() -> TokenEndpoint:
    """Return Bungie's token endpoint, for the application at work."""
    parts = current_services()
    settings = parts.settings
    return TokenEndpoint(parts.transport, settings.bungie_client_id, settings.bungie_client_secret)


def waiting_places() -> BoundedSemaphore:
    """Return the places of those who wait for another request's refresh, in this process."""
    return cast("BoundedSemaphore", current_app.extensions[_PLACES_KEY])


def _bungie() -> Any:
    return current_app.extensions[_KEY]


def _why(error: str | None) -> str:
    if error == "access_denied":
        return "You did not give this site access to your account. Nothing was kept."
    if error == "mismatching_state":
        return "This sign-in was begun somewhere else, or too long ago. Please begin again."
    return (
        "Bungie did not accept that sign-in: its code is used up, or too old. Please begin again."
    )
