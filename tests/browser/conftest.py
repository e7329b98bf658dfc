"""Chromium and a site that gunicorn serves."""

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
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def site(bungie, folder) -> Iterator[str]:
    """The address of a site that gunicorn serves."""
    with served(bungie, folder) as address:
        yield address


@pytest.fixture(params=[False, True], ids=["without-javascript", "with-javascript"])
def page(request: pytest.FixtureRequest, chromium: Browser, site: str) -> Iterator[Page]:
    """A browser page on the site; every error that the browser reports fails the test."""
    context = chromium.new_context(
        base_url=site, java_script_enabled=request.param, viewport={"width": 1440, "height": 900}
    )
    browser_page = context.new_page()
    errors: list[str] = []
    browser_page.on(
        "console",
        lambda message: errors.append(message.text) if message.type == "error" else None,
    )
    browser_page.on(
        "response", lambda response: errors.append(response.url) if response.status >= 400 else None
    )
    browser_page.on("pageerror", lambda error: errors.append(str(error)))
    browser_page.set_default_timeout(15_000)
    yield browser_page
    context.close()
    expected = ("status of 404", "/no/such/page")
    assert not [error for error in errors if not any(text in error for text in expected)]


def sign_in(page: Page) -> None:
    """Sign in through the home page and the sandbox's consent page."""
    page.goto("/")
    page.get_by_role("link", name="Sign in with Bungie").first.click()
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("heading", name="Inventory", level=1).wait_for()
