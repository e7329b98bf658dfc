"""Metrics for operators: requests, Bungie's answers, jobs, token refreshes, ages of snapshots.

No label has a value that comes from outside: a route is named by its endpoint, a method and an
operation by a table, an outcome by one of our own exceptions. So the number of series, and the
memory for them, has a limit.

Under gunicorn each process writes its metrics into one folder, which ``gunicorn.conf.py`` makes.
Each process can answer with the sum of all.
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
_SECONDS_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_AGE_BUCKETS = (1, 5, 15, 30, 60, 180, 600, 3600, 21_600, 86_400)

# The first pattern that matches is used; any text may be in the place of an id.
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
    """Metrics of one application."""

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
            buckets=_SECONDS_BUCKETS,
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
            buckets=_SECONDS_BUCKETS,
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
            buckets=_AGE_BUCKETS,
            registry=registry,
        )

    def exposition(self) -> bytes:
        """Return the metrics of all processes in Prometheus' text format."""
        folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
        if not folder:
            return generate_latest(self._registry)
        registry_of_all = CollectorRegistry()
        MultiProcessCollector(registry_of_all, path=folder)  # type: ignore[no-untyped-call]
        return generate_latest(registry_of_all)

    def count_request(self, endpoint: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        method = method if method in _METHODS else "other"
        self._requests.labels(endpoint or "none", method, str(status)).inc()
        self._request_seconds.labels(endpoint or "none").observe(seconds)

    def count_call(self, path: str, failure: BungieError | None, seconds: float) -> None:
        """Count a call to Bungie: the observer of the transport."""
        operation = operation_of(path)
        self._calls.labels(operation, outcome_of(failure)).inc()
        self._call_seconds.labels(operation).observe(seconds)

    def count_job(self, action: str, failure: Exception | None) -> None:
        """Count a job: the observer of the move service."""
        self._moves.labels(action, outcome_of(failure)).inc()

    def observe_age(self, age: float) -> None:
        """Record the age, in seconds, of a snapshot that a page shows."""
        self._ages.observe(max(age, 0.0))

    @contextmanager
    def count_refresh(self) -> Iterator[None]:
        """Count the token refresh that is made inside the block."""
        failure: Exception | None = None
        try:
            yield
        except BungieError as error:
            failure = error
            raise
        finally:
            self._refreshes.labels(outcome_of(failure)).inc()


def operation_of(path: str) -> str:
    """Return the name of Bungie's operation for a path below ``/Platform``."""
    for pattern, name in _OPERATIONS:
        match = pattern.fullmatch(path)
        if match:
            return name or match["name"]
    return "other"


def outcome_of(failure: Exception | None) -> str:
    """Return ``ok``, or the class of a failure with its code if we know the code."""
    if failure is None:
        return "ok"
    name = type(failure).__name__
    code = failure.code if isinstance(failure, BungieError) else None
    # Codes that we do not know are left out: they would make any number of series.
    is_known = code is not None and error_class_of(code) is not Refused
    return f"{name} {code}" if is_known else name


def init_app(app: Flask, metrics: Metrics, now: Callable[[], datetime]) -> None:
    """Count each request, and record the age of the snapshot that a page shows."""

    @app.after_request
    def count(response: Response) -> Response:
        endpoint = request.endpoint or ""
        metrics.count_request(endpoint, request.method, response.status_code, seconds_taken())
        return response

    def observe_template(_: Flask, context: dict[str, Any], **__: Any) -> None:
        read_at = context.get("read_at")
        if isinstance(read_at, datetime):
            metrics.observe_age((now() - read_at).total_seconds())

    # Every page that shows the age of a snapshot passes ``read_at`` to its template.
    template_rendered.connect(observe_template, app, weak=False)
