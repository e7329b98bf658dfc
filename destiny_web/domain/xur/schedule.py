"""When Xûr arrives and leaves, computed from the calendar.

Xûr is in the game from Friday 17:00 to Tuesday 17:00 UTC, in summer and in winter. The stock
changes on Friday at 09:00 UTC, eight hours before the arrival. So Bungie's ``nextRefreshDate``
tells when the stock changes, not when Xûr leaves.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

WEEK: Final = timedelta(days=7)
STAY: Final = timedelta(days=4)
_STOCK_CHANGES_BEFORE_ARRIVAL: Final = timedelta(hours=8)
# The arrival of one visit, a Friday at 17:00 UTC; visits begin a whole number of weeks apart.
_REFERENCE_ARRIVAL: Final = datetime(2026, 6, 26, 17, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit of Xûr: from ``arrives``, included, until ``leaves``, excluded."""

    arrives: datetime

    @property
    def leaves(self) -> datetime:
        """When the visit ends."""
        return self.arrives + STAY

    @property
    def rolled(self) -> datetime:
        """When this visit's stock appears in Bungie's answers: eight hours before the arrival."""
        return self.arrives - _STOCK_CHANGES_BEFORE_ARRIVAL

    @property
    def rolls_next(self) -> datetime:
        """When the stock of the next visit appears in Bungie's answers."""
        return self.rolled + WEEK

    @property
    def key(self) -> str:
        """The day of the arrival, which identifies the visit: ``2026-06-26``."""
        return f"{self.arrives:%Y-%m-%d}"

    def under_way(self, moment: datetime) -> bool:
        """Return whether the visit has begun and not ended at a moment."""
        return self.arrives <= moment < self.leaves

    def after(self, weeks: int = 1) -> "Visit":
        """Return the visit a number of weeks later; earlier for a negative number."""
        return Visit(arrives=self.arrives + weeks * WEEK)


def latest(moment: datetime) -> Visit:
    """Return the visit that is under way, or the last one before the moment."""
    return Visit(arrives=_REFERENCE_ARRIVAL + (moment - _REFERENCE_ARRIVAL) // WEEK * WEEK)


def coming(moment: datetime) -> Visit:
    """Return the visit that is under way, or the next one after the moment."""
    visit = latest(moment)
    return visit if visit.under_way(moment) else visit.after()


def present(moment: datetime) -> bool:
    """Return whether Xûr is in the game by the calendar."""
    return latest(moment).under_way(moment)


def stocked(moment: datetime) -> Visit:
    """Return the visit whose stock Bungie lists at a moment: from Friday 09:00 the next visit's."""
    return latest(moment + _STOCK_CHANGES_BEFORE_ARRIVAL)
