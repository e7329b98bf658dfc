"""What every store can do, whichever engine is behind it.

A value is bytes under a namespace and a key, and may have a moment at which it ends. Locks have
names of their own and end by themselves too, so that a process that was killed blocks nobody
for ever. What can go wrong:

    StoreError
    ├── Unavailable        not there, full, read-only, damaged, or of a newer release
    ├── Busy               others kept it for longer than we wait; nothing was changed
    │   └── LockTimeout    the named lock is somebody else's
    └── LockLost           our lock ended before we were done; others may have it now
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Protocol

Clock = Callable[[], datetime]
Change = Callable[[bytes | None], bytes | None]


class StoreError(Exception):
    """The store did not do what it was asked for."""


class Unavailable(StoreError):
    """The store cannot serve: not there, full, read-only, damaged, or of a newer release."""


class Busy(StoreError):
    """Others kept the store for longer than we wait; nothing was changed, try again."""


class LockTimeout(Busy):
    """The named lock could not be had in time."""


class LockLost(StoreError):
    """The lock ended before its holder was done: others may have it now."""


class Lease(Protocol):
    """A lock that is held."""

    def renew(self, ttl: float) -> None:
        """Hold the lock for *ttl* seconds from now; safe for threads.

        Raises:
            LockLost: it had ended. Stop: somebody else may be at work.
        """


class Store(Protocol):
    """What is kept between requests; safe for threads and processes, also after a fork."""

    def get(self, namespace: str, key: str) -> bytes | None:
        """Return the value, or None when there is none or it has ended."""

    def put(self, namespace: str, key: str, value: bytes, expires: datetime | None = None) -> None:
        """Keep *value* until *expires* (None: for good), in place of what was there."""

    def delete(self, namespace: str, key: str) -> None:
        """Forget the value; nothing happens when there is none."""

    def update(
        self, namespace: str, key: str, change: Change, expires: datetime | None = None
    ) -> bytes | None:
        """Change the value in one step, so that no other writer comes in between.

        Args:
            namespace: Where the key is.
            key: Which value.
            change: Gets the value of now (None: there is none) and returns the one to keep, or
                None to have none. It may be called more than once, must be quick, and must not
                use the store. When it raises, nothing is changed.
            expires: When the new value ends.

        Returns:
            What is kept now.
        """

    def lock(self, name: str, *, ttl: float, wait: float) -> AbstractContextManager[Lease]:
        """Keep everyone else who asks for *name* out, for *ttl* seconds at most.

        Only the holder releases it, at the end of the ``with`` block. It is not reentrant.

        Args:
            name: What is locked; of no relation to namespaces and keys.
            ttl: Seconds after which it is free, even if its holder is still at work;
                ``storage.waiting.LONGEST_LEASE`` at most. The lock of a process of this machine
                that has died is free at once.
            wait: Seconds to wait for it; 0 asks once.

        Raises:
            LockTimeout: others had it all the while; the block has not begun.
        """

    def purge(self) -> int:
        """Drop what has ended; return how many values that were."""

    def ping(self) -> None:
        """Return when the store can be read, and written as far as can be told without writing.

        Raises:
            StoreError: The store cannot be used, or the last write of this process failed less
                than a minute ago.
        """

    def repair(self) -> str:
        """Tell what was wrong with the store in the last hour, and was repaired; else ''.

        The sentence is for everybody: it names no file and no host.
        """

    def close(self) -> None:
        """Give back what the operating system lent; the next use opens it anew."""


def utcnow() -> datetime:
    """Return this moment: the clock of a store that is not given another."""
    return datetime.now(UTC)


def seconds(moment: datetime | None) -> float | None:
    """Return an aware moment as seconds since 1970, as the engines keep it."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a time zone: {moment}")
    return moment.timestamp()
