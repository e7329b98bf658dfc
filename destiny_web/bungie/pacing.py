"""The spacing that Bungie asks for between one player's actions.

Two actions of one player that come closer together than 0.1 s are refused with 36
(ThrottleLimitExceededMomentarily); Bungie's OpenAPI file names this time for every item action.
The clock and the sleep function are parameters, so that a test does not wait.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

SPACING = 0.105
"""Seconds between two actions of one player: Bungie's 0.1 s, and a margin for Bungie's clock."""

_MAX_PLAYERS = 2048


class Pacing:
    """Lets each player's actions start no closer together than ``SPACING``."""

    def __init__(
        self,
        spacing: float = SPACING,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._spacing = spacing
        self._clock = clock
        self._sleep = sleep
        self._next: OrderedDict[str, float] = OrderedDict()
        self._guard = Lock()

    def end(self, player: str) -> None:
        """Record that an action of *player* was answered just now.

        Bungie measures the spacing from the arrival of a call, which may be as late as the
        answer. So the next action waits for the spacing after the answer.
        """
        with self._guard:
            if player in self._next:
                self._next[player] = self._clock() + self._spacing

    def wait_for_next(self, player: str) -> None:
        """Wait until *player* may start the next action, without starting one.

        A process calls this before it releases the account's lock: the process that takes the
        lock next does not know when this one has made its last call.
        """
        with self._guard:
            remaining = self._next.get(player, 0.0) - self._clock()
        if remaining > 0:
            self._sleep(remaining)

    def start(self, player: str) -> None:
        """Wait until *player* (a membership id) may start the next action, and record its start."""
        with self._guard:
            now = self._clock()
            start_at = max(now, self._next.pop(player, now))
            self._next[player] = start_at + self._spacing
            while len(self._next) > _MAX_PLAYERS:
                self._next.popitem(last=False)
        if start_at > now:
            self._sleep(start_at - now)
