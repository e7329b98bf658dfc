"""Which item makes room in a full bucket or a full vault."""

import pytest

from destiny_web.domain.account.characters import ACCOUNT, VAULT
from destiny_web.domain.moves.errors import NoRoomLeft
from destiny_web.domain.moves.eviction import ProtectedItems
from destiny_web.domain.moves.planner import plan
from destiny_web.domain.moves.steps import Reason
from tests.builders import (
    CHARACTERS,
    HUNTER,
    TITAN,
    WARLOCK,
    make_equipped_weapon,
    make_move,
    make_profile,
    make_stack,
    make_weapon,
    make_weapons,
)


def test_the_item_of_the_lowest_rarity_leaves_a_full_bucket_for_the_vault():
    item = make_weapon()
    bag = [
        *make_weapons(TITAN, 7),
        make_weapon("600", TITAN, tier=4, power=900),
        make_weapon("601", TITAN, power=1),
    ]
    profile = make_profile(item, make_equipped_weapon("1", TITAN), *bag)
    steps = plan(profile, make_move(item, TITAN))
    assert [(step.action.value, step.source, step.destination) for step in steps] == [
        ("transfer", TITAN, VAULT),
        ("transfer", VAULT, TITAN),
    ]
    assert (steps[0].instance_id, steps[0].reason) == ("600", Reason.EVICTION)


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({"class_type": 2}, "70"),  # an item that the owner cannot equip leaves first
        ({"tier": 2}, "70"),
        ({"power": 1}, "70"),
        ({"item_type": 8}, "70"),  # engrams leave first
        ({"transferable": False}, "71"),
        ({}, "70"),  # of equal items the lower id: always the same plan
    ],
)
def test_which_item_leaves_a_character_first(changes, first):
    item = make_weapon()
    others = [make_weapon(str(72 + number), TITAN) for number in range(7)]
    bag = [make_weapon("71", TITAN), make_weapon("70", TITAN, **changes), *others]
    profile = make_profile(item, make_equipped_weapon("1", TITAN), *bag)
    assert plan(profile, make_move(item, TITAN))[0].instance_id == first


def test_an_item_that_was_moved_recently_leaves_last():
    item = make_weapon()
    profile = make_profile(
        item, make_equipped_weapon("1", TITAN), *make_weapons(TITAN, 9, start=70)
    )
    assert (
        plan(profile, make_move(item, TITAN), ProtectedItems(recent=frozenset({"70"})))[
            0
        ].instance_id
        == "71"
    )


def test_a_full_bucket_of_items_that_cannot_leave_is_refused():
    item = make_weapon()
    profile = make_profile(
        item,
        make_equipped_weapon("1", TITAN, transferable=False),
        *make_weapons(TITAN, 9, transferable=False),
    )
    with pytest.raises(NoRoomLeft, match="The Titan has no room"):
        plan(profile, make_move(item, TITAN))


@pytest.mark.parametrize(
    ("hunter_weapons", "has_plan"),
    [(0, True), (8, True), (9, False)],  # two items wait with the Hunter at the same time
)
def test_the_requested_item_waits_elsewhere_when_nothing_else_can_leave_a_full_vault(
    hunter_weapons, has_plan
):
    item = make_weapon()
    profile = make_profile(
        item,
        *make_weapons(VAULT, 19, start=700, transferable=False),
        make_equipped_weapon("1", TITAN, transferable=False),
        make_weapon("2", TITAN),
        *make_weapons(TITAN, 8, transferable=False),
        *make_weapons(HUNTER, hunter_weapons, start=600, transferable=False),
        characters=CHARACTERS[:2],
    )
    if not has_plan:
        with pytest.raises(NoRoomLeft, match="The Titan has no room"):
            plan(profile, make_move(item, TITAN))
        return
    steps = plan(profile, make_move(item, TITAN))
    assert [(step.instance_id, step.source, step.destination) for step in steps] == [
        ("9", VAULT, HUNTER),
        ("2", TITAN, VAULT),
        ("2", VAULT, HUNTER),
        ("9", HUNTER, VAULT),
        ("9", VAULT, TITAN),
    ]
    assert steps[0].reason is Reason.REQUESTED


