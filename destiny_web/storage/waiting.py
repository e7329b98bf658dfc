"""Rules of locks that are the same for every engine: time to live, waiting, dead holders.

A lock's token is ``<random>@<process>``: the random part makes it the token of one lease, the
process (``storage.process``) tells who holds the lock. Without an identity the token is the
random part only.

**Clocks.** A lock ends by the wall clock: the machine's for SQLite, the Redis's for Redis. Both
may be set while a lock is held. A lock counts as held while ``now < end <= now + FURTHEST_END``.
So whatever was done to the clock before, whoever waits has the lock of a dead holder after
``FURTHEST_END`` seconds at the latest. The token makes sure that, whoever took the lock last, no
earlier holder can renew it.

What cannot be ensured: when the clock steps, a lock may be over before its time, and its holder
learns of it only at its next renewal. Until then two holders work at the same time. A holder
therefore renews before each step that must not be made twice.
"""

import secrets
import time
from collections.abc import Callable
from typing import Final

from destiny_web.storage.process import current_process, is_dead
from destiny_web.storage.store import LockTimeout

LONGEST_LEASE: Final = 120.0
"""Seconds: the longest time to live of a lock. Longer work renews its lock (``heartbeat``)."""

FURTHEST_END: Final = LONGEST_LEASE + 10
"""Seconds: a lock whose end is further ahead than this is over.

It is more than the longest lease, so that a small step back of the clock, as the synchronisation
of clocks makes it, does not end a lock.
"""

_MARK = "@"

# While a lock is somebody else's, ask again after this long; then more and more seldom.
_FIRST_PAUSE = 0.002
_LONGEST_PAUSE = 0.05


def until_taken(took: Callable[[], bool], name: str, wait: float) -> None:
    """Ask *took* until it says yes, for *wait* seconds at most.

    Raises:
        LockTimeout: others had the lock all the while.
    """
    deadline = time.monotonic() + wait
    pause = _FIRST_PAUSE
    while not took():
        left = deadline - time.monotonic()
        if left <= 0:
            raise LockTimeout(f"{name} is taken")
        time.sleep(min(pause, left))
        pause = min(pause * 2, _LONGEST_PAUSE)


def new_token() -> str:
    """Return the token of a new lease of this process."""
    process = current_process()
    return secrets.token_hex(16) + (_MARK + process if process else "")


def is_abandoned(token: str) -> bool:
    """Tell whether the process that holds the lock of this token has ended."""
    return is_dead(token.partition(_MARK)[2])


def checked_ttl(ttl: float) -> float:
    """Return *ttl*.

    Raises:
        ValueError: *ttl* is not a time to live that a lock can have.
    """
    if not 0 < ttl <= LONGEST_LEASE:
        raise ValueError(f"a lock lasts for {LONGEST_LEASE:g} seconds at most, not for {ttl}")
    return ttl
