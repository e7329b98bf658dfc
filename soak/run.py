"""One run: start the sandbox, the site and the players, and print the result."""

import tempfile
import time
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Final

from bungie_sandbox.server import Sandbox, running
from bungie_sandbox.world.generate import Size
from soak import checks
from soak.disturbances import Disturber
from soak.game import Game
from soak.options import Options
from soak.player import Player, RunContext
from soak.processes import Site, running_site, running_store
from soak.report import Printer, Statistics, print_statistics, summarize_violation

_SERVERS: Final = 3
_ACCESS_SECONDS: Final = 120
_JOIN_SECONDS: Final = 300.0
_POLL_SECONDS: Final = 0.5
_VAULT: Final = 60
_SIBLING_LOCK: Final = 0.1


def run(options: Options) -> int:
    """Run the soak test; return the program's exit status: 1 after a violation."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        bungie = stack.enter_context(_running_sandbox(options))
        store = stack.enter_context(running_store(options.store, folder / "redis"))
        site = stack.enter_context(running_site(bungie, folder, store))
        disturber = Disturber(options, bungie, site, store)
        statistics, printer = Statistics(), Printer(options, site.log)
        run_context = RunContext(
            options=options,
            address=site.address,
            disturber=disturber,
            statistics=statistics,
            printer=printer,
        )
        players = [
            Player(_add_player(bungie, options, number), run_context)
            for number in range(options.players)
        ]
        began = time.monotonic()
        print(options.command, flush=True)
        for thread in (*players, disturber):
            thread.start()
        _wait(options, players)
        minutes = (time.monotonic() - began) / 60
        violations = _end(options, site, players, disturber)
        for text in violations:
            statistics.violations[summarize_violation(text)] += 1
            printer.print_violation("the site", 0, [text], players[0].recent_steps, [])
        print_statistics(options, statistics, disturber.counts, minutes)
        return 1 if statistics.violations else 0


def _running_sandbox(options: Options) -> AbstractContextManager[Sandbox]:
    return running(
        vault=_VAULT,
        seed=options.seed,
        access_seconds=_ACCESS_SECONDS,
        sibling_lock=_SIBLING_LOCK,
        servers=_SERVERS if options.lag else 1,
        cache_seconds=options.lag,
        write_lag=options.lag / 4,
    )


def _add_player(bungie: Sandbox, options: Options, number: int) -> Game:
    """Add a player; every second player has full buckets, so that the site has to make room."""
    size = Size(vault=_VAULT, seed=options.seed, full=number % 2 == 1)
    player = bungie.add_player(name=f"Soak {number + 1}", code=number + 1, size=size)
    return Game(bungie, player)


def _wait(options: Options, players: list[Player]) -> None:
    """Wait until the time is over, or a player has found a violation."""
    end_time = time.monotonic() + options.minutes * 60
    while time.monotonic() < end_time and any(player.is_alive() for player in players):
        if not options.keep_going and any(player.has_failed for player in players):
            return
        time.sleep(_POLL_SECONDS)


def _end(options: Options, site: Site, players: list[Player], disturber: Disturber) -> list[str]:
    """End players and disturbances, stop the site; return violations."""
    for player in players:
        player.is_over.set()
    violations = []
    for player in players:
        player.join(_JOIN_SECONDS)
        if player.is_alive():
            violations.append(
                f"{player.name} still waits for an answer after {_JOIN_SECONDS:g} seconds"
            )
    disturber.end()
    violations += site.stop()
    ids = frozenset().union(*(player.game.ids for player in players))
    log = site.log.read_text("utf-8", "replace")
    return violations + checks.check_log(log, frozenset() if options.ids_in_log else ids)
