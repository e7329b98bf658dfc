"""axe-core finds nothing on any page, in both themes, in a large window and on a phone."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from threading import Thread
from typing import Literal
from urllib.parse import urlencode

import pytest
from flask import render_template
from playwright.sync_api import Page, Route
from werkzeug.serving import make_server

from destiny_web.app import create_app
from destiny_web.config import ROOT
from tests.browser.conftest import sign_in
from tests.conftest import settings_for
from tests.serving import free_port

pytestmark = [
    pytest.mark.xdist_group("browser"),  # one browser at a time: the tests run on two cores
    # Flask-Compress leaves files to the garbage collector, and here the site runs in this process.
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]

AXE = (ROOT / "node_modules/axe-core/axe.min.js").read_text()
XUR_IS_HERE = datetime(2026, 6, 28, 12, tzinfo=UTC)
XUR_IS_AWAY = datetime(2026, 6, 30, 17, 1, tzinfo=UTC)
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}

FLATTEN = """() => {
  for (const element of window.flattened ?? []) element.style.background = "";
  window.flattened = [];
  const flatten = (element, pseudo) => {
    const { backgroundImage } = getComputedStyle(element, pseudo);
    if (!backgroundImage.includes("gradient")) return;
    const color = backgroundImage.match(/(?:rgba?|oklab|oklch|color)\\([^()]*\\)/)?.[0];
    element.style.background = color ?? "none";
    window.flattened.push(element);
  };
  for (const element of document.body.querySelectorAll("*")) flatten(element, null);
  // Marks and folding signs have no text of their own, but axe decides nothing beside them.
  const style = document.head.appendChild(document.createElement("style"));
  style.textContent = "::before, ::after { content: none !important }";
  // An emblem can have any colour: a white one, below the dark layer, is the worst case.
  for (const head of document.querySelectorAll(".head-identity")) {
    head.style.background = "rgb(100 102 105)";
    for (const picture of head.querySelectorAll(".head-banner")) picture.hidden = true;
  }
}"""
"""axe leaves the contrast of text over a gradient or a picture undecided: take a plain colour."""

RUN = """async (options) => {
  const { violations, incomplete } = await axe.run(document, {
    resultTypes: ["violations", "incomplete"],
    ...options,
  });
  const accepted = [
    "bgOverlap", "elmPartiallyObscured", "elmPartiallyObscuring", "shortTextContent", "nonBmp",
  ];
  const isFinding = (node) => !accepted.includes(node.any[0]?.data?.messageKey);
  const undecided = incomplete.filter((rule) => rule.id === "color-contrast")
    .map((rule) => ({ ...rule, nodes: rule.nodes.filter(isFinding) }));
  return [...violations, ...undecided].flatMap((rule) => rule.nodes.map((node) =>
    `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary.replace(/\\s+/g, " ")}`));
}"""
"""What axe finds, one text for each element.

