"""The health of a store as one process knows it: failures, repairs, and the last write.

A broken store fails in every request, so each kind of failure is logged once a minute only.
"""

import time
from datetime import UTC, datetime
from logging import getLogger
from threading import Lock
from typing import Final

from destiny_web.storage.store import StoreError, Unavailable

log = getLogger(__name__)

LOG_SECONDS: Final = 60.0
"""Seconds in which a failure of the same kind is logged once."""

_WRITE_SECONDS = 60.0
_REPAIR_SECONDS = 3600.0


class Health:
    """Failures and repairs of one store in this process; safe for threads."""

    def __init__(self) -> None:
        self._logged_at: dict[str, float] = {}
        self._log_lock = Lock()
        self._failed_write: tuple[float, StoreError] | None = None
        self._repair: tuple[float, str] | None = None

    def report_failure(self, failure_kind: str, error: StoreError) -> None:
        """Log a failure of the store, once a minute for each *failure_kind*."""
        if self._is_due(failure_kind):
            log.error("the store failed, further failures of this kind are not logged: %s", error)

    def make_failure(self, reason: str) -> Unavailable:
        """Return the error of a store that cannot be used for *reason*, and log it."""
        error = Unavailable(reason)
        self.report_failure(reason, error)
        return error

    def report_repair(self, fact: str, detail: str) -> None:
        """Log what happened to the store and what was done about it; remember it for an hour.

        Args:
            fact: A public text.
            detail: Files and reasons, for the operator only.
        """
        time_text = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        self._repair = (time.monotonic(), f"{fact} ({time_text})")
        log.error("%s: %s", fact, detail)

    def last_repair(self) -> str:
        """Return a public text about the last repair within an hour, else an empty string."""
        if self._repair is None or time.monotonic() - self._repair[0] > _REPAIR_SECONDS:
            return ""
        return self._repair[1]

    def record_write(self) -> None:
        """Remember that the store can be written."""
        self._failed_write = None

    def record_failed_write(self, error: StoreError) -> None:
        """Remember that the store could not be written."""
        self._failed_write = (time.monotonic(), error)

    def check_writes(self) -> None:
        """Return if the last write succeeded, or failed more than a minute ago.

        An older failure tells nothing: perhaps no write was attempted since.

        Raises:
            Unavailable: The last write failed.
        """
        if self._failed_write is None:
            return
        failed_at, error = self._failed_write
        if time.monotonic() - failed_at < _WRITE_SECONDS:
            raise Unavailable(f"the last write failed: {error}") from error

    def _is_due(self, failure_kind: str) -> bool:
        now = time.monotonic()
        with self._log_lock:
            if now - self._logged_at.get(failure_kind, -LOG_SECONDS) < LOG_SECONDS:
                return False
            self._logged_at[failure_kind] = now
        return True
