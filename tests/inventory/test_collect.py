"""Collect all from a postmaster through the form, against the sandbox over HTTP."""

import pytest

from bungie_sandbox.game_data.game import Bucket
from tests.sandbox.items import add_item
from tests.services.test_jobs import check_page

PAGE = "/inventory/"
URL = "/inventory/collect"


@pytest.fixture
def hunter(browser, bungie):
    """The character whose postmaster is collected, with room for all of it."""
    profile = bungie.profile()
    character = next(iter(profile.characters))
    for lost_item in postmaster(bungie, character):
        bucket_items = profile.items_in(character, lost_item.definition.bucket)
        for item in [item for item in bucket_items if not item.equipped][:1]:
            profile.remove(item)
    browser.submit("/inventory/refresh")
    return character


def postmaster(bungie, character):
    """Return the items in a character's postmaster, in the game."""
    return list(bungie.profile().items_in(character, Bucket.LOST_ITEMS))


def names(items):
    return [item.definition.name for item in items]


def pulled(bungie):
    """Return the code of each pull that the game has answered."""
    return [entry.code for entry in bungie.requests if entry.operation == "PullFromPostmaster"]


def fill_up(bungie, character, bucket):
    """Fill a character's bucket with copies of its first item."""
    profile = bungie.profile()
    first = profile.items_in(character, bucket)[0]
    for number in range(max(profile.free_slots(character, bucket), 0)):
        add_item(
            profile, first.item_hash, character, bucket, instance_id=f"69175290000{bucket}{number}"
        )


def remove_from_postmaster(bungie, character, *, keep=()):
    profile = bungie.profile()
    for item in postmaster(bungie, character):
        if item not in keep:
            profile.remove(item)


def test_everything_is_collected_but_what_acts_on_pick_up(browser, bungie, hunter):
    acting = [item for item in postmaster(bungie, hunter) if item.definition.side_effects]
    count = len(postmaster(bungie, hunter)) - len(acting)
    assert acting
    assert count > 1
    browser.open(PAGE)
    page = browser.submit(URL, character_id=hunter)
    reasons = ", ".join(f"{name} (acts on pick-up)" for name in names(acting))
    assert page.said[0] == f"Collected {count} items. Still in the postmaster: {reasons}."
    assert postmaster(bungie, hunter) == acting
    assert pulled(bungie) == [1] * count
    check_page(browser, bungie)


def test_a_full_bucket_does_not_stop_the_rest(browser, bungie, hunter):
    fill_up(bungie, hunter, Bucket.ENERGY)
    browser.submit("/inventory/refresh")
    full = next(
        item for item in postmaster(bungie, hunter) if item.definition.bucket == Bucket.ENERGY
    )
    status, answer = browser.json(URL, character_id=hunter)
    assert (status, answer["ok"]) == (200, True)
    assert f"{full.definition.name} (Energy Weapons is full)" in answer["message"]
    assert full in postmaster(bungie, hunter)
    assert set(pulled(bungie)) == {1}
    assert len(pulled(bungie)) > 1


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1642, "Energy Weapons is full"),
        (1623, "the item is no longer where it was"),
        (1673, "that item cannot be moved"),
    ],
)
def test_an_item_that_the_game_refuses_is_named_and_the_rest_is_collected(
    browser, bungie, hunter, code, reason
):
    count = sum(not item.definition.side_effects for item in postmaster(bungie, hunter))
    first = min(
        (item for item in postmaster(bungie, hunter) if item.instance_id),
        key=lambda item: int(item.instance_id),
    )
    bungie.refuse_next("PullFromPostmaster", code)
    status, answer = browser.json(URL, character_id=hunter)
    assert status == 200
    assert first in postmaster(bungie, hunter)
    assert f"Collected {count - 1} items." in answer["message"]
    assert f"{first.definition.name} ({reason})" in answer["message"]
    assert len(pulled(bungie)) == count
    check_page(browser, bungie)


def test_more_refusals_than_replans_of_a_move_do_not_stop_the_rest(browser, bungie, hunter):
    count = sum(not item.definition.side_effects for item in postmaster(bungie, hunter))
    bungie.refuse_next("PullFromPostmaster", 1673, times=3)
    status, answer = browser.json(URL, character_id=hunter)
    assert (status, answer["message"].count("that item cannot be moved")) == (200, 3)
    assert pulled(bungie) == [1673] * 3 + [1] * (count - 3)


def test_an_item_that_is_gone_is_named(browser, bungie, hunter):
    browser.open(PAGE)
    gone = next(item for item in postmaster(bungie, hunter) if item.instance_id)
    bungie.profile().remove(gone)
    status, answer = browser.json(URL, character_id=hunter)
    assert (status, "No longer in the postmaster of the" in answer["message"]) == (200, True)
    assert gone.definition.name in answer["message"].split("No longer")[1]


def test_when_everything_is_gone_it_is_named_in_the_refusal(browser, bungie, hunter):
    gone = next(item for item in postmaster(bungie, hunter) if item.instance_id)
    remove_from_postmaster(bungie, hunter, keep=[gone])
    browser.submit("/inventory/refresh")
    bungie.profile().remove(gone)
    status, answer = browser.json(URL, character_id=hunter)
    assert status == 409
    assert answer["message"].startswith("Nothing was collected. No longer in the postmaster")
    assert gone.definition.name in answer["message"]


def test_an_empty_postmaster_is_no_failure(browser, bungie, hunter):
    remove_from_postmaster(bungie, hunter)
    browser.submit("/inventory/refresh")
    status, answer = browser.json(URL, character_id=hunter)
    assert (status, answer["steps"]) == (200, [])
    assert answer["message"] == "The postmaster of the Hunter is empty."


def test_a_postmaster_of_which_everything_stays_is_a_refusal(browser, bungie, hunter):
    acting = [item for item in postmaster(bungie, hunter) if item.definition.side_effects]
    remove_from_postmaster(bungie, hunter, keep=acting)
    browser.submit("/inventory/refresh")
    status, answer = browser.json(URL, character_id=hunter)
    assert (status, answer["steps"], pulled(bungie)) == (409, [], [])
    assert answer["message"].startswith("Nothing was collected. Still in the postmaster: ")
    assert "acts on pick-up" in answer["message"]


def test_a_job_that_stops_says_how_much_it_has_collected(browser, bungie, hunter):
    bungie.fail_next("PullFromPostmaster", "maintenance", skip=2)
    status, answer = browser.json(URL, character_id=hunter)
    assert (status, answer["ok"]) == (503, False)
    assert answer["message"].startswith("Collected 2 items. Bungie is in maintenance.")


def test_the_same_form_collects_once(browser, bungie, hunter):
    form = {"character_id": hunter, "idempotency_key": "collect-1"}
    first = browser.json(URL, **form)
    count = len(pulled(bungie))
    assert browser.json(URL, **form) == first
    assert len(pulled(bungie)) == count


def test_what_was_collected_is_not_offered_for_undo(browser, hunter):
    browser.open(PAGE)
    page = browser.submit(URL, character_id=hunter)
    assert not page.all("input", name_="job_id")


@pytest.mark.parametrize("character_id", ["", "vault", "99"])
def test_an_invalid_character_is_reported_and_nothing_is_sent(browser, bungie, character_id):
    status, answer = browser.json(URL, character_id=character_id)
    assert (status, answer["steps"], pulled(bungie)) == (422, [], [])
