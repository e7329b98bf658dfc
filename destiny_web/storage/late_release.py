"""Releases a lock after the store answers again.

While a store does not answer, its client cannot know whether a lock was taken or released. Without
a later release, the player would wait for the end of that lock although no job is under way.
"""

import time
from collections.abc import Callable
from logging import getLogger
from threading import Thread
from typing import Final

from destiny_web.storage.store import StoreError

log = getLogger(__name__)

_PAUSE: Final = 0.5
"""Seconds between two attempts."""


def release_later(release: Callable[[], None], ttl: float) -> None:
    """Attempt *release* in a thread until it succeeds, or the lock has ended by itself.

    Args:
        release: Frees the lock if it is ours; raises StoreError while the store fails.
        ttl: Seconds after which the lock has ended at the latest.
    """
    Thread(target=_attempt, args=(release, ttl), name="late release", daemon=True).start()


def _attempt(release: Callable[[], None], ttl: float) -> None:
    deadline = time.monotonic() + ttl
    while time.monotonic() < deadline:
        time.sleep(_PAUSE)
        try:
            release()
        except StoreError:
            continue
        return
    log.warning("a lock could not be released and has ended by itself")
