"""OAuth sign-in: Authlib redirects the browser to Bungie and checks the state of the callback.

Bungie's page needs no ``scope`` (scopes are fixed at registration) and no ``redirect_uri``
(it uses the registered one). ``bungie.token_endpoint`` makes the calls for tokens.
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
_WAITING_KEY = "destiny_web.oauth.waiting"

MAX_WAITING = 12
"""Requests of one process that may wait while another request refreshes their tokens.

Three quarters of gunicorn's 16 threads: some threads stay free, even when one session makes many
requests at the same time.
"""

_MAX_STATES = 4
"""Sign-ins that one session may have under way, for example in several tabs."""


class _OAuthClient(FlaskOAuth2App):
    """Authlib's client for the state check only; our own code calls the token endpoint.

    Authlib ignores status and headers of an answer. On an unusual ``expires_in`` it fails when
    the refresh token is already used.
    """

    def fetch_access_token(self, redirect_uri: Any = None, **params: Any) -> dict[str, Any]:
        del redirect_uri
        return {"code": params.get("code")}


def init_app(app: Flask, settings: Settings) -> None:
    """Register Bungie in a registry of this application.

    A registry caches its clients: with a registry at module level, all applications would use the
    credentials of the first one.
    """
    registry = OAuth(app)
    registry.register(
        "bungie",
        client_cls=_OAuthClient,
        client_id=settings.bungie_client_id,
        authorize_url=f"{settings.bungie_root}/en/OAuth/Authorize",
    )
    app.extensions[_KEY] = registry.bungie
    app.extensions[_WAITING_KEY] = BoundedSemaphore(MAX_WAITING)


class SignInFailed(Exception):
    """The callback from Bungie did not end in a sign-in. ``str()`` is for the player."""


def authorize() -> Response:
    """Redirect the browser to Bungie's page, with a state that works once.

    A session keeps the state of the latest sign-ins; older states are deleted.
    """
    state_keys = [key for key in session if key.startswith("_state_bungie_")]
    state_keys.sort(key=lambda key: float(session[key].get("exp", 0)))
    for key in state_keys[:-_MAX_STATES]:
        del session[key]
    return cast("Response", _oauth_client().authorize_redirect())


def exchange(now: datetime) -> TokenSet:
    """Exchange the code of the current callback for tokens.

    Raises:
        SignInFailed: the player declined, or the callback does not belong to this session.
        BungieError: Bungie did not answer.
    """
    callback_error = request.args.get("error")
    if callback_error:  # anyone can write it into the address, so the player never reads it
        _LOG.info("sign-in failed: the callback says %.40r", callback_error)
        raise SignInFailed(_describe_error(callback_error))
    try:
        code = _oauth_client().authorize_access_token()["code"]
    except OAuthError as error:
        _LOG.info("sign-in failed: %.40r", error.error)
        raise SignInFailed(_describe_error(error.error)) from error
    if not code:
        raise SignInFailed(_describe_error("no code"))
    try:
        return token_endpoint().exchange(code, now)
    except CodeRefused as error:
        _LOG.info("sign-in failed: %s", error.message)
        raise SignInFailed(_describe_error("invalid_grant")) from error


def token_endpoint() -> TokenEndpoint:
    """Return Bungie's token endpoint for the current application."""
    services = current_services()
    settings = services.settings
    return TokenEndpoint(
        services.transport, settings.bungie_client_id, settings.bungie_client_secret
    )


def waiting_semaphore() -> BoundedSemaphore:
    """Return the semaphore of this process that limits waiting for another request's refresh."""
    return cast("BoundedSemaphore", current_app.extensions[_WAITING_KEY])


def _oauth_client() -> Any:
    return current_app.extensions[_KEY]


def _describe_error(error: str | None) -> str:
    if error == "access_denied":
        return "You did not give this site access to your account. Nothing was kept."
    if error == "mismatching_state":
        return "This sign-in was started somewhere else, or too long ago. Please start again."
    return "Bungie did not accept that sign-in: its code is used or too old. Please start again."
