"""Chromium, a site that gunicorn serves, and a player of its own for each test.

Site and sandbox run once for all tests of the browser. Nothing is reset between two tests:
each test signs in as a new player, so that no test sees what another one left behind.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from bungie_sandbox.server import Sandbox, running
from bungie_sandbox.world.generate import Size
from bungie_sandbox.world.players import Player
from tests.serving import served

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The places of pictures have fixed sizes: without them a page needs half of the time.
    "--blink-settings=imagesEnabled=false",
]
BOARD = (1440, 900)
PHONE = (390, 844)
ENERGY = "2465295065"

_numbers = itertools.count(1)

expect.set_options(timeout=15_000)  # the machine is shared with the other tests


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, started once."""
    with sync_playwright() as playwright:
        path = shutil.which("chromium")
        assert path, "these tests need Chromium: apt-get install chromium"
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def bungie() -> Iterator[Sandbox]:
    """The sandbox of all browser tests."""
    with running(vault=60) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def site(
    bungie: Sandbox, definitions: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the site, which gunicorn serves for all browser tests."""
    folder = tmp_path_factory.mktemp("site")
    (folder / definitions.name).hardlink_to(definitions)
    (folder / "manifest.looked").touch()
    with served(bungie, folder, RATE_LIMIT_SCALE="0") as address:
        yield address


@pytest.fixture
def player(bungie: Sandbox) -> Player:
    """A new player with three characters and 60 items in the vault.

    The sandbox forgets the requests of earlier tests, so that a test can count its own.
    """
    bungie.bungie.journal.entries.clear()
    return add_player(bungie, Size(vault=60))


@pytest.fixture(scope="session")
def collector(bungie: Sandbox) -> Player:
    """A player with 700 items in the vault, for tests that change nothing."""
    return add_player(bungie, Size(vault=700))


def add_player(bungie: Sandbox, size: Size) -> Player:
    """Add a player with one membership."""
    return bungie.add_player(name=f"Player{next(_numbers)}", memberships="one", size=size)


@pytest.fixture
def expected_errors() -> list[str]:
    """Parts of the errors that a test causes on purpose; a test appends to the list."""
    return []


OpenWindow = Callable[..., Page]


@pytest.fixture
def open_window(
    chromium: Browser, site: str, bungie: Sandbox, expected_errors: list[str]
) -> Iterator[OpenWindow]:
    """Open a window of a size, with or without JavaScript; any error fails the test.

    Errors are script errors, violations of the content security policy, responses that are not
    good, and requests to another host than the site and the sandbox.
    """
    errors: list[str] = []
    contexts: list[BrowserContext] = []
    hosts = {urlsplit(site).netloc, urlsplit(bungie.root).netloc}

    def open_one(
        size: tuple[int, int] = BOARD, *, scripts: bool = True, touch: bool = False
    ) -> Page:
        width, height = size
        context = chromium.new_context(
            base_url=site,
            java_script_enabled=scripts,
            has_touch=touch,
            viewport={"width": width, "height": height},
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on(
            "console",
            lambda message: errors.append(message.text) if message.type == "error" else None,
        )
        page.on(
            "response",
            lambda response: (
                errors.append(f"{response.status} {response.url}")
                if response.status >= 400
                else None
            ),
        )
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "request",
            lambda request: (
                errors.append(f"request to {request.url}")
                if urlsplit(request.url).netloc not in hosts
                and not request.url.startswith(("data:", "blob:"))
                else None
            ),
        )
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not [error for error in errors if not any(part in error for part in expected_errors)]


@pytest.fixture(params=[False, True], ids=["without-javascript", "with-javascript"])
def page(request: pytest.FixtureRequest, open_window: OpenWindow) -> Page:
    """A window of 1440 pixels, without and with JavaScript."""
    return open_window(scripts=request.param)


@pytest.fixture
def board(open_window: OpenWindow, player: Player) -> Page:
    """The inventory of a new player in a window of 1440 pixels, with JavaScript."""
    return show_inventory(open_window(), player)


@pytest.fixture
def phone(open_window: OpenWindow, player: Player) -> Page:
    """The inventory of a new player on a phone, with JavaScript."""
    return show_inventory(open_window(PHONE, touch=True), player)


def show_inventory(window: Page, player: Player) -> Page:
    """Sign in, open the inventory, and wait until its scripts run."""
    sign_in(window, player)
    window.locator("[data-shortcuts]:not([hidden])").wait_for(state="attached")
    return window


def sign_in(page: Page, player: Player, path: str = "/inventory/") -> None:
    """Sign in without the pages for it, and open a page."""
    request = page.context.request
    login = request.get("/auth/login", max_redirects=0)
    request.post(login.headers["location"], form={"decision": "allow", "player": player.bungie_id})
    page.goto(path)


def vault_item(page: Page) -> Locator:
    """Return an item of the vault that can go to each character."""
    return page.locator(
        f'.vault [data-owner="vault"][data-bucket-hash="{ENERGY}"]:not(.exotic)'
    ).first


def id_of(tile: Locator) -> str:
    """Return the instance id of a tile."""
    return tile.get_attribute("data-item-instance-id") or ""


def action_button(page: Page, group: str) -> Locator:
    """Return the first button of a group of the panel that can be used: "Move to", "Equip on"."""
    return page.get_by_role("group", name=group).get_by_role("button", disabled=False).first


def is_in_front(element: Locator) -> bool:
    """Return whether the centre of an element is in the window, with nothing above it."""
    return element.evaluate(
        """element => {
            const { left, top, width, height } = element.getBoundingClientRect();
            return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
        }"""
    )
