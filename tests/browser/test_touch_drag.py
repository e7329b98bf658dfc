"""Drag and drop with a finger on a phone."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import ENERGY, id_of, vault_item
from tests.browser.gestures import Finger, by_instance, middle_of, owner_of, sent, times_sent

pytestmark = pytest.mark.xdist_group("browser")  # one browser at a time: two cores


def show_vault(page: Page) -> Locator:
    page.locator("label[for=on-vault]").tap()
    tile = vault_item(page)
    tile.scroll_into_view_if_needed()
    return tile


def test_a_finger_that_rests_on_an_item_drags_it_to_a_tab(phone, bungie):
    tile = show_vault(phone)
    instance_id = id_of(tile)
    finger = Finger(phone)
    start, end = middle_of(tile), middle_of(phone.locator("label[for=on-1]"))
    before = phone.evaluate("scrollY")
    finger.press(*start)
    expect(phone.locator(".drag-picture")).to_be_attached()
    finger.move(start, (195, 400))
    assert phone.evaluate("scrollY") == before
    finger.move((195, 400), end)
    expect(phone.locator("label[for=on-1]")).to_contain_class("drop-over")
    finger.lift()
    expect(by_instance(phone, instance_id)).to_have_attribute("data-owner", owner_of(phone, 1))
    expect(phone.locator("#panel")).to_be_hidden()
    assert times_sent(bungie, instance_id) == 1


def test_an_item_that_rests_on_a_tab_shows_its_owner_and_is_equipped_there(phone, bungie):
    tile = show_vault(phone)
    instance_id = id_of(tile)
    tab = phone.locator("label[for=on-0]")
    finger = Finger(phone)
    start, middle = middle_of(tile), middle_of(tab)
    finger.press(*start)
    expect(phone.locator(".drag-picture")).to_be_attached()
    finger.move(start, middle)
    expect(phone.locator("[data-board]")).to_have_attribute("data-shown", "0")
    equipped = phone.locator(
        f'[data-owner="{owner_of(phone, 0)}"][data-bucket-hash="{ENERGY}"]'
        '[data-location="equipped"]'
    )
    finger.move(middle, middle_of(equipped))
    finger.lift()
    expect(by_instance(phone, instance_id)).to_have_attribute("data-location", "equipped")
    assert times_sent(bungie, instance_id) == 1


def test_a_finger_that_moves_at_once_scrolls(phone, bungie):
    tile = show_vault(phone)
    finger = Finger(phone)
    before = phone.evaluate("scrollY")
    x, y = middle_of(tile)
    finger.press(x, y)
    finger.move((x, y), (x, y - 300), steps=10)
    phone.wait_for_timeout(500)  # longer than a long press
    expect(phone.locator(".drag-picture")).to_have_count(0)
    finger.lift()
    assert phone.evaluate("scrollY") > before
    assert sent(bungie) == []


def test_a_second_finger_ends_the_drag(phone, bungie):
    tile = show_vault(phone)
    finger = Finger(phone)
    start, end = middle_of(tile), middle_of(phone.locator("label[for=on-1]"))
    finger.press(*start)
    expect(phone.locator(".drop-allowed").first).to_be_attached()
    finger.move(start, end)
    finger.send("touchStart", end, (50, 300))
    expect(phone.locator(".drag-picture")).to_have_count(0)
    finger.lift()
    assert sent(bungie) == []


def test_a_tap_opens_the_item(phone):
    show_vault(phone).tap()
    expect(phone.locator("#panel")).to_be_visible()


def test_the_page_scrolls_while_an_item_is_near_the_edge(phone):
    tile = show_vault(phone)
    finger = Finger(phone)
    start = middle_of(tile)
    tabs = phone.locator(".owner-tabs").bounding_box()
    assert tabs
    lower = phone.locator("#vault-helmet > summary")
    expect(lower).not_to_be_in_viewport()
    finger.press(*start)
    expect(phone.locator(".drag-picture")).to_be_attached()
    finger.move(start, (start[0], tabs["y"] - 8))
    expect(lower).to_be_in_viewport()
    finger.send("touchCancel")
    expect(phone.locator(".drag-picture")).to_have_count(0)
