"""The inventory by keyboard: tab stops, arrow keys, skip links, shortcuts, cards of tiles."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import (
    BOARD,
    PHONE,
    action_button,
    id_of,
    is_in_front,
    sign_in,
    vault_item,
)

FOCUS_RING = "element => getComputedStyle(element).outlineStyle"

pytestmark = pytest.mark.xdist_group("browser")  # one browser at a time: two cores

TAB_STOPS = """() => [...document.querySelectorAll(
    "a[href], button, input:not([type=radio], [type=hidden]), input:checked, summary, [tabindex]",
)].filter(
    (element) => element.tabIndex >= 0 && !element.disabled && element.checkVisibility(),
).length"""

STOPS_OF_CELLS = """() => [...document.querySelectorAll("ul.cell")].map(
    (cell) => [...cell.querySelectorAll("a.tile")].filter((tile) => tile.tabIndex >= 0).length,
)"""


def test_the_page_has_few_tab_stops_and_each_cell_one_at_most(open_window, collector):
    window = open_window()
    sign_in(window, collector)
    assert window.locator("a.tile").count() > 700
    assert window.evaluate(TAB_STOPS) < 220
    tile = vault_item(window)
    tile.focus()
    window.keyboard.press("ArrowRight")
    expect(tile).not_to_be_focused()
    assert set(window.evaluate(STOPS_OF_CELLS)) <= {0, 1}
    window.keyboard.press("Tab")
    window.keyboard.press("Shift+Tab")
    expect(window.locator("a.tile:focus")).to_have_attribute("tabindex", "0")


def test_arrow_keys_home_and_end_move_within_a_cell(open_window, collector):
    window = open_window()
    sign_in(window, collector)
    # A row has 20 tiles.
    cell = window.locator(".vault ul.cell").filter(has=window.locator("li:nth-child(21)")).first
    tiles = cell.locator("a.tile")
    tiles.first.focus()
    for key, index in (("ArrowRight", 1), ("End", -1), ("ArrowRight", -1), ("Home", 0)):
        window.keyboard.press(key)
        expect(tiles.nth(index)).to_be_focused()
    place = "tile => [tile.getBoundingClientRect().x, tile.getBoundingClientRect().y + scrollY]"
    left, top = tiles.first.evaluate(place)
    window.keyboard.press("ArrowDown")
    below_left, below_top = window.locator("a.tile:focus").evaluate(place)
    assert below_top > top
    assert below_left == left
    window.keyboard.press("ArrowUp")
    expect(tiles.first).to_be_focused()


@pytest.mark.parametrize(
    ("size", "scripts"),
    [(BOARD, True), ((1000, 800), True), ((844, 390), True), (PHONE, False)],
    ids=["board", "tablet", "landscape", "phone-without-javascript"],
)
def test_a_focused_tile_is_never_hidden(open_window, collector, size, scripts):
    window = open_window(size, scripts=scripts)
    window.emulate_media(reduced_motion="reduce")  # a place is certain once no scrolling goes on
    sign_in(window, collector, "/inventory/?on=vault")
    if size[0] > PHONE[0]:
        window.goto(vault_item(window).get_attribute("href"))
    window.locator(".vault a.tile").first.focus()
    tiles = 0
    while tiles < 30:
        for key in ("Tab", "ArrowDown") if scripts else ("Tab",):
            window.keyboard.press(key)
            tile = window.locator("a.tile:focus")
            if tile.count():
                tiles += 1
                assert is_in_front(tile), (tiles, tile.inner_text())
                assert tile.evaluate(FOCUS_RING) == "solid"


@pytest.mark.parametrize("scripts", [False, True], ids=["without-javascript", "with-javascript"])
def test_skip_links_lead_to_the_parts_of_the_page(open_window, player, scripts):
    window = open_window(scripts=scripts)
    sign_in(window, player)
    vault_item(window).click()
    action_button(window, "Move to").click()
    expect(window.locator("#undo button")).to_be_visible()
    if window.locator("#panel").is_visible():
        expect(window.locator(".skip-links").get_by_text("Skip to the item")).to_have_count(1)
        window.locator("#panel [data-close]").click()
    for name, target in (
        ("Skip to the content", "#main"),
        ("Skip to the weapons", "#weapons"),
        ("Skip to the armor", "#armor"),
        ("Skip to the vault", "#vault"),
        ("Skip to undo", "#undo"),
    ):
        link = window.get_by_role("link", name=name)
        link.focus()
        expect(link).to_be_in_viewport()
        window.keyboard.press("Enter")
        window.keyboard.press("Tab")
        assert window.locator(target).evaluate(
            "target => target.contains(document.activeElement)"
        ), name


def open_help(page: Page):
    """Press the key of the help sheet; return the sheet."""
    page.keyboard.press("?")
    return page.get_by_role("dialog", name="Keyboard shortcuts")


def test_single_keys_open_the_help_refresh_and_undo(board, bungie):
    tile = vault_item(board)
    instance_id = id_of(tile)
    tile.click()
    action_button(board, "Move to").click()
    expect(board.locator("#notices-done [data-notice]")).to_be_visible()
    assert bungie.holder_of(instance_id) != "vault"
    help_sheet = open_help(board)
    expect(help_sheet).to_be_visible()
    expect(help_sheet.get_by_role("row").filter(has_text="Undo")).to_be_visible()
    board.keyboard.press("u")  # no shortcut works behind the sheet
    board.keyboard.press("Escape")
    expect(help_sheet).to_be_hidden()
    expect(board.locator("#panel")).to_be_visible()
    board.keyboard.press("Escape")
    expect(board.locator("#panel")).to_be_hidden()
    with board.expect_response("**/inventory/refresh"):
        board.keyboard.press("r")
    board.wait_for_load_state("networkidle")  # one form is sent at a time
    board.keyboard.press("u")
    expect(board.locator("#undo .word")).to_have_text("Redo")
    assert bungie.holder_of(instance_id) == "vault"


def test_single_keys_can_be_switched_off_and_stay_off(board):
    help_sheet = open_help(board)
    with board.expect_response("**/inventory/view"):
        help_sheet.get_by_role("switch", name="Shortcuts of a single key").uncheck()
    board.keyboard.press("Escape")
    expect(help_sheet).to_be_hidden()
    for _ in range(2):
        expect(open_help(board)).to_be_hidden()
        board.reload()
    board.locator(".account-menu > summary").click()
    board.get_by_role("button", name="Keyboard shortcuts").click()
    switch = help_sheet.get_by_role("switch")
    expect(switch).not_to_be_checked()
    with board.expect_response("**/inventory/view"):
        switch.check()
    board.reload()
    expect(open_help(board)).to_be_visible()


def test_the_card_of_a_tile_is_shown_for_pointer_and_keyboard(board):
    card = board.locator(".hover-card")
    tile = vault_item(board)
    name = tile.locator(".tile-name").text_content()
    tile.click()
    panel = board.locator("#panel")
    expect(panel).to_be_focused()
    board.mouse.move(5, 5)
    tile.hover()
    expect(card).to_be_visible()
    expect(card).to_contain_text(name)
    box = card.bounding_box()
    # The pointer goes from the tile to the card, which stays.
    board.mouse.move(box["x"] + 12, box["y"] + 4, steps=4)
    board.mouse.move(box["x"] + 20, box["y"] + box["height"] / 2, steps=4)
    board.wait_for_timeout(300)
    assert card.is_visible()  # not the card of a tile below it
    board.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(panel).to_be_visible()
    board.mouse.move(5, 5)
    tile.focus()
    board.keyboard.press("ArrowRight")
    focused = board.locator("a.tile:focus")
    expect(card).to_be_visible()
    expect(card).to_contain_text(focused.locator(".tile-name").text_content())
    board.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(panel).to_be_visible()
    board.keyboard.press("Escape")
    expect(panel).to_be_hidden()
