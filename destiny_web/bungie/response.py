"""One HTTP response of Bungie: its status, and its content without the envelope."""

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
from destiny_web.bungie.models.enums import ErrorCode
from destiny_web.bungie.models.envelope import Envelope, OAuthFailure

T = TypeVar("T")

_SECONDS = re.compile(r"[0-9]{1,9}")
_MAX_RETRY_AFTER = 3600
_SUCCESS = 200
_REDIRECT = 300
_TOKEN_REFUSED = 401
_TOO_MANY = 429
_UNAVAILABLE = 503


class Response(NamedTuple):
    """An HTTP response that is not decoded yet.

    Attributes:
        operation: Bungie's name of the operation, for messages.
    """

    operation: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status is one of success (2xx)."""
        return _SUCCESS <= self.status < _REDIRECT

    @property
    def retry_after(self) -> int:
        """Seconds that the header Retry-After asks for, as a number or as a date; else 0."""
        value = self.headers.get("Retry-After", "").strip()
        if _SECONDS.fullmatch(value):
            return min(int(value), _MAX_RETRY_AFTER)
        date = parse_http_date(value)
        remaining = (date - datetime.now(UTC)).total_seconds() if date else 0
        return ceil(remaining) if 0 < remaining < _MAX_RETRY_AFTER else 0


def decode_payload(response: Response, shape: type[T]) -> T:
    """Decode the payload in the envelope of a response.

    Ordinary refusals come with HTTP 500 and a good envelope, some failures with an HTML page or
    with HTTP 200. So the envelope decides, and the status counts only without an envelope.

    Raises:
        BungieError: the envelope reports a failure, or there is no payload of this shape.
    """
    operation = response.operation
    try:
        envelope = msgspec.json.decode(response.content, type=Envelope)
    except msgspec.MsgspecError as error:
        raise _failure_without_envelope(response) from error
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


def _failure_without_envelope(response: Response) -> BungieError:
    """Return the failure that a response without an envelope stands for."""
    operation, status = response.operation, response.status
    if status == _TOKEN_REFUSED:
        return TokenRefused(f"{operation}: HTTP 401")
    if status == _TOO_MANY:
        return Throttled(f"{operation}: HTTP 429", retry_after=response.retry_after)
    try:
        oauth = msgspec.json.decode(response.content, type=OAuthFailure)
    except msgspec.MsgspecError:
        oauth = None
    if oauth is not None and "SystemDisabled" in (oauth.error_description or ""):
        return Maintenance(f"{operation}: {oauth.error_description}")
    if status == _UNAVAILABLE:
        return Maintenance(f"{operation}: HTTP 503 without an envelope")
    return Unreadable(f"{operation}: HTTP {status} without an envelope")


def parse_http_date(text: str) -> datetime | None:
    """Read the date of an HTTP header; None when it cannot be read, or has no time zone."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else None
