"""Dates and durations in words, the same on the page, in the email and in the terminal."""

from datetime import UTC, datetime, timedelta

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


def format_moment(moment: datetime) -> str:
    """Write a date with its time: ``Tuesday 30 June, 17:00 UTC``."""
    utc = moment.astimezone(UTC)
    return f"{utc:%A} {utc.day} {utc:%B, %H:%M} UTC"


def format_date_range(start: datetime, end: datetime) -> str:
    """Write a range of dates: ``26 to 30 June 2026``, or ``31 July to 4 August 2026``."""
    first, last = start.astimezone(UTC), end.astimezone(UTC)
    if first.month == last.month:
        return f"{first.day} to {last.day} {last:%B %Y}"
    return f"{first.day} {first:%B} to {last.day} {last:%B %Y}"


def format_duration(duration: timedelta) -> str:
    """Write a duration in its two largest units: ``3 days 13 hours``, ``8 minutes``."""
    seconds = max(int(duration.total_seconds()), 0)
    amounts = []
    for unit_seconds, unit in _UNITS:
        count, seconds = divmod(seconds, unit_seconds)
        if count:
            amounts.append(f"{count} {unit}{'s' if count != 1 else ''}")
    return " ".join(amounts[:2]) or "less than a minute"
