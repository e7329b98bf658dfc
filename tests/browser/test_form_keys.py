"""A form's key stands for one post: the same button works again once an answer has come."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import sign_in

pytestmark = pytest.mark.xdist_group("browser")  # one browser at a time: two cores

ENERGY = "2465295065"


def test_a_move_that_the_game_refused_can_be_tried_again_from_the_same_page(page, bungie):
    sign_in(page)
    item = page.locator(f'[data-owner="vault"][data-bucket-hash="{ENERGY}"]:not(.exotic)').first
    instance_id = item.get_attribute("data-item-instance-id")
    address = item.get_attribute("href")
    item.click()
    move = page.get_by_role("group", name="Move to")
    bungie.refuse_next("TransferItem", 4242)
    move.get_by_role("button", disabled=False).first.click()
    expect(page.get_by_text("Nothing was changed").first).to_be_visible()
    assert bungie.holder_of(instance_id) == "vault"
    if not move.is_visible():  # without JavaScript the inventory takes the place of the item
        page.goto(address)
    move.get_by_role("button", disabled=False).first.click()
    expect(page.get_by_text("is now with the").first).to_be_visible()
    assert bungie.holder_of(instance_id) != "vault"


def test_a_post_whose_answer_was_lost_is_not_carried_out_again(chromium, site, bungie):
    context = chromium.new_context(base_url=site, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(page)
    item = page.locator(f'[data-owner="vault"][data-bucket-hash="{ENERGY}"]:not(.exotic)').first
    instance_id = item.get_attribute("data-item-instance-id")
    item.click()
    button = page.get_by_role("group", name="Move to").get_by_role("button", disabled=False).first
    page.route("**/inventory/transfer", lambda route: (route.fetch(max_redirects=0), route.abort()))
    button.click()
    expect(page.get_by_text("No answer arrived").first).to_be_visible()
    page.unroute("**/inventory/transfer")
    button.click()
    expect(page.get_by_text("is now with the").first).to_be_visible()
    context.close()
    sent = [entry.body["itemId"] for entry in bungie.requests if entry.operation == "TransferItem"]
    assert sent.count(instance_id) == 1
