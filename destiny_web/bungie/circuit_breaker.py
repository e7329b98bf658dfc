"""A circuit breaker: when Bungie does not answer, calls to Bungie do not use up the site's threads.

Only ``SLOTS`` calls are under way at once, and a call waits a limited time for a slot. After
several failures in a row the circuit is open: no call is made for a while, then one trial call is
made. When Bungie says that this site makes too many calls, no call is made for as long as Bungie
says.
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

SLOT_WAIT = 5.0
"""Seconds that a call waits for a slot at most.

Of gunicorn's 16 threads at most 4 wait for the 12 slots, and further requests wait in gunicorn's
own queue. So each call gets its slot in time unless Bungie takes 15 s to answer, and three
quarters of the threads never wait for a slot. Background tasks (``services/background.py``) use
the same slots.
"""

_OVERLOADED_RETRY_AFTER = 5
"""Seconds after which a player may try again when no slot became free."""

FAILURE_THRESHOLD = 5
OPEN_SECONDS = 5.0

MAX_THROTTLE = 60
"""Seconds: the longest time that no call is made because Bungie asked for it."""

# ErrorCodes for too many calls from this address or application, or for overloaded game servers:
# they concern every player. The other codes (31, 35, 36, 37) concern one player's calls only.
_THROTTLES_EVERY_PLAYER = frozenset({51, 54, 55, 56, 57, 1672})


class CircuitBreaker:
    """Admits calls as long as Bungie answers.

    Args:
        slots: Calls that may be under way at once.
        failure_threshold: Failures in a row that open the circuit.
        open_seconds: Seconds that the circuit stays open before a trial call.
        slot_wait: Seconds that a call waits for a slot.
        clock: Seconds that only go forward.
    """

    def __init__(
        self,
        slots: int = SLOTS,
        failure_threshold: int = FAILURE_THRESHOLD,
        open_seconds: float = OPEN_SECONDS,
        slot_wait: float = SLOT_WAIT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.slots = Slots(slots, slot_wait, clock)
        self._failure_threshold = failure_threshold
        self._open_seconds = open_seconds
        self._clock = clock
        self._guard = Lock()
        self._failures = 0
        self._open_until = 0.0
        self._throttled_until = 0.0

    @contextmanager
    def admit_call(self) -> Iterator[None]:
        """Admit the call that is made inside this block, and record its outcome.

        Raises:
            Unreachable: at once and without a call, while the circuit is open.
            Throttled: at once and without a call, while Bungie accepts no call of this site.
            Overloaded: without a call, when no slot became free in time. This is a state of
                this site, not a failure of Bungie.
        """
        self._check(is_call=False)
        if not self.slots.acquire():
            raise Overloaded("no free slot", retry_after=_OVERLOADED_RETRY_AFTER)
        try:
            self._check(is_call=True)  # the circuit may have opened during the wait
            with self._recorded():
                yield
        finally:
            self.slots.release()

    @contextmanager
    def _recorded(self) -> Iterator[None]:
        try:
            yield
        except BungieError as error:
            self._record(failed=_is_unanswered(error))
            self._record_throttle(error)
            raise
        else:
            self._record(failed=False)

    def _check(self, *, is_call: bool) -> None:
        """Return when a call may be made; *is_call* says that the caller makes it now."""
        with self._guard:
            now = self._clock()
            if now < self._throttled_until:
                remaining = ceil(self._throttled_until - now)
                raise Throttled("Bungie accepts no calls of this site", retry_after=remaining)
            if self._failures < self._failure_threshold:
                return
            if now < self._open_until:
                raise Unreachable("the circuit is open: Bungie has not answered recently")
            if is_call:  # the trial call: the circuit stays open for other calls until its answer
                self._open_until = now + self._open_seconds

    def _record_throttle(self, error: BungieError) -> None:
        if isinstance(error, Throttled) and error.code in _THROTTLES_EVERY_PLAYER:
            wait = min(max(error.retry_after, 1), MAX_THROTTLE)
            with self._guard:
                self._throttled_until = max(self._throttled_until, self._clock() + wait)

    def _record(self, *, failed: bool) -> None:
        with self._guard:
            self._failures = self._failures + 1 if failed else 0
            if self._failures >= self._failure_threshold:
                self._open_until = self._clock() + self._open_seconds


def _is_unanswered(error: BungieError) -> bool:
    """Return whether Bungie gave no answer at all.

    A refusal is an answer, and so is an HTML page or broken JSON that comes quickly.
    """
    no_response = isinstance(error, Unreachable) or (
        isinstance(error, AnswerLost) and not isinstance(error, Unreadable)
    )
    return no_response and error.code is None
