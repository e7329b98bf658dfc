"""Taking a job back, as long as everything is where it left it."""

import msgspec
import pytest

from destiny_web.domain.account.characters import ACCOUNT, VAULT
from destiny_web.domain.account.items import Location
from destiny_web.domain.moves import locks, undo
from destiny_web.domain.moves.planner import plan
from destiny_web.domain.moves.undo import MovedOn
from tests.builders import HUNTER, TITAN, coins, full, gun, held, move, worn


def done(profile, steps):
    """Carry steps out; return the profile afterwards, and what it takes to undo them."""
    recorded_steps = undo.recorded_steps(profile, steps)
    for step in steps:
        profile = profile.after(step)
    return profile, recorded_steps


def where(profile):
    return {
        (one.instance_id or one.item_hash, one.quantity): (one.owner, one.location)
        for one in profile.items
    }


def item_moved():
    return held(gun()), gun(), TITAN, {}


def item_worn():
    return held(gun(), worn("1", TITAN)), gun(), TITAN, {"equip": True}


def item_taken_off():
    return held(worn("9", TITAN), gun("2", TITAN)), worn("9", TITAN), VAULT, {}


def item_through_a_full_vault():
    return held(gun(owner=TITAN), *full(VAULT, 20)), gun(owner=TITAN), HUNTER, {}


def part_of_a_stack():
    return held(coins(20)), coins(20), VAULT, {"quantity": 7}


WORLDS = [item_moved, item_worn, item_taken_off, item_through_a_full_vault, part_of_a_stack]


@pytest.mark.parametrize("world", WORLDS)
def test_what_was_done_is_taken_back(world):
    profile, item, to, more = world()
    after, recorded_steps = done(profile, plan(profile, move(item, to, **more)))
    assert where(after) != where(profile)
    back, _ = done(after, undo.plan(after, recorded_steps))
    assert where(back) == where(profile)


def test_a_lock_is_taken_back():
    profile = held(gun())
    after, recorded_steps = done(profile, locks.plan(profile, "9", locked=True))
    assert not done(after, undo.plan(after, recorded_steps))[0].instance("9").locked


@pytest.mark.parametrize("location", [Location.BAG, Location.POSTMASTER])
def test_what_has_gone_elsewhere_since_is_left_there(location):
    profile = held(gun())
    after, recorded_steps = done(profile, plan(profile, move(gun(), TITAN)))
    owner = HUNTER if location is Location.BAG else TITAN
    moved = msgspec.structs.replace(after.instance("9"), owner=owner, location=location)
    with pytest.raises(MovedOn, match="Old Faithful is with the"):
        undo.plan(held(moved), recorded_steps)


def test_what_is_worn_by_now_is_left_on():
    profile = held(gun())
    _, recorded_steps = done(profile, plan(profile, move(gun(), TITAN)))
    with pytest.raises(MovedOn, match="is equipped now"):
        undo.plan(held(worn("9", TITAN)), recorded_steps)


def test_what_is_gone_cannot_be_brought_back():
    profile = held(gun())
    _, recorded_steps = done(profile, plan(profile, move(gun(), TITAN)))
    with pytest.raises(MovedOn, match="gone"):
        undo.plan(held(), recorded_steps)


def test_what_was_worn_before_must_still_be_there():
    profile, item, to, more = item_worn()
    after, recorded_steps = done(profile, plan(profile, move(item, to, **more)))
    rest = [one for one in after.items if one.instance_id != "1"]
    with pytest.raises(MovedOn, match="equipped before"):
        undo.plan(held(*rest), recorded_steps)


def test_there_must_be_room_to_go_back_to():
    profile = held(gun(owner=TITAN), *full(VAULT, 19))
    after, recorded_steps = done(profile, plan(profile, move(gun(owner=TITAN), VAULT)))
    crowd = [worn("1", TITAN), *full(TITAN, 9, start=800)]
    with pytest.raises(MovedOn, match="no room"):
        undo.plan(held(*after.items, *crowd), recorded_steps)


def test_what_was_collected_stays_collected():
    item = gun(owner=TITAN, location=Location.POSTMASTER)
    after, recorded_steps = done(held(item), plan(held(item), move(item, TITAN)))
    with pytest.raises(MovedOn, match="postmaster"):
        undo.plan(after, recorded_steps)


def test_a_stack_that_has_been_used_up_is_not_taken_back():
    profile = held(coins(20))
    _, recorded_steps = done(profile, plan(profile, move(coins(20), VAULT, quantity=7)))
    with pytest.raises(MovedOn):
        undo.plan(held(coins(13), coins(3, VAULT)), recorded_steps)
    assert undo.plan(held(coins(13, ACCOUNT), coins(7, VAULT)), recorded_steps)
