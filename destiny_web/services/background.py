"""Background tasks: slow work in threads beside the requests, one task of a name at a time."""

import logging
import time
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Final

from destiny_web.storage.store import StoreError

_LOG = logging.getLogger("destiny_web.background")
_MAX_TASKS: Final = 16


class BackgroundTasks:
    """Runs each task in a thread of its own, one task of a name at a time.

    A task writes its result to the store, and the caller reads it there. Threads are started
    when they are needed, so a process may be forked before.
    """

    def __init__(self) -> None:
        self._mutex = Lock()
        self._running: dict[str, Event] = {}

    def run(self, name: str, work: Callable[[], None], *, wait: float) -> bool:
        """Start *work*, or join the task of that name, and wait for *wait* seconds at most.

        Returns:
            True when the task has ended; False when it goes on, or when too many tasks run.
        """
        with self._mutex:
            ended = self._running.get(name)
            if ended is None:
                if len(self._running) >= _MAX_TASKS:
                    return False
                ended = self._running[name] = Event()
                Thread(target=self._carry_out, args=(name, work, ended), daemon=True).start()
        return ended.wait(wait)

    def wait_until_idle(self, wait: float) -> bool:
        """Wait for each running task, *wait* seconds at most; tell whether all have ended."""
        with self._mutex:
            running = list(self._running.values())
        return all(ended.wait(wait) for ended in running)

    def _carry_out(self, name: str, work: Callable[[], None], ended: Event) -> None:
        try:
            work()
        except StoreError as error:
            _LOG.error("the task %s failed: the store failed: %s", name, error)
        except Exception:  # noqa: BLE001  # logged with its traceback
            # A thread has no caller that could handle it; the next page starts the task again.
            _LOG.exception("the task %r failed", name)
        finally:
            with self._mutex:
                del self._running[name]
            ended.set()


class WaitBudget:
    """Time that one page may wait for Bungie, over all its waits together."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left; never negative."""
        return max(self._ends - time.monotonic(), 0.0)
