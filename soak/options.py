"""The options of a run: ``python -m soak --help``."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

STORES: Final = ("sqlite", "redis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one run.

    Attributes:
        minutes: How long players act, without the start and the end of the site.
        seed: Determines the actions and the items of each player.
        store: Where the site keeps sessions, snapshots and locks.
        players: Number of players that act at the same time, each with an account of its own.
        kills_per_minute: How often a worker of the site is killed.
        faults: Probability that Bungie fails during an action, 0 to 1.
        disturbances_per_minute: How often there is a disturbance for all players.
        clock_steps: Bungie's clock is moved forwards and backwards.
        lag: Seconds for which each of three simulated web servers caches a read; 0: no lag.
        hangs: Some faults are missing answers, for which the site waits until a time-out.
        ids_in_log: Membership ids in the site's log are no violation.
        keep_going: A violation does not end the run.
    """

    minutes: float = 5.0
    seed: int = 6
    store: str = "sqlite"
    players: int = 4
    kills_per_minute: float = 2.0
    faults: float = 0.15
    disturbances_per_minute: float = 6.0
    clock_steps: bool = False
    lag: float = 0.0
    hangs: bool = True
    ids_in_log: bool = False
    keep_going: bool = False

    @property
    def command(self) -> str:
        """The command that repeats this run."""
        parts_of_command = ["python -m soak"]
        for field in fields(self):
            value = getattr(self, field.name)
            name = field.name.replace("_", "-")
            if isinstance(value, bool):
                parts_of_command += [f"--{name}" if value else f"--no-{name}"] * (
                    value is not field.default
                )
            else:
                parts_of_command.append(
                    f"--{name} {value:g}" if isinstance(value, float) else f"--{name} {value}"
                )
        return " ".join(parts_of_command)


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Read the command line; a wrong one ends the program with a message."""
    default = Options()
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    add = parser.add_argument
    add("--minutes", type=float, default=default.minutes, help="how long players act")
    add("--seed", type=int, default=default.seed, help="determines actions and items")
    add("--store", choices=STORES, default=default.store)
    add("--players", type=int, default=default.players, help="number of players")
    add("--kills-per-minute", type=float, default=default.kills_per_minute, metavar="N")
    add("--faults", type=float, default=default.faults, metavar="P", help="per action, 0 to 1")
    add(
        "--disturbances-per-minute",
        type=float,
        default=default.disturbances_per_minute,
        metavar="N",
        help="stopped workers, systems switched off, clock steps, the store's connections",
    )
    add("--lag", type=float, default=default.lag, metavar="SECONDS", help="how old reads are")
    switch = argparse.BooleanOptionalAction
    add("--clock-steps", action=switch, default=default.clock_steps)
    add("--hangs", action=switch, default=default.hangs, help="faults without an answer")
    add("--ids-in-log", action=switch, default=default.ids_in_log, help="tolerate them")
    add("--keep-going", action=switch, default=default.keep_going, help="after a violation")
    return Options(**vars(parser.parse_args(arguments)))
