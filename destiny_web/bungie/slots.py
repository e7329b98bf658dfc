"""A fair semaphore: the caller that waits longest gets the next free slot."""

import time
from collections import deque
from collections.abc import Callable
from threading import Event, Lock


class Slots:
    """A fixed number of slots, handed out in the order in which they are asked for.

    Args:
        count: Slots that may be held at once.
        patience: Seconds that a caller waits for a slot at most.
        clock: Seconds that only go forward.
    """

    def __init__(
        self, count: int, patience: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._free = count
        self._patience = patience
        self._clock = clock
        self._guard = Lock()
        self._queue: deque[Event] = deque()
        self._changed_at = clock()

    def acquire(self) -> bool:
        """Take a slot, or return False when none became free in time.

        A caller that cannot expect a slot does not wait: when every slot has been held for the
        whole patience without a change, Bungie hangs, and a queue would only hold threads that
        other pages need.
        """
        with self._guard:
            if self._free:  # then nobody waits: a released slot goes to the queue first
                self._free -= 1
                self._changed_at = self._clock()
                return True
            if self._clock() - self._changed_at >= self._patience:
                return False
            turn = Event()
            self._queue.append(turn)
        if turn.wait(self._patience):
            return True
        with self._guard:
            if turn.is_set():  # the slot was handed over just as the wait ended
                return True
            self._queue.remove(turn)
            return False

    def release(self) -> None:
        """Give a slot back: to the caller that waits longest, if there is one."""
        with self._guard:
            self._changed_at = self._clock()
            if self._queue:
                self._queue.popleft().set()
            else:
                self._free += 1

    @property
    def waiting(self) -> int:
        """How many callers wait now."""
        return len(self._queue)
