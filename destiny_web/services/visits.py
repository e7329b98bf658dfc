"""What is new since the player's last visit.

The game numbers its instances in the order in which players get them, so an instance is new when
its id is greater than every id of the last visit.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from destiny_web.domain.account.profile import Profile
from destiny_web.services.codec import decode
from destiny_web.storage.store import Store, StoreError

_LOG = logging.getLogger("destiny_web.visits")

VISIT_GAP = timedelta(minutes=30)
"""A visit ends after this time without a page."""

_WRITE_INTERVAL = timedelta(minutes=1)
_NAMESPACE = "visit"


class _Visit(msgspec.Struct, frozen=True, kw_only=True):
    """The present visit of an account.

    Attributes:
        baseline: The greatest instance id at the end of the visit before.
        greatest: The greatest instance id of this visit.
        seen_at: When the last page was shown.
    """

    baseline: int
    greatest: int
    seen_at: datetime


class Visits:
    """Records the visits of the players to their inventory."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def record(self, profile: Profile) -> int | None:
        """Record that the inventory is shown.

        Returns:
            The greatest instance id of the visit before: greater ids are new. None when nothing
            is new, because this is the first visit, or because the store fails.
        """
        key = profile.membership.key
        greatest = max((item.sequence_number for item in profile.items), default=0)
        now = self._now()
        try:
            visit = decode(self._store.get(_NAMESPACE, key), _Visit)
            if visit is None and profile.missing:
                return None  # what Bungie did not send would be new on the next page
            next_visit = _next_visit(visit, greatest, now)
            if _is_worth_writing(visit, next_visit):
                self._store.put(_NAMESPACE, key, msgspec.msgpack.encode(next_visit))
        except StoreError as error:
            _LOG.warning("a visit could not be recorded: %s", type(error).__name__)
            return None
        return next_visit.baseline


def _next_visit(visit: _Visit | None, greatest: int, now: datetime) -> _Visit:
    if visit is None:
        return _Visit(baseline=greatest, greatest=greatest, seen_at=now)
    is_same_visit = now - visit.seen_at < VISIT_GAP
    return _Visit(
        baseline=visit.baseline if is_same_visit else visit.greatest,
        greatest=max(visit.greatest, greatest),
        seen_at=now,
    )


def _is_worth_writing(visit: _Visit | None, next_visit: _Visit) -> bool:
    """Spare the store a write for each page."""
    if visit is None or next_visit.seen_at - visit.seen_at >= _WRITE_INTERVAL:
        return True
    return (visit.baseline, visit.greatest) != (next_visit.baseline, next_visit.greatest)
