"""The sandbox's time: real by default, set and moved by tests."""

from datetime import UTC, datetime, timedelta
from typing import Final

NEVER: Final = "9999-12-31T23:59:59.999Z"


class Clock:
    """A clock that can be set, and then stands still until it is moved or let go.

    Attributes:
        ahead: How far it is ahead of real time while it runs; behind when negative.
    """

    def __init__(self) -> None:
        self._standing: datetime | None = None
        self.ahead = timedelta()

    def now(self) -> datetime:
        """Return the moment, aware and in UTC."""
        return self._standing or datetime.now(UTC) + self.ahead

    def set(self, moment: datetime) -> None:
        """Stop the clock at *moment*; a naive one is meant as UTC."""
        self._standing = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

    def advance(self, seconds: float) -> None:
        """Move the clock; one that runs is stopped at where it comes to."""
        self._standing = self.now() + timedelta(seconds=seconds)

    def shift(self, seconds: float) -> None:
        """Move the clock, and let it run on from there: as when a server's time is corrected."""
        self.ahead = self.now() + timedelta(seconds=seconds) - datetime.now(UTC)
        self._standing = None

    def run(self) -> None:
        """Let the clock show real time again."""
        self._standing = None
        self.ahead = timedelta()


def stamp(moment: datetime) -> str:
    """Write a moment as Bungie does: UTC, milliseconds, Z."""
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
    )
