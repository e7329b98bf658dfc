"""The soak test reads the site's real pages and reports as they are meant."""

import shlex
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.world import ingame
from bungie_sandbox.world.belongings import VAULT
from soak import checks
from soak.browser import Answer
from soak.game import carried_out
from soak.options import STORES, Options, parse
from soak.pages import read_page
from tests.sandbox.picking import bagged, named, stored


def refreshed(browser):
    return read_page(browser.submit("/inventory/refresh").html)


def test_the_page_of_the_site_is_the_game(browser, game):
    page = refreshed(browser)
    assert page.is_signed_in
    assert page.notices == ["Read from Bungie just now."]
    assert len(page.tiles) > 100
    assert checks.check_page(page, game.belongings()) == []


def test_every_difference_between_page_and_game_is_found(browser, game, bungie):
    page, character = refreshed(browser), next(iter(game.profile.characters))
    item = bagged(game.profile, character, Bucket.KINETIC)
    with bungie.bungie.lock:
        game.profile.move(item, VAULT, Bucket.VAULT)
        (found,) = checks.check_page(page, game.belongings())
        assert found == (
            f"the page, not the game: {item.instance_id} is bag of {character}"
            f"{', locked' * item.locked} instead of vault of vault{', locked' * item.locked}"
        )
        game.profile.move(item, character, Bucket.KINETIC)
        item.state ^= 1
        assert len(checks.check_page(page, game.belongings())) == 1
        item.state ^= 1
        prism = named("Enhancement Prism")
        ingame.loot(game.bungie.world, game.profile, character, prism, 2)
        (found,) = checks.check_page(page, game.belongings())
        assert str(prism) in found


def test_a_tile_that_is_missing_or_there_twice_is_found(browser, game):
    page = refreshed(browser)
    tile = next(tile for tile in page.tiles if tile.instance_id)
    page.tiles.append(tile)
    assert checks.check_page(page, game.belongings()) == [
        f"on the page two times: {tile.instance_id}"
    ]
    page.tiles = [other for other in page.tiles if other != tile]
    (found,) = checks.check_page(page, game.belongings())
    assert f"{tile.instance_id} is nowhere instead of" in found


def test_the_forms_of_an_item_are_read_with_all_that_a_browser_sends(browser, game):
    item = stored(game.profile, item_type=3)
    page = read_page(browser.open(f"/inventory/items/{item.instance_id}").html)
    form = next(iter(page.forms_to("/inventory/transfer")))
    assert form.fields["item_instance_id"] == item.instance_id
    assert form.fields["csrf_token"]
    assert [name for name, _ in form.buttons] == ["destination"] * len(form.buttons)
    assert VAULT not in {owner for _, owner in form.buttons}


@pytest.mark.parametrize("action", ["transfer", "equip", "stack", "lock"])
def test_a_report_of_the_site_and_the_journal_tell_the_same_calls(browser, game, action):
    page, mark = refreshed(browser), game.mark()
    characters = list(game.profile.characters)
    item = bagged(game.profile, characters[0], Bucket.KINETIC)
    which = {"item_hash": item.item_hash, "item_instance_id": item.instance_id}
    stack = next(tile for tile in page.tiles if tile.location == "account" and tile.href)
    path, fields = {
        "transfer": ("transfer", {**which, "source": item.holder, "destination": characters[1]}),
        "equip": ("equip", {"item_instance_id": item.instance_id, "character_id": item.holder}),
        "stack": (
            "transfer",
            {"item_hash": stack.item_hash, "source": "account", "destination": VAULT},
        ),
        "lock": ("lock", {"item_instance_id": item.instance_id, "locked": int(not item.locked)}),
    }[action]
    status, told = browser.json(f"/inventory/{path}", **fields)
    assert (status, told["ok"]) == (200, True)
    carried = carried_out(game.entries(mark))
    answer = Answer(method="POST", path=path, status=200, began=0, seconds=0, report=told)
    assert carried
    assert checks.check_reports([answer], carried, Counter()) == []
    told["steps"].pop()
    assert checks.check_reports([answer], carried, Counter()) != []


@given(
    st.builds(
        Options,
        minutes=st.integers(1, 600).map(float),
        seed=st.integers(0, 10**6),
        store=st.sampled_from(STORES),
        players=st.integers(1, 9),
        faults=st.integers(0, 100).map(lambda percent: percent / 100),
        clock_steps=st.booleans(),
        lag=st.integers(0, 60).map(float),
        hangs=st.booleans(),
        keep_going=st.booleans(),
    )
)
def test_the_command_of_a_run_repeats_it(options):
    assert parse(shlex.split(options.command)[3:]) == options
