"""Messages about actions that are done: how long they stay, undo, and redo."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import action_button, id_of, sign_in, vault_item

pytestmark = pytest.mark.xdist_group("browser")  # one browser at a time: two cores


@pytest.fixture
def timed(open_window, player) -> Page:
    """An inventory after a move; the test controls the time of the page."""
    window = open_window()
    window.clock.install()
    sign_in(window, player)
    vault_item(window).click()
    window.clock.pause_at(window.evaluate("Date.now()") + 10_000)
    action_button(window, "Move to").click()
    expect(window.locator("#notices-done [data-notice]")).to_be_visible()
    window.clock.run_for(500)
    return window


def test_a_message_of_success_leaves_after_six_seconds_and_undo_stays(timed):
    notice = timed.locator("#notices-done [data-notice]")
    timed.clock.run_for(4000)
    expect(notice).to_be_visible()
    timed.clock.run_for(3000)
    expect(notice).to_have_count(0)
    expect(timed.locator("#undo").get_by_role("button", name="Undo")).to_be_visible()


def test_a_message_stays_while_the_pointer_is_on_it(timed):
    notice = timed.locator("#notices-done [data-notice]")
    notice.hover()
    timed.clock.run_for(20_000)
    expect(notice).to_be_visible()
    timed.mouse.move(5, 5)
    timed.clock.run_for(7000)
    expect(notice).to_have_count(0)


def test_a_message_stays_while_it_has_the_focus(timed):
    notice = timed.locator("#notices-done [data-notice]")
    notice.get_by_role("button", name="Close this message").focus()
    timed.clock.run_for(20_000)
    expect(notice).to_be_visible()
    timed.locator("#main").focus()
    timed.clock.run_for(7000)
    expect(notice).to_have_count(0)


def test_a_refusal_stays(board, bungie):
    board.clock.install()
    vault_item(board).click()
    bungie.refuse_next("TransferItem", 4242)
    action_button(board, "Move to").click()
    refusal = board.locator("#notices-refused [data-notice]")
    expect(refusal).to_be_visible()
    board.clock.run_for(60_000)
    expect(refusal).to_be_visible()


def test_an_undo_can_be_taken_back_by_redo(page, bungie, player):
    sign_in(page, player)
    tile = vault_item(page)
    instance_id = id_of(tile)
    tile.click()
    action_button(page, "Move to").click()
    button = page.locator("#undo button")
    word = button.locator(".word")
    expect(word).to_have_text("Undo")
    holder = bungie.holder_of(instance_id)
    assert holder != "vault"
    button.click()
    expect(word).to_have_text("Redo")
    assert bungie.holder_of(instance_id) == "vault"
    button.click()
    expect(word).to_have_text("Undo")
    assert bungie.holder_of(instance_id) == holder
