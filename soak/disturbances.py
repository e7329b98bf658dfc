"""Disturbances that affect all players: workers, systems of Bungie, Bungie's clock, the store."""

import math
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from threading import Condition, Event, Lock, Thread
from typing import Final, NamedTuple

from bungie_sandbox.server import Sandbox
from soak.options import Options
from soak.processes import Site, Store

_POLL_SECONDS: Final = 0.5
_MAX_CLOCK_STEP: Final = 7200
_MARGIN: Final = 2.0

_SYSTEMS: Final = (
    *("Destiny2", "D2Profiles", "D2Items", "D2Vendors"),
    *("D2TransferItem", "D2EquipItem", "D2SetItemLockState", "D2PullFromPostmaster"),
)

WORKER_KILLED: Final = "worker killed"
STORE_PREFIX: Final = "store: "
TOKENS_INVALIDATED: Final = "every token worthless"


class Disturbance(NamedTuple):
    """A finished disturbance; the times are seconds of the monotonic clock."""

    name: str
    began: float
    ended: float


class DisturbanceLock:
    """A lock that excludes disturbances during checks of pages, and checks during disturbances.

    Attributes:
        is_disturbed: A disturbance is under way, or waits for checks to end.
    """

    def __init__(self) -> None:
        self._condition = Condition()
        self._checks = 0
        self.is_disturbed = False

    @contextmanager
    def checking(self) -> Iterator[None]:
        """Hold off disturbances inside this block; several checks may run at once."""
        with self._condition:
            self._condition.wait_for(lambda: not self.is_disturbed)
            self._checks += 1
        try:
            yield
        finally:
            with self._condition:
                self._checks -= 1
                self._condition.notify_all()

    @contextmanager
    def disturbing(self) -> Iterator[None]:
        """Hold off checks inside this block."""
        with self._condition:
            self.is_disturbed = True
            self._condition.wait_for(lambda: self._checks == 0)
        try:
            yield
        finally:
            with self._condition:
                self.is_disturbed = False
                self._condition.notify_all()


class Disturber(Thread):
    """A thread that disturbs the site and the sandbox at random until ``end`` is called.

    Attributes:
        counts: Number of disturbances by name.
        lock: Excludes page checks during disturbances.
    """

    def __init__(self, options: Options, bungie: Sandbox, site: Site, store: Store | None) -> None:
        super().__init__(name="disturber", daemon=True)
        self.counts: Counter[str] = Counter()
        self.lock = DisturbanceLock()
        self._options = options
        self._bungie = bungie
        self._site = site
        self._store = store
        self._random = Random(f"{options.seed}/disturber")
        self._is_over = Event()
        self._lock = Lock()
        self._finished: list[Disturbance] = []
        self._current: tuple[str, float] | None = None
        self._shifted = 0

    def run(self) -> None:
        """Disturb at random times (runs in the thread)."""
        kill_times = self._draw_times(self._options.kills_per_minute)
        other_times = self._draw_times(self._options.disturbances_per_minute)
        next_kill, next_other = next(kill_times), next(other_times)
        while not self._is_over.wait(_POLL_SECONDS):
            now = time.monotonic()
            if now > next_kill:
                next_kill = next(kill_times)
                self._disturb(WORKER_KILLED, self._kill)
            if now > next_other:
                next_other = next(other_times)
                name = self._random.choice(list(self._choices()))
                self._disturb(name, self._choices()[name])

    def _draw_times(self, per_minute: float) -> Iterator[float]:
        """Draw random times of the monotonic clock, with a given average number per minute."""
        draw_time = time.monotonic()
        while True:
            draw_time += self._random.expovariate(per_minute / 60) if per_minute else math.inf
            yield draw_time

    def end(self) -> None:
        """Stop the thread after the current disturbance."""
        self._is_over.set()
        self.join()

    def during(self, began: float, ended: float) -> list[str]:
        """Return the names of the disturbances in a period, or shortly before or after it."""
        with self._lock:
            names = [
                finished.name
                for finished in self._finished
                if finished.began <= ended + _MARGIN and finished.ended >= began - _MARGIN
            ]
            if self._current is not None and self._current[1] <= ended + _MARGIN:
                names.append(self._current[0])
        return names

    def seconds_within(self, began: float, ended: float) -> float:
        """Return the total duration of the disturbances in a period."""
        with self._lock:
            finished = list(self._finished)
            if self._current is not None:
                finished.append(Disturbance(*self._current, time.monotonic()))
        overlaps = (
            min(disturbance.ended, ended) - max(disturbance.began, began)
            for disturbance in finished
        )
        return sum(overlap for overlap in overlaps if overlap > 0)

    def _disturb(self, name: str, disturb: Callable[[], None]) -> None:
        with self.lock.disturbing():
            began = time.monotonic()
            with self._lock:
                self._current = name, began
            try:
                disturb()
            finally:
                with self._lock:
                    self._current = None
                    self._finished.append(Disturbance(name, began, time.monotonic()))
        self.counts[name] += 1

    def _choices(self) -> dict[str, Callable[[], None]]:
        choices = {
            "worker stopped for a while": self._stop,
            "system switched off": self._switch_off,
            "component disabled": self._disable,
            "manifest changed": self._change_manifest,
            "global alert": self._alert,
            TOKENS_INVALIDATED: self._invalidate,
        }
        if self._options.clock_steps:
            choices["Bungie's clock moved"] = self._shift
        if self._store is not None:
            choices[f"{STORE_PREFIX}connections ended"] = self._store.end_connections
            choices[f"{STORE_PREFIX}server paused"] = self._pause_store
        return choices

    def _kill(self) -> None:
        self._site.signal_worker(self._random, signal.SIGKILL)

    def _stop(self) -> None:
        worker = self._site.signal_worker(self._random, signal.SIGSTOP)
        self._is_over.wait(self._random.uniform(0.5, 4))
        self._site.resume(worker)

    def _switch_off(self) -> None:
        name = self._random.choice(_SYSTEMS)
        self._bungie.bungie.systems[name] = False
        self._is_over.wait(self._random.uniform(0.5, 4))
        self._bungie.bungie.systems[name] = True

    def _disable(self) -> None:
        self._bungie.bungie.disabled = {self._random.choice((102, 201, 205, 300, 304))}
        self._is_over.wait(self._random.uniform(0.5, 4))
        self._bungie.bungie.disabled = set()

    def _change_manifest(self) -> None:
        self._bungie.bungie.change_manifest(flips=self._random.choice((0, 3)))

    def _alert(self) -> None:
        self._bungie.bungie.alert("<b>Maintenance</b> ahead", self._random.choice((1, 2, 3)))

    def _invalidate(self) -> None:
        with self._bungie.bungie.lock:
            self._bungie.bungie.oauth.invalidate_all()

    def _shift(self) -> None:
        """Move Bungie's clock, by a few hours from real time at most."""
        seconds = self._random.choice(
            (-_MAX_CLOCK_STEP, -600, -61, -5, 5, 61, 600, _MAX_CLOCK_STEP)
        )
        if abs(self._shifted + seconds) > 2 * _MAX_CLOCK_STEP:
            seconds = -self._shifted
        self._shifted += seconds
        self._bungie.clock.shift(seconds)

    def _pause_store(self) -> None:
        if self._store is not None:
            with self._store.paused():
                self._is_over.wait(self._random.uniform(0.5, 4))
