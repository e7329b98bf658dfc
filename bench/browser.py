"""``python bench/browser.py``: the inventory page in Chromium, four times slower than this machine.

A full account on a desktop and on a phone. What is compared is measured in turn in the same run.
With ``--morph`` and the path of ``idiomorph.js`` three ways to show an answer are compared instead:
docs/adr/0011-changed-parts.md.
"""

import argparse
import shutil
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.measuring import prepared_folder, print_goal, print_machine  # noqa: E402
from bungie_sandbox.server import running  # noqa: E402
from tests.browser.conftest import FLAGS, sign_in  # noqa: E402
from tests.serving import served  # noqa: E402

_VAULT_ITEMS = 1286
"""With full characters these are 1,773 items; the vault has room for fourteen more."""

_SLOWDOWN = 4
_DESKTOP = {"width": 1440, "height": 900}
_PHONE = {"width": 390, "height": 844}
_SCRIPT = (Path(__file__).parent / "browser.js").read_text()
_MOVE_TO_VAULT = '#panel button[name="destination"][value="vault"]'
_CARRIED_TILE = '.column-0 a.tile[data-location="bag"][data-bucket-hash="2465295065"]:not(.exotic)'


@dataclass(kw_only=True)  # no slots: Playwright marks the methods that it calls
class Wire:
    """Counts what the browser receives, as sent.

    Attributes:
        bytes_received: Bytes with headers since the last ``clear``.
        addresses: Addresses of the answers by request, those from the browser's cache left out.
    """

    bytes_received: float = 0.0
    addresses: dict[str, str] = field(default_factory=dict)
    cached_requests: set[str] = field(default_factory=set)

    def watch(self, session: CDPSession) -> None:
        """Count from now on."""
        session.send("Network.enable")
        session.on("Network.loadingFinished", self._count)
        session.on("Network.responseReceived", self._note)
        session.on("Network.requestServedFromCache", self._forget)

    def clear(self) -> None:
        """Begin again."""
        self.bytes_received = 0.0
        self.addresses.clear()

    def _count(self, event: dict[str, Any]) -> None:
        self.bytes_received += event["encodedDataLength"]

    def _note(self, event: dict[str, Any]) -> None:
        response, request_id = event["response"], event["requestId"]
        if not response.get("fromDiskCache") and request_id not in self.cached_requests:
            self.addresses[request_id] = response["url"]

    def _forget(self, event: dict[str, Any]) -> None:
        self.cached_requests.add(event["requestId"])
        self.addresses.pop(event["requestId"], None)


@contextmanager
def opened_page(
    chromium: Browser, address: str, viewport: dict[str, int]
) -> Iterator[tuple[Page, Wire]]:
    """Open a signed-in page with a slowed-down processor."""
    context = chromium.new_context(base_url=address, viewport=viewport)  # type: ignore[arg-type]
    context.add_init_script(_SCRIPT)
    page = context.new_page()
    page.set_default_timeout(30_000)
    sign_in(page)
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWDOWN})
    wire = Wire()
    wire.watch(session)
    try:
        yield page, wire
    finally:
        context.close()


def wait_until_settled(page: Page) -> None:
    """Wait until the page has painted the change and is quiet.

    Not by ``wait_for_function``: it evaluates text, which the policy of the page forbids.
    """
    while not page.evaluate("bench.isSettled()"):
        page.wait_for_timeout(50)


def median(values: Sequence[float]) -> float:
    """Return the median; nan for no values."""
    return statistics.median(values) if values else float("nan")


def measure_load(page: Page, wire: Wire, times: int) -> None:
    """Load the page several times with the browser's cache filled."""
    results = []
    for _ in range(times):
        wire.clear()
        page.goto("/inventory/", wait_until="load")
        page.wait_for_timeout(1500)
        results.append(page.evaluate("bench.load()"))
    loaded = [
        url for url in wire.addresses.values() if "/inventory/" not in url and "/static/" in url
    ]
    values = {name: [float(result[name]) for result in results] for name in results[0]}
    print(f"{values['tiles'][0]:.0f} tiles, {values['nodes'][0]:.0f} elements")
    print_goal("largest contentful paint", median(values["lcp"]), 1000, "ms", at_least=False)
    print_goal("layout shift", max(values["shift"]), 0, at_least=False)
    print_goal(
        "longest task after load", median(values["longestTaskAfterLoad"]), 200, "ms", at_least=False
    )
    print(f"{'longest task of all':<44} {median(values['longestTask']):8.0f} ms")
    print_goal("static files of a second page", len(loaded), 0, at_least=False)
    if loaded:
        print(f"  among them {loaded[0]}")


def measure_moves(page: Page, wire: Wire, times: int) -> None:
    """Move an item to the vault and back, with the changed parts and with the whole page."""
    results: dict[bool, list[dict[str, float]]] = {False: [], True: []}
    page.goto("/inventory/", wait_until="load")
    page.locator(_CARRIED_TILE).first.click()
    page.locator("#panel [data-panel]").wait_for()
    home = page.locator("#panel [name=destination][value=vault]")
    owner = page.locator(".column-0").first.get_attribute("id") or ""
    home_button = f'#panel form[action$="/transfer"] button[value="{owner.removeprefix("owner-")}"]'
    home.first.wait_for()
    for turn in range(times + 1):
        for is_whole in (False, True):
            for button in (_MOVE_TO_VAULT, home_button):
                result = _move(page, wire, button, is_whole=is_whole)
                if turn:
                    results[is_whole].append(result)
    _print_moves(results)


