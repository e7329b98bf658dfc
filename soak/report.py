"""Figures of a run, and the words for what is wrong."""

import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

from bungie_sandbox.journal import Entry
from soak.options import Options

_LAST: Final = 30
_TAIL: Final = 40
_PARTICULARS: Final = re.compile(r"""'[^']*'|"[^"]*"|\d+""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One step of one player, for the list of the last actions."""

    step: int
    action: str
    detail: str
    trouble: str
    outcome: str
    seconds: float

    def __str__(self) -> str:
        fault = f" [fault: {self.trouble}]" if self.trouble else ""
        return f"  {self.step:5} {self.detail}{fault} -> {self.outcome} ({self.seconds:.1f} s)"


@dataclass(slots=True)
class Figures:
    """What a run counts; every player adds to the same ones, under ``guard``."""

    guard: Lock = field(default_factory=Lock)
    actions: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    violations: Counter[str] = field(default_factory=Counter)
    reports: int = 0
    pages: int = 0
    later_pages: int = 0
    repeated_refreshes: int = 0
    undone: int = 0
    signed_out: int = 0


def kind_of(violation: str) -> str:
    """Return the words of a violation without its particulars, for counting."""
    return _PARTICULARS.sub("…", violation.partition(":")[0])


class Printer:
    """Prints violations as they are found, one at a time."""

    def __init__(self, options: Options, log: Path) -> None:
        self._options = options
        self._log = log
        self._guard = Lock()

    def violation(
        self,
        player: str,
        step: int,
        texts: Iterable[str],
        past: deque[Record],
        entries: list[Entry],
    ) -> None:
        """Print what is wrong, and what led to it."""
        with self._guard:
            print(f"\nVIOLATION, seed {self._options.seed}, {player}, step {step}")
            for text in texts:
                print(f"  {text}")
            print(f"repeat: {self._options.command}")
            print(f"the last actions of {player}:")
            for record in list(past)[-_LAST:]:
                print(record)
            print(f"the sandbox's last entries of {player}:")
            for entry in entries[-_LAST:]:
                print(f"  {_line(entry)}")
            print("the end of the site's log:")
            for line in self._log.read_text("utf-8", "replace").splitlines()[-_TAIL:]:
                print(f"  {line}")
            print(flush=True)


def _line(entry: Entry) -> str:
    fault = f" fault {entry.fault}" if entry.fault else ""
    result = f" {entry.results}" if entry.results else ""
    body = entry.body if entry.method == "POST" else ""
    return (
        f"{entry.number} {entry.time} {entry.operation} HTTP {entry.status}"
        f" code {entry.code}{fault} {body}{result}"
    )


def print_figures(
    options: Options, figures: Figures, disturbances: Mapping[str, int], minutes: float
) -> None:
    """Print what was done, and what came of it."""
    seconds = sorted(figures.seconds) or [0.0]
    rows = {
        "command": options.command,
        "minutes": f"{minutes:.1f}",
        "actions": _counted(figures.actions),
        "faults": _counted(figures.faults),
        "disturbances": _counted(disturbances),
        "answers of the site": _counted(figures.answers),
        "calls carried out": _counted(figures.calls),
        "reports checked": str(figures.reports),
        "pages checked": f"{figures.pages}, {figures.later_pages} of them at a later look;"
        f" refreshes that failed before {figures.repeated_refreshes}",
        "jobs undone": str(figures.undone),
        "sign-outs with a reason": str(figures.signed_out),
        "seconds per action": f"p50 {_percentile(seconds, 50):.2f}, p95"
        f" {_percentile(seconds, 95):.2f}, longest {seconds[-1]:.1f}",
        "violations": _counted(figures.violations),
    }
    width = max(map(len, rows))
    for name, value in rows.items():
        print(f"{name:<{width}}  {value}")


def _counted(counter: Mapping[str, int]) -> str:
    parts = sorted(counter.items(), key=lambda part: (-part[1], part[0]))
    listed = ", ".join(f"{name} {count}" for name, count in parts)
    return f"{sum(counter.values())}" + (f" ({listed})" if listed else "")


def _percentile(ordered: list[float], percent: int) -> float:
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]
