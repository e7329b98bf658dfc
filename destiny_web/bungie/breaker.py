"""Keeping a Bungie that hangs from taking every thread of the site with it.

Only so many calls are under way at once, so that some threads are always free for what needs
no Bungie; after several failures in a row nobody tries for a while, then one does; and when
Bungie says that this site asks too much, nobody asks for as long as it says.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from threading import BoundedSemaphore, Lock

from destiny_web.bungie.errors import (
    AnswerLost,
    BungieError,
    Throttled,
    Unreachable,
    Unreadable,
)

SLOTS = 12
"""Calls under way at once in one process: three quarters of gunicorn's threads."""

TRIP = 5
PAUSE = 5.0

LONGEST_HOLD = 60
"""Seconds for which Bungie's word to wait is taken, at the most."""

# Too much from this address or this application, or the game's servers are overloaded: it
# holds for every player. The others (31, 35, 36, 37) are one player's own haste.
_FOR_ALL = frozenset({51, 54, 55, 56, 57, 1672})


class Breaker:
    """Lets calls through as long as Bungie answers.

    Args:
        slots: Calls that may be under way at once.
        trip: Failures in a row after which no more are tried.
        pause: Seconds until one call tries again.
        clock: Seconds that only go forward.
    """

    def __init__(
        self,
        slots: int = SLOTS,
        trip: int = TRIP,
        pause: float = PAUSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._slots = BoundedSemaphore(slots)
        self._trip = trip
        self._pause = pause
        self._clock = clock
        self._guard = Lock()
        self._failures = 0
        self._closed_until = 0.0
        self._held_until = 0.0

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Make a call inside this block.

        Raises:
            Unreachable: at once and without a call, when Bungie has not answered of late, or
                too many calls wait for it already.
            Throttled: at once and without a call, while Bungie wants to be left alone.
        """
        self._admit()
        if not self._slots.acquire(blocking=False):
            raise Unreachable("too many calls are waiting for Bungie")
        try:
            yield
        except BungieError as error:
            self._note(failed=_is_silence(error))
            self._hold(error)
            raise
        else:
            self._note(failed=False)
        finally:
            self._slots.release()

    def _admit(self) -> None:
        with self._guard:
            now = self._clock()
            if now < self._held_until:
                left = ceil(self._held_until - now)
                raise Throttled("Bungie wants to be left alone", retry_after=left)
            if self._failures < self._trip:
                return
            if now < self._closed_until:
                raise Unreachable("Bungie has not answered of late")
            # This call tries; the others go on waiting until it has an answer.
            self._closed_until = now + self._pause

    def _hold(self, error: BungieError) -> None:
        if isinstance(error, Throttled) and error.code in _FOR_ALL:
            wait = min(max(error.retry_after, 1), LONGEST_HOLD)
            with self._guard:
                self._held_until = max(self._held_until, self._clock() + wait)

    def _note(self, *, failed: bool) -> None:
        with self._guard:
            self._failures = self._failures + 1 if failed else 0
            if self._failures >= self._trip:
                self._closed_until = self._clock() + self._pause


def _is_silence(error: BungieError) -> bool:
    """Tell a Bungie that does not answer from one that says no, or talks nonsense quickly."""
    silent = isinstance(error, Unreachable) or (
        isinstance(error, AnswerLost) and not isinstance(error, Unreadable)
    )
    return silent and error.code is None
