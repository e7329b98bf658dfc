"""The profile after our steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destiny_web.domain.account.characters import ACCOUNT, VAULT
from destiny_web.domain.account.items import Location
from destiny_web.domain.moves import locks
from destiny_web.domain.moves.errors import MoveError
from destiny_web.domain.moves.planner import plan
from destiny_web.domain.moves.steps import Action, Step
from tests.builders import (
    HUNTER,
    KINETIC,
    TITAN,
    make_equipped_weapon,
    make_move,
    make_profile,
    make_stack,
    make_weapon,
    make_weapons,
)


def after(profile, steps):
    for step in steps:
        profile = profile.after(step)
    return profile


def test_a_moved_item_is_with_its_new_owner_only():
    item = make_weapon()
    profile = after(make_profile(item), plan(make_profile(item), make_move(item, TITAN)))
    assert [(item.owner, item.location) for item in profile.items] == [(TITAN, Location.BAG)]


def test_an_item_that_is_equipped_takes_the_slot_of_the_former_one():
    old, new = make_equipped_weapon("1", TITAN), make_weapon("2", TITAN)
    profile = after(
        make_profile(old, new), plan(make_profile(old, new), make_move(new, TITAN, equip=True))
    )
    assert {item.instance_id: item.equipped for item in profile.items} == {"1": False, "2": True}
    assert profile.count_used(TITAN, KINETIC) == 2


def test_a_step_that_no_longer_fits_changes_nothing():
    profile = make_profile(make_weapon(owner=HUNTER))
    step = Step(
        action=Action.TRANSFER,
        item_hash=100,
        instance_id="9",
        source=VAULT,
        destination=TITAN,
        carrier=TITAN,
    )
    assert profile.after(step) == profile


def test_a_lock_is_turned_on_and_off():
    profile = make_profile(make_weapon())
    locked = after(profile, locks.plan(profile, "9", locked=True))
    assert locked.instance("9").locked
    assert locks.plan(locked, "9", locked=True) == ()
    assert not after(locked, locks.plan(locked, "9", locked=False)).instance("9").locked


def test_stacks_merge_up_to_their_limit_and_overflow_into_a_new_one():
    stack = make_stack(60, VAULT)
    profile = make_profile(stack, make_stack(90))
    moved = after(profile, plan(profile, make_move(stack, ACCOUNT, quantity=60)))
    assert sorted(item.quantity for item in moved.stacks(200, ACCOUNT)) == [51, 99]
    assert moved.stacks(200, VAULT) == ()


def test_the_vault_has_one_capacity_for_all_buckets():
    profile = make_profile(*make_weapons(VAULT, 3), make_stack(5, VAULT))
    assert profile.count_used(VAULT, KINETIC) == 4


@given(
    quantities=st.lists(st.integers(1, 99), min_size=1, max_size=3),
    quantities_at_destination=st.lists(st.integers(1, 99), max_size=3),
    requested=st.integers(-5, 400),
    to_account=st.booleans(),
)
def test_no_move_of_a_stack_changes_the_total(
    quantities, quantities_at_destination, requested, to_account
):
    source, destination = (VAULT, ACCOUNT) if to_account else (ACCOUNT, VAULT)
    profile = make_profile(
        *(make_stack(quantity, source) for quantity in quantities),
        *(make_stack(quantity, destination) for quantity in quantities_at_destination),
    )
    request = make_move(profile.stacks(200, source)[0], destination, quantity=requested)
    try:
        moved = after(profile, plan(profile, request))
    except MoveError:
        return
    assert sum(item.quantity for item in moved.items) == sum(quantities) + sum(
        quantities_at_destination
    )
    assert sum(item.quantity for item in moved.stacks(200, destination)) == (
        sum(quantities_at_destination) + requested
    )
    assert moved.count_used(ACCOUNT, make_stack().bucket_hash) <= 3


@pytest.mark.parametrize("owner", [TITAN, VAULT, ACCOUNT])
def test_every_owner_has_a_name_for_a_sentence(owner):
    assert (
        make_profile().owner_name(owner)
        == {
            TITAN: "the Titan",
            VAULT: "the vault",
            ACCOUNT: "your account",
        }[owner]
    )
