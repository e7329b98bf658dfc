"""The statistics of a run, and the report of a violation."""

import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

from bungie_sandbox.journal import Entry
from soak.options import Options

_LISTED_STEPS: Final = 30
_LISTED_LOG_LINES: Final = 40
_SPECIFICS: Final = re.compile(r"""'[^']*'|"[^"]*"|\d+""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One step of one player, for the list of the last actions."""

    step: int
    action: str
    detail: str
    planned_faults: str
    outcome: str
    seconds: float

    def __str__(self) -> str:
        fault = f" [fault: {self.planned_faults}]" if self.planned_faults else ""
        return f"  {self.step:5} {self.detail}{fault} -> {self.outcome} ({self.seconds:.1f} s)"


@dataclass(slots=True)
class Statistics:
    """The counters of a run; all players share them and hold ``lock`` during a change."""

    lock: Lock = field(default_factory=Lock)
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


def summarize_violation(violation: str) -> str:
    """Return the text of a violation without ids, numbers and quotations, for counting."""
    return _SPECIFICS.sub("…", violation.partition(":")[0])


class Printer:
    """Prints violations immediately, one at a time."""

    def __init__(self, options: Options, log: Path) -> None:
        self._options = options
        self._log = log
        self._lock = Lock()

    def print_violation(
        self,
        player: str,
        step: int,
        texts: Iterable[str],
        recent_steps: deque[Record],
        entries: list[Entry],
    ) -> None:
        """Print a violation with the last actions, journal entries and log lines."""
        with self._lock:
            print(f"\nVIOLATION, seed {self._options.seed}, {player}, step {step}")
            for text in texts:
                print(f"  {text}")
            print(f"repeat: {self._options.command}")
            print(f"the last actions of {player}:")
            for record in list(recent_steps)[-_LISTED_STEPS:]:
                print(record)
            print(f"the sandbox's last entries of {player}:")
            for entry in entries[-_LISTED_STEPS:]:
                print(f"  {_describe_entry(entry)}")
            print("the end of the site's log:")
            for line in self._log.read_text("utf-8", "replace").splitlines()[-_LISTED_LOG_LINES:]:
                print(f"  {line}")
            print(flush=True)


def _describe_entry(entry: Entry) -> str:
    fault = f" fault {entry.fault}" if entry.fault else ""
    result = f" {entry.results}" if entry.results else ""
    body = entry.body if entry.method == "POST" else ""
    return (
        f"{entry.number} {entry.time} {entry.operation} HTTP {entry.status}"
        f" code {entry.code}{fault} {body}{result}"
    )


def print_statistics(
    options: Options, statistics: Statistics, disturbances: Mapping[str, int], minutes: float
) -> None:
    """Print the statistics of a run."""
    seconds = sorted(statistics.seconds) or [0.0]
    rows = {
        "command": options.command,
        "minutes": f"{minutes:.1f}",
        "actions": _format_counts(statistics.actions),
        "faults": _format_counts(statistics.faults),
        "disturbances": _format_counts(disturbances),
        "answers of the site": _format_counts(statistics.answers),
        "calls carried out": _format_counts(statistics.calls),
        "reports checked": str(statistics.reports),
        "pages checked": f"{statistics.pages}, {statistics.later_pages} of them at a later look;"
        f" refreshes that failed before {statistics.repeated_refreshes}",
        "jobs undone": str(statistics.undone),
        "sign-outs with a reason": str(statistics.signed_out),
        "seconds per action": f"p50 {_percentile(seconds, 50):.2f}, p95"
        f" {_percentile(seconds, 95):.2f}, longest {seconds[-1]:.1f}",
        "violations": _format_counts(statistics.violations),
    }
    width = max(map(len, rows))
    for name, value in rows.items():
        print(f"{name:<{width}}  {value}")


def _format_counts(counter: Mapping[str, int]) -> str:
    sorted_counts = sorted(counter.items(), key=lambda entry: (-entry[1], entry[0]))
    list_text = ", ".join(f"{name} {count}" for name, count in sorted_counts)
    return f"{sum(counter.values())}" + (f" ({list_text})" if list_text else "")


def _percentile(ordered: list[float], percent: int) -> float:
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]
