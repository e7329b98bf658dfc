"""The soak test reads the site's pages and reports correctly."""

import shlex
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.world import game_events
from bungie_sandbox.world.belongings import VAULT
from soak import checks
from soak.browser import Answer
from soak.game import find_executed_calls
from soak.options import STORES, Options, parse
from soak.pages import read_page
from tests.sandbox.items import find_in_vault, find_unequipped, hash_of_item


def read_refreshed_page(browser):
    return read_page(browser.submit("/inventory/refresh").html)


def test_the_page_of_the_site_agrees_with_the_game(browser, game):
    page = read_refreshed_page(browser)
    assert page.is_signed_in
    assert page.notices == ["Read from Bungie just now."]
    assert len(page.tiles) > 100
    assert checks.check_page(page, game.read_belongings()) == []


def test_every_difference_between_page_and_game_is_found(browser, game, bungie):
    page, character = read_refreshed_page(browser), next(iter(game.profile.characters))
    item = find_unequipped(game.profile, character, Bucket.KINETIC)
    with bungie.bungie.lock:
        game.profile.move(item, VAULT, Bucket.VAULT)
        (violations,) = checks.check_page(page, game.read_belongings())
        assert violations == (
            f"the page, not the game: {item.instance_id} is bag of {character}"
            f"{', locked' * item.locked} instead of vault of vault{', locked' * item.locked}"
        )
        game.profile.move(item, character, Bucket.KINETIC)
        item.state ^= 1
        assert len(checks.check_page(page, game.read_belongings())) == 1
        item.state ^= 1
        prism = hash_of_item("Enhancement Prism")
        game_events.drop_loot(game.bungie.world, game.profile, character, prism, 2)
        (violations,) = checks.check_page(page, game.read_belongings())
        assert str(prism) in violations


def test_a_tile_that_is_missing_or_repeated_is_found(browser, game):
    page = read_refreshed_page(browser)
    tile = next(tile for tile in page.tiles if tile.instance_id)
    page.tiles.append(tile)
    assert checks.check_page(page, game.read_belongings()) == [
        f"on the page two times: {tile.instance_id}"
    ]
    page.tiles = [other_tile for other_tile in page.tiles if other_tile != tile]
    (violations,) = checks.check_page(page, game.read_belongings())
    assert f"{tile.instance_id} is nowhere instead of" in violations


def test_the_forms_of_an_item_are_read_with_all_fields(browser, game):
    item = find_in_vault(game.profile, item_type=3)
    page = read_page(browser.open(f"/inventory/items/{item.instance_id}").html)
    form = next(iter(page.forms_to("/inventory/transfer")))
    assert form.fields["item_instance_id"] == item.instance_id
    assert form.fields["csrf_token"]
    assert [name for name, _ in form.buttons] == ["destination"] * len(form.buttons)
    assert VAULT not in {owner for _, owner in form.buttons}


@pytest.mark.parametrize("action", ["transfer", "equip", "stack", "lock"])
def test_a_report_of_the_site_and_the_journal_have_the_same_calls(browser, game, action):
    page, mark = read_refreshed_page(browser), game.newest_entry_number()
    characters = list(game.profile.characters)
    item = find_unequipped(game.profile, characters[0], Bucket.KINETIC)
    item_fields = {"item_hash": item.item_hash, "item_instance_id": item.instance_id}
    stack = next(tile for tile in page.tiles if tile.location == "account" and tile.href)
    path, fields = {
        "transfer": (
            "transfer",
            {**item_fields, "source": item.holder, "destination": characters[1]},
        ),
        "equip": ("equip", {"item_instance_id": item.instance_id, "character_id": item.holder}),
        "stack": (
            "transfer",
            {"item_hash": stack.item_hash, "source": "account", "destination": VAULT},
        ),
        "lock": ("lock", {"item_instance_id": item.instance_id, "locked": int(not item.locked)}),
    }[action]
    status, job_report = browser.json(f"/inventory/{path}", **fields)
    assert (status, job_report["ok"]) == (200, True)
    executed = find_executed_calls(game.entries(mark))
    answer = Answer(method="POST", path=path, status=200, began=0, seconds=0, report=job_report)
    assert executed
    assert checks.check_reports([answer], executed, Counter()) == []
    job_report["steps"].pop()
    assert checks.check_reports([answer], executed, Counter()) != []


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
