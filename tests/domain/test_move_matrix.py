"""Every source × every destination × how full it is × every kind of item."""

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
    coins,
    full,
    gun,
    held,
    move,
    worn,
)

SOURCES = ("vault", "bag", "worn", "postmaster")
DESTINATIONS = (TITAN, HUNTER, VAULT)
FULLNESS = ("room", "bucket full", "vault full", "one place in the vault", "both full")
KINDS = ("weapon", "exotic", "armour of the Hunter", "stays", "stack")


def item_of(kind, source):
    """Return an item of a kind, lying with the Titan or in the vault."""
    changes = {
        "weapon": {},
        "exotic": {"unique_label": "exotic_weapon", "tier": 6},
        "armour of the Hunter": {"class_type": 1, "bucket_hash": HELMET},
        "stays": {"transferable": False},
    }
    owner = VAULT if source == "vault" else TITAN
    location = {"worn": Location.EQUIPPED, "postmaster": Location.POSTMASTER}.get(source)
    place = {"location": location} if location else {}
    if kind == "stack":
        return coins(7, ACCOUNT if source == "bag" else owner, **place)
    if kind == "armour of the Hunter" and source == "worn":
        return gun("9", HUNTER, **place, **changes[kind])
    return gun("9", owner, **place, **changes[kind])


def world(item, fullness):
    """Return a profile in which the item's places are as full as told."""
    bucket = item.bucket_hash
    others, number = [], 1000
    for owner in (TITAN, HUNTER, WARLOCK):
        if bucket == CONSUMABLES:
            break
        kind = {"bucket_hash": bucket, "class_type": 1 if bucket == HELMET else 3}
        if item.owner != owner or not item.equipped:
            others.append(worn(str(number), owner, **kind | {"class_type": 3}))
        spare = 8 if fullness in {"bucket full", "both full"} and owner != WARLOCK else 3
        others += full(owner, spare, start=number + 1, **kind | {"class_type": 3})
        if spare == 8 and item.owner != owner:
            others.append(gun(str(number + 50), owner, **kind | {"class_type": 3}))
        # Another exotic is worn in a different slot, with something to take its place.
        rival = {"bucket_hash": ENERGY, "unique_label": "exotic_weapon"}
        others.append(worn(str(number + 60), owner, **rival))
        others.append(gun(str(number + 61), owner, bucket_hash=ENERGY))
        number += 100
    places = {"vault full": 20, "both full": 20, "one place in the vault": 19}.get(fullness, 5)
    others += full(VAULT, places - (item.owner == VAULT), start=5000, bucket_hash=KINETIC)
    return held(item, *others)


def legal(profile, step):
    """Check one call against the game's rules."""
    item = profile.instance(step.instance_id) if step.instance_id else None
    if step.action is Action.EQUIP:
        label = item.definition.unique_label
        rivals = [
            one
            for one in profile.items
            if label and one.equipped and one.owner == item.owner and one is not item
            if one.definition.unique_label == label and one.bucket_hash != item.bucket_hash
        ]
        return item.owner == step.destination and not item.equipped and not rivals
    if item is not None and step.action is Action.TRANSFER:
        through = VAULT in {step.source, step.destination}
        return through and not item.equipped and profile.room_for(item, step.destination) >= 1
    return True


@pytest.mark.parametrize(
    ("source", "destination", "fullness", "kind"),
    list(product(SOURCES, DESTINATIONS, FULLNESS, KINDS)),
)
@pytest.mark.parametrize("equip", [False, True])
def test_the_matrix(source, destination, fullness, kind, equip):
    if kind == "stack" and source == "worn":
        source = "bag"  # nobody wears a stack
    item = item_of(kind, source)
    profile = world(item, fullness)
    asking = move(item, destination, quantity=item.quantity, equip=equip)
    expected = refusal(item, destination, kind, equip)
    if expected is not None:
        with pytest.raises(expected):
            plan(profile, asking)
        return
    for step in plan(profile, asking):
        assert legal(profile, step), step
        profile = profile.after(step)
        assert profile.used(VAULT, 0) <= profile.capacity(VAULT, GENERAL)
        for owner in (TITAN, HUNTER, WARLOCK):
            assert profile.used(owner, item.bucket_hash) <= 10
    if kind == "stack":
        goal = destination if destination == VAULT else ACCOUNT
        assert sum(one.quantity for one in profile.stacks(200, goal)) == 7
    else:
        moved = profile.instance("9")
        assert moved.owner == destination
        assert moved.location is not Location.POSTMASTER
        assert moved.equipped or not equip


def refusal(item, destination, kind, equip):
    """Return why a cell of the matrix cannot be; None when it can."""
    if equip and (kind == "stack" or destination == VAULT):
        return NoSuchOwner
    if equip and kind == "armour of the Hunter" and destination == TITAN:
        return NotEquippable
    stays = kind == "stays" and destination != item.owner
    return NotTransferable if stays else None
