"""The present moment, as a function that a test can replace by handing in its own."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utcnow() -> datetime:
    """Return this moment, aware and in UTC."""
    return datetime.now(UTC)
