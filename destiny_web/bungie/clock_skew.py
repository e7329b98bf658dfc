"""How far Bungie's clock is ahead of ours, estimated from the ``Date`` headers of its answers.

A header has whole seconds and was written at some moment between our question and its answer, so
one answer only bounds the difference: it lies between ``date - received`` and
``date + 1 s - begun``. The bounds of several answers are intersected, which narrows them to about
the duration of a short exchange. An answer that contradicts the bounds shows that one of the
clocks was set: the estimate begins again with it.
"""

from datetime import datetime, timedelta
from threading import Lock
from typing import Final

_WHOLE_SECOND: Final = timedelta(seconds=1)
_LONGEST: Final = timedelta(days=1)
"""A header farther away than this is nonsense, not a clock."""


class ClockSkew:
    """The estimate; safe for threads."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._least = -_LONGEST
        self._most = _LONGEST
        self._is_known = False

    def observe(self, date: datetime | None, begun: datetime, received: datetime) -> timedelta:
        """Learn from one answer; return the estimate.

        Args:
            date: What its header says, by Bungie's clock; None when it has none that is usable.
            begun: When the request was sent, by our clock.
            received: When the answer came, by our clock.
        """
        if date is None or abs(date - begun) >= _LONGEST:
            return self.estimate
        # Our own clock may have been set back between the two.
        least = date - max(received, begun)
        most = date + _WHOLE_SECOND - begun
        with self._guard:
            narrowed_least, narrowed_most = max(self._least, least), min(self._most, most)
            if narrowed_least > narrowed_most:
                narrowed_least, narrowed_most = least, most
            self._least, self._most = narrowed_least, narrowed_most
            self._is_known = True
        return self.estimate

    @property
    def estimate(self) -> timedelta:
        """How far Bungie's clock is ahead: zero where that fits, else the most that fits.

        The most, so that an answer never counts as younger than it is: a call of ours that it
        does not know yet would be lost under it.
        """
        with self._guard:
            if not self._is_known or self._least <= timedelta() <= self._most:
                return timedelta()
            return self._most
