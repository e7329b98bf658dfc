"""A double click and keys move an item without its panel."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ENERGY, id_of, vault_item
from tests.browser.gestures import by_instance, owner_of, refusal, sent, times_sent

pytestmark = pytest.mark.xdist_group("browser")  # one browser at a time: two cores


def test_a_double_click_moves_the_item_if_the_player_wants_that(board, bungie):
    tile = vault_item(board)
    instance_id = id_of(tile)
    tile.dblclick()
    expect(board.locator("#panel")).to_be_visible()
    assert sent(bungie) == []
    board.locator("#panel [data-close]").click()
    board.locator(".view-menu > summary").click()
    board.get_by_label("Moves it to the shown character").check()
    board.get_by_role("button", name="Apply").click()
    expect(board.locator("[data-board]")).to_have_attribute("data-double-click", "on")
    board.locator("label[for=on-1]").click()
    tile.dblclick()
    expect(by_instance(board, instance_id)).to_have_attribute("data-owner", owner_of(board, 1))
    expect(by_instance(board, instance_id)).to_have_attribute("data-location", "bag")
    expect(board.locator("#panel")).to_be_hidden()
    assert times_sent(bungie, instance_id) == 1
    by_instance(board, instance_id).dblclick()
    expect(refusal(board, "The item is there already")).to_be_visible()
    vault_item(board).click()
    expect(board.locator("#panel")).to_be_visible()


@pytest.mark.parametrize(("key", "index"), [("2", 1), ("m", 2)])
def test_the_key_m_and_the_key_of_an_owner_move_the_focused_item(board, bungie, key, index):
    board.locator("label[for=on-2]").click()
    tile = vault_item(board)
    instance_id = id_of(tile)
    tile.focus()
    board.keyboard.press("m")
    names = board.locator(".owner h2").all_text_contents()
    words = ", ".join(f"{number} {name.strip()}" for number, name in enumerate(names, 1))
    expect(board.locator("#notices-done")).to_contain_text(f"Move to: {words}, v Vault")
    board.keyboard.press(key)
    expect(by_instance(board, instance_id)).to_have_attribute("data-owner", owner_of(board, index))
    expect(board.get_by_text("Move to: 1")).to_have_count(0)
    assert times_sent(bungie, instance_id) == 1


def test_the_keys_m_and_v_move_the_focused_item_to_the_vault(board, bungie):
    owner = owner_of(board, 0)
    tile = board.locator(
        f'[data-owner="{owner}"][data-bucket-hash="{ENERGY}"][data-location="bag"]'
    ).first
    instance_id = id_of(tile)
    tile.focus()
    board.keyboard.press("m")
    board.keyboard.press("v")
    expect(by_instance(board, instance_id)).to_have_attribute("data-owner", "vault")
    assert times_sent(bungie, instance_id) == 1


@pytest.mark.parametrize("key", ["Escape", "9"])
def test_another_key_ends_the_choice(board, bungie, key):
    vault_item(board).focus()
    board.keyboard.press("m")
    prompt = board.get_by_text("Move to: 1")
    expect(prompt).to_be_visible()
    board.keyboard.press(key)
    expect(prompt).to_have_count(0)
    board.keyboard.press("2")
    board.wait_for_load_state("networkidle")
    assert sent(bungie) == []


def test_the_keys_are_in_the_help_and_can_be_switched_off(board):
    board.keyboard.press("?")
    dialog = board.get_by_role("dialog")
    expect(dialog.get_by_role("row").filter(has_text="Move the item to the vault")).to_be_visible()
    dialog.get_by_role("switch").uncheck()
    board.keyboard.press("Escape")
    asked = []
    board.on("request", lambda request: asked.append(request.url))
    vault_item(board).focus()
    board.keyboard.press("m")
    expect(board.get_by_text("Move to: 1")).to_have_count(0)
    board.keyboard.press("1")
    expect(board.locator(".column-0 a.tile:focus")).to_have_count(0)
    assert asked == []
