"""What a process knows about the health of its store: failures, repairs, and the last write.

A store that fails does so for every request: a failure is logged once a minute for each kind.
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
        self._logged: dict[str, float] = {}
        self._logging = Lock()
        self._failed_write: tuple[float, StoreError] | None = None
        self._repair: tuple[float, str] | None = None

    def report_failure(self, kind: str, error: StoreError) -> None:
        """Log that the store failed, once a minute for each *kind*."""
        if self._is_due(kind):
            log.error("the store failed, further failures of this kind are not logged: %s", error)

    def make_failure(self, reason: str) -> Unavailable:
        """Return the error of a store that cannot be used for *reason*, and log it."""
        error = Unavailable(reason)
        self.report_failure(reason, error)
        return error

    def report_repair(self, fact: str, detail: str) -> None:
        """Log what happened to the store and what was done about it; remember it for an hour.

        Args:
            fact: A sentence that everybody may read.
            detail: What the operator has to know: files, reasons.
        """
        moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        self._repair = (time.monotonic(), f"{fact} ({moment})")
        log.error("%s: %s", fact, detail)

    def repair(self) -> str:
        """Return the last repair of the last hour in a sentence, else an empty string."""
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
        """Return when the last write succeeded, or failed more than a minute ago.

        A failure that is older tells nothing: perhaps nobody has written since.

        Raises:
            Unavailable: The last write failed.
        """
        failed = self._failed_write
        if failed is not None and time.monotonic() - failed[0] < _WRITE_SECONDS:
            raise Unavailable(f"the last write failed: {failed[1]}") from failed[1]

    def _is_due(self, kind: str) -> bool:
        now = time.monotonic()
        with self._logging:
            if now - self._logged.get(kind, -LOG_SECONDS) < LOG_SECONDS:
                return False
            self._logged[kind] = now
        return True
