"""What fails for all players at once: workers, systems of Bungie, its clock, the store."""

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

_TICK: Final = 0.5
_LARGEST_STEP: Final = 7200
_NEAR: Final = 2.0

_SYSTEMS: Final = (
    *("Destiny2", "D2Profiles", "D2Items", "D2Vendors"),
    *("D2TransferItem", "D2EquipItem", "D2SetItemLockState", "D2PullFromPostmaster"),
)

KILL: Final = "worker killed"
STORE: Final = "store: "
SIGN_OUT: Final = "every token worthless"


class Disturbance(NamedTuple):
    """Something that was disturbed, from when until when, in seconds of the monotonic clock."""

    name: str
    began: float
    ended: float


class Calm:
    """Keeps disturbances and checks of pages apart: one kind at a time.

    Attributes:
        is_disturbed: A disturbance is under way, or waits for checks to end.
    """

    def __init__(self) -> None:
        self._condition = Condition()
        self._checks = 0
        self.is_disturbed = False

    @contextmanager
    def checking(self) -> Iterator[None]:
        """Check inside this block: nothing is disturbed meanwhile."""
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
        """Disturb inside this block: checks wait."""
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
    """Disturbs the site and the sandbox at random until it is told to end.

    Attributes:
        kinds: How often each disturbance came.
        calm: Keeps page checks and disturbances apart.
    """

    def __init__(self, options: Options, bungie: Sandbox, site: Site, store: Store | None) -> None:
        super().__init__(name="disturber", daemon=True)
        self.kinds: Counter[str] = Counter()
        self.calm = Calm()
        self._options = options
        self._bungie = bungie
        self._site = site
        self._store = store
        self._random = Random(f"{options.seed}/disturber")
        self._is_over = Event()
        self._guard = Lock()
        self._past: list[Disturbance] = []
        self._present: tuple[str, float] | None = None
        self._shifted = 0

    def run(self) -> None:
        """Disturb, pause, disturb again (the thread's own work)."""
        kills = self._moments(self._options.kills_per_minute)
        others = self._moments(self._options.disturbances_per_minute)
        next_kill, next_other = next(kills), next(others)
        while not self._is_over.wait(_TICK):
            now = time.monotonic()
            if now > next_kill:
                next_kill = next(kills)
                self._disturb(KILL, self._kill)
            if now > next_other:
                next_other = next(others)
                name = self._random.choice(list(self._choices()))
                self._disturb(name, self._choices()[name])

    def _moments(self, per_minute: float) -> Iterator[float]:
        """Draw moments of the monotonic clock, so many in a minute on average."""
        moment = time.monotonic()
        while True:
            moment += self._random.expovariate(per_minute / 60) if per_minute else math.inf
            yield moment

    def end(self) -> None:
        """End disturbing; what is disturbed now ends first."""
        self._is_over.set()
        self.join()

    def during(self, began: float, ended: float) -> list[str]:
        """Return what was disturbed in a stretch of time, or shortly before or after it."""
        with self._guard:
            found = [
                past.name
                for past in self._past
                if past.began <= ended + _NEAR and past.ended >= began - _NEAR
            ]
            if self._present is not None and self._present[1] <= ended + _NEAR:
                found.append(self._present[0])
        return found

    def seconds_within(self, began: float, ended: float) -> float:
        """Return for how long something was disturbed in a stretch of time."""
        with self._guard:
            past = list(self._past)
            if self._present is not None:
                past.append(Disturbance(*self._present, time.monotonic()))
        overlaps = (min(one.ended, ended) - max(one.began, began) for one in past)
        return sum(overlap for overlap in overlaps if overlap > 0)

    def _disturb(self, name: str, act: Callable[[], None]) -> None:
        with self.calm.disturbing():
            began = time.monotonic()
            with self._guard:
                self._present = name, began
            try:
                act()
            finally:
                with self._guard:
                    self._present = None
                    self._past.append(Disturbance(name, began, time.monotonic()))
        self.kinds[name] += 1

    def _choices(self) -> dict[str, Callable[[], None]]:
        choices = {
            "worker stopped for a while": self._stop,
            "system switched off": self._switch_off,
            "component disabled": self._disable,
            "manifest changed": self._change_manifest,
            "global alert": self._alert,
            SIGN_OUT: self._invalidate,
        }
        if self._options.clock_steps:
            choices["Bungie's clock moved"] = self._shift
        if self._store is not None:
            choices[f"{STORE}connections ended"] = self._store.end_connections
            choices[f"{STORE}server paused"] = self._pause_store
        return choices

    def _kill(self) -> None:
        self._site.signal_worker(self._random, signal.SIGKILL)

    def _stop(self) -> None:
        worker = self._site.signal_worker(self._random, signal.SIGSTOP)
        self._is_over.wait(self._random.uniform(0.5, 4))
        self._site.go_on(worker)

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
        """Move Bungie's clock; never further than a few hours from real time."""
        seconds = self._random.choice((-_LARGEST_STEP, -600, -61, -5, 5, 61, 600, _LARGEST_STEP))
        if abs(self._shifted + seconds) > 2 * _LARGEST_STEP:
            seconds = -self._shifted
        self._shifted += seconds
        self._bungie.clock.shift(seconds)

    def _pause_store(self) -> None:
        if self._store is not None:
            with self._store.paused():
                self._is_over.wait(self._random.uniform(0.5, 4))