def _move(page: Page, wire: Wire, button: str, *, is_whole: bool) -> dict[str, float]:
    page.wait_for_timeout(300)
    page.evaluate("isWhole => bench.watchMove(isWhole)", is_whole)
    wire.clear()
    page.locator(button).first.click()
    wait_until_settled(page)
    result: dict[str, float] = page.evaluate("bench.move()")
    result["bytes"] = wire.bytes_received
    return result


def _print_moves(results: dict[bool, list[dict[str, float]]]) -> None:
    parts = {name: median([row[name] for row in results[False]]) for name in results[False][0]}
    whole = {name: median([row[name] for row in results[True]]) for name in results[True][0]}
    for name, description, goal, unit in (
        ("bytes", "move: bytes received, with the panel", 20_000, "bytes"),
        ("answerToPaint", "move: answer to next paint", 200, "ms"),
        ("eventDuration", "move: longest event (interaction)", 200, "ms"),
    ):
        print_goal(description, parts[name], goal, unit, at_least=False)
    for name, description in (
        ("clickToPaint", "move: click to paint of the change, with the server"),
        ("boardNodes", "move: elements replaced in the board"),
        ("panelNodes", "move: elements replaced in the panel"),
    ):
        print(f"{description:<52} {parts[name]:8.0f}")
    print(
        "whole page instead of the parts: "
        + ", ".join(
            f"{name} {whole[name]:.0f} ({whole[name] / max(parts[name], 1):.1f} times)"
            for name in ("bytes", "answerToPaint", "clickToPaint", "boardNodes", "eventDuration")
        )
    )


def measure_panel(page: Page, times: int) -> None:
    """Open the panels of different items."""
    page.goto("/inventory/", wait_until="load")
    durations, own_durations = [], []
    for index in range(times + 1):
        tile = page.locator(_CARRIED_TILE).nth(index % 5)
        page.evaluate("bench.watchPanel()")
        tile.click()
        wait_until_settled(page)
        durations.append(float(page.evaluate("bench.clickToPaint()")))
        own_durations.append(float(page.evaluate("bench.move().answerToPaint")))
        page.keyboard.press("Escape")
        page.locator("#panel").wait_for(state="hidden")
        page.wait_for_timeout(200)
    print_goal("a tile's panel", median(durations[1:]), 150, "ms", at_least=False)
    print(f"{'  from the answer to the paint':<44} {median(own_durations[1:]):10.0f} ms")


def measure_tabs(page: Page, times: int) -> None:
    """Switch between the vault and a character on a phone."""
    page.goto("/inventory/", wait_until="load")
    durations: dict[str, list[float]] = {"vault": [], "0": []}
    for _ in range(times + 1):
        for index, values in durations.items():
            page.evaluate("bench.watchClick()")
            page.locator(f"label[for=on-{index}]").click()
            wait_until_settled(page)
            values.append(float(page.evaluate("bench.clickToPaint()")))
            page.wait_for_timeout(200)
    for index, values in durations.items():
        name = "tab switch on the phone, to " + ("the vault" if index == "vault" else "a character")
        print_goal(name, median(values[1:]), 150, "ms", at_least=False)


def compare_ways(page: Page, times: int, library: str) -> None:
    """Show the answer after a move in three ways, without the server in the measured time."""
    page.goto("/inventory/", wait_until="load")
    page.evaluate(library)  # not an inline script: the policy of the page does not apply
    page.evaluate("bench.prepareWays()")
    ways = ("whole", "morph", "parts")
    results: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for turn in range(times + 1):
        for way in ways:
            result = page.evaluate("way => bench.showAnswer(way)", way)
            page.wait_for_timeout(300)
            if turn:
                results[way].append(result)
    for way in ways:
        names = results[way][0]
        values = {name: median([row[name] for row in results[way]]) for name in names}
        print(
            f"{way:<8} {values['milliseconds']:8.0f} ms to the next paint, of it script"
            f" {values['script']:.0f} ms; {values['nodes']:.0f} elements added,"
            f" {values['length'] / 1000:.0f} kB of HTML"
        )


def main() -> None:
    """Run the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=7, help="measurements of each value")
    parser.add_argument("--morph", type=Path, help="path of idiomorph.js: compare three ways")
    options = parser.parse_args()
    print_machine()
    with (
        running(vault=_VAULT_ITEMS, full=True) as bungie,
        prepared_folder(bungie) as folder,
        served(bungie, folder, RATE_LIMIT_SCALE="0") as address,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        if options.morph:
            library = options.morph.read_text() + "\nwindow.Idiomorph = Idiomorph;"
            with opened_page(chromium, address, _DESKTOP) as (page, _):
                compare_ways(page, options.times, library)
        else:
            _measure_all(chromium, address, options.times)
        chromium.close()


def _measure_all(chromium: Browser, address: str, times: int) -> None:
    with opened_page(chromium, address, _DESKTOP) as (page, wire):
        measurements: tuple[Callable[[], None], ...] = (
            lambda: measure_load(page, wire, times),
            lambda: measure_panel(page, times),
            lambda: measure_moves(page, wire, times),
        )
        for measurement in measurements:
            measurement()
    with opened_page(chromium, address, _PHONE) as (page, wire):
        print("--- phone")
        measure_load(page, wire, times)
        measure_tabs(page, times)


if __name__ == "__main__":
    main()
