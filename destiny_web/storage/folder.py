"""Lock of a folder: of many processes one creates or repairs the file in it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from destiny_web.storage.store import Busy

_PAUSE = 0.02


@contextmanager
def folder_lock(folder: Path, patience: float) -> Iterator[None]:
    """Keep out every other process, and thread, that asks for the lock of this folder.

    Raises:
        Busy: Another process had the lock for longer than *patience* seconds.
        OSError: There is no such folder.
    """
    deadline = time.monotonic() + patience
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
        # By hand: a child that was forked meanwhile has the descriptor too.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)
