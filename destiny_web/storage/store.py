"""The protocol of a store, and its errors. SQLite and Redis implement it.

A value is bytes under a namespace and a key, and may expire. A lock has a name and expires too, so
that the lock of a killed process does not block other processes for ever. The errors:

    StoreError
    ├── Unavailable        missing, full, read-only, damaged, or of a newer release
    ├── Busy               other processes used it for longer than we wait; nothing was changed
    │   └── LockTimeout    another holder has the named lock
    └── LockLost           our lock ended before our work; another holder may have it now
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

Change = Callable[[bytes | None], bytes | None]


class StoreError(Exception):
    """An operation of the store failed."""


class Unavailable(StoreError):
    """The store cannot be used: missing, full, read-only, damaged, or of a newer release."""


class Busy(StoreError):
    """Others used the store for longer than we wait; nothing was changed, try again."""


class LockTimeout(Busy):
    """The named lock was not free in time."""


class LockLost(StoreError):
    """The lock ended before its holder's work: another holder may have it now."""


class Lease(Protocol):
    """A lock that this process holds."""

    def renew(self, ttl: float) -> None:
        """Hold the lock for *ttl* seconds from now; safe for threads.

        Raises:
            LockLost: the lock had ended. Stop: another holder may be at work.
        """


class Store(Protocol):
    """Values and locks that outlive a request; safe for threads, processes and forks."""

    def get(self, namespace: str, key: str) -> bytes | None:
        """Return the value, or None when there is none or it has expired."""

    def put(self, namespace: str, key: str, value: bytes, expires: datetime | None = None) -> None:
        """Store *value* until *expires* (None: for ever); it replaces the former value."""

    def delete(self, namespace: str, key: str) -> None:
        """Delete the value; nothing happens when there is none."""

    def update(
        self, namespace: str, key: str, change: Change, expires: datetime | None = None
    ) -> bytes | None:
        """Change the value atomically: no other writer changes it between the read and the write.

        Args:
            namespace: The namespace of the key.
            key: The key of the value.
            change: Gets the present value (None: there is none) and returns the new value, or
                None to delete it. It may be called more than once, must be quick, and must not
                use the store. When it raises, nothing is changed.
            expires: When the new value expires.

        Returns:
            The new value.
        """

    def lock(self, name: str, *, ttl: float, wait: float) -> AbstractContextManager[Lease]:
        """Hold the lock *name* during the block, for *ttl* seconds at most.

        Only the holder releases it, at the end of the ``with`` block. It is not reentrant.

        Args:
            name: The name of the lock; not related to namespaces and keys.
            ttl: Seconds after which the lock is free, even if its holder is still at work;
                ``storage.lock_rules.MAX_TTL`` at most. The lock of a process of this machine
                that has died is free at once.
            wait: Seconds to wait for the lock; 0 tries once.

        Raises:
            LockTimeout: the lock was not free in time; the block has not begun.
        """

    def purge(self) -> int:
        """Delete expired values and locks; return the number of values."""

    def ping(self) -> None:
        """Check that the store can be read, and written as far as a check without a write can tell.

        Raises:
            StoreError: The store cannot be used, or the last write of this process failed less
                than a minute ago.
        """

    def repair(self) -> str:
        """Return a text about the last repair of the store within an hour; else ''.

        The text is public: it names no file and no host.
        """

    def close(self) -> None:
        """Close files and connections; the next use opens them again."""


def seconds(moment: datetime | None) -> float | None:
    """Return an aware moment as seconds since 1970, as the engines keep it."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a time zone: {moment}")
    return moment.timestamp()
