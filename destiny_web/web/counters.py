"""Counters of the rate limits without a Redis: in this process, those of sign-ins in the store.

Pages and actions are counted often, so each process counts them for itself. A sign-in leaves a
record in the store anyway; to count it there, for all processes, costs little more.
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
    """How often something was asked for in a window that ends at a moment (seconds since 1970)."""

    count: int
    ends: float


class SharedCounters(MemoryStorage):
    """A storage of the ``limits`` package; the store is asked for the shared counters only.

    While the store fails, the shared counters are in this process too: a rate limit never
    keeps a page from being served. The request itself tells that the store fails.
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
        """Return the count of the window at hand."""
        record = self._record(key)
        return record.count if record else super().get(key)

    def get_expiry(self, key: str) -> float:
        """Return when the window ends, in seconds since 1970."""
        record = self._record(key)
        if record is None:
            return super().get_expiry(key)
        return time.time() + record.ends - self._now().timestamp()

    def _count(self, key: str, expiry: float, amount: int) -> int:
        now = self._now()
        ends = now + timedelta(seconds=expiry)

        def counted(raw: bytes | None) -> bytes:
            record = self._current(raw) or CountRecord(count=0, ends=ends.timestamp())
            return msgspec.msgpack.encode(
                CountRecord(count=record.count + amount, ends=record.ends)
            )

        kept = self._current(self._store.update(_NAMESPACE, hash_identifier(key), counted, ends))
        return kept.count if kept else amount

    def _record(self, key: str) -> CountRecord | None:
        if not self._is_shared(key):
            return None
        try:
            return self._current(self._store.get(_NAMESPACE, hash_identifier(key)))
        except StoreError:
            return None

    def _current(self, raw: bytes | None) -> CountRecord | None:
        record = decode(raw, CountRecord)
        return record if record and record.ends > self._now().timestamp() else None
