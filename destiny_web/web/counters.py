"""Counters of the rate limits without Redis: in each process; those of sign-ins in the store.

Pages and actions are counted often, so each process counts its own. A sign-in writes to the
store anyway, so counting it there, for all processes together, costs little more.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec
from limits.storage import MemoryStorage

from destiny_web.services.codec import decode
from destiny_web.storage.cipher import hash_identifier
from destiny_web.storage.store import Store, StoreError

SCHEME: Final = "destiny-web"
_NAMESPACE: Final = "limit"


class CountRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Number of requests in a time window, which ends at *ends* (seconds since 1970)."""

    count: int
    ends: float


class SharedCounters(MemoryStorage):
    """Storage for the ``limits`` package; only the shared counters are in the store.

    While the store fails, the shared counters are in this process too, so that a rate limit never
    prevents a page. The failure is reported when the request itself uses the store.
    """

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  # declared by the base class

    def __init__(
        self,
        uri: str | None = None,
        *,
        store: Store,
        now: Callable[[], datetime],
        is_shared: Callable[[str], bool],
        wrap_exceptions: bool = False,
    ) -> None:
        super().__init__(uri, wrap_exceptions)
        self._store = store
        self._now = now
        self._is_shared = is_shared

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count *amount* more in the window of *expiry* seconds; return the count."""
        if self._is_shared(key):
            try:
                return self._count(key, expiry, amount)
            except StoreError:
                pass
        return super().incr(key, expiry, amount)

    def get(self, key: str) -> int:
        """Return the count of the current window."""
        record = self._load_shared(key)
        return record.count if record else super().get(key)

    def get_expiry(self, key: str) -> float:
        """Return when the window ends, in seconds since 1970."""
        record = self._load_shared(key)
        if record is None:
            return super().get_expiry(key)
        return time.time() + record.ends - self._now().timestamp()

    def _count(self, key: str, expiry: float, amount: int) -> int:
        now = self._now()
        ends = now + timedelta(seconds=expiry)

        def add(raw: bytes | None) -> bytes:
            record = self._decode(raw) or CountRecord(count=0, ends=ends.timestamp())
            return msgspec.msgpack.encode(
                CountRecord(count=record.count + amount, ends=record.ends)
            )

        record = self._decode(self._store.update(_NAMESPACE, hash_identifier(key), add, ends))
        return record.count if record else amount

    def _load_shared(self, key: str) -> CountRecord | None:
        if not self._is_shared(key):
            return None
        try:
            return self._decode(self._store.get(_NAMESPACE, hash_identifier(key)))
        except StoreError:
            return None

    def _decode(self, raw: bytes | None) -> CountRecord | None:
        """Return the record of the current window; None when its window has ended."""
        record = decode(raw, CountRecord)
        return record if record and record.ends > self._now().timestamp() else None
