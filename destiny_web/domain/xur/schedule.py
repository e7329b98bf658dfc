"""When Xûr comes and goes, given a moment.

Two clocks: he is there from Friday 17:00 to Tuesday 17:00 UTC, in summer and winter alike,
and his stock changes on Friday at 09:00 UTC, eight hours before anybody sees it. So
Bungie's ``nextRefreshDate`` tells when the stock changes, never when he leaves.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

WEEK: Final = timedelta(days=7)
STAY: Final = timedelta(days=4)
_ROLL_BEFORE: Final = timedelta(hours=8)
# Some Friday at 17:00 UTC; all of his visits begin whole weeks from it.
_SOME_ARRIVAL: Final = datetime(2026, 6, 26, 17, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One weekend with Xûr, from the moment that he comes until just before he has left."""

    arrives: datetime

    @property
    def leaves(self) -> datetime:
        """When he is gone."""
        return self.arrives + STAY

    @property
    def rolled(self) -> datetime:
        """When its stock was drawn: hours before he comes."""
        return self.arrives - _ROLL_BEFORE

    @property
    def rolls_next(self) -> datetime:
        """When the stock of the visit after this one is drawn."""
        return self.rolled + WEEK

    @property
    def key(self) -> str:
        """The day of his arrival, which names the visit: ``2026-06-26``."""
        return f"{self.arrives:%Y-%m-%d}"

    def under_way(self, moment: datetime) -> bool:
        """Tell whether he is there at a moment."""
        return self.arrives <= moment < self.leaves

    def after(self, weeks: int = 1) -> "Visit":
        """Return the visit so many weeks later."""
        return Visit(arrives=self.arrives + weeks * WEEK)


def latest(moment: datetime) -> Visit:
    """Return the visit that is under way, or the last one that was."""
    return Visit(arrives=_SOME_ARRIVAL + (moment - _SOME_ARRIVAL) // WEEK * WEEK)


def coming(moment: datetime) -> Visit:
    """Return the visit that is under way, or the next one."""
    visit = latest(moment)
    return visit if visit.under_way(moment) else visit.after()


def present(moment: datetime) -> bool:
    """Tell whether he is there, going by the calendar alone."""
    return latest(moment).under_way(moment)


def stocked(moment: datetime) -> Visit:
    """Return the visit whose stock the game holds at a moment: from Friday 09:00 the next one's."""
    return latest(moment + _ROLL_BEFORE)
