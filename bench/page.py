"""``python bench/page.py``: the inventory page between the two yardsticks.

The page of one account is built in turn: as the tutorials do it (``naive.py``), by the least work
possible (``floor.py``), and by the site: after a start, with the account read anew, and with the
kept account. The answers of Bungie.net come from memory of another process (``kept_answers.py``).
"""

import argparse
import statistics
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import naive  # noqa: E402
from bench.floor import Floor  # noqa: E402
from bench.kept_answers import keeping_answers  # noqa: E402
from bench.measuring import (  # noqa: E402
    INVENTORY,
    Site,
    count_tiles,
    measure_alternately,
    measure_memory,
    open_site,
    prepared_folder,
    print_goal,
    print_machine,
    print_row,
)
from bungie_sandbox.server import Sandbox, running  # noqa: E402
from destiny_web.bungie.client import INVENTORY_COMPONENTS  # noqa: E402
from destiny_web.domain.account.characters import Membership  # noqa: E402
from destiny_web.inventory import tile_renderer  # noqa: E402
from destiny_web.manifest.store import path_of  # noqa: E402
from tests.serving import served  # noqa: E402

_VAULT_ITEMS = 1255
"""With full characters these are 1,742 items."""

_LEAST_NAIVE_RATIO_COLD, _LEAST_NAIVE_RATIO_WARM = 8.0, 30.0
_MOST_FLOOR_RATIO = 1.4
_MOST_MEGABYTES, _MOST_KILOBYTES = 95.0, 60.0


def get_page(site: Site) -> bytes:
    """Return the page of the site as it is sent."""
    response = site.client.get(INVENTORY, headers={"Accept-Encoding": "zstd"})
    assert response.status_code == 200, response.status_code
    assert response.headers["Content-Encoding"] == "zstd"
    return bytes(response.data)


def compare(bungie: Sandbox, folder: Path, bungie_root: str, times: int) -> None:
    """Measure the ways in turn, and print their ratios."""
    main = bungie.player().main
    address = f"{bungie_root}/Platform/Destiny2/{main.type}/Profile/{main.id}/"
    headers = {
        "X-API-Key": bungie.api_key,
        "Authorization": f"Bearer {bungie.sign_in()['access_token']}",
    }
    definitions = naive.download_definitions(bungie, folder)
    naive_client = naive.create_app(address, headers, definitions).test_client()
    components = ",".join(str(int(component)) for component in INVENTORY_COMPONENTS)
    floor = Floor(f"{address}?components={components}", headers, path_of(folder, "en"))
    site = open_site(bungie, folder, bungie_root)
    membership = Membership(type=main.type, membership_id=main.id)
    doubt = partial(site.services.profiles.doubt, membership)

    def forget() -> None:
        """Make the next page the first one after a start."""
        doubt()
        tile_renderer.init_app(site.app, bungie_root)

    works: dict[str, Callable[[], object]] = {
        "naive": lambda: naive_client.get("/").data,
        "floor": floor.build_page,
        "first": lambda: get_page(site),
        "cold": lambda: get_page(site),
        "warm": lambda: get_page(site),
    }
    durations = measure_alternately(works, times, {"first": forget, "cold": doubt})
    naive_page = naive_client.get("/").text
    answer = requests.get(address, {"components": naive.COMPONENTS}, headers=headers, timeout=60)
    _check_same_items(naive_page, site)
    print(f"answer with all components {len(answer.content) / 1e6:.1f} MB")
    print_row("naive way", durations["naive"], f"{len(naive_page) / 1000:.0f} kB sent")
    print_row("floor", durations["floor"], f"{len(floor.build_page()) / 1000:.1f} kB sent")
    print_row("first page after a start", durations["first"])
    print_row("cold page: the account read anew", durations["cold"])
    print_row("warm page: the kept account", durations["warm"])
    _print_ratios(durations, len(get_page(site)) / 1000)
    definitions.close()
    floor.close()


def _check_same_items(naive_page: str, site: Site) -> None:
    """Check that the yardstick shows at least the items that the site shows."""
    tiles = count_tiles(site.client.get(INVENTORY).text)
    naive_tiles = count_tiles(naive_page)
    print(f"{tiles} items on the page, {naive_tiles} in the answer")
    assert tiles <= naive_tiles


def _print_ratios(durations: dict[str, list[float]], kilobytes: float) -> None:
    for slow, fast, goal, is_least in (
        ("naive", "cold", _LEAST_NAIVE_RATIO_COLD, True),
        ("naive", "warm", _LEAST_NAIVE_RATIO_WARM, True),
        ("cold", "floor", _MOST_FLOOR_RATIO, False),
    ):
        ratio = statistics.median(durations[slow]) / statistics.median(durations[fast])
        print_goal(f"{slow} / {fast}, medians", ratio, goal, at_least=is_least)
        best_ratio = min(durations[slow]) / min(durations[fast])
        print(f"{'  the same of the best runs':<44} {best_ratio:10.4g}")
    print_goal("page on the wire", kilobytes, _MOST_KILOBYTES, "kB", at_least=False)


def measure_worker(bungie: Sandbox, folder: Path, pages: int) -> None:
    """Measure the memory of a worker of gunicorn after some pages, half of them read anew."""
    with served(bungie, folder, RATE_LIMIT_SCALE="0") as address, requests.Session() as browser:
        consent = browser.get(f"{address}/auth/login", timeout=30)
        page = browser.post(consent.url, data={"decision": "allow"}, timeout=60).text
        token = page.partition('csrf-token" content="')[2].partition('"')[0]
        for _ in range(pages // 2):
            browser.get(f"{address}{INVENTORY}", timeout=30)
            browser.post(f"{address}/inventory/refresh", data={"csrf_token": token}, timeout=30)
        memory = measure_memory(address)
    print_goal(f"memory after {pages} pages", memory, _MOST_MEGABYTES, "MB", at_least=False)


def main() -> None:
    """Run the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=15, help="measurements of each way")
    parser.add_argument("--vault", type=int, default=_VAULT_ITEMS, help="items in the vault")
    options = parser.parse_args()
    print_machine()
    with (
        running(vault=options.vault, full=True) as bungie,
        prepared_folder(bungie) as folder,
        keeping_answers(bungie.root) as bungie_root,
    ):
        compare(bungie, folder, bungie_root, options.times)
        measure_worker(bungie, folder, 60)


if __name__ == "__main__":
    main()