def test_the_equipped_item_uses_one_of_the_ten_slots():
    item = make_weapon()
    profile = make_profile(item, make_equipped_weapon("1", TITAN), *make_weapons(TITAN, 8))
    assert len(plan(profile, make_move(item, TITAN))) == 1


def test_an_item_that_is_evicted_from_a_full_vault_is_put_back():
    item = make_weapon(owner=TITAN)
    profile = make_profile(item, *make_weapons(VAULT, 20))
    steps = plan(profile, make_move(item, HUNTER))
    assert [(step.action.value, step.reason) for step in steps] == [
        ("transfer", Reason.EVICTION),
        ("transfer", Reason.REQUESTED),
        ("transfer", Reason.REQUESTED),
        ("transfer", Reason.RETURN),
    ]
    assert steps[0].instance_id == steps[-1].instance_id
    assert steps[0].destination == WARLOCK  # the character that was played least recently


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({"tier": 6}, "70"),  # the better item leaves the vault: it is of use to a character
        ({"power": 900}, "70"),
        ({"class_type": 0}, "71"),  # the receiving Warlock cannot equip it
        ({"item_type": 8}, "71"),  # engrams leave last
        ({"transferable": False}, "71"),
    ],
)
def test_which_item_leaves_the_vault_first(changes, first):
    item = make_weapon(owner=TITAN)
    vaulted = [make_weapon("71"), make_weapon("70", **changes), *make_weapons(VAULT, 18, start=800)]
    assert plan(make_profile(item, *vaulted), make_move(item, HUNTER))[0].instance_id == first


def test_with_one_free_slot_in_the_vault_a_swap_takes_four_calls():
    item = make_weapon(owner=TITAN)
    profile = make_profile(
        item,
        *make_weapons(TITAN, 9),
        make_equipped_weapon("1", HUNTER),
        *make_weapons(HUNTER, 9, start=600),
        *make_weapons(VAULT, 19, start=700),
    )
    steps = plan(profile, make_move(item, HUNTER))
    assert len([step for step in steps if step.reason is not Reason.RETURN]) == 4


def test_on_an_account_with_one_character_a_full_vault_is_full():
    item = make_weapon(owner=TITAN)
    profile = make_profile(
        item,
        *make_weapons(TITAN, 9),
        *make_weapons(VAULT, 20, start=700),
        characters=CHARACTERS[:1],
    )
    with pytest.raises(NoRoomLeft, match="vault is full"):
        plan(profile, make_move(item, VAULT))


def test_on_an_account_with_one_character_a_full_bucket_makes_room():
    item = make_weapon()
    profile = make_profile(
        item, make_equipped_weapon("1", TITAN), *make_weapons(TITAN, 9), characters=CHARACTERS[:1]
    )
    assert len(plan(profile, make_move(item, TITAN))) == 2


def test_the_requested_item_is_never_evicted():
    item = make_weapon("9", TITAN, tier=6, power=999)
    profile = make_profile(
        item,
        make_equipped_weapon("1", HUNTER),
        *make_weapons(HUNTER, 9, start=600),
        *make_weapons(VAULT, 18, start=700),
    )
    steps = plan(profile, make_move(item, HUNTER))
    assert [step.reason for step in steps if step.instance_id == "9"] == [Reason.REQUESTED] * 2


def test_a_stack_fits_into_a_full_bucket_with_room_in_a_stack_of_the_same_item():
    stack = make_stack(10, VAULT)
    others = [make_stack(99, item_hash=300 + number) for number in range(2)]
    profile = make_profile(stack, make_stack(95), *others)
    assert len(plan(profile, make_move(stack, ACCOUNT, quantity=4))) == 1
    # One more needs a slot of its own: another stack goes to the vault.
    steps = plan(profile, make_move(stack, ACCOUNT, quantity=5))
    assert [step.reason for step in steps] == [Reason.EVICTION, Reason.REQUESTED]
