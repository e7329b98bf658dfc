"""What a profile becomes by the calls that we make."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destiny_web.domain.account.characters import ACCOUNT, VAULT
from destiny_web.domain.account.items import Location
from destiny_web.domain.moves import locks
from destiny_web.domain.moves.errors import MoveError
from destiny_web.domain.moves.planner import plan
from destiny_web.domain.moves.steps import Action, Step
from tests.builders import HUNTER, KINETIC, TITAN, coins, full, gun, held, move, worn


def after(profile, steps):
    for step in steps:
        profile = profile.after(step)
    return profile


def test_a_moved_item_is_with_its_new_owner_only():
    item = gun()
    profile = after(held(item), plan(held(item), move(item, TITAN)))
    assert [(one.owner, one.location) for one in profile.items] == [(TITAN, Location.BAG)]


def test_a_worn_item_changes_places_with_the_one_before():
    old, new = worn("1", TITAN), gun("2", TITAN)
    profile = after(held(old, new), plan(held(old, new), move(new, TITAN, equip=True)))
    assert {one.instance_id: one.equipped for one in profile.items} == {"1": False, "2": True}
    assert profile.used(TITAN, KINETIC) == 2


def test_a_step_that_no_longer_fits_changes_nothing():
    profile = held(gun(owner=HUNTER))
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
    profile = held(gun())
    locked = after(profile, locks.plan(profile, "9", locked=True))
    assert locked.instance("9").locked
    assert locks.plan(locked, "9", locked=True) == ()
    assert not after(locked, locks.plan(locked, "9", locked=False)).instance("9").locked


def test_stacks_merge_up_to_their_limit_and_overflow_into_a_new_one():
    stack = coins(60, VAULT)
    profile = held(stack, coins(90))
    moved = after(profile, plan(profile, move(stack, ACCOUNT, quantity=60)))
    assert sorted(one.quantity for one in moved.stacks(200, ACCOUNT)) == [51, 99]
    assert moved.stacks(200, VAULT) == ()


def test_the_vault_is_one_bucket_for_everything():
    profile = held(*full(VAULT, 3), coins(5, VAULT))
    assert profile.used(VAULT, KINETIC) == 4


@given(
    quantities=st.lists(st.integers(1, 99), min_size=1, max_size=3),
    kept=st.lists(st.integers(1, 99), max_size=3),
    asked=st.integers(-5, 400),
    back=st.booleans(),
)
def test_no_move_of_a_stack_makes_or_loses_anything(quantities, kept, asked, back):
    source, destination = (VAULT, ACCOUNT) if back else (ACCOUNT, VAULT)
    profile = held(
        *(coins(one, source) for one in quantities), *(coins(one, destination) for one in kept)
    )
    asking = move(profile.stacks(200, source)[0], destination, quantity=asked)
    try:
        moved = after(profile, plan(profile, asking))
    except MoveError:
        return
    assert sum(one.quantity for one in moved.items) == sum(quantities) + sum(kept)
    assert sum(one.quantity for one in moved.stacks(200, destination)) == sum(kept) + asked
    assert moved.used(ACCOUNT, coins().bucket_hash) <= 3


@pytest.mark.parametrize("owner", [TITAN, VAULT, ACCOUNT])
def test_every_owner_has_a_name_for_a_sentence(owner):
    assert (
        held().owner_name(owner)
        == {
            TITAN: "the Titan",
            VAULT: "the vault",
            ACCOUNT: "your account",
        }[owner]
    )
