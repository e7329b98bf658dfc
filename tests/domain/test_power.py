"""The strongest possible power of a character."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from destiny_web.bungie.models.enums import ARMOR_BUCKETS, WEAPON_BUCKETS
from destiny_web.domain.account.characters import VAULT
from destiny_web.domain.account.items import Location
from destiny_web.domain.account.power import POWER_BUCKETS, strongest_powers
from tests.builders import (
    HELMET,
    HUNTER,
    KINETIC,
    TITAN,
    make_character,
    make_definition,
    make_profile,
    make_weapon,
)

HUNTER_CLASS, TITAN_CLASS = 1, 0
CHARACTERS = (make_character(HUNTER, HUNTER_CLASS, "Hunter"),)


def gear(bucket_hash, power, **changes):
    """An item of a power slot, by default in the vault."""
    definition = make_definition(
        bucket_hash=bucket_hash,
        **{name: changes.pop(name) for name in list(changes) if name in {
            "class_type", "unique_label", "redacted", "known", "transferable"}},
    )  # fmt: skip
    instance_id = changes.pop("instance_id", f"{bucket_hash}{power}")
    owner = changes.pop("owner", VAULT)
    return make_weapon(instance_id, owner, definition=definition, power=power, **changes)


def full_set(power, *, without=0):
    """One item for every power slot."""
    return [gear(bucket, power) for bucket in POWER_BUCKETS if bucket != without]


def strongest(*items, characters=CHARACTERS, **changes):
    profile = make_profile(*items, characters=characters, **changes)
    return strongest_powers(profile).get(HUNTER)


@pytest.mark.parametrize(
    ("extra_power", "shown_power", "eighths", "missing_points"),
    [(400, 400, 0, 8), (401, 400, 1, 7), (407, 400, 7, 1), (408, 401, 0, 8)],
)
def test_the_average_of_eight_slots_is_shown_in_eighths(
    extra_power, shown_power, eighths, missing_points
):
    strongest_power = strongest(*full_set(400), gear(KINETIC, extra_power, instance_id="1"))
    assert (strongest_power.power, strongest_power.eighths, strongest_power.missing_points) == (
        shown_power,
        eighths,
        missing_points,
    )


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"owner": TITAN}, True),
        ({"owner": TITAN, "location": Location.EQUIPPED}, True),
        ({"owner": HUNTER, "location": Location.POSTMASTER}, True),
        ({"class_type": HUNTER_CLASS}, True),
        ({"class_type": TITAN_CLASS}, False),
        ({"redacted": True}, False),
        ({"known": False}, False),
        ({"redacted": True, "owner": HUNTER, "location": Location.EQUIPPED}, True),
        ({"transferable": False}, False),
        ({"transferable": False, "owner": HUNTER}, True),
    ],
)
def test_every_item_counts_that_the_character_can_use(changes, counts):
    better = gear(HELMET, 480, instance_id="1", **changes)
    assert strongest(*full_set(400), better).total == 8 * 400 + (80 if counts else 0)


def test_only_one_exotic_of_a_label_counts_where_it_gains_the_most():
    items = [
        *full_set(400),
        gear(KINETIC, 405, instance_id="1", unique_label="exotic_weapon"),
        gear(2465295065, 410, instance_id="2", unique_label="exotic_weapon"),
        gear(HELMET, 402, instance_id="3", unique_label="exotic_armor"),
    ]
    assert strongest(*items).total == 8 * 400 + 10 + 2


def test_an_exotic_fills_a_slot_that_has_no_other_item():
    items = [
        *full_set(400, without=KINETIC),
        gear(KINETIC, 10, instance_id="1", unique_label="exotic_weapon"),
        gear(2465295065, 450, instance_id="2", unique_label="exotic_weapon"),
    ]
    assert strongest(*items).total == 7 * 400 + 10


def test_without_an_item_for_a_slot_nothing_is_said():
    assert strongest(*full_set(400, without=KINETIC)) is None


@pytest.mark.parametrize("part", ["vault", "bags", "equipment"])
def test_while_a_part_of_the_account_is_missing_nothing_is_said(part):
    assert strongest(*full_set(400), missing=frozenset({part})) is None


LABELS = dict.fromkeys(WEAPON_BUCKETS, "exotic_weapon") | dict.fromkeys(
    ARMOR_BUCKETS, "exotic_armor"
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(POWER_BUCKETS), st.integers(1, 30), st.booleans()), max_size=8
    )
)
def test_no_other_choice_of_items_is_stronger(extras):
    items = full_set(10)
    items += [
        gear(bucket, power, instance_id=str(number), unique_label=LABELS[bucket] if exotic else "")
        for number, (bucket, power, exotic) in enumerate(extras)
    ]
    by_bucket = [[item for item in items if item.bucket_hash == bucket] for bucket in POWER_BUCKETS]
    allowed = (
        choice
        for choice in product(*by_bucket)
        if all(
            [item.definition.unique_label for item in choice].count(label) <= 1
            for label in set(LABELS.values())
        )
    )
    best = max(sum(item.power for item in choice) for choice in allowed)
    assert strongest(*items).total == best
