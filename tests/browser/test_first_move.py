"""The first actions of a new player in Chromium, with and without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import sign_in

pytestmark = pytest.mark.xdist_group("browser")  # one browser at a time: the tests run on two cores

ENERGY = "2465295065"


def test_a_vault_item_is_moved_to_a_character_and_equipped(page, bungie):
    sign_in(page)
    item = page.locator(f'[data-owner="vault"][data-bucket-hash="{ENERGY}"]:not(.exotic)').first
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


def test_every_tile_has_a_name_and_is_reached_by_keyboard(page):
    sign_in(page)
    tiles = page.locator("a[data-item-hash]")
    assert tiles.count() > 100
    for index in range(0, tiles.count(), 25):
        tile = tiles.nth(index)
        tile.focus()
        expect(tile).to_be_focused()
        assert tile.inner_text().strip()
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Move to")).to_be_visible()


def test_no_page_is_wider_than_the_window(page):
    sign_in(page)
    for path in ("/", "/inventory/", "/auth/membership", "/no/such/page"):
        page.goto(path)
        for width in (320, 390, 768, 1440):
            page.set_viewport_size({"width": width, "height": 844})
            content_width, window_width = page.locator("body").evaluate(
                "body => [body.scrollWidth, window.innerWidth]"
            )
            assert content_width <= window_width, (path, width)


def test_a_phone_shows_one_owner_at_a_time(page):
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page)
    vault = page.locator('[data-owner="vault"]').first
    expect(vault).to_be_hidden()
    page.get_by_role("radio", name="Hunter").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(vault).to_be_visible()
