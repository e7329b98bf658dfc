"""Bungie's token endpoint: a code or a refresh token goes in, a pair of tokens comes out.

The endpoint takes a form and answers without the envelope: with tokens, or with
``{error, error_description}``. Only a few failures mean that the refresh token is worth nothing;
every other one is passing trouble, and the tokens are kept.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from destiny_web.bungie.answers import Answer
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
from destiny_web.bungie.models import profile as profile_models
from destiny_web.bungie.tokens import TokenSet
from destiny_web.bungie.transport import Transport

ACCESS_LIFE: Final = timedelta(hours=1)
REFRESH_LIFE: Final = timedelta(days=90)
"""The usual lives, taken where the answer gives none or an impossible one."""

_LONGEST_LIFE: Final = timedelta(days=366)

# Consent is over. The ErrorCodes of these names come as descriptions, with ``server_error``.
_CONSENT_OVER: Final = frozenset({"AuthorizationRecordExpired", "AuthorizationRecordRevoked"})
_CODE_UNUSABLE: Final = _CONSENT_OVER | {"AuthorizationCodeInvalid", "AuthorizationCodeStale"}
_CLIENT_REFUSED: Final = frozenset({"invalid_client", "unauthorized_client"})

_FORBIDDEN = 403
_TOO_MANY = 429
_SERVER_ERROR = 500
_UNAVAILABLE = 503


class _TokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Any answer of the token endpoint; nothing in it is certain to be there."""

    access_token: Any = None
    expires_in: Any = None
    refresh_token: Any = None
    refresh_expires_in: Any = None
    membership_id: Any = None
    error: Any = None
    error_description: Any = None


class TokenEndpoint:
    """The token endpoint as one confidential application uses it."""

    def __init__(self, transport: Transport, client_id: str, client_secret: str) -> None:
        self._transport = transport
        self._client = {"client_id": client_id, "client_secret": client_secret}

    def exchange(self, code: str, now: datetime) -> TokenSet:
        """Turn the code of a sign-in into tokens.

        Raises:
            CodeRefused: the code is used up, too old or unknown.
            BungieError: passing trouble.
        """
        form = {"grant_type": "authorization_code", "code": code}
        return self._request(form, _CODE_UNUSABLE, CodeRefused, now)

    def refresh(self, tokens: TokenSet, now: datetime) -> TokenSet:
        """Turn a refresh token into the next pair of tokens; the refresh token is used up.

        Raises:
            ConsentEnded: no more tokens are to be had.
            BungieError: passing trouble; keep *tokens*.
        """
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token or ""}
        return self._request(form, _CONSENT_OVER, ConsentEnded, now, tokens)

    def _request(
        self,
        form: dict[str, str],
        final: frozenset[str],
        refusal: type[BungieError],
        now: datetime,
        previous: TokenSet | None = None,
    ) -> TokenSet:
        try:
            answer = self._transport.token(form | self._client)
        except AnswerLost as error:
            # Not an action's lost answer: the call that needs the token has not been sent.
            raise TokenUnavailable(error.message) from error
        body = _decode(answer.content)
        if answer.is_success and not body.error:
            return _read(body, now, previous)
        raise _failure(answer, body, final, refusal)


def life(seconds: object, usual: timedelta) -> timedelta:
    """Read a life in seconds; anything but a number from one second to a year is *usual*."""
    try:
        number = float(str(seconds))
    except ValueError:
        return usual
    return timedelta(seconds=number) if 1 <= number <= _LONGEST_LIFE.total_seconds() else usual


def _decode(content: bytes) -> _TokenAnswer:
    try:
        return msgspec.json.decode(content, type=_TokenAnswer)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _TokenAnswer()


def _read(body: _TokenAnswer, now: datetime, previous: TokenSet | None) -> TokenSet:
    access = _text(body.access_token)
    player = _text(body.membership_id) or (previous.membership_id if previous else "")
    if not access or not player:
        raise TokenUnavailable("token endpoint: no usable access_token or membership_id")
    # An answer without a new refresh token leaves the former one good (RFC 6749, section 6).
    refresh = _text(body.refresh_token) or (previous.refresh_token if previous else None)
    return TokenSet(
        access_token=access,
        access_expires=now + life(body.expires_in, ACCESS_LIFE),
        refresh_token=refresh,
        refresh_expires=now + life(body.refresh_expires_in, REFRESH_LIFE) if refresh else None,
        membership_id=player,
        issued_at=now,
        refreshed=previous is not None,
    )


def _text(value: object) -> str:
    """Return *value* if it is a text that can stand in a header; a bare number is one, too."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if text.isascii() and text.isprintable() and " " not in text else ""


def _failure(
    answer: Answer, body: _TokenAnswer, final: frozenset[str], refusal: type[BungieError]
) -> BungieError:
    """Name what an answer without tokens means.

    Args:
        answer: Its status and headers.
        body: What it says.
        final: Descriptions for which *refusal* is meant, besides ``invalid_grant``.
        refusal: The failure that cannot be cured by trying again.
    """
    kind, description, status = (
        str(body.error or ""),
        str(body.error_description or ""),
        answer.status,
    )
    message = f"token endpoint: HTTP {status} {kind:.40} {description:.80}".rstrip()
    envelope = _envelope_class(answer.content)
    if status == _TOO_MANY or kind == "slow_down" or envelope is Throttled:
        return Throttled(message, retry_after=answer.retry_after)
    if "SystemDisabled" in {kind, description} or envelope is Maintenance:
        return Maintenance(message, retry_after=answer.retry_after)
    if status == _UNAVAILABLE and not kind:
        return Maintenance(message, retry_after=answer.retry_after)
    if kind in _CLIENT_REFUSED or "client_id" in description or envelope is Misconfigured:
        return Misconfigured(message)
    certain = status < _SERVER_ERROR and status != _FORBIDDEN
    if certain and (kind == "invalid_grant" or description in final):
        return refusal(message)
    return TokenUnavailable(message, retry_after=answer.retry_after)


def _envelope_class(content: bytes) -> type[BungieError] | None:
    """Return the class of failure when the endpoint answers with the API's envelope."""
    try:
        return error_class_of(msgspec.json.decode(content, type=profile_models.Envelope).error_code)
    except msgspec.MsgspecError:
        return None
