"""One exchange with Bungie: a request goes out, an answer or an exception comes back."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NamedTuple, TypeVar

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from destiny_web.bungie.answers import Answer, moment_of, payload
from destiny_web.bungie.circuit_breaker import CircuitBreaker
from destiny_web.bungie.errors import (
    AnswerLost,
    BungieError,
    Unreachable,
)

T = TypeVar("T")

CONNECT_TIMEOUT = 4.0
READ_TIMEOUT = 15.0
WHOLE_TIMEOUT = 25.0
_CHUNK = 1 << 16
_LONGEST_SKEW = timedelta(days=1)  # a Date farther away is nonsense, not a clock
_SAME_CLOCK = timedelta(seconds=2)  # a Date header has whole seconds, and took its time
_LARGEST = 64 << 20
_POOL = 32
_TOKEN_PATH = "/App/OAuth/token/"  # noqa: S105  # a path, not a secret


def _utcnow() -> datetime:
    return datetime.now(UTC)


class _Call(NamedTuple):
    """What is asked: the operation is Bungie's name of it."""

    method: str
    path: str
    operation: str


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
        self._skew = timedelta()
        self._skew_of_thread = threading.local()
        self.circuit_breaker = CircuitBreaker()
        """Also for calls in Bungie's direction that do not go through here (its token endpoint)."""

    def get(
        self,
        path: str,
        shape: type[T],
        *,
        token: str | None = None,
        params: Mapping[str, str] | None = None,
        operation: str = "",
    ) -> T:
        """Read *path* (below ``/Platform``, ending with a slash) as *shape*.

        Args:
            path: What is read.
            shape: What the answer is decoded to.
            token: The player's access token.
            params: The query.
            operation: Bungie's name of it, for messages; the path, which may hold a player's
                ids, stands in none of them.

        Raises:
            BungieError: one of its kinds; nothing has changed at Bungie's.
        """
        call, auth = _Call("GET", path, operation), self._authorize(token)
        return self._observed(path, lambda: payload(self._send(call, auth, params=params), shape))

    def post(
        self,
        path: str,
        shape: type[T],
        body: Mapping[str, Any],
        *,
        token: str,
        operation: str = "",
    ) -> T:
        """Send *body* to *path* once.

        Raises:
            AnswerLost: it may have been carried out, or not.
            BungieError: any other of its kinds: it was not carried out.
        """
        call, auth = _Call("POST", path, operation), self._authorize(token)
        return self._observed(path, lambda: payload(self._send(call, auth, json=body), shape))

    def token(self, form: Mapping[str, str]) -> Answer:
        """Send *form* to the token endpoint once, and return whatever it answers.

        Raises:
            BungieError: there was no answer, or the circuit breaker held the call back.
        """
        with self.circuit_breaker.guarded():
            call = _Call("POST", _TOKEN_PATH, "token endpoint")
            return self._send(call, _without_credentials, data=form)

    def _observed(self, path: str, exchange: Callable[[], T]) -> T:
        begun = time.monotonic()
        failed: BungieError | None = None
        try:
            with self.circuit_breaker.guarded():
                begun = time.monotonic()  # the wait for a slot is ours, not Bungie's
                return exchange()
        except BungieError as error:
            failed = error
            raise
        finally:
            if self._observe is not None:
                self._observe(path, failed, time.monotonic() - begun)

    def _send(self, call: _Call, auth: Auth, **content: Any) -> Answer:
        """Make one exchange; *content* is what requests calls params, json and data."""
        deadline = time.monotonic() + WHOLE_TIMEOUT
        begun = self._now()
        operation = call.operation or "a call"
        try:
            with self._session.request(
                call.method,
                self._platform + call.path,
                auth=auth,
                timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
                # A redirect loses the Authorization header, and a POST its body.
                allow_redirects=False,
                stream=True,
                **content,
            ) as response:
                self._compare_clocks(response.headers.get("Date"), begun)
                body = b"".join(_before(deadline, operation, response.iter_content(_CHUNK)))
                return Answer(operation, response.status_code, response.headers, body)
        except requests.ConnectTimeout as error:
            raise Unreachable(f"{operation}: connecting took too long") from error
        except requests.ConnectionError as error:
            raise _unconnected(operation, error) from error
        except requests.RequestException as error:
            raise AnswerLost(f"{operation}: {type(error).__name__}") from error

    @property
    def clock_skew(self) -> timedelta:
        """How far Bungie's clock is ahead of ours, by the last answer that this thread got.

        Within two seconds the clocks count as equal. An answer without a usable Date has the
        skew of the last answer that had one.
        """
        skew: timedelta = getattr(self._skew_of_thread, "value", self._skew)
        return skew

    def _compare_clocks(self, date: str | None, begun: datetime) -> None:
        """Compare the clocks; what is not known for sure counts as Bungie's being ahead."""
        theirs = moment_of(date or "")
        if theirs is not None and abs(theirs - begun) < _LONGEST_SKEW:
            # The header leaves out parts of a second, and was written after we began. A read is
            # so taken to be a little older than it is, and no call of ours gets lost under it.
            skew = theirs + timedelta(seconds=1) - begun
            self._skew = skew if abs(skew) > _SAME_CLOCK else timedelta()
        self._skew_of_thread.value = self._skew

    def _authorize(self, token: str | None) -> Auth:
        """Set our headers as an auth hook: else requests would put ~/.netrc's in their place."""

        def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
            request.headers["X-API-Key"] = self._api_key
            if token is not None:
                request.headers["Authorization"] = f"Bearer {token}"
            return request

        return sign


def _without_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave a request as it is: without an auth hook requests would add ~/.netrc's."""
    return request


def _before(deadline: float, operation: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass an answer on piece by piece; one that only drips never reaches the read time-out."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if time.monotonic() > deadline or size > _LARGEST:
            raise AnswerLost(f"{operation}: the answer takes too long or is too large")
        yield chunk


def _unconnected(operation: str, error: requests.ConnectionError) -> BungieError:
    """Tell a connection that was never made from one that broke after sending."""
    reason = error.args[0] if error.args else None
    # urllib3 wraps a failure to connect in MaxRetryError; a connection that broke
    # while the answer was awaited comes as a ProtocolError or as a read time-out.
    cause = getattr(reason, "reason", None)
    if cause is not None and "NewConnection" in type(cause).__name__:
        return Unreachable(f"{operation}: no connection")
    if cause is not None and type(cause).__name__ in {"NameResolutionError", "SSLError"}:
        return Unreachable(f"{operation}: {type(cause).__name__}")
    return AnswerLost(f"{operation}: connection lost")
