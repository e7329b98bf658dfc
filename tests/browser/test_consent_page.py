"""The sandbox's consent page in Chromium, on phones and in a large window."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser

pytestmark = pytest.mark.xdist_group("browser")  # one browser at a time: the tests run on two cores

SIZES = [(390, 600), (320, 480), (844, 390)]


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def consent_page(request, chromium: Browser, bungie):
    width, height = request.param
    context = chromium.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    query = {"client_id": bungie.client_id, "response_type": "code", "state": "x"}
    page.goto(f"{bungie.root}/en/OAuth/Authorize?{urlencode(query)}")
    yield page
    context.close()


def test_the_buttons_are_in_sight_without_scrolling(consent_page):
    size = consent_page.viewport_size
    for name in ("Allow", "Deny"):
        box = consent_page.get_by_role("button", name=name).bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= size["height"]
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size["width"]


def test_no_player_that_has_the_focus_is_behind_the_buttons(consent_page):
    players = consent_page.get_by_role("radio")
    players.first.focus()
    for _ in range(players.count() - 1):
        consent_page.keyboard.press("ArrowDown")
        box = consent_page.locator("input:focus").bounding_box()
        assert box["y"] >= 0
        top_of_buttons = consent_page.locator(".buttons").bounding_box()["y"]
        assert box["y"] + box["height"] <= top_of_buttons
