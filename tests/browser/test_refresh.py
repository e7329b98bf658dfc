"""The inventory refreshes by itself while the player plays, and disturbs nothing."""

import pytest
from playwright.sync_api import Page, expect

from bungie_sandbox.world import game_events
from tests.browser.conftest import sign_in

pytestmark = pytest.mark.xdist_group("browser")  # one browser at a time: two cores

KINETIC = "1498876634"
TWO_MINUTES = 121_000


@pytest.fixture
def player_page(open_window, player, bungie):
    """The inventory of a player who plays, with JavaScript and a clock of its own."""
    game_events.play(bungie.world, player.main.profile, next(iter(player.main.profile.characters)))
    page = open_window()
    page.clock.install()
    sign_in(page, player)
    return page


def drop_item(page: Page, player, bungie) -> str:
    """Give the player a copy of a weapon, and let the site read the account; return its id."""
    profile = player.main.profile
    tile = page.locator(f'.vault [data-bucket-hash="{KINETIC}"]').first
    item_hash = int(tile.get_attribute("data-item-hash") or 0)
    character = next(iter(profile.characters))
    (item,) = game_events.drop_loot(bungie.world, profile, character, item_hash, 1)
    token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    answer = page.request.post(
        "/inventory/refresh", form={"csrf_token": token}, headers={"Referer": page.url}
    )
    assert answer.ok
    return str(item.instance_id)


def inventory_requests(page: Page) -> list[str]:
    """Return the list to which every later request for the inventory is added."""
    requests: list[str] = []
    page.on(
        "request",
        lambda request: requests.append(request.url) if "/inventory/" in request.url else None,
    )
    return requests


def test_what_came_in_the_game_appears_by_itself_and_is_marked(player_page, player, bungie):
    instance_id = drop_item(player_page, player, bungie)
    tile = player_page.locator(f"#i{instance_id}")
    expect(tile).to_have_count(0)
    player_page.clock.fast_forward(TWO_MINUTES)
    expect(tile).to_have_count(1)
    expect(tile.locator(".tile-new")).to_have_count(1)


def test_a_player_who_does_not_play_is_not_refreshed(player_page):
    player_page.locator("#board").evaluate("board => { board.dataset.playing = 'no' }")
    requests = inventory_requests(player_page)
    player_page.clock.fast_forward(TWO_MINUTES)
    player_page.wait_for_timeout(300)
    assert requests == []


def test_a_form_that_the_player_fills_in_is_not_disturbed(player_page):
    stacks = player_page.locator('a[data-owner="account"]:not([data-quantity="1"])')
    quantity = player_page.locator("#quantity")
    for address in stacks.evaluate_all("links => links.slice(0, 10).map((link) => link.href)"):
        player_page.goto(address)
        if quantity.count():  # the stack can be transferred
            break
    quantity.fill("1")
    requests = inventory_requests(player_page)
    player_page.clock.fast_forward(TWO_MINUTES)
    player_page.wait_for_timeout(300)
    assert requests == []
    expect(quantity).to_be_focused()
