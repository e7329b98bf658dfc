"""Authlib's client for Bungie's OAuth, and its answers in our words.

Bungie's page wants no ``scope`` (scopes are fixed at registration) and no ``redirect_uri``
(it has the registered one). Its token endpoint takes a form body.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, current_app, request, session

from destiny_web.bungie.errors import (
    AnswerLost,
    BungieError,
    ConsentEnded,
    Maintenance,
    Misconfigured,
    Unreachable,
    Unreadable,
)
from destiny_web.bungie.tokens import TokenSet
from destiny_web.config import Settings

_LOG = logging.getLogger("destiny_web.auth")

_KEY = "destiny_web.oauth"
_TIMEOUT = (4.0, 15.0)

# What the token endpoint says when the site itself is not accepted.
_OURS = frozenset({"invalid_client", "unauthorized_client"})

# What Authlib trips over when the answer is JSON, but not a token's.
_NOT_A_TOKEN = (AttributeError, KeyError, TypeError, ValueError)

_SECONDS_ACCESS = 3600
_TABS = 4
_SERVER_ERROR = 500


def init_app(app: Flask, settings: Settings) -> None:
    """Register Bungie with a registry of this application's own.

    A registry caches its clients: one at module level would keep the credentials of the
    first application for every other.
    """
    registry = OAuth(app)
    registry.register(
        "bungie",
        client_id=settings.bungie_client_id,
        client_secret=settings.bungie_client_secret,
        authorize_url=f"{settings.bungie_root}/en/OAuth/Authorize",
        access_token_url=f"{settings.bungie_root}/Platform/App/OAuth/token/",
        client_kwargs={
            "token_endpoint_auth_method": "client_secret_post",
            "default_timeout": _TIMEOUT,
            # The secret and the refresh token go nowhere but where we send them.
            "max_redirects": 0,
        },
    )
    app.extensions[_KEY] = registry.bungie


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


def exchange(now: Callable[[], datetime]) -> TokenSet:
    """Turn the callback at hand into tokens.

    Raises:
        SignInFailed: the player declined, or the callback is not the answer to our question.
        BungieError: Bungie could not be asked.
    """
    said = request.args.get("error")
    if said:  # in the address, where anybody may have written it: no word of Bungie's
        _LOG.info("sign-in failed: the callback says %.40r", said)
        raise SignInFailed(_why(OAuthError(error=said)))
    try:
        return _read(_bungie().authorize_access_token(), now())
    except OAuthError as error:
        _LOG.info("sign-in failed: %.40r", error.error)
        failure = _failure(error)
        if isinstance(failure, ConsentEnded):
            raise SignInFailed(_why(error)) from error
        raise failure from error
    except requests.RequestException as error:
        raise _unanswered(error) from error
    except _NOT_A_TOKEN as error:
        raise Unreadable(f"token endpoint: {type(error).__name__}") from error


def refresh(refresh_token: str, now: datetime) -> TokenSet:
    """Buy the next pair of tokens; *refresh_token* is used up by that.

    Raises:
        ConsentEnded: there are no more tokens to be had.
        BungieError: Bungie could not be asked: keep the tokens.
    """
    bungie = _bungie()
    try:
        with bungie._get_oauth_client() as client:  # noqa: SLF001  # Authlib has no public way
            return _read(
                client.refresh_token(bungie.access_token_url, refresh_token=refresh_token), now
            )
    except OAuthError as error:
        raise _failure(error) from error
    except requests.RequestException as error:
        raise _unanswered(error) from error
    except _NOT_A_TOKEN as error:
        raise Unreadable(f"token endpoint: {type(error).__name__}") from error


def _bungie() -> Any:
    return current_app.extensions[_KEY]


def _read(answer: Mapping[str, Any], now: datetime) -> TokenSet:
    """Read a token answer: ``expires_in`` and ``refresh_expires_in`` are seconds."""
    access, player = answer.get("access_token"), answer.get("membership_id")
    if not access or not player:
        raise Unreadable("token endpoint: no access_token or membership_id")
    refresh_in = answer.get("refresh_expires_in")
    return TokenSet(
        access_token=str(access),
        access_expires=now + timedelta(seconds=_seconds(answer.get("expires_in"))),
        refresh_token=answer.get("refresh_token"),
        refresh_expires=now + timedelta(seconds=_seconds(refresh_in)) if refresh_in else None,
        membership_id=str(player),
    )


def _seconds(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return _SECONDS_ACCESS


def _failure(error: OAuthError) -> BungieError:
    """Name what an OAuth error means for the tokens that we hold."""
    description = str(error.description or "")
    if "SystemDisabled" in description or "SystemDisabled" in str(error.error or ""):
        return Maintenance(description)
    if error.error in _OURS or "client_id" in description:
        return Misconfigured(f"{error.error}: {description}")
    return ConsentEnded(f"{error.error}: {description}")


def _unanswered(error: requests.RequestException) -> BungieError:
    status = error.response.status_code if error.response is not None else 0
    if status >= _SERVER_ERROR or isinstance(error, requests.JSONDecodeError):
        return Unreadable(f"token endpoint: HTTP {status}")
    if isinstance(error, requests.ReadTimeout):
        return AnswerLost("token endpoint: no answer in time")
    return Unreachable(f"token endpoint: {type(error).__name__}")


def _why(error: OAuthError) -> str:
    if error.error == "access_denied":
        return "You did not give this site access to your account. Nothing was kept."
    if error.error == "mismatching_state":
        return "This sign-in was begun somewhere else, or too long ago. Please begin again."
    return (
        "Bungie did not accept that sign-in: its code is used up, or too old. Please begin again."
    )
