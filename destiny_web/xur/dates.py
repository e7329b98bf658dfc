"""Moments and durations in words, the same on the page, in the email and in the terminal."""

from datetime import UTC, datetime, timedelta
from unicodedata import category

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))
_STEERING = frozenset({"Cc", "Cf", "Cs"})


def day(moment: datetime) -> str:
    """Say a moment in full: ``Tuesday 30 June, 17:00 UTC``."""
    told = moment.astimezone(UTC)
    return f"{told:%A} {told.day} {told:%B, %H:%M} UTC"


def span(since: datetime, until: datetime) -> str:
    """Say which days: ``26 to 30 June 2026``, or ``31 July to 4 August 2026``."""
    first, last = since.astimezone(UTC), until.astimezone(UTC)
    if first.month == last.month:
        return f"{first.day} to {last.day} {last:%B %Y}"
    return f"{first.day} {first:%B} to {last.day} {last:%B %Y}"


def lasting(duration: timedelta) -> str:
    """Say a duration in its two largest units: ``3 days 13 hours``, ``8 minutes``."""
    left = max(int(duration.total_seconds()), 0)
    said = []
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count:
            said.append(f"{count} {unit}{'s' if count != 1 else ''}")
    return " ".join(said[:2]) or "less than a minute"


def plain(text: str) -> str:
    """Return text without what would steer a terminal, a mail reader or the reading direction."""
    return "".join(sign for sign in text if category(sign) not in _STEERING)