A contrast that axe could not decide is a finding too, except of text that something else covers at
this scroll position, and of single signs.
"""

EVERY_RULE = {"rules": {"target-size": {"enabled": True}}}
"""The rules of axe, and the one that axe switches off by default."""

CONTRAST = {"runOnly": ["color-contrast"]}
"""Nothing else depends on the theme."""

THEMES: tuple[tuple[Literal["light", "dark"], Mapping[str, object]], ...] = (
    ("light", CONTRAST),
    ("dark", EVERY_RULE),
)

SMALLEST = {
    ".btn, .dropdown-item, .nav-link, .form-control, .owner-tabs label, summary, .jump-bar a": 24,
    "#panel .btn:not(.btn-close)": 44,
}
"""Selectors of controls, and the smallest size in pixels; the second on a phone only."""

SMALL_TARGETS = """(smallest) => Object.entries(smallest).flatMap(([controls, size]) => {
  if (size > 24 && innerWidth > 767) return [];
  return [...document.querySelectorAll(controls)]
    .filter((control) => control.checkVisibility() && !control.closest("[inert]"))
    .map((control) => [control, control.getBoundingClientRect()])
    // What is 2 pixels large is there for screen readers only.
    .filter(([, { width, height }]) => Math.min(width, height) > 2)
    .filter(([, { width, height }]) => Math.min(width, height) < size)
    .map(([control, { width, height }]) => `${control.className}: ${width} × ${height}`);
})"""


@pytest.fixture
def bungie(sandbox):
    """The sandbox in its initial state: these tests set its clock, and make it fail."""
    sandbox.reset()
    return sandbox


@pytest.fixture
def address(bungie, folder):
    """The address of a site that shares the sandbox's clock, so that Xûr comes and goes."""
    bungie.clock.set(XUR_IS_HERE)
    port = free_port()
    root = f"http://127.0.0.1:{port}"
    bungie.redirect_uri = f"{root}/auth/callback"
    application = create_app(settings_for(bungie, folder, public_url=root), now=bungie.clock.now)
    server = make_server("127.0.0.1", port, application, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield root
    server.shutdown()
    thread.join()
    server.server_close()
    services = application.extensions["destiny_web"]
    bungie.bungie.faults.clear()
    assert services.background.wait_until_idle(20)
    services.store.close()


class Checker:
    """Runs axe-core on the page of a browser context, and collects what it finds."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.findings: list[str] = []

    def check(self, state: str) -> None:
        """Check the page as it is now."""
        self.page.evaluate(AXE)
        findings = self.page.evaluate(SMALL_TARGETS, SMALLEST)
        for theme, rules in THEMES:
            self.page.emulate_media(color_scheme=theme)
            self.page.evaluate(FLATTEN)
            findings += [f"{theme}: {finding}" for finding in self.page.evaluate(RUN, rules)]
        self.findings += [f"{state}: {finding}" for finding in findings]

    def open(self, path: str, state: str) -> None:
        """Load a page, and check it."""
        self.page.goto(path)
        self.check(state)


@pytest.fixture(params=SIZES)
def size(request):
    return request.param


@pytest.fixture
def checker(chromium, address, size):
    """A checker of a signed-in player's pages; at its end nothing may have been found."""
    width, height = SIZES[size]
    context = chromium.new_context(
        base_url=address,
        bypass_csp=True,  # axe measures contrast by styles that it sets
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    checker = Checker(page)
    yield checker
    context.close()
    assert not checker.findings, "\n".join(checker.findings)


def test_axe_finds_nothing_on_the_pages_of_a_site_in_trouble(checker, bungie, folder):
    application = create_app(settings_for(bungie, folder))
    with application.test_request_context("/"):
        preparing = render_template("errors/preparing.html", title="One moment", message="Wait.")
    application.extensions["destiny_web"].store.close()
    failsafe = (ROOT / "templates/errors/failsafe.html").read_text()
    for name, content in (("preparing", preparing), ("failsafe", failsafe)):
        checker.page.route(f"**/{name}", partial(fulfill, content=content))
        checker.open(f"/{name}", name)


def fulfill(route: Route, content: str) -> None:
    route.fulfill(body=content, content_type="text/html")


def test_axe_finds_nothing_on_any_page(checker, bungie):
    page = checker.page
    checker.open("/", "home of a visitor")
    checker.open("/xur/", "Xûr is here, to a visitor")
    checker.open("/inventory/", "a sign-in is needed")
    for player in ("Zavala", "Holliday"):
        sign_in_as(page, player)
        checker.check(f"accounts of {player}")
        page.context.clear_cookies()
    sign_in(page, bungie.player())
    checker.check("inventory")
    check_open_parts(checker)
    check_densities(checker)
    checker.open(page.locator("a.tile[href*='/stacks/']").first.get_attribute("href"), "stack")
    checker.open(preview_address(page), "preview")
    for path in ("/xur/", "/auth/membership", "/no/such/page"):
        checker.open(path, path)
    bungie.clock.set(XUR_IS_AWAY)
    checker.open("/xur/", "Xûr is away")
    bungie.fail_next("*", "maintenance", times=-1)
    page.context.clear_cookies(name="session")
    checker.open("/auth/callback?error=access_denied", "a sign-in that was denied")


def sign_in_as(page: Page, player: str) -> None:
    """Sign in as another player than the sandbox's first one."""
    page.goto("/auth/login")
    page.get_by_role("radio", name=player).check()
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url("**/auth/membership**")


def check_open_parts(checker: Checker) -> None:
    """Check the menus, the help sheet, the panel, and a message."""
    page = checker.page
    page.locator(".account-menu > summary").click()
    checker.check("account menu")
    page.get_by_role("button", name="Keyboard shortcuts").click()
    checker.check("help sheet")
    page.goto("/inventory/?on=vault")
    page.locator(".view-menu > summary").click()
    checker.check("vault with the view menu")
    page.goto("/inventory/?on=vault")
    page.locator(".vault .tile:not(.locked)").first.click()
    page.locator("#panel [data-panel]").wait_for()
    checker.check("panel of a click")
    page.locator("#lock-button").click()
    page.get_by_role("button", name="Locked. Unlock it").wait_for()
    checker.check("message")
    page.reload()
    checker.check("item")


def check_densities(checker: Checker) -> None:
    """Check the vault with names and as a table; leave it as icons."""
    page = checker.page
    for density in ("names", "table", "icons"):
        page.goto("/inventory/?on=vault")
        page.locator(".view-menu > summary").click()
        page.locator(f"#density-{density}").check()
        page.get_by_role("button", name="Apply").click()
        page.locator(f"[data-board][data-density={density}]").wait_for()
        if density != "icons":
            checker.open("/inventory/?on=vault", density)


def preview_address(page: Page) -> str:
    """Return the address of the preview of a move out of the vault."""
    page.goto("/inventory/")
    item = page.locator(".vault .tile[data-item-instance-id]").first
    character = page.locator(".owner-tabs input").first
    move = {
        "item_hash": item.get_attribute("data-item-hash"),
        "item_instance_id": item.get_attribute("data-item-instance-id"),
        "quantity": "1",
        "source": "vault",
        "destination": character.get_attribute("value"),
        "equip": "0",
    }
    return f"/inventory/preview?{urlencode(move)}"
