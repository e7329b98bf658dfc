"""The spacing that Bungie asks for between one player's actions.

Two actions of one player that come closer together than 0.1 s are refused with 36
(ThrottleLimitExceededMomentarily); Bungie's OpenAPI file gives the figure for every item
action. The clocks are handed in, so that a test need not wait.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

SPACING = 0.105
"""Seconds between two actions of one player: Bungie's 0.1, and a little for its clock."""

_REMEMBERED = 2048


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

    def ended(self, player: str) -> None:
        """Note that an action of *player* was answered just now.

        Bungie counts from when a call arrives, and that may be as late as its answer: only
        what starts the spacing after the answer is never too early.
        """
        with self._guard:
            if player in self._next:
                self._next[player] = self._clock() + self._spacing

    def rest(self, player: str) -> None:
        """Return when *player* may start the next action, without starting one.

        Whoever lets another process go on rests first: that one knows nothing of our clock.
        """
        with self._guard:
            left = self._next.get(player, 0.0) - self._clock()
        if left > 0:
            self._sleep(left)

    def wait(self, player: str) -> None:
        """Return when *player* (a membership id) may start the next action."""
        with self._guard:
            now = self._clock()
            start = max(now, self._next.pop(player, now))
            self._next[player] = start + self._spacing
            while len(self._next) > _REMEMBERED:
                self._next.popitem(last=False)
        if start > now:
            self._sleep(start - now)
