"""The panel of an item beside the board: history, focus, and what it shows after an action."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in

pytestmark = pytest.mark.xdist_group("browser")  # one browser at a time: two cores

ENERGY = "2465295065"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def scripted(chromium, site):
    """A page with JavaScript; every script error fails the test."""
    context = chromium.new_context(base_url=site, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: errors.append(message.text) if "Content Security" in message.text else None,
    )
    page.set_default_timeout(15_000)
    yield page
    context.close()
    assert not errors


def vault_item(page: Page):
    """Return an item of the vault that can go to each character."""
    return page.locator(
        f'.vault [data-owner="vault"][data-bucket-hash="{ENERGY}"]:not(.exotic)'
    ).first


@pytest.mark.parametrize("size", [None, PHONE], ids=["board", "phone"])
def test_going_back_closes_the_panel_and_the_focus_returns_to_the_tile(scripted, size):
    if size:
        scripted.set_viewport_size(size)
    sign_in(scripted)
    if size:
        scripted.locator("label[for=on-vault]").click()
    inventory = scripted.url
    tile = vault_item(scripted)
    address = tile.get_attribute("href")
    tile.click()
    panel = scripted.locator("#panel")
    expect(panel).to_be_focused()
    assert scripted.url.endswith(address.split("#")[0])
    scripted.go_back()
    expect(panel).to_be_hidden()
    expect(tile).to_be_focused()
    assert scripted.url.split("?")[0] == inventory.split("?")[0]
    scripted.go_forward()
    expect(panel).to_be_visible()
    scripted.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(tile).to_be_focused()


def test_a_panel_that_was_loaded_with_the_page_closes_without_a_page_load(scripted):
    sign_in(scripted)
    scripted.goto(vault_item(scripted).get_attribute("href"))
    scripted.evaluate("window.isSamePage = true")
    scripted.locator("#panel [data-close]").click()
    expect(scripted.locator("#panel")).to_be_hidden()
    assert "/inventory/?" in scripted.url
    assert scripted.evaluate("window.isSamePage")


def test_a_refusal_on_a_phone_is_seen_above_the_sheet_and_can_be_closed(scripted, bungie):
    scripted.set_viewport_size(PHONE)
    sign_in(scripted)
    scripted.locator("label[for=on-vault]").click()
    vault_item(scripted).click()
    bungie.refuse_next("TransferItem", 4242)
    scripted.get_by_role("group", name="Move to").get_by_role(
        "button", disabled=False
    ).first.click()
    refusal = scripted.get_by_role("alert").filter(has_text="Nothing was changed")
    expect(refusal).to_be_visible()
    expect(scripted.locator("#panel")).to_be_visible()
    refusal.get_by_role("button", name="Close this message").click()
    expect(refusal).to_be_hidden()
    expect(scripted.locator("#panel")).to_be_visible()
    scripted.get_by_role("group", name="Move to").get_by_role(
        "button", disabled=False
    ).first.click()
    expect(scripted.locator("#panel")).to_be_hidden()
    expect(scripted.locator("[data-board]")).to_have_attribute("data-shown", "vault")


def test_the_open_panel_shows_the_item_as_it_is_after_a_partial_success(scripted, bungie):
    sign_in(scripted)
    vault_item(scripted).click()
    bungie.refuse_next("EquipItem", 4242)
    scripted.get_by_role("group", name="Equip on").get_by_role(
        "button", disabled=False
    ).first.click()
    expect(scripted.locator("#notices-refused [data-notice]")).to_be_visible()
    expect(scripted.locator(".panel-facts")).not_to_contain_text("vault")


def test_a_lock_on_a_phone_leaves_the_sheet_open_and_a_move_closes_it(scripted):
    scripted.set_viewport_size(PHONE)
    sign_in(scripted)
    scripted.locator("label[for=on-vault]").click()
    vault_item(scripted).click()
    lock = scripted.locator("#lock-button")
    before = lock.inner_text()
    lock.click()
    expect(lock).not_to_have_text(before)
    expect(lock).to_be_focused()
    scripted.get_by_role("group", name="Move to").get_by_role(
        "button", disabled=False
    ).first.click()
    expect(scripted.locator("#panel")).to_be_hidden()
    expect(scripted.get_by_role("radio", name="Vault")).to_be_checked()
