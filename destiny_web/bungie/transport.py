"""One exchange with Bungie: a request goes out, an answer or an exception comes back."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NamedTuple, TypeVar

import msgspec
import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from destiny_web.bungie import wire
from destiny_web.bungie.breaker import Breaker
from destiny_web.bungie.enums import ErrorCode
from destiny_web.bungie.errors import (
    AnswerLost,
    BungieError,
    Maintenance,
    Throttled,
    TokenRefused,
    Unreachable,
    Unreadable,
    failure,
)

T = TypeVar("T")

CONNECT_TIMEOUT = 4.0
READ_TIMEOUT = 15.0
WHOLE_TIMEOUT = 25.0
_CHUNK = 1 << 16
_SAME_CLOCK = timedelta(seconds=2)  # a Date header has whole seconds, and took its time
_LARGEST = 64 << 20
_POOL = 32
_TOKEN_REFUSED = 401
_TOO_MANY = 429
_UNAVAILABLE = 503


def _utcnow() -> datetime:
    return datetime.now(UTC)


class _Answer(NamedTuple):
    path: str
    status: int
    headers: Mapping[str, str]
    content: bytes


Auth = Callable[[requests.PreparedRequest], requests.PreparedRequest]

Observer = Callable[[str, BungieError | None, float], None]
"""Told of each exchange when it is over: its path, what went wrong, the seconds that it took."""


def http_session(user_agent: str) -> requests.Session:
    """Return a pooled session that players can share safely.

    It keeps no cookies, so that nothing of one player goes out with another's call, and
    repeats by itself only a connection that could not be made: then nothing was sent.
    """
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = user_agent
    retry = Retry(total=1, connect=1, read=0, redirect=0, status=0, other=0, backoff_factor=0.2)
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=_POOL, max_retries=retry)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class Transport:
    """The way to one Bungie.net, with the headers that it wants and the envelope taken off."""

    def __init__(
        self,
        session: requests.Session,
        root: str,
        api_key: str,
        observe: Observer | None = None,
        now: Callable[[], datetime] = _utcnow,
    ) -> None:
        self._session = session
        self._observe = observe
        self._platform = f"{root.rstrip('/')}/Platform"
        self._api_key = api_key
        self._now = now
        self.clock_skew = timedelta()
        """How far Bungie's clock is ahead of ours, by its last answer; within two seconds: not."""
        self.breaker = Breaker()
        """Also for calls in Bungie's direction that do not go through here (its token endpoint)."""

    def get(
        self,
        path: str,
        shape: type[T],
        *,
        token: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> T:
        """Read *path* (below ``/Platform``, ending with a slash) as *shape*.

        Raises:
            BungieError: one of its kinds; nothing has changed at Bungie's.
        """
        return self._observed(
            path, lambda: _payload(self._send("GET", path, token, params=params), shape)
        )

    def post(self, path: str, shape: type[T], body: Mapping[str, Any], *, token: str) -> T:
        """Send *body* to *path* once.

        Raises:
            AnswerLost: it may have been carried out, or not.
            BungieError: any other of its kinds: it was not carried out.
        """
        return self._observed(
            path, lambda: _payload(self._send("POST", path, token, json=body), shape)
        )

    def _observed(self, path: str, exchange: Callable[[], T]) -> T:
        begun = time.monotonic()
        failed: BungieError | None = None
        try:
            with self.breaker.guarded():
                begun = time.monotonic()  # the wait for a slot is ours, not Bungie's
                return exchange()
        except BungieError as error:
            failed = error
            raise
        finally:
            if self._observe is not None:
                self._observe(path, failed, time.monotonic() - begun)

    def _send(
        self,
        method: str,
        path: str,
        token: str | None,
        *,
        params: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
    ) -> _Answer:
        deadline = time.monotonic() + WHOLE_TIMEOUT
        begun = self._now()
        try:
            with self._session.request(
                method,
                self._platform + path,
                params=params,
                json=json,
                auth=self._authorize(token),
                timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
                # A redirect loses the Authorization header, and a POST its body.
                allow_redirects=False,
                stream=True,
            ) as response:
                self._set_by(response.headers.get("Date"), begun)
                content = b"".join(_before(deadline, path, response.iter_content(_CHUNK)))
                return _Answer(path, response.status_code, response.headers, content)
        except requests.ConnectTimeout as error:
            raise Unreachable(f"{path}: connecting took too long") from error
        except requests.ConnectionError as error:
            raise _unconnected(path, error) from error
        except requests.RequestException as error:
            raise AnswerLost(f"{path}: {type(error).__name__}") from error

    def _set_by(self, date: str | None, begun: datetime) -> None:
        """Compare the clocks; what is not known for sure counts as Bungie's being ahead."""
        try:
            theirs = parsedate_to_datetime(date or "")
        except ValueError:
            return
        # The header leaves out parts of a second, and was written after we began. A read is
        # so taken to be a little older than it is, and no call of ours gets lost under it.
        skew = theirs + timedelta(seconds=1) - begun if theirs.tzinfo else timedelta()
        self.clock_skew = skew if abs(skew) > _SAME_CLOCK else timedelta()

    def _authorize(self, token: str | None) -> Auth:
        """Set our headers as an auth hook: else requests would put ~/.netrc's in their place."""

        def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
            request.headers["X-API-Key"] = self._api_key
            if token is not None:
                request.headers["Authorization"] = f"Bearer {token}"
            return request

        return sign


def _before(deadline: float, path: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass an answer on piece by piece; one that only drips never reaches the read time-out."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if time.monotonic() > deadline or size > _LARGEST:
            raise AnswerLost(f"{path}: the answer takes too long or is too large")
        yield chunk


def _unconnected(path: str, error: requests.ConnectionError) -> BungieError:
    """Tell a connection that was never made from one that broke after sending."""
    reason = error.args[0] if error.args else None
    # urllib3 wraps a failure to connect in MaxRetryError; a connection that broke
    # while the answer was awaited comes as a ProtocolError or as a read time-out.
    cause = getattr(reason, "reason", None)
    if cause is not None and "NewConnection" in type(cause).__name__:
        return Unreachable(f"{path}: no connection")
    if cause is not None and type(cause).__name__ in {"NameResolutionError", "SSLError"}:
        return Unreachable(f"{path}: {type(cause).__name__}")
    return AnswerLost(f"{path}: connection lost")


def _payload(answer: _Answer, shape: type[T]) -> T:
    """Take the envelope off.

    Ordinary refusals come with HTTP 500 and a good envelope, some failures with an HTML
    page or with 200: believe the envelope, and look at the status only without one.
    """
    path = answer.path
    try:
        envelope = msgspec.json.decode(answer.content, type=wire.Envelope)
    except msgspec.MsgspecError as error:
        raise _without_envelope(path, answer) from error
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
        raise Unreadable(f"{path}: {error}") from error


def _without_envelope(path: str, answer: _Answer) -> BungieError:
    """Name the failure of an answer that is no envelope, from its status and what is left."""
    status = answer.status
    if status == _TOKEN_REFUSED:
        return TokenRefused(f"{path}: HTTP 401")
    if status == _TOO_MANY:
        return Throttled(f"{path}: HTTP 429", retry_after=_seconds(answer))
    try:
        oauth = msgspec.json.decode(answer.content, type=wire.OAuthFailure)
    except msgspec.MsgspecError:
        oauth = None
    if oauth is not None and "SystemDisabled" in (oauth.error_description or ""):
        return Maintenance(f"{path}: {oauth.error_description}")
    if status == _UNAVAILABLE:
        return Maintenance(f"{path}: HTTP 503 without an envelope")
    return Unreadable(f"{path}: HTTP {status} without an envelope")


def _seconds(answer: _Answer) -> int:
    """Read Retry-After where it is a number of seconds."""
    value = answer.headers.get("Retry-After", "")
    return int(value) if value.isascii() and value.isdigit() else 0
