"""Heartbeat of a lease: a thread renews the lock while its holder works.

A lock with a short time to live can be held for long work that way, and still ends soon when its
holder is killed. The heartbeat ends with its block, and with its process.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from logging import getLogger
from math import inf
from threading import Event, Lock, Thread

from destiny_web.storage.store import Lease, LockLost, StoreError

log = getLogger(__name__)

# Beats per time to live: two beats may fail before the lock ends.
_BEATS = 3
# The same while the store fails: the lock must be renewed soon after the store works again.
_BEATS_AFTER_ERROR = 12


class Heartbeat:
    """Renewals of one lease; safe for threads.

    Args:
        lease: The lock that is held.
        ttl: Seconds that the lock lasts after each renewal.
    """

    def __init__(self, lease: Lease, ttl: float) -> None:
        self._lease = lease
        self._ttl = ttl
        self._renewing = Lock()
        self._stopped = Event()
        self._is_lost = False
        # By the monotonic clock. Known from the first renewal on.
        self._end = inf

    def check(self) -> None:
        """Renew the lock now.

        Raises:
            LockLost: The lock ended, or the store failed for the whole time to live. The lock
                counts as lost from then on.
            StoreError: The store failed; the lock has not ended yet, as far as is known.
        """
        with self._renewing:
            if self._is_lost:
                raise LockLost("the heartbeat found the lock lost")
            begin = time.monotonic()
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
            # Counted from before the renewal: the store's own count begins later, never earlier.
            self._end = begin + self._ttl

    def run(self) -> None:
        """Renew the lock again and again, until ``stop`` is called or the lock is lost."""
        pause = self._ttl / _BEATS
        while not self._stopped.wait(pause):
            try:
                self.check()
            except LockLost as error:
                log.warning("a heartbeat ends: %s", error)
                return
            except StoreError:
                pause = self._ttl / _BEATS_AFTER_ERROR
            else:
                pause = self._ttl / _BEATS

    def stop(self) -> None:
        """End ``run`` at once, or after the renewal that is under way."""
        self._stopped.set()


@contextmanager
def kept_alive(lease: Lease, ttl: float) -> Iterator[Heartbeat]:
    """Renew *lease* now, and in a thread every third of *ttl* seconds, until the block ends.

    Args:
        lease: The lock that is held.
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
