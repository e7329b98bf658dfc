"""The planner for every combination of source, destination, free space and type of item."""

from itertools import product

import pytest

from destiny_web.domain.account.characters import ACCOUNT, VAULT
from destiny_web.domain.account.items import Location
from destiny_web.domain.moves.errors import NoSuchOwner, NotEquippable, NotTransferable
from destiny_web.domain.moves.planner import plan
from destiny_web.domain.moves.steps import Action
from tests.builders import (
    CONSUMABLES,
    ENERGY,
    GENERAL,
    HELMET,
    HUNTER,
    KINETIC,
    TITAN,
    WARLOCK,
    make_equipped_weapon,
    make_move,
    make_profile,
    make_stack,
    make_weapon,
    make_weapons,
)

SOURCES = ("vault", "bag", "equipped", "postmaster")
DESTINATIONS = (TITAN, HUNTER, VAULT)
FREE_SPACES = ("room", "bucket full", "vault full", "one slot in the vault", "both full")
ITEM_TYPES = ("weapon", "exotic", "armour of the Hunter", "not transferable", "stack")


def make_item(item_type, source):
    """Return an item of a type that the Titan has or that is in the vault."""
    changes = {
        "weapon": {},
        "exotic": {"unique_label": "exotic_weapon", "tier": 6},
        "armour of the Hunter": {"class_type": 1, "bucket_hash": HELMET},
        "not transferable": {"transferable": False},
    }
    owner = VAULT if source == "vault" else TITAN
    location = {"equipped": Location.EQUIPPED, "postmaster": Location.POSTMASTER}.get(source)
    location_change = {"location": location} if location else {}
    if item_type == "stack":
        return make_stack(7, ACCOUNT if source == "bag" else owner, **location_change)
    if item_type == "armour of the Hunter" and source == "equipped":
        return make_weapon("9", HUNTER, **location_change, **changes[item_type])
    return make_weapon("9", owner, **location_change, **changes[item_type])


def build_profile(item, free_space):
    """Return a profile with *item* whose buckets have the given free space."""
    bucket = item.bucket_hash
    items, number = [], 1000
    for owner in (TITAN, HUNTER, WARLOCK):
        if bucket == CONSUMABLES:
            break
        changes = {"bucket_hash": bucket, "class_type": 3}
        if item.owner != owner or not item.equipped:
            items.append(make_equipped_weapon(str(number), owner, **changes))
        count = 8 if free_space in {"bucket full", "both full"} and owner != WARLOCK else 3
        items += make_weapons(owner, count, start=number + 1, **changes)
        if count == 8 and item.owner != owner:
            items.append(make_weapon(str(number + 50), owner, **changes))
        # Another exotic is equipped in a different slot, with an item that can replace it.
        exotic = {"bucket_hash": ENERGY, "unique_label": "exotic_weapon"}
        items.append(make_equipped_weapon(str(number + 60), owner, **exotic))
        items.append(make_weapon(str(number + 61), owner, bucket_hash=ENERGY))
        number += 100
    vaulted = {"vault full": 20, "both full": 20, "one slot in the vault": 19}.get(free_space, 5)
    items += make_weapons(VAULT, vaulted - (item.owner == VAULT), start=5000, bucket_hash=KINETIC)
    return make_profile(item, *items)


def is_legal(profile, step):
    """Return whether the game's rules allow a step."""
    item = profile.instance(step.instance_id) if step.instance_id else None
    if step.action is Action.EQUIP:
        label = item.definition.unique_label
        conflicts = [
            other_item
            for other_item in profile.items
            if label and other_item.equipped and other_item.owner == item.owner
            if other_item is not item and other_item.definition.unique_label == label
            if other_item.bucket_hash != item.bucket_hash
        ]
        return item.owner == step.destination and not item.equipped and not conflicts
    if item is not None and step.action is Action.TRANSFER:
        uses_vault = VAULT in {step.source, step.destination}
        return uses_vault and not item.equipped and profile.room_for(item, step.destination) >= 1
    return True


@pytest.mark.parametrize(
    ("source", "destination", "free_space", "item_type"),
    list(product(SOURCES, DESTINATIONS, FREE_SPACES, ITEM_TYPES)),
)
@pytest.mark.parametrize("equip", [False, True])
def test_a_plan_is_legal_and_reaches_its_destination(
    source, destination, free_space, item_type, equip
):
    if item_type == "stack" and source == "equipped":
        source = "bag"  # a stack cannot be equipped
    item = make_item(item_type, source)
    profile = build_profile(item, free_space)
    request = make_move(item, destination, quantity=item.quantity, equip=equip)
    expected = expected_refusal(item, destination, item_type, equip)
    if expected is not None:
        with pytest.raises(expected):
            plan(profile, request)
        return
    for step in plan(profile, request):
        assert is_legal(profile, step), step
        profile = profile.after(step)
        assert profile.count_used(VAULT, 0) <= profile.capacity(VAULT, GENERAL)
        for owner in (TITAN, HUNTER, WARLOCK):
            assert profile.count_used(owner, item.bucket_hash) <= 10
    if item_type == "stack":
        owner = destination if destination == VAULT else ACCOUNT
        assert sum(stack.quantity for stack in profile.stacks(200, owner)) == 7
    else:
        moved = profile.instance("9")
        assert moved.owner == destination
        assert moved.location is not Location.POSTMASTER
        assert moved.equipped or not equip


def expected_refusal(item, destination, item_type, equip):
    """Return the exception class of a combination that is refused; None when it is not."""
    if equip and (item_type == "stack" or destination == VAULT):
        return NoSuchOwner
    if equip and item_type == "armour of the Hunter" and destination == TITAN:
        return NotEquippable
    must_leave = item_type == "not transferable" and destination != item.owner
    return NotTransferable if must_leave else None
