"""The board: what fits in each window, what stays folded, and the postmaster's form."""

import pytest
from playwright.sync_api import expect

from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.world.generate import Size
from tests.browser.conftest import BOARD, PHONE, action_button, add_player, sign_in

pytestmark = pytest.mark.xdist_group("browser")  # one browser at a time: two cores


def test_700_items_of_the_vault_need_at_most_4600_pixels(open_window, collector):
    window = open_window()
    sign_in(window, collector)
    assert window.evaluate("document.documentElement.scrollHeight") <= 4600


@pytest.mark.parametrize("size", [BOARD, (1920, 1080)], ids=str)
def test_one_character_leaves_no_empty_columns(open_window, bungie, size):
    window = open_window(size)
    sign_in(window, add_player(bungie, Size(vault=60, characters=1)))
    expect(window.locator(".owner")).to_have_count(1)
    owner, vault = (window.locator(part).bounding_box() for part in (".owner", ".vault"))
    assert vault["x"] - (owner["x"] + owner["width"]) < 60
    assert vault["x"] + vault["width"] > size[0] - 40
    assert owner["x"] < 40


def test_a_tablet_shows_a_character_and_the_vault(open_window, player):
    window = open_window((768, 1024), scripts=False)
    sign_in(window, player)
    owner = window.locator(".column-0")
    expect(owner).to_be_in_viewport()
    expect(window.locator(".vault")).to_be_in_viewport()
    window.locator("label[for=on-1]").click()
    expect(owner).to_be_hidden()
    expect(window.locator(".column-1")).to_be_in_viewport()
    expect(window.locator(".vault")).to_be_in_viewport()


def test_a_phone_on_its_side_shows_three_rows_of_tiles(open_window, collector):
    window = open_window((844, 390))
    sign_in(window, collector)
    rows = window.evaluate(
        """() => {
            const first = document.querySelector(".vault a.tile").getBoundingClientRect();
            const header = document.querySelector(".site-header").getBoundingClientRect();
            window.scrollBy({ top: first.top - header.height - 6, behavior: "instant" });
            const isWhole = (tile) => {
                const { left, right, top, bottom } = tile.getBoundingClientRect();
                return [top + 1, bottom - 1].every((y) =>
                    tile.parentElement.contains(document.elementFromPoint((left + right) / 2, y)));
            };
            const tiles = [...document.querySelectorAll(".vault a.tile")].filter(isWhole);
            return new Set(tiles.map((tile) => Math.round(tile.getBoundingClientRect().top))).size;
        }"""
    )
    assert rows >= 3


def test_a_folded_section_stays_folded_after_a_reload_and_a_move(board):
    section = board.locator('[data-fold="armor"], .vault-section').nth(1)
    key = section.get_attribute("data-fold")
    folded = board.locator(f'[data-fold="{key}"]')
    expect(folded).to_have_attribute("open", "")
    with board.expect_response("**/inventory/view"):
        folded.locator("> summary").click()
    expect(folded).not_to_have_attribute("open", "")
    board.reload()
    expect(folded).not_to_have_attribute("open", "")
    tile = board.locator(".vault a.tile:visible:not(.exotic)").first
    tile.click()
    action_button(board, "Move to").click()
    expect(board.locator("#notices-done [data-notice]")).to_be_visible()
    expect(folded).not_to_have_attribute("open", "")


@pytest.mark.parametrize(
    ("size", "scripts"), [(BOARD, False), (PHONE, True)], ids=["board-without-javascript", "phone"]
)
def test_collect_all_empties_the_postmaster_and_names_what_stays(
    open_window, player, bungie, size, scripts
):
    window = open_window(size, scripts=scripts)
    sign_in(window, player)
    profile = bungie.profile(player.bungie_id)
    character_id = next(iter(profile.characters))
    count = len(profile.items_in(character_id, Bucket.LOST_ITEMS))
    window.get_by_role("button", name="Collect all").first.click()
    notices = window.locator("#notices [data-notice]")
    expect(notices.first).to_be_visible()
    left = profile.items_in(character_id, Bucket.LOST_ITEMS)
    assert len(left) < count
    text = " ".join(notices.all_inner_texts())
    assert left
    for item in left:
        assert item.definition.name in text
    expect(window.locator(".column-0")).to_be_visible()
