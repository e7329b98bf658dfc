"""Undo of a job, as long as every item is where the job moved it."""

import msgspec
import pytest

from destiny_web.domain.account.characters import ACCOUNT, VAULT
from destiny_web.domain.account.items import Location
from destiny_web.domain.moves import locks, undo
from destiny_web.domain.moves.planner import plan
from destiny_web.domain.moves.undo import MovedOn
from tests.builders import (
    HUNTER,
    TITAN,
    make_equipped_weapon,
    make_move,
    make_profile,
    make_stack,
    make_weapon,
    make_weapons,
)


def carry_out(profile, steps):
    """Carry steps out; return the profile after them, and the records for an undo."""
    recorded_steps = undo.recorded_steps(profile, steps)
    for step in steps:
        profile = profile.after(step)
    return profile, recorded_steps


def positions(profile):
    return {
        (item.instance_id or item.item_hash, item.quantity): (item.owner, item.location)
        for item in profile.items
    }


def item_moved():
    return make_profile(make_weapon()), make_weapon(), TITAN, {}


def item_equipped():
    return (
        make_profile(make_weapon(), make_equipped_weapon("1", TITAN)),
        make_weapon(),
        TITAN,
        {"equip": True},
    )


def equipped_item_moved():
    return (
        make_profile(make_equipped_weapon("9", TITAN), make_weapon("2", TITAN)),
        make_equipped_weapon("9", TITAN),
        VAULT,
        {},
    )


def item_moved_through_a_full_vault():
    return (
        make_profile(make_weapon(owner=TITAN), *make_weapons(VAULT, 20)),
        make_weapon(owner=TITAN),
        HUNTER,
        {},
    )


def part_of_a_stack_moved():
    return make_profile(make_stack(20)), make_stack(20), VAULT, {"quantity": 7}


CASES = [
    item_moved,
    item_equipped,
    equipped_item_moved,
    item_moved_through_a_full_vault,
    part_of_a_stack_moved,
]


@pytest.mark.parametrize("case", CASES)
def test_an_undone_job_leaves_every_item_where_it_was(case):
    profile, item, destination, changes = case()
    after, recorded_steps = carry_out(
        profile, plan(profile, make_move(item, destination, **changes))
    )
    assert positions(after) != positions(profile)
    undone, _ = carry_out(after, undo.plan(after, recorded_steps))
    assert positions(undone) == positions(profile)


def test_a_lock_is_undone():
    profile = make_profile(make_weapon())
    after, recorded_steps = carry_out(profile, locks.plan(profile, "9", locked=True))
    assert not carry_out(after, undo.plan(after, recorded_steps))[0].instance("9").locked


@pytest.mark.parametrize("location", [Location.BAG, Location.POSTMASTER])
def test_an_item_that_was_moved_since_stays(location):
    profile = make_profile(make_weapon())
    after, recorded_steps = carry_out(profile, plan(profile, make_move(make_weapon(), TITAN)))
    owner = HUNTER if location is Location.BAG else TITAN
    moved = msgspec.structs.replace(after.instance("9"), owner=owner, location=location)
    with pytest.raises(MovedOn, match="Old Faithful is with the"):
        undo.plan(make_profile(moved), recorded_steps)


def test_an_item_that_was_equipped_since_stays_equipped():
    profile = make_profile(make_weapon())
    _, recorded_steps = carry_out(profile, plan(profile, make_move(make_weapon(), TITAN)))
    with pytest.raises(MovedOn, match="is equipped now"):
        undo.plan(make_profile(make_equipped_weapon("9", TITAN)), recorded_steps)


def test_a_move_of_a_dismantled_item_cannot_be_undone():
    profile = make_profile(make_weapon())
    _, recorded_steps = carry_out(profile, plan(profile, make_move(make_weapon(), TITAN)))
    with pytest.raises(MovedOn, match="gone"):
        undo.plan(make_profile(), recorded_steps)


def test_the_item_that_was_equipped_before_must_still_be_there():
    profile, item, destination, changes = item_equipped()
    after, recorded_steps = carry_out(
        profile, plan(profile, make_move(item, destination, **changes))
    )
    other_items = [item for item in after.items if item.instance_id != "1"]
    with pytest.raises(MovedOn, match="equipped before"):
        undo.plan(make_profile(*other_items), recorded_steps)


def test_the_former_owner_must_have_room():
    profile = make_profile(make_weapon(owner=TITAN), *make_weapons(VAULT, 19))
    after, recorded_steps = carry_out(
        profile, plan(profile, make_move(make_weapon(owner=TITAN), VAULT))
    )
    later_items = [make_equipped_weapon("1", TITAN), *make_weapons(TITAN, 9, start=800)]
    with pytest.raises(MovedOn, match="no room"):
        undo.plan(make_profile(*after.items, *later_items), recorded_steps)


def test_a_pull_from_the_postmaster_cannot_be_undone():
    item = make_weapon(owner=TITAN, location=Location.POSTMASTER)
    after, recorded_steps = carry_out(
        make_profile(item), plan(make_profile(item), make_move(item, TITAN))
    )
    with pytest.raises(MovedOn, match="postmaster"):
        undo.plan(after, recorded_steps)


def test_a_move_of_a_stack_that_was_used_since_cannot_be_undone():
    profile = make_profile(make_stack(20))
    _, recorded_steps = carry_out(
        profile, plan(profile, make_move(make_stack(20), VAULT, quantity=7))
    )
    with pytest.raises(MovedOn):
        undo.plan(make_profile(make_stack(13), make_stack(3, VAULT)), recorded_steps)
    assert undo.plan(make_profile(make_stack(13, ACCOUNT), make_stack(7, VAULT)), recorded_steps)
