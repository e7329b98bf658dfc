"""The panel of an item beside the board: history, focus, and what it shows after an action."""

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

pytestmark = pytest.mark.xdist_group("browser")  # one browser at a time: two cores

SIZES = pytest.mark.parametrize("size", [BOARD, PHONE], ids=["board", "phone"])
VAULT_TAB = "label[for=on-vault]"


def go_to_vault(page: Page) -> None:
    """Show the vault: a phone shows one owner at a time."""
    if page.viewport_size == {"width": PHONE[0], "height": PHONE[1]}:
        page.locator(VAULT_TAB).click()


@SIZES
def test_back_closes_the_panel_and_forward_opens_it_again(open_window, player, size):
    window = open_window(size)
    sign_in(window, player)
    go_to_vault(window)
    inventory = window.url
    tile = vault_item(window)
    address = tile.get_attribute("href")
    name = tile.locator(".tile-name").inner_text()
    tile.click()
    panel = window.locator("#panel")
    expect(panel).to_be_focused()
    assert window.url.endswith(str(address))
    expect(window).to_have_title(f"{name} · Vault")
    window.go_back()
    expect(panel).to_be_hidden()
    expect(tile).to_be_focused()
    assert window.url == inventory
    expect(window).to_have_title("Inventory · Vault")
    window.go_forward()
    expect(panel).to_contain_text(name)
    assert window.url.endswith(str(address))
    window.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(tile).to_be_focused()
    assert window.url == inventory


@SIZES
@pytest.mark.parametrize("scripts", [False, True], ids=["without-javascript", "with-javascript"])
def test_the_address_of_an_item_shows_inventory_and_panel(open_window, player, size, scripts):
    window = open_window(size, scripts=scripts)
    sign_in(window, player)
    tile = vault_item(window)
    name = tile.locator(".tile-name").text_content()
    window.goto(tile.get_attribute("href"))
    panel = window.locator("#panel")
    expect(panel.get_by_role("heading", name=name)).to_be_visible()
    expect(window).to_have_title(f"{name} · Vault")
    expect(window.locator(".vault")).to_be_visible()
    if scripts:
        window.evaluate("window.isSamePage = true")
    panel.get_by_role("link", name="Close the item").click()
    expect(panel).to_be_hidden()
    expect(window).to_have_title("Inventory · Vault")
    assert "/inventory/?" in window.url
    expect(window.locator(".vault")).to_be_visible()
    assert not scripts or window.evaluate("window.isSamePage")


@pytest.mark.parametrize(
    ("size", "scripts"), [(BOARD, False), (PHONE, True)], ids=["board-without-javascript", "phone"]
)
def test_after_a_partial_success_the_item_is_shown_where_it_is_now(
    open_window, player, bungie, size, scripts
):
    window = open_window(size, scripts=scripts)
    sign_in(window, player)
    tile = vault_item(window)
    instance_id, address = id_of(tile), tile.get_attribute("href")
    window.goto(address)
    panel = window.locator("#panel")
    expect(panel.locator(".panel-facts")).to_contain_text("vault")
    bungie.refuse_next("EquipItem", 4242)
    action_button(window, "Equip on").click()
    expect(window.locator("#notices-refused [data-notice]")).to_be_visible()
    holder = bungie.holder_of(instance_id)
    assert holder != "vault"
    assert not bungie.item(instance_id).equipped
    if not scripts:
        window.goto(address)
    expect(panel.locator(".panel-facts")).not_to_contain_text("vault")
    expect(panel.locator(f"#move-{holder}")).to_be_disabled()
    expect(panel.locator("#move-vault")).to_be_enabled()


@SIZES
def test_after_a_refusal_the_panel_shows_the_item_where_it_still_is(
    open_window, player, bungie, size
):
    window = open_window(size)
    sign_in(window, player)
    go_to_vault(window)
    tile = vault_item(window)
    instance_id = id_of(tile)
    tile.click()
    bungie.refuse_next("TransferItem", 4242)
    action_button(window, "Move to").click()
    expect(window.locator("#notices-refused [data-notice]")).to_be_visible()
    expect(window.locator(".panel-facts")).to_contain_text("vault")
    expect(window.locator("#move-vault")).to_be_disabled()
    assert bungie.holder_of(instance_id) == "vault"


