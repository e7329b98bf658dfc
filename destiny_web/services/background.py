"""Slow work beside the requests: done once, however many ask, and waited for only a while."""

import logging
import time
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Final

from destiny_web.storage.store import StoreError

_LOG = logging.getLogger("destiny_web.errands")
_MOST: Final = 16


class BackgroundTasks:
    """Runs each errand in a thread of its own, one of a name at a time.

    What an errand finds out it keeps itself; who waits reads it there. Threads are made when
    they are needed, so a process may be forked before.
    """

    def __init__(self) -> None:
        self._guard = Lock()
        self._running: dict[str, Event] = {}

    def run(self, name: str, work: Callable[[], None], *, wait: float) -> bool:
        """Start *work*, or join what runs under that name, and wait for *wait* seconds at most.

        Returns:
            Whether it is done; else it goes on, or others take all the places there are.
        """
        with self._guard:
            done = self._running.get(name)
            if done is None:
                if len(self._running) >= _MOST:
                    return False
                done = self._running[name] = Event()
                Thread(target=self._carry_out, args=(name, work, done), daemon=True).start()
        return done.wait(wait)

    def settle(self, wait: float) -> bool:
        """Wait until nothing is under way; tell whether that came to be."""
        with self._guard:
            running = list(self._running.values())
        return all(done.wait(wait) for done in running)

    def _carry_out(self, name: str, work: Callable[[], None], done: Event) -> None:
        try:
            work()
        except StoreError as error:
            _LOG.error("the errand %s failed: the store failed: %s", name, error)
        except Exception:  # noqa: BLE001  # logged with its traceback
            # Nobody is above a thread: what it could not do is in the log, and asked for again.
            _LOG.exception("the errand %r failed", name)
        finally:
            with self._guard:
                del self._running[name]
            done.set()


class WaitBudget:
    """What is left of the time that one page may wait, over all that it waits for."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds; never negative."""
        return max(self._ends - time.monotonic(), 0.0)
