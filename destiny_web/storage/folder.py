"""Lock of a folder: only one process at a time creates or repairs the file in it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from destiny_web.storage.store import Busy

_PAUSE = 0.02


@contextmanager
def folder_lock(folder: Path, max_wait: float) -> Iterator[None]:
    """Hold the lock of a folder during the block, against other processes and threads.

    Raises:
        Busy: Another process had the lock for longer than *max_wait* seconds.
        OSError: There is no such folder.
    """
    deadline = time.monotonic() + max_wait
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Busy(f"another process repairs the store in {folder}") from None
                time.sleep(_PAUSE)
            else:
                break
        yield
    finally:
        # Closing is not enough: a child that was forked meanwhile has the descriptor too.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)
