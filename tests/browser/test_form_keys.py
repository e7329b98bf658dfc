"""A form's key stands for one post: the same button works again once an answer has come."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import action_button, id_of, sign_in, vault_item

pytestmark = pytest.mark.xdist_group("browser")  # one browser at a time: two cores


def test_a_move_that_the_game_refused_can_be_tried_again_from_the_same_page(page, bungie, player):
    sign_in(page, player)
    item = vault_item(page)
    instance_id = id_of(item)
    address = item.get_attribute("href")
    item.click()
    move = action_button(page, "Move to")
    bungie.refuse_next("TransferItem", 4242)
    move.click()
    expect(page.get_by_text("Nothing was changed").first).to_be_visible()
    assert bungie.holder_of(instance_id) == "vault"
    if not move.is_visible():  # without JavaScript the inventory takes the place of the item
        page.goto(address)
    move.click()
    expect(page.get_by_text("is now with the").first).to_be_visible()
    assert bungie.holder_of(instance_id) != "vault"


def test_a_post_whose_answer_was_lost_is_not_carried_out_again(board, bungie, expected_errors):
    expected_errors.append("ERR_FAILED")
    item = vault_item(board)
    instance_id = id_of(item)
    item.click()
    button = action_button(board, "Move to")
    board.route(
        "**/inventory/transfer", lambda route: (route.fetch(max_redirects=0), route.abort())
    )
    button.click()
    expect(board.get_by_text("No answer arrived").first).to_be_visible()
    board.unroute("**/inventory/transfer")
    button.click()
    expect(board.get_by_text("is now with the").first).to_be_visible()
    sent = [entry.body["itemId"] for entry in bungie.requests if entry.operation == "TransferItem"]
    assert sent.count(instance_id) == 1
