"""Without a connection the page stays, and a notice says what is certain."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import BOARD, PHONE, action_button, id_of, sign_in, vault_item

pytestmark = pytest.mark.xdist_group("browser")  # one browser at a time: two cores

SIZES = pytest.mark.parametrize("size", [BOARD, PHONE], ids=["board", "phone"])


@pytest.fixture
def vault(open_window, player, expected_errors, size):
    """The vault of a new player; the tests interrupt its connection."""
    expected_errors += ["ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_REFUSED"]
    window = open_window(size)
    sign_in(window, player, "/inventory/?on=vault")
    return window


def refuse_connections(page) -> None:
    """Let the site be as if its server had ended."""
    page.route("**/*", lambda route: route.abort("connectionrefused"))


@SIZES
def test_offline_a_tile_and_a_link_leave_the_page_in_place(vault):
    address = vault.url
    vault.context.set_offline(True)
    refusals = vault.locator("#notices-refused [data-notice]")
    vault_item(vault).click()
    expect(refusals).to_contain_text("Nothing was sent")
    vault.get_by_role("link", name="Xûr").click()
    expect(refusals).to_contain_text("Nothing was sent")
    assert vault.url == address
    vault.context.set_offline(False)
    refusals.last.get_by_role("button", name="Close this message").click()
    vault_item(vault).click()
    expect(vault.locator("#panel")).to_be_visible()
    expect(refusals).to_have_count(0)


@SIZES
def test_offline_a_move_is_not_sent_and_is_said_to_be_so(vault, bungie):
    tile = vault_item(vault)
    instance_id = id_of(tile)
    tile.click()
    move = action_button(vault, "Move to")
    vault.context.set_offline(True)
    move.click()
    refusal = vault.locator("#notices-refused [data-notice]")
    expect(refusal).to_contain_text("You are offline. Nothing was sent.")
    assert bungie.holder_of(instance_id) == "vault"
    vault.context.set_offline(False)
    move.click()
    expect(vault.locator("#notices-done [data-notice]")).to_be_visible()
    expect(refusal).to_have_count(0)
    assert bungie.holder_of(instance_id) != "vault"


@SIZES
def test_when_the_site_is_dead_tiles_and_links_leave_the_page_in_place(vault):
    refusals = vault.locator("#notices-refused [data-notice]")
    address = vault.url
    refuse_connections(vault)
    vault_item(vault).click()
    expect(refusals).to_contain_text("The site cannot be reached. Nothing was sent.")
    assert vault.url == address
    vault.get_by_role("link", name="Xûr").click()
    expect(refusals).to_contain_text("The site cannot be reached. Nothing was sent.")
    assert vault.url == address
    vault.locator(".account-menu > summary").click()
    vault.get_by_role("button", name="Sign out").click()
    expect(refusals).to_contain_text("The site cannot be reached. Nothing was sent.")
    assert vault.url == address
    vault.unroute("**/*")
    refusals.get_by_role("button", name="Try again").click()
    expect(vault.get_by_role("link", name="Sign in with Bungie").first).to_be_visible()


@SIZES
def test_a_move_to_a_dead_site_says_that_the_outcome_is_unknown(vault, bungie):
    tile = vault_item(vault)
    instance_id = id_of(tile)
    tile.click()
    move = action_button(vault, "Move to")
    refuse_connections(vault)
    move.click()
    refusal = vault.locator("#notices-refused [data-notice]")
    expect(refusal).to_contain_text("No answer arrived")
    expect(vault.locator("#panel")).to_be_visible()
    vault.unroute("**/*")
    refusal.get_by_role("link", name="Look again").click()
    expect(refusal).to_have_count(0)
    expect(vault.locator(".panel-facts")).to_contain_text("vault")
    assert bungie.holder_of(instance_id) == "vault"
