"""The first actions of a new player in Chromium, with and without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import BOARD, PHONE, sign_in, vault_item

pytestmark = pytest.mark.xdist_group("browser")  # one browser at a time: the tests run on two cores


def test_a_new_player_signs_in_moves_an_item_and_equips_it(page, bungie):
    page.goto("/")
    page.get_by_role("link", name="Sign in with Bungie").first.click()
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("heading", name="Inventory", level=1).wait_for()
    item = vault_item(page)
    instance_id = item.get_attribute("data-item-instance-id")
    name = item.inner_text().split(",")[0].split("\n")[-1]
    item.click()
    expect(page.get_by_role("heading", name=name).last).to_be_visible()
    page.get_by_role("group", name="Move to").get_by_role("button", disabled=False).first.click()
    expect(page.get_by_text("is now with the").first).to_be_visible()
    tile = page.locator(f'[data-item-instance-id="{instance_id}"]')
    expect(tile).to_have_attribute("data-location", "bag")
    owner = tile.get_attribute("data-owner")
    assert bungie.holder_of(instance_id) == owner

    tile.click()
    page.get_by_role("group", name="Equip on").get_by_role("button", disabled=False).first.click()
    expect(page.get_by_text("now wears").first).to_be_visible()
    expect(tile).to_have_attribute("data-location", "equipped")
    assert bungie.item(instance_id).equipped


def test_tiles_have_names_and_enter_opens_the_item(page, player):
    sign_in(page, player)
    tiles = page.locator("a[data-item-hash]")
    assert tiles.count() > 100
    assert tiles.evaluate_all("tiles => tiles.every(tile => tile.textContent.trim())")
    vault_item(page).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Move to")).to_be_visible()


def test_no_page_is_wider_than_the_window(page, player, expected_errors):
    expected_errors += ["status of 404", "404 ", "/no/such/page"]
    sign_in(page, player)
    item = vault_item(page).get_attribute("href")
    for path in ("/xur/", "/inventory/", item, "/auth/membership", "/no/such/page"):
        page.goto(path)
        for width in (320, 390, 768, 1000, 1440):
            page.set_viewport_size({"width": width, "height": 844})
            content_width, window_width = page.locator("body").evaluate(
                "body => [document.documentElement.scrollWidth, window.innerWidth]"
            )
            assert content_width <= window_width, (path, width)


@pytest.mark.parametrize("size", [BOARD, PHONE], ids=["board", "phone"])
def test_the_front_page_of_a_signed_in_player_is_the_inventory(open_window, player, size):
    window = open_window(size, scripts=False)
    sign_in(window, player, "/")
    assert window.url.endswith("/inventory/")
    expect(window.get_by_role("heading", name="Inventory", level=1)).to_have_count(1)


def test_a_phone_shows_one_owner_at_a_time(page, player):
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, player)
    vault = page.locator('[data-owner="vault"]').first
    expect(vault).to_be_hidden()
    page.locator(".owner-tabs input").first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(vault).to_be_visible()