def test_a_docked_panel_covers_no_tile(board):
    vault_item(board).click()
    expect(board.locator("#panel")).to_be_visible()
    covered = board.evaluate(
        """() => {
            const panel = document.querySelector("#panel").getBoundingClientRect();
            const isCovered = ({ left, right, top, bottom }) =>
                left < panel.right && right > panel.left &&
                top < panel.bottom && bottom > panel.top;
            return [...document.querySelectorAll("a.tile")].filter(
                (tile) => tile.checkVisibility() && isCovered(tile.getBoundingClientRect()),
            ).length;
        }"""
    )
    assert covered == 0
    expect(board.locator(".characters")).to_be_visible()


def test_below_1200_pixels_the_panel_takes_the_place_of_the_characters(open_window, player):
    window = open_window((1000, 800))
    sign_in(window, player)
    expect(window.locator(".characters")).to_be_visible()
    vault_item(window).click()
    panel = window.locator("#panel")
    expect(panel).to_be_visible()
    expect(window.locator(".characters")).to_be_hidden()
    panel_box, vault_box = panel.bounding_box(), window.locator(".vault").bounding_box()
    assert panel_box["x"] + panel_box["width"] <= vault_box["x"]
    window.keyboard.press("Escape")
    expect(window.locator(".characters")).to_be_visible()


def test_a_lock_on_a_phone_leaves_the_sheet_open(phone, bungie):
    go_to_vault(phone)
    tile = vault_item(phone)
    instance_id = id_of(tile)
    was_locked = bungie.item(instance_id).locked
    tile.click()
    lock = phone.locator("#lock-button")
    before = lock.inner_text()
    lock.click()
    expect(lock).not_to_have_text(before)
    expect(lock).to_be_focused()
    expect(phone.locator("#panel")).to_be_visible()
    assert bungie.item(instance_id).locked is not was_locked


def test_a_refusal_on_a_phone_is_seen_and_announced_above_the_sheet(phone, bungie):
    go_to_vault(phone)
    vault_item(phone).click()
    bungie.refuse_next("TransferItem", 4242)
    action_button(phone, "Move to").click()
    region = phone.locator("#notices-refused")
    refusal = region.locator("[data-notice]")
    expect(refusal).to_contain_text("Nothing was changed")
    expect(refusal).to_have_count(1)
    expect(region).to_have_attribute("role", "alert")
    assert region.evaluate("region => !region.closest('[inert], [aria-hidden=true], [hidden]')")
    assert is_in_front(refusal)
    sheet = phone.locator("#panel")
    expect(sheet).to_be_visible()
    # The rest of the page cannot be used while the sheet is open.
    assert phone.locator(".vault").evaluate("vault => !!vault.closest('[inert]')")
    refusal.get_by_role("button", name="Close this message").click()
    expect(refusal).to_be_hidden()
    expect(sheet).to_be_visible()


def test_after_a_move_on_a_phone_the_sheet_closes_at_the_same_place_of_the_same_tab(phone, bungie):
    go_to_vault(phone)
    tile = vault_item(phone)
    tile.evaluate("tile => tile.scrollIntoView({ block: 'start' })")
    instance_id = id_of(tile)
    tile.click()
    expect(phone.locator("#panel")).to_be_visible()
    before = phone.evaluate("window.scrollY")
    action_button(phone, "Move to").click()
    expect(phone.locator("#panel")).to_be_hidden()
    expect(phone.locator("#notices-done [data-notice]")).to_be_visible()
    assert bungie.holder_of(instance_id) != "vault"
    expect(phone.locator("[data-board]")).to_have_attribute("data-shown", "vault")
    expect(phone.locator("#on-vault")).to_be_checked()
    # A row of tiles less can make the page shorter.
    assert before > 0
    assert abs(phone.evaluate("window.scrollY") - before) < 120
    # What was inert for the sheet can be used again.
    expect(phone.locator("[inert]")).to_have_count(0)


def test_an_opened_perk_stays_open_after_a_lock_and_the_others_stay_folded(board):
    perks = board.locator("#panel .panel-perks details")
    for tile in vault_tiles(board):
        tile.click()
        expect(board.locator("#panel [data-panel]")).to_be_visible()
        if perks.count() > 1:
            break
    perks.first.locator("summary").click()
    label = board.locator("#lock-button").inner_text()
    board.locator("#lock-button").click()
    expect(board.locator("#lock-button")).not_to_have_text(label)
    assert perks.evaluate_all("perks => perks.map(({ open }) => open)") == [
        True,
        *[False] * (perks.count() - 1),
    ]


def vault_tiles(page: Page):
    """Return the first weapons of the vault."""
    return page.locator(".vault a.tile[data-item-instance-id]").all()[:8]
