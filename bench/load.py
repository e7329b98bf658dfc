"""``python bench/load.py``: many players at once, the cost of a move, the growth with the items.

1. 200 players for a minute, each a page every 5 s and a move every 30 s; two workers of gunicorn,
   and a Bungie.net that answers in 300 ms. Every answer is checked: its status, and that the moved
   item is shown where the sandbox has it.
2. The own time of one move: a move of the site against a bare view that makes the same calls.
3. Time and size of the page for 100 to 5,000 items.
"""

import argparse
import json
import signal
import statistics
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import requests
from flask import Flask

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.crowd import run_crowd  # noqa: E402
from bench.measuring import (  # noqa: E402
    INVENTORY,
    Site,
    count_tiles,
    measure_alternately,
    open_site,
    percentile,
    prepared_folder,
    print_goal,
    print_machine,
    print_row,
)
from bungie_sandbox.server import Sandbox, running  # noqa: E402
from bungie_sandbox.world.belongings import VAULT  # noqa: E402
from destiny_web.bungie.pacing import Pacing  # noqa: E402
from destiny_web.web.services import EXTENSION_KEY, Services  # noqa: E402

_ENERGY = 2465295065
_DIRECTIONS = ("to the character", "to the vault")
_ITEM_COUNTS = (500, 1_000, 2_500, 5_000)
_FEW_ITEMS = 100
"""Only an account without characters has so few items; its page is a shorter one."""
_ITEMS_BESIDE_THE_VAULT = 377
"""Items of an account with three characters that are not in the vault."""

_MOST_PAGE_MILLISECONDS = 500.0
_MOST_MOVE_MILLISECONDS = 10.0
_MOST_DEVIATION = 0.2


def measure_crowd(players: int, seconds: float, vault: int) -> None:
    """Let all players act, and print durations and faults."""
    result = run_crowd(players, seconds, vault)
    pages, moves = result.page_milliseconds, result.move_milliseconds
    print(f"{players} players, {seconds:g} s, {len(pages)} pages, {len(moves)} moves")
    print_row("page", pages, f"max {max(pages):.0f} ms")
    print_row("move with its answer", moves, f"max {max(moves):.0f} ms")
    print_goal("page, p95", percentile(pages, 0.95), _MOST_PAGE_MILLISECONDS, "ms", at_least=False)
    print_goal("errors", len(result.errors), 0, at_least=False)
    print_goal("wrong words", len(result.wrong_words), 0, at_least=False)
    for name, cores in result.cores.items():
        print(f"  cores used by {name:<30} {cores:.2f}")
    for line in [*result.errors, *result.wrong_words][:5]:
        print(f"  {line}")


def create_bare_view(bungie: Sandbox) -> Flask:
    """Create a site with one view that passes a transfer on to Bungie."""
    app = Flask(__name__)
    session = requests.Session()
    session.headers.update(
        {
            "X-API-Key": bungie.api_key,
            "Authorization": f"Bearer {bungie.sign_in()['access_token']}",
            "Content-Type": "application/json",
        }
    )

    @app.post("/<character_id>/<int:item_hash>/<instance_id>/<int:to_vault>")
    def transfer(
        character_id: str, item_hash: int, instance_id: str, to_vault: int
    ) -> dict[str, bool]:
        body = {
            "characterId": character_id,
            "itemId": instance_id,
            "itemReferenceHash": item_hash,
            "membershipType": bungie.player().main.type,
            "stackSize": 1,
            "transferToVault": bool(to_vault),
        }
        address = f"{bungie.root}/Platform/Destiny2/Actions/Items/TransferItem/"
        answer = session.post(address, data=json.dumps(body), timeout=30)
        return {"ok": answer.json()["ErrorCode"] == 1}

    return app


def measure_move(times: int) -> None:
    """Measure moves of the site and of a bare view that makes the same calls, in turn.

    After its last call the site waits until Bungie would take the next one. A second site without
    this wait shows how much of the time is work.
    """
    with running() as bungie, prepared_folder(bungie) as folder:
        site = open_site(bungie, folder)
        fields = _choose_fields(site, bungie)
        move = partial(_move, site, fields)
        ways: dict[str, Callable[..., None]] = {
            "site": move,
            "site, without the wait": move,
            "bare view": _create_bare_move(bungie, fields),
        }
        services = site.services
        hasty_services = replace(services, pacing=Pacing(sleep=lambda _seconds: None))

        def use(chosen_services: Services) -> None:
            site.app.extensions[EXTENSION_KEY] = chosen_services

        bungie.bungie.journal.entries.clear()
        durations = measure_alternately(
            {
                f"{way}, {direction}": partial(carry_out, to_vault=direction == _DIRECTIONS[1])
                for way, carry_out in ways.items()
                for direction in _DIRECTIONS
            },
            times,
            {
                f"{way}, {direction}": partial(use, services if way == "site" else hasty_services)
                for way in ways
                for direction in _DIRECTIONS
            },
        )
        calls = len(bungie.requests) / (times + 1) / len(durations)
    _print_moves(durations, calls)


