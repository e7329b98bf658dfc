"""What came back from Bungie: an HTTP answer, and how the envelope is taken off."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil
from typing import NamedTuple, TypeVar

import msgspec

from destiny_web.bungie.errors import (
    BungieError,
    Maintenance,
    Throttled,
    TokenRefused,
    Unreadable,
    failure,
)
from destiny_web.bungie.models import profile as profile_models
from destiny_web.bungie.models.enums import ErrorCode

T = TypeVar("T")

_SECONDS = re.compile(r"[0-9]{1,9}")
_LONGEST_RETRY = 3600
_SUCCESS = 200
_REDIRECT = 300
_TOKEN_REFUSED = 401
_TOO_MANY = 429
_UNAVAILABLE = 503


class Answer(NamedTuple):
    """What came back over HTTP, not yet understood."""

    operation: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_success(self) -> bool:
        """The status is one of success."""
        return _SUCCESS <= self.status < _REDIRECT

    @property
    def retry_after(self) -> int:
        """Seconds that the header Retry-After asks for, as a number or as a date; else 0."""
        value = self.headers.get("Retry-After", "").strip()
        if _SECONDS.fullmatch(value):
            return min(int(value), _LONGEST_RETRY)
        moment = moment_of(value)
        left = (moment - datetime.now(UTC)).total_seconds() if moment else 0
        return ceil(left) if 0 < left < _LONGEST_RETRY else 0


def payload(answer: Answer, shape: type[T]) -> T:
    """Take the envelope off.

    Ordinary refusals come with HTTP 500 and a good envelope, some failures with an HTML
    page or with 200: believe the envelope, and look at the status only without one.
    """
    operation = answer.operation
    try:
        envelope = msgspec.json.decode(answer.content, type=profile_models.Envelope)
    except msgspec.MsgspecError as error:
        raise _without_envelope(operation, answer) from error
    if envelope.error_code != ErrorCode.SUCCESS:
        raise failure(
            envelope.error_code,
            envelope.message or envelope.error_status or "",
            retry_after=envelope.throttle_seconds or 0,
            details=envelope.message_data,
        )
    try:
        return msgspec.json.decode(envelope.response, type=shape)
    except msgspec.MsgspecError as error:
        raise Unreadable(f"{operation}: {error}") from error


def _without_envelope(operation: str, answer: Answer) -> BungieError:
    """Name the failure of an answer that is no envelope, from its status and what is left."""
    status = answer.status
    if status == _TOKEN_REFUSED:
        return TokenRefused(f"{operation}: HTTP 401")
    if status == _TOO_MANY:
        return Throttled(f"{operation}: HTTP 429", retry_after=answer.retry_after)
    try:
        oauth = msgspec.json.decode(answer.content, type=profile_models.OAuthFailure)
    except msgspec.MsgspecError:
        oauth = None
    if oauth is not None and "SystemDisabled" in (oauth.error_description or ""):
        return Maintenance(f"{operation}: {oauth.error_description}")
    if status == _UNAVAILABLE:
        return Maintenance(f"{operation}: HTTP 503 without an envelope")
    return Unreadable(f"{operation}: HTTP {status} without an envelope")


def moment_of(date: str) -> datetime | None:
    """Read the date of a header; None when it is none, or has no time zone."""
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else None
