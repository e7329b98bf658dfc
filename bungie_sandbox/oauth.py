"""OAuth 2 with Bungie's peculiarities: applications, consents, codes, tokens.

This module keeps the state and has no HTTP; ``http/authorize.py`` has the pages.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from bungie_sandbox.clock import Clock
from bungie_sandbox.errors import Code, Refusal, TokenRefusal
from bungie_sandbox.options import PUBLIC_API_KEY, PUBLIC_CLIENT_ID, Options

MOVE_ITEMS: Final = 32
READ_INVENTORY: Final = 64
_SCOPE_NAMES: Final = {
    1: "ReadBasicUserProfile",
    MOVE_ITEMS: "MoveEquipDestinyItems",
    READ_INVENTORY: "ReadDestinyInventoryAndVault",
}


class App(msgspec.Struct, kw_only=True):
    """A registered application; a public one has no secret."""

    client_id: str
    api_key: str
    secret: str
    name: str
    redirect_uri: str
    scopes: int
    origin: str = ""


class Consent(msgspec.Struct):
    """The consent of a player to an application; ends after a year or by withdrawal."""

    given_at: datetime
    revoked: bool = False


class Grant(msgspec.Struct, kw_only=True):
    """The owner, the application and the end of a code or token."""

    bungie_id: str
    client_id: str
    expires: datetime


class OAuth:
    """The applications, and the codes and tokens issued to them."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        confidential = App(
            client_id=options.client_id,
            api_key=options.api_key,
            secret=options.client_secret,
            name="destiny_web",
            redirect_uri=options.redirect_uri,
            scopes=options.scopes,
            origin=options.origin,
        )
        public = App(
            client_id=PUBLIC_CLIENT_ID,
            api_key=PUBLIC_API_KEY,
            secret="",
            name="A public application",
            redirect_uri=options.redirect_uri,
            scopes=options.scopes,
        )
        self.apps = {app.client_id: app for app in (confidential, public)}
        self._codes: dict[str, Grant] = {}
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self._consents: dict[tuple[str, str], Consent] = {}

    def configure(self, options: Options) -> None:
        """Apply changed lifetimes, scopes and addresses."""
        self._options = options
        for app in self.apps.values():
            app.redirect_uri, app.scopes = options.redirect_uri, options.scopes
        self.main_app.origin = options.origin

    @property
    def main_app(self) -> App:
        """The confidential application."""
        return self.apps[self._options.client_id]

    def find_app(self, api_key: str | None) -> App:
        """Return the application that an API key belongs to.

        Raises:
            Refusal: 2102 without a key, 2101 for an unknown one.
        """
        if not api_key:
            raise Refusal(Code.API_KEY_MISSING)
        for app in self.apps.values():
            if hmac.compare_digest(app.api_key.encode(), api_key.encode()):
                return app
        raise Refusal(Code.API_INVALID_KEY)

    def consent(self, app: App, bungie_id: str) -> str:
        """Record the consent of a player to an application, and return an authorization code."""
        self._consents[bungie_id, app.client_id] = Consent(self._clock.now())
        code = secrets.token_hex(16)
        self._codes[code] = self._create_grant(app, bungie_id, self._options.code_seconds)
        return code

    def withdraw(self, bungie_id: str) -> None:
        """Withdraw all consents of a player. It takes effect when a token is refreshed."""
        for (owner_id, _), consent in self._consents.items():
            if owner_id == bungie_id:
                consent.revoked = True

    def invalidate_all(self) -> None:
        """Invalidate every token at once, as happened in November 2019."""
        self._access.clear()
        self._refresh.clear()

    def issue_tokens(self, app: App, bungie_id: str) -> dict[str, Any]:
        """Issue a pair of tokens; a public application gets no refresh token."""
        self._consents.setdefault((bungie_id, app.client_id), Consent(self._clock.now()))
        options = self._options
        answer: dict[str, Any] = {
            "access_token": _generate_token(),
            "token_type": "Bearer",
            "expires_in": options.access_seconds,
        }
        self._access[answer["access_token"]] = self._create_grant(
            app, bungie_id, options.access_seconds
        )
        if app.secret:
            answer["refresh_token"] = _generate_token()
            answer["refresh_expires_in"] = options.refresh_seconds
            grant = self._create_grant(app, bungie_id, options.refresh_seconds)
            self._refresh[answer["refresh_token"]] = grant
        answer["membership_id"] = bungie_id
        return answer

    def answer_token_request(self, form: Mapping[str, str], authorization: str) -> dict[str, Any]:
        """Return the answer of the token endpoint.

        Raises:
            TokenRefusal: in the shape of OAuth 2.
        """
        grant_type = form.get("grant_type")
        if not grant_type:
            raise TokenRefusal("invalid_request", "Missing required parameter grant_type")
        app = self._authenticate_app(form, authorization)
        if grant_type == "authorization_code":
            return self._redeem_code(app, form.get("code", ""))
        if grant_type == "refresh_token" and app.secret:
            return self._refresh_tokens(app, form.get("refresh_token", ""))
        raise TokenRefusal("unsupported_grant_type", f"Unsupported grant_type {grant_type}")

    def _authenticate_app(self, form: Mapping[str, str], authorization: str) -> App:
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        if authorization.startswith("Basic "):
            client_id, secret = _decode_basic(authorization.removeprefix("Basic "))
        app = self.apps.get(client_id) if client_id.isdecimal() else None
        if app is None:
            raise TokenRefusal("invalid_request", "Cannot parse client_id")
        if app.secret and not hmac.compare_digest(app.secret.encode(), secret.encode()):
            raise TokenRefusal("invalid_client", "ApplicationCredentialsInvalid")
        return app

    def _redeem_code(self, app: App, code: str) -> dict[str, Any]:
        grant = self._codes.pop(code, None)
        if grant is None or grant.client_id != app.client_id:
            raise TokenRefusal("invalid_grant", "AuthorizationCodeInvalid")
        if grant.expires <= self._clock.now():
            raise TokenRefusal("server_error", "AuthorizationCodeStale")
        return self.issue_tokens(app, grant.bungie_id)

    def _refresh_tokens(self, app: App, token: str) -> dict[str, Any]:
        grant = self._refresh.get(token)
        if grant is None or grant.client_id != app.client_id:
            raise TokenRefusal("invalid_grant", "ProvidedTokenNotValidRefreshToken")
        now = self._clock.now()
        consent = self._consents.get((grant.bungie_id, app.client_id))
        if consent is None or consent.revoked:
            raise TokenRefusal("server_error", "AuthorizationRecordRevoked")
        if consent.given_at + timedelta(seconds=self._options.consent_seconds) <= now:
            raise TokenRefusal("server_error", "AuthorizationRecordExpired")
        if grant.expires <= now:
            raise TokenRefusal("invalid_grant", "RefreshTokenExpired")
        del self._refresh[token]
        return self.issue_tokens(app, grant.bungie_id)

    def token_owner(self, authorization: str, refresh_token: str = "") -> str | None:
        """Return the Bungie.net id of the owner of a token, also of an expired one."""
        grant = self._access.get(authorization.removeprefix("Bearer "))
        grant = grant or self._refresh.get(refresh_token)
        return grant.bungie_id if grant else None

    def authenticate(self, app: App, authorization: str) -> str | None:
        """Return the Bungie.net id of the token's owner; ``None`` without a token.

        Raises:
            Refusal: 2111 for an expired token, 99 for an unknown token or a token of another
                application.
        """
        if not authorization.startswith("Bearer "):
            return None
        grant = self._access.get(authorization.removeprefix("Bearer "))
        if grant is None or grant.client_id != app.client_id:
            raise Refusal(Code.WEB_AUTH_REQUIRED)
        if grant.expires <= self._clock.now():
            raise Refusal(Code.TOKEN_HAS_EXPIRED)
        return grant.bungie_id

    def _create_grant(self, app: App, bungie_id: str, seconds: float) -> Grant:
        expires = self._clock.now() + timedelta(seconds=seconds)
        return Grant(bungie_id=bungie_id, client_id=app.client_id, expires=expires)


def require_scope(app: App, scope: int) -> None:
    """Check that an application has a scope.

    Raises:
        Refusal: 2108, with the name of the missing scope.
    """
    if not app.scopes & scope:
        raise Refusal(Code.SCOPE_NOT_PERMITTED, {"RequiredScope": _SCOPE_NAMES[scope]})


def _decode_basic(encoded: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise TokenRefusal("invalid_request", "Cannot parse client_id") from error
    client_id, _, secret = text.partition(":")
    return client_id, secret


def _generate_token() -> str:
    """Return a random token in Bungie's form: 256 characters of base64."""
    return base64.b64encode(secrets.token_bytes(192)).decode()