def _print_moves(durations: dict[str, list[float]], calls: float) -> None:
    medians = {name: statistics.median(values) for name, values in durations.items()}
    for name, values in durations.items():
        print_row(name, values)
    print(f"calls to Bungie of each move: {calls:.2f} on average")
    for way in ("site", "site, without the wait"):
        own = statistics.mean(
            medians[f"{way}, {direction}"] - medians[f"bare view, {direction}"]
            for direction in _DIRECTIONS
        )
        name = f"own time of a move, {way}"
        print_goal(name, own, _MOST_MOVE_MILLISECONDS, "ms", at_least=False)


def _choose_fields(site: Site, bungie: Sandbox) -> dict[str, str]:
    """Return the fields of a form that moves an item between the vault and a character."""
    profile = bungie.profile()
    item = next(
        item
        for item in profile.all_items()
        if item.holder == VAULT and item.definition.bucket == _ENERGY and item.instance_id
    )
    return {
        "csrf_token": site.browser.token(),
        "item_hash": str(item.item_hash),
        "item_instance_id": str(item.instance_id),
        "character": next(iter(profile.characters)),
    }


def _move(site: Site, fields: dict[str, str], *, to_vault: bool) -> None:
    owners = (fields["character"], VAULT) if to_vault else (VAULT, fields["character"])
    response = site.client.post(
        "/inventory/transfer",
        data={**fields, "source": owners[0], "destination": owners[1]},
        headers={"Accept": "application/json"},
    )
    assert response.status_code == 200, response.text


def _create_bare_move(bungie: Sandbox, fields: dict[str, str]) -> Callable[..., None]:
    client = create_bare_view(bungie).test_client()
    path = f"/{fields['character']}/{fields['item_hash']}/{fields['item_instance_id']}"

    def move(*, to_vault: bool) -> None:
        assert client.post(f"{path}/{to_vault:d}").json == {"ok": True}

    return move


def measure_growth(times: int) -> None:
    """Measure the warm page of accounts of different sizes, in turn."""
    with ExitStack() as stack:
        sites = {
            count: _open_account(stack, count, characters=3 if count in _ITEM_COUNTS else 0)
            for count in (_FEW_ITEMS, *_ITEM_COUNTS)
        }
        works = {str(count): partial(_get_page, site) for count, site in sites.items()}
        durations = measure_alternately(works, times)
        rows = []
        for count, site in sites.items():
            html = site.client.get(INVENTORY).text
            milliseconds = statistics.median(durations[str(count)])
            sizes = (len(html) / 1000, len(_get_page(site)) / 1000)
            rows.append((count_tiles(html), milliseconds, *sizes))
    print("items      ms  kB of HTML  kB sent")
    for tiles, milliseconds, kilobytes, kilobytes_sent in rows:
        print(f"{tiles:5} {milliseconds:7.1f} {kilobytes:11.0f} {kilobytes_sent:8.1f}")
    few, *many = rows
    for name, column in (("time", 1), ("HTML", 2), ("size sent", 3)):
        line = _fit_line([(row[0], row[column]) for row in many])
        deviation = max(abs(row[column] / line(row[0]) - 1) for row in many)
        print_goal(f"largest deviation of the {name}", deviation, _MOST_DEVIATION, at_least=False)
        print(f"{'  the smallest account, of its point':<44} {few[column] / line(few[0]):8.2f}")


def _open_account(stack: ExitStack, count: int, characters: int) -> Site:
    """Open the site with an account of about *count* items."""
    beside = _ITEMS_BESIDE_THE_VAULT if characters else 0
    bungie = stack.enter_context(
        running(vault=count - beside, characters=characters, vault_capacity=6_000)
    )
    return open_site(bungie, stack.enter_context(prepared_folder(bungie)))


def _get_page(site: Site) -> bytes:
    return bytes(site.client.get(INVENTORY, headers={"Accept-Encoding": "zstd"}).data)


def _fit_line(points: Sequence[tuple[int, float]]) -> Callable[[int], float]:
    """Return the line through the points with the least sum of squared relative deviations."""
    weighted = [(1 / y**2, x, y) for x, y in points]
    total = sum(weight for weight, _, _ in weighted)
    mean_x = sum(weight * x for weight, x, _ in weighted) / total
    mean_y = sum(weight * y for weight, _, y in weighted) / total
    slope = sum(weight * (x - mean_x) * (y - mean_y) for weight, x, y in weighted) / sum(
        weight * (x - mean_x) ** 2 for weight, x, _ in weighted
    )
    return lambda x: mean_y + slope * (x - mean_x)


def main() -> None:
    """Run the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--players", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--vault", type=int, default=700, help="items in each player's vault")
    parser.add_argument("--times", type=int, default=20, help="measurements of parts 2 and 3")
    parser.add_argument("--part", type=int, choices=(1, 2, 3), help="only one of the three parts")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the processes end, too
    print_machine()
    if options.part in {None, 2}:
        measure_move(options.times)
    if options.part in {None, 3}:
        measure_growth(options.times)
    if options.part in {None, 1}:
        measure_crowd(options.players, options.seconds, options.vault)


if __name__ == "__main__":
    main()
