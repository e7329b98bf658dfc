"""Bungie's token endpoint: exchanges a sign-in code or a refresh token for tokens.

The endpoint takes a form and answers without the envelope: with tokens, or with
``{error, error_description}``. Only a few failures mean that the refresh token is no longer valid;
every other failure is temporary, and the tokens are kept.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from destiny_web.bungie.errors import (
    AnswerLost,
    BungieError,
    CodeRefused,
    ConsentEnded,
    Maintenance,
    Misconfigured,
    Throttled,
    TokenUnavailable,
    error_class_of,
)
from destiny_web.bungie.models.envelope import Envelope
from destiny_web.bungie.response import Response
from destiny_web.bungie.tokens import TokenSet
from destiny_web.bungie.transport import Transport

ACCESS_LIFE: Final = timedelta(hours=1)
REFRESH_LIFE: Final = timedelta(days=90)
"""The usual lifetimes, used where the answer has none or an impossible one."""

_MAX_LIFE: Final = timedelta(days=366)

# The player's consent has ended. Bungie sends these names as descriptions of ``server_error``.
_CONSENT_ENDED: Final = frozenset({"AuthorizationRecordExpired", "AuthorizationRecordRevoked"})
_CODE_UNUSABLE: Final = _CONSENT_ENDED | {"AuthorizationCodeInvalid", "AuthorizationCodeStale"}
_CLIENT_REFUSED: Final = frozenset({"invalid_client", "unauthorized_client"})

_FORBIDDEN = 403
_TOO_MANY = 429
_SERVER_ERROR = 500
_UNAVAILABLE = 503


class _TokenResponse(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON of the token endpoint; every field may be missing or of any type."""

    access_token: Any = None
    expires_in: Any = None
    refresh_token: Any = None
    refresh_expires_in: Any = None
    membership_id: Any = None
    error: Any = None
    error_description: Any = None


class TokenEndpoint:
    """The token endpoint, called with the credentials of this site's application."""

    def __init__(self, transport: Transport, client_id: str, client_secret: str) -> None:
        self._transport = transport
        self._client = {"client_id": client_id, "client_secret": client_secret}

    def exchange(self, code: str, now: datetime) -> TokenSet:
        """Exchange the code of a sign-in for tokens.

        Raises:
            CodeRefused: the code was used before, is too old or unknown.
            BungieError: a temporary failure.
        """
        form = {"grant_type": "authorization_code", "code": code}
        return self._request(form, _CODE_UNUSABLE, CodeRefused, now)

    def refresh(self, tokens: TokenSet, now: datetime) -> TokenSet:
        """Exchange a refresh token for the next tokens; a refresh token works once.

        Raises:
            ConsentEnded: no more tokens can be obtained.
            BungieError: a temporary failure; keep *tokens*.
        """
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token or ""}
        return self._request(form, _CONSENT_ENDED, ConsentEnded, now, tokens)

    def _request(
        self,
        form: dict[str, str],
        final_descriptions: frozenset[str],
        refusal: type[BungieError],
        now: datetime,
        previous: TokenSet | None = None,
    ) -> TokenSet:
        try:
            response = self._transport.request_tokens(form | self._client)
        except AnswerLost as error:
            # Not AnswerLost: the call that needs the token was not sent.
            raise TokenUnavailable(error.message) from error
        body = _decode(response.content)
        if response.is_success and not body.error:
            return _build_tokens(body, now, previous)
        raise _classify(response, body, final_descriptions, refusal)


def parse_life(seconds: object, usual: timedelta) -> timedelta:
    """Read a lifetime in seconds; return *usual* unless it is from one second to one leap year."""
    try:
        number = float(str(seconds))
    except ValueError:
        return usual
    return timedelta(seconds=number) if 1 <= number <= _MAX_LIFE.total_seconds() else usual


def _decode(content: bytes) -> _TokenResponse:
    try:
        return msgspec.json.decode(content, type=_TokenResponse)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _TokenResponse()


def _build_tokens(body: _TokenResponse, now: datetime, previous: TokenSet | None) -> TokenSet:
    access_token = _valid_text(body.access_token)
    membership_id = _valid_text(body.membership_id) or (previous.membership_id if previous else "")
    if not access_token or not membership_id:
        raise TokenUnavailable("token endpoint: no usable access_token or membership_id")
    # Without a new refresh token in the answer the former one stays valid (RFC 6749, section 6).
    refresh_token = _valid_text(body.refresh_token) or (
        previous.refresh_token if previous else None
    )
    return TokenSet(
        access_token=access_token,
        access_expires=now + parse_life(body.expires_in, ACCESS_LIFE),
        refresh_token=refresh_token,
        refresh_expires=(
            now + parse_life(body.refresh_expires_in, REFRESH_LIFE) if refresh_token else None
        ),
        membership_id=membership_id,
        issued_at=now,
        refreshed=previous is not None,
    )


def _valid_text(value: object) -> str:
    """Return a text or number as a text if an HTTP header can carry it, else ``""``."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if text.isascii() and text.isprintable() and " " not in text else ""


def _classify(
    response: Response,
    body: _TokenResponse,
    final_descriptions: frozenset[str],
    refusal: type[BungieError],
) -> BungieError:
    """Return the failure that a response without tokens stands for.

    Args:
        response: The response.
        body: Its decoded content.
        final_descriptions: Descriptions that mean *refusal*, besides the error
            ``invalid_grant``.
        refusal: The failure for which another attempt would not help.
    """
    status = response.status
    oauth_error, description = str(body.error or ""), str(body.error_description or "")
    message = f"token endpoint: HTTP {status} {oauth_error:.40} {description:.80}".rstrip()
    envelope_error = _envelope_error_class(response.content)
    if status == _TOO_MANY or oauth_error == "slow_down" or envelope_error is Throttled:
        return Throttled(message, retry_after=response.retry_after)
    if "SystemDisabled" in {oauth_error, description} or envelope_error is Maintenance:
        return Maintenance(message, retry_after=response.retry_after)
    if status == _UNAVAILABLE and not oauth_error:
        return Maintenance(message, retry_after=response.retry_after)
    is_client_refused = oauth_error in _CLIENT_REFUSED or "client_id" in description
    if is_client_refused or envelope_error is Misconfigured:
        return Misconfigured(message)
    is_reliable = status < _SERVER_ERROR and status != _FORBIDDEN
    if is_reliable and (oauth_error == "invalid_grant" or description in final_descriptions):
        return refusal(message)
    return TokenUnavailable(message, retry_after=response.retry_after)


def _envelope_error_class(content: bytes) -> type[BungieError] | None:
    """Return the error class of the API's envelope; None when the content is not an envelope."""
    try:
        return error_class_of(msgspec.json.decode(content, type=Envelope).error_code)
    except msgspec.MsgspecError:
        return None
