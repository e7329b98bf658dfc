"""Waiting for a lock that is somebody else's: the same for every engine."""

import time
from collections.abc import Callable

from destiny_web.storage.store import LockTimeout

# While a lock is somebody else's, ask again after this long; then more and more seldom.
_FIRST_PAUSE = 0.002
_LONGEST_PAUSE = 0.05


def until_taken(took: Callable[[], bool], name: str, wait: float) -> None:
    """Ask *took* until it says yes, for *wait* seconds at most.

    Raises:
        LockTimeout: others had the lock all the while.
    """
    deadline = time.monotonic() + wait
    pause = _FIRST_PAUSE
    while not took():
        left = deadline - time.monotonic()
        if left <= 0:
            raise LockTimeout(f"{name} is taken")
        time.sleep(min(pause, left))
        pause = min(pause * 2, _LONGEST_PAUSE)
