"""What an operator can count: requests, Bungie's answers, moves, refreshes, ages.

No label can take a value that comes from outside: routes by endpoint, methods and operations
from a table, outcomes by the names of our own exceptions. So the number of series, and with it
the memory, is bounded by the program.

Under gunicorn each process writes what it counts into one folder, which ``gunicorn.conf.py``
makes, and any of them answers for all.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from flask import Flask, Response, request
from flask.signals import template_rendered
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from destiny_web.bungie.errors import BungieError, Refused, error_class_of
from destiny_web.web.logs import seconds_taken

_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
_QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_AGES = (1, 5, 15, 30, 60, 180, 600, 3600, 21_600, 86_400)

# The first that fits; what stands in place of an id may be anything.
_OPERATIONS: Final = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"/Destiny2/Actions/Items/(?P<name>[A-Za-z]{1,32})/", ""),
        (r"/Destiny2/Manifest/", "GetDestinyManifest"),
        (r"/Destiny2/Vendors/", "GetPublicVendors"),
        (r"/Destiny2/[^/]+/Profile/[^/]+/LinkedProfiles/", "GetLinkedProfiles"),
        (r"/Destiny2/[^/]+/Profile/[^/]+/Item/[^/]+/", "GetItem"),
        (r"/Destiny2/[^/]+/Profile/[^/]+/Character/[^/]+/Vendors/", "GetVendors"),
        (r"/Destiny2/[^/]+/Profile/[^/]+/Character/[^/]+/Vendors/[^/]+/", "GetVendor"),
        (r"/Destiny2/[^/]+/Profile/[^/]+/", "GetProfile"),
    )
)


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "destiny_web_requests",
            "Requests that were answered.",
            ["endpoint", "method", "status"],
            registry=registry,
        )
        self._request_seconds = Histogram(
            "destiny_web_request_seconds",
            "Seconds from a request to its answer.",
            ["endpoint"],
            buckets=_QUICK,
            registry=registry,
        )
        self._calls = Counter(
            "destiny_web_bungie_calls",
            "Calls to Bungie, by what came of them.",
            ["operation", "outcome"],
            registry=registry,
        )
        self._call_seconds = Histogram(
            "destiny_web_bungie_call_seconds",
            "Seconds that Bungie took.",
            ["operation"],
            buckets=_QUICK,
            registry=registry,
        )
        self._moves = Counter(
            "destiny_web_moves",
            "What players asked for, by what came of it.",
            ["action", "outcome"],
            registry=registry,
        )
        self._refreshes = Counter(
            "destiny_web_token_refreshes",
            "Refresh tokens that were sent to Bungie, by what came of it.",
            ["outcome"],
            registry=registry,
        )
        self._ages = Histogram(
            "destiny_web_snapshot_age_seconds",
            "Age of what a page showed of an account.",
            buckets=_AGES,
            registry=registry,
        )

    def exposition(self) -> bytes:
        """Return everything in Prometheus' text format, of all processes together."""
        folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
        if not folder:
            return generate_latest(self._registry)
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone, path=folder)  # type: ignore[no-untyped-call]
        return generate_latest(everyone)

    def answered(self, endpoint: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        method = method if method in _METHODS else "other"
        self._requests.labels(endpoint or "none", method, str(status)).inc()
        self._request_seconds.labels(endpoint or "none").observe(seconds)

    def called(self, path: str, failed: BungieError | None, seconds: float) -> None:
        """Count a call to Bungie: an observer of the transport."""
        operation = operation_of(path)
        self._calls.labels(operation, outcome_of(failed)).inc()
        self._call_seconds.labels(operation).observe(seconds)

    def moved(self, action: str, failed: Exception | None) -> None:
        """Count something that a player asked for: an observer of the transfers."""
        self._moves.labels(action, outcome_of(failed)).inc()

    def shown(self, age: float) -> None:
        """Count a page that showed an account as it was *age* seconds ago."""
        self._ages.observe(max(age, 0.0))

    @contextmanager
    def refreshing(self) -> Iterator[None]:
        """Count a refresh token that is sent to Bungie inside this block."""
        failed: Exception | None = None
        try:
            yield
        except BungieError as error:
            failed = error
            raise
        finally:
            self._refreshes.labels(outcome_of(failed)).inc()


def operation_of(path: str) -> str:
    """Name the operation of Bungie's that a path below ``/Platform`` calls."""
    for pattern, name in _OPERATIONS:
        found = pattern.fullmatch(path)
        if found:
            return name or found["name"]
    return "other"


def outcome_of(failed: Exception | None) -> str:
    """Name what came of something: ``ok``, or a failure by its class and, if known, its code."""
    if failed is None:
        return "ok"
    name = type(failed).__name__
    code = failed.code if isinstance(failed, BungieError) else None
    # Of the numbers only those that we know: any other could be any number.
    known = code is not None and error_class_of(code) is not Refused
    return f"{name} {code}" if known else name


def init_app(app: Flask, metrics: Metrics, now: Callable[[], datetime]) -> None:
    """Count each request, and the age of what pages show."""

    @app.after_request
    def count(response: Response) -> Response:
        endpoint = request.endpoint or ""
        metrics.answered(endpoint, request.method, response.status_code, seconds_taken())
        return response

    def look(_: Flask, context: dict[str, Any], **__: Any) -> None:
        read_at = context.get("read_at")
        if isinstance(read_at, datetime):
            metrics.shown((now() - read_at).total_seconds())

    # Whichever page tells the age of what it shows, by the name that all of them use.
    template_rendered.connect(look, app, weak=False)
