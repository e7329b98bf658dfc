"""Rules of locks that are the same for SQLite and Redis: time to live, waiting, dead holders.

A lock's token is ``<random>@<process>``: the random part identifies the lease, the process
(``storage.process``) identifies the holder. Without an identity the token is the random part only.

**Clocks.** A lock ends by the wall clock: the machine's for SQLite, the Redis's for Redis. Both
may be set while a lock is held. A lock counts as held while ``now < end <= now + MAX_END_AHEAD``.
So also after a change of the clock, the lock of a dead holder is free after ``MAX_END_AHEAD``
seconds at the latest. By the token, an earlier holder cannot renew a lock that was taken since.

A limit: when the clock is set, a lock may end early, and its holder notices this only at its next
renewal. Until then two holders work at the same time. So a holder renews the lock before each step
that must not be made twice.
"""

import secrets
import time
from collections.abc import Callable
from typing import Final

from destiny_web.storage.process import current_process, is_dead
from destiny_web.storage.store import LockTimeout

MAX_TTL: Final = 120.0
"""Seconds: the longest time to live of a lock. Longer work renews its lock (``heartbeat``)."""

MAX_END_AHEAD: Final = MAX_TTL + 10
"""Seconds: a lock whose end is further ahead than this counts as ended.

It is more than the longest time to live, so that a small step back of the clock, as clock
synchronisation makes it, does not end a lock.
"""

_SEPARATOR = "@"

# Seconds between two attempts to take a lock: the pause doubles up to the maximum.
_FIRST_PAUSE = 0.002
_MAX_PAUSE = 0.05


def wait_for_lock(try_take: Callable[[], bool], name: str, wait: float) -> None:
    """Call *try_take* until it returns True, for *wait* seconds at most.

    Raises:
        LockTimeout: the lock was not free in time.
    """
    deadline = time.monotonic() + wait
    pause = _FIRST_PAUSE
    while not try_take():
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise LockTimeout(f"{name} is taken")
        time.sleep(min(pause, remaining))
        pause = min(pause * 2, _MAX_PAUSE)


def new_token() -> str:
    """Return the token of a new lease of this process."""
    process = current_process()
    return secrets.token_hex(16) + (_SEPARATOR + process if process else "")


def is_abandoned(token: str) -> bool:
    """Return whether the process that holds the lock of this token has ended."""
    return is_dead(token.partition(_SEPARATOR)[2])


def validate_ttl(ttl: float) -> float:
    """Return *ttl*.

    Raises:
        ValueError: *ttl* is not a time to live that a lock can have.
    """
    if not 0 < ttl <= MAX_TTL:
        raise ValueError(f"a lock lasts for {MAX_TTL:g} seconds at most, not for {ttl}")
    return ttl
