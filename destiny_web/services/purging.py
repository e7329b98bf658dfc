"""Purge of the store: expired records are deleted once an hour, in a background task."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from destiny_web.services.background import BackgroundTasks
from destiny_web.storage.store import LockTimeout, Store

_LOG = logging.getLogger("destiny_web.purging")

PERIOD: Final = timedelta(hours=1)
_NAME: Final = "purge"
_LEASE: Final = 120.0


class PurgeSchedule:
    """Decides when the store is purged; one of all processes does it."""

    def __init__(
        self, store: Store, now: Callable[[], datetime], background: BackgroundTasks
    ) -> None:
        self._store = store
        self._now = now
        self._background = background
        self._next: datetime | None = None

    def purge_if_due(self) -> None:
        """Start a purge in the background when the last one is an hour ago; never waits."""
        now = self._now()
        if self._next is None or now >= self._next:
            self._next = now + PERIOD
            self._background.run(_NAME, self._purge, wait=0)

    def _purge(self) -> None:
        try:
            with self._store.lock(_NAME, ttl=_LEASE, wait=0):
                if self._store.get(_NAME, _NAME) is not None:
                    return  # another process has purged within the hour
                self._store.put(_NAME, _NAME, b"", self._now() + PERIOD)
                dropped = self._store.purge()
        except LockTimeout:
            return
        if dropped:
            _LOG.info("%s expired records dropped", dropped)
