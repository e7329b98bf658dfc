"""The groups of the vault's board."""

import re

import pytest

from destiny_web.domain.account.grouping import group_items, group_of
from tests.builders import EMBLEM, GHOST, HELMET, KINETIC, make_stack, make_weapon

WEAPON, ARMOR = 3, 2


def make_gun(instance_id="9", type_name="Hand Cannon", **changes):
    return make_weapon(instance_id, type_name=type_name, item_type=WEAPON, **changes)


def make_helmet(class_type, **changes):
    definition = {"item_type": ARMOR, "type_name": "Helmet", "class_type": class_type} | changes
    return make_weapon(bucket_hash=HELMET, **definition)


@pytest.mark.parametrize(
    ("item", "key", "name"),
    [
        (make_gun(), "hand-cannon", "Hand Cannon"),
        (make_gun(type_name="Auto Rifle"), "auto-rifle", "Auto Rifle"),
        (make_gun(type_name="Linear Fusion Rifle "), "linear-fusion-rifle", "Linear Fusion Rifle"),
        (make_gun(type_name=""), "other", "Other"),
        (make_weapon(type_name="Lance", item_type=97, bucket_hash=KINETIC), "lance", "Lance"),
        (make_helmet(0), "titan", "Titan"),
        (make_helmet(1), "hunter", "Hunter"),
        (make_helmet(2), "warlock", "Warlock"),
        (make_helmet(3), "any-class", "Any class"),
        (make_helmet(97), "other", "Other"),
        (make_helmet(3, redacted=True, item_type=0), "other", "Other"),
        (make_weapon(bucket_hash=GHOST, item_type=24), "other", "Other"),
        (make_weapon(bucket_hash=EMBLEM, item_type=14), "other", "Other"),
        (make_stack(), "other", "Other"),
    ],
)
def test_weapons_are_grouped_by_type_and_armor_by_class(item, key, name):
    assert (group_of(item).key, group_of(item).name) == (key, name)


SIMILAR_NAMES = [
    "Bow", "bow", "Bow!", "Bow?", "Bów", "B ow", "Bow ow", "Bow-Ow", "Bow 2", "弓", "銃", "Other",
    "Any Class", "<script>", "Script", "Bow\u202e",
]  # fmt: skip


def test_two_weapon_types_never_share_a_key():
    groups = [group_of(make_gun(type_name=name)) for name in SIMILAR_NAMES]
    keys = {group.key for group in groups}
    assert len(keys) == len(SIMILAR_NAMES)
    assert not keys & {"other", "any-class"}
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key) for key in keys)


def test_groups_are_sorted_by_name_with_the_unnamed_ones_last():
    types = ["Sword", "", "Auto Rifle"]
    items = [make_gun(str(number), name) for number, name in enumerate(types)]
    items += [make_helmet(class_type) for class_type in (3, 2, 0, 1)]
    assert [group.name for group, _ in group_items(items)] == [
        "Auto Rifle", "Hunter", "Sword", "Titan", "Warlock", "Any class", "Other",
    ]  # fmt: skip


def test_a_group_has_exotics_first_then_gear_tier_power_name_and_id():
    sorted_items = [
        make_gun("8", tier=6, power=10),
        make_gun("7", power=10),
        make_gun("6", power=500),
        make_gun("5", name="Alpha", power=400),
        make_gun("3", name="Beta", power=400),
        make_gun("4", name="Beta", power=400),
    ]
    tiered = make_weapon("7", definition=sorted_items[1].definition, tier=3, power=10)
    sorted_items[1] = tiered
    ((group, items),) = group_items(reversed(sorted_items))
    assert group.name == "Hand Cannon"
    assert items == tuple(sorted_items)


def test_no_items_are_no_groups():
    assert group_items([]) == ()
