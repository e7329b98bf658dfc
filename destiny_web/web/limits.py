"""How much of the site one visitor may ask for in a minute.

Each rule counts within its minute, for a player, or for an address where nobody is signed in.
Nothing is remembered for longer than that minute, so what a flood of addresses can make us
remember is bounded by what they can send in it. The counters are in Redis where there is one,
else in each process by itself, but for those of sign-ins: they are in the store, for all
processes. While Redis or store are away, all are in each process: limits never keep a page
from being served.
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

from destiny_web.config import Settings
from destiny_web.storage.redis import PREFIX
from destiny_web.storage.store import Store, utcnow
from destiny_web.web import counters
from destiny_web.web.errors import answer
from destiny_web.web.logs import mark_of
from destiny_web.web.problems import Problem

_TIMEOUT = 0.5
_LONGEST = 64


class Rule(NamedTuple):
    """What may be asked for in a minute, and by whom it is counted."""

    name: str
    per_minute: int
    of_player: bool = True


PAGES: Final = Rule("pages", 600)
ACTIONS: Final = Rule("actions", 600)
"""Bungie wants 0.1 s between two actions of a player: nobody can make use of more."""

REFRESHES: Final = Rule("refreshes", 60)
SIGN_IN: Final = Rule("sign-in", 120, of_player=False)
"""A household, or a workshop, behind one address signs in at the same time."""
READINESS: Final = Rule("readiness", 120, of_player=False)
"""Each look opens the store; probes come every few seconds."""

_SIGN_IN = frozenset({"auth.login", "auth.callback"})
_UNLIMITED = frozenset({"ops.healthz", "ops.metrics"})


def init_app(
    app: Flask, settings: Settings, store: Store, now: Callable[[], datetime] = utcnow
) -> None:
    """Refuse with 429 what goes beyond the rules.

    The limiter belongs to this application: one at module level would keep the counters, and
    the storage, of whichever application came last.
    """
    if settings.rate_limit_scale == 0:
        return

    def amount() -> str:
        most = max(1, round(_rule().per_minute * settings.rate_limit_scale))
        return f"{most} per minute"

    limiter = Limiter(
        _whose,
        application_limits=[amount],
        on_breach=_refuse,
        strategy="fixed-window",
        swallow_errors=True,
        in_memory_fallback_enabled=True,
        **_storage(settings.redis_url, store, now),
    )
    limiter.logger = logging.getLogger("destiny_web.limits")
    limiter.logger.setLevel(logging.WARNING)  # below that it names addresses
    limiter.request_filter(lambda: request.endpoint in _UNLIMITED)
    limiter.init_app(app)


def _storage(redis_url: str, store: Store, now: Callable[[], datetime]) -> dict[str, Any]:
    if not redis_url:
        options = {"store": store, "now": now, "is_shared": _is_of_sign_in}
        return {"storage_uri": f"{counters.SCHEME}://", "storage_options": options}
    return {
        "storage_uri": redis_url.replace("unix://", "redis+unix://", 1),
        "storage_options": {
            "key_prefix": f"{PREFIX}:limit",
            "socket_connect_timeout": _TIMEOUT,
            "socket_timeout": _TIMEOUT,
            "retry": Retry(NoBackoff(), 1),
            "protocol": 2,
        },
    }


def _is_of_sign_in(key: str) -> bool:
    return f"{SIGN_IN.name}:" in key


def _rule() -> Rule:
    if request.endpoint in _SIGN_IN:
        return SIGN_IN
    if request.endpoint == "ops.readyz":
        return READINESS
    if request.endpoint == "inventory.refresh":
        return REFRESHES
    if request.blueprint == "inventory" and request.method == "POST":
        return ACTIONS
    return PAGES


def _whose() -> str:
    """Name the counter of the request at hand."""
    rule = _rule()
    # Without a cookie there is no session to open.
    if rule.of_player and request.cookies and current_user.is_authenticated:
        return f"{rule.name}:player:{mark_of(str(current_user.get_id()))}"
    return f"{rule.name}:address:{_address(request.remote_addr or '')}"


def _address(text: str) -> str:
    """Return whom an address stands for: of IPv6 everybody has a whole network of his own."""
    try:
        address = ip_address(text)
    except ValueError:
        return text[:_LONGEST]
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, 64), strict=False))
    return str(address)


def _refuse(limit: RequestLimit) -> Response:
    wait = max(1, ceil(limit.window.reset_time - time.time()))
    problem = Problem(
        status=429,
        kind="slow-down",
        title="Too fast",
        message=f"Too many requests in a short time. Nothing was changed: wait {wait} seconds,"
        " then try again.",
    )
    return answer(problem, retry_after=wait)
