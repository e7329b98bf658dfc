"""Heartbeat of a lease: a thread renews the lock while its holder works.

So a lock with a short time to live can be held for long work, and still ends soon after its holder
was killed. The heartbeat ends with its block, or with its process.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from logging import getLogger
from math import inf
from threading import Event, Lock, Thread

from destiny_web.storage.store import Lease, LockLost, StoreError

log = getLogger(__name__)

# Renewals per time to live: two of them may fail before the lock ends.
_RENEWALS_PER_TTL = 3
# More renewals while the store fails: the lock must be renewed soon after the store works again.
_RENEWALS_PER_TTL_AFTER_ERROR = 12


class Heartbeat:
    """Renewals of one lease; safe for threads.

    Args:
        lease: The lock to renew.
        ttl: Seconds that the lock lasts after each renewal.
    """

    def __init__(self, lease: Lease, ttl: float) -> None:
        self._lease = lease
        self._ttl = ttl
        self._renewal_lock = Lock()
        self._stop_event = Event()
        self._is_lost = False
        # The end of the lock by the monotonic clock; unknown before the first renewal.
        self._end = inf

    def check(self) -> None:
        """Renew the lock now.

        Raises:
            LockLost: The lock ended, or the store failed for the whole time to live. The lock
                counts as lost from then on.
            StoreError: The store failed; the lock has not ended yet, as far as is known.
        """
        with self._renewal_lock:
            if self._is_lost:
                raise LockLost("the heartbeat found the lock lost")
            renewed_at = time.monotonic()
            try:
                self._lease.renew(self._ttl)
            except LockLost:
                self._is_lost = True
                raise
            except StoreError as error:
                if time.monotonic() < self._end:
                    raise
                self._is_lost = True
                raise LockLost("the lock could not be renewed before its end") from error
            # From the moment before the renewal: the store counts from a later moment.
            self._end = renewed_at + self._ttl

    def run(self) -> None:
        """Renew the lock repeatedly until ``stop`` is called or the lock is lost."""
        pause = self._ttl / _RENEWALS_PER_TTL
        while not self._stop_event.wait(pause):
            try:
                self.check()
            except LockLost as error:
                log.warning("a heartbeat ends: %s", error)
                return
            except StoreError:
                pause = self._ttl / _RENEWALS_PER_TTL_AFTER_ERROR
            else:
                pause = self._ttl / _RENEWALS_PER_TTL

    def stop(self) -> None:
        """End ``run``: at once, or after a renewal that is under way."""
        self._stop_event.set()


@contextmanager
def renewing(lease: Lease, ttl: float) -> Iterator[Heartbeat]:
    """Renew *lease* now, and in a thread every third of *ttl* seconds, until the block ends.

    Args:
        lease: The lock to renew.
        ttl: Seconds that the lock lasts after each renewal, and so after the last one.

    Raises:
        StoreError: The first renewal failed; the block has not begun.
    """
    heartbeat = Heartbeat(lease, ttl)
    heartbeat.check()
    thread = Thread(target=heartbeat.run, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield heartbeat
    finally:
        heartbeat.stop()
        thread.join()
