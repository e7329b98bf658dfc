"""Real Chromium on a real server."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.serving import served

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, started once."""
    with sync_playwright() as playwright:
        path = shutil.which("chromium")
        assert path, "these tests need Chromium: apt-get install chromium"
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def site(bungie, folder) -> Iterator[str]:
    """The address of the site, as gunicorn serves it."""
    with served(bungie, folder) as address:
        yield address


@pytest.fixture(params=[False, True], ids=["without-javascript", "with-javascript"])
def page(request: pytest.FixtureRequest, chromium: Browser, site: str) -> Iterator[Page]:
    """A window on the site; anything that the browser complains about fails the test."""
    context = chromium.new_context(
        base_url=site, java_script_enabled=request.param, viewport={"width": 1440, "height": 900}
    )
    window = context.new_page()
    complaints: list[str] = []
    window.on(
        "console", lambda said: complaints.append(said.text) if said.type == "error" else None
    )
    window.on("response", lambda got: complaints.append(got.url) if got.status >= 400 else None)
    window.on("pageerror", lambda error: complaints.append(str(error)))
    window.set_default_timeout(15_000)
    yield window
    context.close()
    expected = ("status of 404", "/no/such/page")
    assert not [said for said in complaints if not any(word in said for word in expected)]


def sign_in(page: Page) -> None:
    """Walk through the front page and the consent page."""
    page.goto("/")
    page.get_by_role("link", name="Sign in with Bungie").first.click()
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("heading", name="Inventory", level=1).wait_for()
