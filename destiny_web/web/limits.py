"""Rate limits: how many requests a visitor may make in a minute.

A rule counts the requests of a player; without a sign-in, those of an address. A counter lives
for a minute, so the memory for counters is bounded by the number of requests in a minute. The
counters are in Redis if the site has one. Without Redis they are in each process, except those
of sign-ins, which are in the store for all processes together. While Redis or the store fails,
all counters are in each process, so that a rate limit never prevents a page.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil
from typing import Any, Final, NamedTuple

from flask import Flask, Response, request
from flask_limiter import Limiter, RequestLimit
from flask_login import current_user
from redis.backoff import NoBackoff
from redis.retry import Retry

from destiny_web.clock import utcnow
from destiny_web.config import Settings
from destiny_web.storage.redis import PREFIX
from destiny_web.storage.store import Store
from destiny_web.web import counters
from destiny_web.web.errors import answer
from destiny_web.web.logs import player_mark
from destiny_web.web.problems import Problem

_REDIS_TIMEOUT = 0.5
_MAX_ADDRESS_LENGTH = 64


class Rule(NamedTuple):
    """Requests that are allowed in a minute, for each player or for each address."""

    name: str
    per_minute: int
    is_per_player: bool = True


PAGES: Final = Rule("pages", 600)
ACTIONS: Final = Rule("actions", 600)
"""Bungie demands 0.1 s between two actions of a player, so more cannot be carried out."""

REFRESHES: Final = Rule("refreshes", 60)
SIGN_IN: Final = Rule("sign-in", 120, is_per_player=False)
"""Many players behind one address may sign in at the same time."""
READINESS: Final = Rule("readiness", 120, is_per_player=False)
"""Each request opens the store; a probe sends one every few seconds."""

_SIGN_IN_ENDPOINTS = frozenset({"auth.login", "auth.callback"})
_UNLIMITED_ENDPOINTS = frozenset({"ops.healthz", "ops.metrics"})


def init_app(
    app: Flask, settings: Settings, store: Store, now: Callable[[], datetime] = utcnow
) -> None:
    """Answer 429 to requests beyond the limits.

    Each application has a limiter of its own: a limiter at module level would use the counters
    and the storage of the application that was built last.
    """
    if settings.rate_limit_scale == 0:
        return

    def current_limit() -> str:
        limit = max(1, round(_current_rule().per_minute * settings.rate_limit_scale))
        return f"{limit} per minute"

    limiter = Limiter(
        _counter_name,
        application_limits=[current_limit],
        on_breach=_refuse,
        strategy="fixed-window",
        swallow_errors=True,
        in_memory_fallback_enabled=True,
        **_storage_options(settings.redis_url, store, now),
    )
    limiter.logger = logging.getLogger("destiny_web.limits")
    limiter.logger.setLevel(logging.WARNING)  # its other messages contain addresses
    limiter.request_filter(lambda: request.endpoint in _UNLIMITED_ENDPOINTS)
    limiter.init_app(app)


def _storage_options(redis_url: str, store: Store, now: Callable[[], datetime]) -> dict[str, Any]:
    if not redis_url:
        options = {"store": store, "now": now, "is_shared": _is_sign_in_counter}
        return {"storage_uri": f"{counters.SCHEME}://", "storage_options": options}
    return {
        "storage_uri": redis_url.replace("unix://", "redis+unix://", 1),
        "storage_options": {
            "key_prefix": f"{PREFIX}:limit",
            "socket_connect_timeout": _REDIS_TIMEOUT,
            "socket_timeout": _REDIS_TIMEOUT,
            "retry": Retry(NoBackoff(), 1),
            "protocol": 2,
        },
    }


def _is_sign_in_counter(key: str) -> bool:
    return f"{SIGN_IN.name}:" in key


def _current_rule() -> Rule:
    if request.endpoint in _SIGN_IN_ENDPOINTS:
        return SIGN_IN
    if request.endpoint == "ops.readyz":
        return READINESS
    if request.endpoint == "inventory.refresh":
        return REFRESHES
    if request.blueprint == "inventory" and request.method == "POST":
        return ACTIONS
    return PAGES


def _counter_name() -> str:
    """Name the counter of the current request."""
    rule = _current_rule()
    # A request without a cookie has no session, so the store is not asked.
    if rule.is_per_player and request.cookies and current_user.is_authenticated:
        return f"{rule.name}:player:{player_mark(str(current_user.get_id()))}"
    return f"{rule.name}:address:{_normalize_address(request.remote_addr or '')}"


def _normalize_address(text: str) -> str:
    """Return an address as it is counted: of IPv6 its /64 network, which one visitor can own."""
    try:
        address = ip_address(text)
    except ValueError:
        return text[:_MAX_ADDRESS_LENGTH]
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, 64), strict=False))
    return str(address)


def _refuse(limit: RequestLimit) -> Response:
    seconds = max(1, ceil(limit.window.reset_time - time.time()))
    problem = Problem(
        status=429,
        kind="slow-down",
        title="Too fast",
        message=f"Too many requests in a short time. Nothing was changed: wait {seconds} seconds,"
        " then try again.",
    )
    return answer(problem, retry_after=seconds)
