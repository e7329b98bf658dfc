"""A fair semaphore: the caller that waits longest gets the next free slot."""

import time
from collections import deque
from collections.abc import Callable
from threading import Event, Lock


class Slots:
    """A fixed number of slots, given to callers in the order of their requests.

    Args:
        count: Slots that may be in use at once.
        max_wait: Seconds that a caller waits for a slot at most.
        clock: Seconds that only go forward.
    """

    def __init__(
        self, count: int, max_wait: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._free = count
        self._max_wait = max_wait
        self._clock = clock
        self._guard = Lock()
        self._queue: deque[Event] = deque()
        self._changed_at = clock()

    def acquire(self) -> bool:
        """Take a slot, or return False when none became free in time.

        When no slot was taken or released for *max_wait* seconds, Bungie does not answer. Then a
        caller does not wait at all: a queue would only block threads that other pages need.
        """
        with self._guard:
            if self._free:  # then no caller waits: a released slot goes to the queue first
                self._free -= 1
                self._changed_at = self._clock()
                return True
            if self._clock() - self._changed_at >= self._max_wait:
                return False
            turn = Event()
            self._queue.append(turn)
        if turn.wait(self._max_wait):
            return True
        with self._guard:
            if turn.is_set():  # the slot was handed over just as the wait ended
                return True
            self._queue.remove(turn)
            return False

    def release(self) -> None:
        """Release a slot; the caller that waits longest gets it, if there is one."""
        with self._guard:
            self._changed_at = self._clock()
            if self._queue:
                self._queue.popleft().set()
            else:
                self._free += 1

    @property
    def waiting(self) -> int:
        """The number of callers that wait now."""
        return len(self._queue)
