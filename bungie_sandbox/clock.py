"""The clock of the sandbox: real time by default; tests set and move it."""

from datetime import UTC, datetime, timedelta
from typing import Final

NEVER: Final = "9999-12-31T23:59:59.999Z"


class Clock:
    """A clock that runs, or stands still at a moment that was set.

    Attributes:
        ahead: difference to real time while the clock runs; negative: the clock is behind.
    """

    def __init__(self) -> None:
        self._stopped_at: datetime | None = None
        self.ahead = timedelta()

    def now(self) -> datetime:
        """Return the time of the clock, aware and in UTC."""
        return self._stopped_at or datetime.now(UTC) + self.ahead

    def set(self, moment: datetime) -> None:
        """Stop the clock at *moment*; a naive *moment* is read as UTC."""
        self._stopped_at = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

    def advance(self, seconds: float) -> None:
        """Move the clock by *seconds* and stop it there."""
        self._stopped_at = self.now() + timedelta(seconds=seconds)

    def shift(self, seconds: float) -> None:
        """Move the clock by *seconds* and let it run: as when a server's time is corrected."""
        self.ahead = self.now() + timedelta(seconds=seconds) - datetime.now(UTC)
        self._stopped_at = None

    def run(self) -> None:
        """Let the clock show real time again."""
        self._stopped_at = None
        self.ahead = timedelta()


def format_timestamp(moment: datetime) -> str:
    """Return a moment in Bungie's format: UTC, milliseconds, ``Z``."""
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
    )
