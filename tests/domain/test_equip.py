"""Which calls it takes to equip an item, and which item replaces an equipped one."""

import pytest

from destiny_web.domain.account.characters import VAULT
from destiny_web.domain.moves.errors import NoSuchOwner, NotEquippable, OtherExotic, WrongClass
from destiny_web.domain.moves.planner import plan, plan_equip
from destiny_web.domain.moves.steps import Action
from tests.builders import (
    ENERGY,
    HUNTER,
    KINETIC,
    TITAN,
    make_equipped_weapon,
    make_move,
    make_profile,
    make_stack,
    make_weapon,
)


@pytest.mark.parametrize(
    ("owner", "calls"),
    [
        (VAULT, ["transfer", "equip"]),
        (TITAN, ["transfer", "transfer", "equip"]),
        (HUNTER, ["equip"]),
    ],
)
def test_transfer_and_equip_ends_with_the_equip(owner, calls):
    item = make_weapon(owner=owner)
    steps = plan(make_profile(item), make_move(item, HUNTER, equip=True))
    assert [step.action.value for step in steps] == calls
    assert steps[-1].carrier == HUNTER


def test_an_equipped_item_needs_no_equip_call():
    item = make_equipped_weapon("9", HUNTER)
    assert plan(make_profile(item), make_move(item, HUNTER, equip=True)) == ()


@pytest.mark.parametrize(
    ("item", "refusal"),
    [
        (make_weapon(class_type=1), WrongClass),
        (make_weapon(equippable=False), NotEquippable),
        (make_weapon(required_level=51), NotEquippable),
        (make_weapon(owner=TITAN, cannot_equip_reason=1), NotEquippable),
        (make_stack(10, VAULT), NoSuchOwner),
    ],
)
def test_no_character_equips_an_item_that_is_not_for_it(item, refusal):
    with pytest.raises(refusal):
        plan(make_profile(item), make_move(item, TITAN, equip=True))


def test_the_cannot_equip_reason_of_a_vaulted_item_is_ignored():
    item = make_weapon(cannot_equip_reason=16)
    assert plan(make_profile(item), make_move(item, TITAN, equip=True))[-1].action is Action.EQUIP


@pytest.mark.parametrize(
    ("bucket", "label", "calls"),
    [
        (ENERGY, "exotic_weapon", ["transfer", "equip", "equip"]),
        (KINETIC, "exotic_weapon", ["transfer", "equip"]),
        (ENERGY, "exotic_armor", ["transfer", "equip"]),
        (ENERGY, "", ["transfer", "equip"]),
    ],
)
def test_a_conflicting_exotic_is_replaced_first(bucket, label, calls):
    item = make_weapon(unique_label="exotic_weapon", name="Sunshot")
    exotic = make_equipped_weapon(
        "1", TITAN, bucket_hash=bucket, unique_label=label, name="Riskrunner"
    )
    replacement = make_weapon("2", TITAN, bucket_hash=ENERGY)
    steps = plan(make_profile(item, exotic, replacement), make_move(item, TITAN, equip=True))
    assert [step.action.value for step in steps] == calls
    assert steps[-1].instance_id == "9"
    if len(calls) > 2:
        assert "2" in {step.instance_id for step in steps}


def test_an_exotic_never_replaces_a_conflicting_exotic_of_the_same_kind():
    item = make_weapon(unique_label="exotic_weapon")
    exotic = make_equipped_weapon(
        "1", TITAN, bucket_hash=ENERGY, unique_label="exotic_weapon", name="Riskrunner"
    )
    other = make_weapon("2", TITAN, bucket_hash=ENERGY, unique_label="exotic_weapon")
    with pytest.raises(OtherExotic, match="The Titan has Riskrunner equipped"):
        plan(make_profile(item, exotic, other), make_move(item, TITAN, equip=True))


def test_an_equipped_item_leaves_after_another_one_was_equipped():
    item = make_equipped_weapon("9", TITAN)
    profile = make_profile(item, make_weapon("2", TITAN, tier=4), make_weapon("3", TITAN))
    steps = plan(profile, make_move(item, VAULT))
    assert [(step.action.value, step.source, step.destination) for step in steps] == [
        ("equip", TITAN, TITAN),
        ("transfer", TITAN, VAULT),
    ]
    assert steps[0].instance_id == "3"


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({}, {"unique_label": "exotic_weapon"}),
        ({}, {"type_name": "Bow"}),
        ({"tier": 5}, {"tier": 4}),
        ({"power": 401}, {"power": 400}),
    ],
)
def test_which_item_replaces_an_equipped_one(better, worse):
    item = make_equipped_weapon("9", TITAN)
    profile = make_profile(
        item, make_weapon("2", TITAN, **worse), make_weapon("3", TITAN, **better)
    )
    assert plan(profile, make_move(item, VAULT))[0].instance_id == "3"


def test_an_item_of_the_same_character_is_equipped_before_a_better_one_is_fetched():
    item = make_equipped_weapon("9", TITAN)
    profile = make_profile(item, make_weapon("2", TITAN, tier=2), make_weapon("3", VAULT, tier=6))
    assert plan(profile, make_move(item, VAULT))[0].instance_id == "2"


@pytest.mark.parametrize(("owner", "calls"), [(VAULT, 3), (HUNTER, 4)])
def test_a_replacement_is_fetched_when_the_character_has_none(owner, calls):
    item = make_equipped_weapon("9", TITAN)
    profile = make_profile(item, make_weapon("3", owner), make_weapon("4", owner, class_type=2))
    steps = plan(profile, make_move(item, VAULT))
    assert len(steps) == calls
    assert {step.instance_id for step in steps} == {"3", "9"}


def test_several_items_are_equipped_one_after_the_other_exotics_last():
    new_exotic = make_weapon("2", TITAN, unique_label="exotic_weapon", tier=6)
    plain = make_weapon("3", TITAN, bucket_hash=ENERGY)
    exotic = make_equipped_weapon("1", TITAN, bucket_hash=ENERGY, unique_label="exotic_weapon")
    steps = plan_equip(make_profile(new_exotic, plain, exotic), TITAN, ["2", "3"])
    assert [step.instance_id for step in steps] == ["3", "2"]


@pytest.mark.parametrize(
    "changes",
    [
        {},  # the same slot
        {"bucket_hash": ENERGY, "unique_label": "exotic_weapon"},
        {"bucket_hash": ENERGY, "owner": VAULT},
    ],
)
def test_items_that_cannot_be_equipped_together_are_refused(changes):
    first = make_weapon("2", TITAN, unique_label="exotic_weapon")
    second = make_weapon("3", changes.pop("owner", TITAN), **changes)
    with pytest.raises(NotEquippable):
        plan_equip(make_profile(first, second), TITAN, ["2", "3"])
