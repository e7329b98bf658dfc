"""A circuit breaker: a Bungie that hangs does not take every thread of the site.

Only ``SLOTS`` calls are under way at once, and a call waits a limited time for a slot. After
several failures in a row the circuit is open: no call is made for a while, then one call tries.
When Bungie says that this site asks too much, no call is made for as long as Bungie says.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from threading import Lock

from destiny_web.bungie.errors import (
    AnswerLost,
    BungieError,
    Overloaded,
    Throttled,
    Unreachable,
    Unreadable,
)
from destiny_web.bungie.slots import Slots

SLOTS = 12
"""Calls under way at once in one process.

Two processes with 12 calls of 0.5 to 1 s each make 24 to 48 calls a second: Bungie's own limit is
25 a second from one address, so more slots would not serve more players.
"""

PATIENCE = 5.0
"""Seconds that a call waits for a slot at most.

Of gunicorn's 16 threads at most 4 wait for the 12 slots, and further requests wait in gunicorn's
own queue. So each call gets its slot in time unless Bungie takes 15 s to answer, and three
quarters of the threads never wait for a slot. Calls beside the requests (``services/errands.py``)
use the same slots.
"""

_BUSY = 5
"""Seconds after which a player whom this site could not serve may try again."""

TRIP = 5
PAUSE = 5.0

LONGEST_HOLD = 60
"""Seconds for which Bungie's word to wait is taken, at the most."""

# Too much from this address or this application, or the game's servers are overloaded: it
# holds for every player. The others (31, 35, 36, 37) are one player's own haste.
_FOR_ALL = frozenset({51, 54, 55, 56, 57, 1672})


class CircuitBreaker:
    """Lets calls through as long as Bungie answers.

    Args:
        slots: Calls that may be under way at once.
        trip: Failures in a row after which no more are tried.
        pause: Seconds until one call tries again.
        patience: Seconds that a call waits for a slot.
        clock: Seconds that only go forward.
    """

    def __init__(
        self,
        slots: int = SLOTS,
        trip: int = TRIP,
        pause: float = PAUSE,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.slots = Slots(slots, patience, clock)
        self._trip = trip
        self._pause = pause
        self._clock = clock
        self._guard = Lock()
        self._failures = 0
        self._open_until = 0.0
        self._held_until = 0.0

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Make a call inside this block.

        Raises:
            Unreachable: at once and without a call, when Bungie has not answered of late.
            Throttled: at once and without a call, while Bungie wants to be left alone.
            Overloaded: without a call, when no slot became free in time. This is a state of
                this site, not a failure of Bungie.
        """
        self._admit(tries=False)
        if not self.slots.acquire():
            raise Overloaded("no free slot", retry_after=_BUSY)
        try:
            self._admit(tries=True)  # the circuit may have opened during the wait
            with self._watched():
                yield
        finally:
            self.slots.release()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except BungieError as error:
            self._note(failed=_is_silence(error))
            self._hold(error)
            raise
        else:
            self._note(failed=False)

    def _admit(self, *, tries: bool) -> None:
        """Return when a call may be made; *tries* says that the caller makes it now."""
        with self._guard:
            now = self._clock()
            if now < self._held_until:
                left = ceil(self._held_until - now)
                raise Throttled("Bungie wants to be left alone", retry_after=left)
            if self._failures < self._trip:
                return
            if now < self._open_until:
                raise Unreachable("Bungie has not answered of late")
            if tries:  # this call tries; the circuit stays open for the others until its answer
                self._open_until = now + self._pause

    def _hold(self, error: BungieError) -> None:
        if isinstance(error, Throttled) and error.code in _FOR_ALL:
            wait = min(max(error.retry_after, 1), LONGEST_HOLD)
            with self._guard:
                self._held_until = max(self._held_until, self._clock() + wait)

    def _note(self, *, failed: bool) -> None:
        with self._guard:
            self._failures = self._failures + 1 if failed else 0
            if self._failures >= self._trip:
                self._open_until = self._clock() + self._pause


def _is_silence(error: BungieError) -> bool:
    """Tell a Bungie that does not answer from one that says no, or talks nonsense quickly."""
    silent = isinstance(error, Unreachable) or (
        isinstance(error, AnswerLost) and not isinstance(error, Unreadable)
    )
    return silent and error.code is None
