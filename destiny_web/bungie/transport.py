"""One HTTP exchange with Bungie: sends a request, returns an answer or raises an exception."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NamedTuple, TypeVar

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from destiny_web.bungie.circuit_breaker import CircuitBreaker
from destiny_web.bungie.clock_skew import ClockSkew
from destiny_web.bungie.errors import (
    AnswerLost,
    BungieError,
    Unreachable,
)
from destiny_web.bungie.response import Response, decode_payload, parse_http_date
from destiny_web.clock import utcnow

T = TypeVar("T")

CONNECT_TIMEOUT = 4.0
READ_TIMEOUT = 15.0
TOTAL_TIMEOUT = 25.0
_CHUNK = 1 << 16
_MAX_BYTES = 64 << 20
_CONNECTIONS = 32
_TOKEN_PATH = "/App/OAuth/token/"  # noqa: S105  # a path, not a secret


class _Call(NamedTuple):
    """One call; *operation* is Bungie's name of it."""

    method: str
    path: str
    operation: str


Auth = Callable[[requests.PreparedRequest], requests.PreparedRequest]

Observer = Callable[[str, BungieError | None, float], None]
"""Is called after each exchange with its path, its failure or None, and its seconds."""


def http_session(user_agent: str) -> requests.Session:
    """Return a pooled session that all players share.

    The session keeps no cookies, so that no cookie of one player is sent with another's call. It
    repeats only a connection attempt that failed: then nothing was sent.
    """
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = user_agent
    retry = Retry(total=1, connect=1, read=0, redirect=0, status=0, other=0, backoff_factor=0.2)
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=_CONNECTIONS, max_retries=retry)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class Transport:
    """Calls to one Bungie.net: sets the headers, and decodes the payload in the envelope."""

    def __init__(
        self,
        session: requests.Session,
        root: str,
        api_key: str,
        observe: Observer | None = None,
        now: Callable[[], datetime] = utcnow,
    ) -> None:
        self._session = session
        self._observe = observe
        self._platform = f"{root.rstrip('/')}/Platform"
        self._api_key = api_key
        self._now = now
        self._skew = ClockSkew()
        self._skew_of_thread = threading.local()
        self.circuit_breaker = CircuitBreaker()
        """Shared by all calls to Bungie of this process."""

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
            path: The path to read.
            shape: The type that the payload is decoded to.
            token: The player's access token.
            params: The query.
            operation: Bungie's name of the operation, for messages; the path may contain ids
                of a player and is in no message.

        Raises:
            BungieError: the call failed; nothing has changed at Bungie.
        """
        call, auth = _Call("GET", path, operation), self._authorize(token)
        return self._observed(
            path, lambda: decode_payload(self._send(call, auth, params=params), shape)
        )

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
            AnswerLost: it is unknown whether the call was carried out.
            BungieError: any other class: the call was not carried out.
        """
        call, auth = _Call("POST", path, operation), self._authorize(token)
        return self._observed(
            path, lambda: decode_payload(self._send(call, auth, json=body), shape)
        )

    def request_tokens(self, form: Mapping[str, str]) -> Response:
        """Send *form* to the token endpoint once, and return any response.

        Raises:
            BungieError: there was no response, or the circuit breaker did not admit the call.
        """
        with self.circuit_breaker.admit_call():
            call = _Call("POST", _TOKEN_PATH, "token endpoint")
            return self._send(call, _without_credentials, data=form)

    def _observed(self, path: str, exchange: Callable[[], T]) -> T:
        started_at = time.monotonic()
        failed: BungieError | None = None
        try:
            with self.circuit_breaker.admit_call():
                started_at = time.monotonic()  # without the wait for a slot
                return exchange()
        except BungieError as error:
            failed = error
            raise
        finally:
            if self._observe is not None:
                self._observe(path, failed, time.monotonic() - started_at)

    def _send(self, call: _Call, auth: Auth, **content: Any) -> Response:
        """Make one exchange; *content* has the arguments params, json and data of requests."""
        deadline = time.monotonic() + TOTAL_TIMEOUT
        sent_at = self._now()
        operation = call.operation or "a call"
        try:
            with self._session.request(
                call.method,
                self._platform + call.path,
                auth=auth,
                timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
                # Following a redirect would drop the Authorization header and the body of a POST.
                allow_redirects=False,
                stream=True,
                **content,
            ) as response:
                self._compare_clocks(response.headers.get("Date"), sent_at)
                body = b"".join(_limited(deadline, operation, response.iter_content(_CHUNK)))
                return Response(operation, response.status_code, response.headers, body)
        except requests.ConnectTimeout as error:
            raise Unreachable(f"{operation}: connecting took too long") from error
        except requests.ConnectionError as error:
            raise _classify_connection_error(operation, error) from error
        except requests.RequestException as error:
            raise AnswerLost(f"{operation}: {type(error).__name__}") from error

    @property
    def clock_skew(self) -> timedelta:
        """How far Bungie's clock is ahead of ours, by the last answer that this thread got."""
        skew: timedelta = getattr(self._skew_of_thread, "value", self._skew.estimate)
        return skew

    def _compare_clocks(self, date: str | None, sent_at: datetime) -> None:
        bungie_time = parse_http_date(date or "")
        self._skew_of_thread.value = self._skew.observe(bungie_time, sent_at, self._now())

    def _authorize(self, token: str | None) -> Auth:
        """Return an auth hook that sets our headers; without a hook requests would use ~/.netrc."""

        def set_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
            request.headers["X-API-Key"] = self._api_key
            if token is not None:
                request.headers["Authorization"] = f"Bearer {token}"
            return request

        return set_headers


def _without_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """An auth hook that changes nothing: without a hook requests would use ~/.netrc."""
    return request


def _limited(deadline: float, operation: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks of a response until the deadline or the size limit.

    A response that comes very slowly never exceeds the read time-out of a single chunk.
    """
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if time.monotonic() > deadline or size > _MAX_BYTES:
            raise AnswerLost(f"{operation}: the answer takes too long or is too large")
        yield chunk


def _classify_connection_error(operation: str, error: requests.ConnectionError) -> BungieError:
    """Return Unreachable if no connection was made, AnswerLost if it broke after sending."""
    reason = error.args[0] if error.args else None
    # urllib3 wraps a failure to connect in MaxRetryError; a connection that broke during the
    # wait for the response raises ProtocolError or a read time-out.
    cause = getattr(reason, "reason", None)
    if cause is not None and "NewConnection" in type(cause).__name__:
        return Unreachable(f"{operation}: no connection")
    if cause is not None and type(cause).__name__ in {"NameResolutionError", "SSLError"}:
        return Unreachable(f"{operation}: {type(cause).__name__}")
    return AnswerLost(f"{operation}: connection lost")
