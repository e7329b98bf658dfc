"""Builders of profiles and items for tests: valid by default; `**changes` set what a test needs."""

from datetime import UTC, datetime
from typing import Any

from destiny_web.domain.account.characters import ACCOUNT, VAULT, Character, Membership
from destiny_web.domain.account.definitions import BucketDefinition, ItemDefinition
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile, group_by_bucket
from destiny_web.domain.moves.planner import Move

KINETIC, HELMET, ENERGY, GHOST, EMBLEM, CONSUMABLES = (
    1498876634,
    3448274439,
    2465295065,
    4023194814,
    4274335291,
    1469714392,
)
POSTMASTER, GENERAL = 215593132, 138197802
TITAN, HUNTER, WARLOCK = "1001", "1002", "1003"
MEMBERSHIP = Membership(type=3, membership_id="4611686018400000001", name="Cayde#0006")
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


def make_definition(**changes: Any) -> ItemDefinition:
    """The definition of a legendary kinetic weapon for every class."""
    defaults = {
        "item_hash": 100,
        "name": "Old Faithful",
        "bucket_hash": KINETIC,
        "tier": 5,
        "rarity": "Legendary",
        "type_name": "Hand Cannon",
        "equippable": True,
    }
    return ItemDefinition(**(defaults | changes))


def make_weapon(instance_id: str = "9", owner: str = VAULT, **changes: Any) -> Item:
    """A weapon, by default in the vault."""
    definition = changes.pop("definition", None) or make_definition(
        **{
            key: changes.pop(key)
            for key in list(changes)
            if key in ItemDefinition.__struct_fields__ and key != "bucket_hash"
        }
    )
    defaults = {
        "definition": definition,
        "instance_id": instance_id,
        "owner": owner,
        "location": {VAULT: Location.VAULT, ACCOUNT: Location.ACCOUNT}.get(owner, Location.BAG),
        "bucket_hash": definition.bucket_hash,
        "power": 400,
        "lockable": True,
    }
    return Item(**(defaults | changes))


def make_equipped_weapon(instance_id: str, owner: str, **changes: Any) -> Item:
    """A weapon that its owner has equipped."""
    return make_weapon(instance_id, owner, location=Location.EQUIPPED, **changes)


def make_stack(quantity: int = 10, owner: str = ACCOUNT, **changes: Any) -> Item:
    """A stack of an item that all characters share."""
    definition = make_definition(
        **{
            "item_hash": 200,
            "name": "Strange Coin",
            "bucket_hash": CONSUMABLES,
            "max_stack": 99,
            "equippable": False,
        }
        | {
            key: changes.pop(key)
            for key in list(changes)
            if key in ItemDefinition.__struct_fields__
        }
    )
    return make_weapon(None, owner, definition=definition, quantity=quantity, power=0, **changes)


BUCKETS = {
    bucket.bucket_hash: bucket
    for bucket in (
        BucketDefinition(
            bucket_hash=KINETIC,
            name="Kinetic Weapons",
            capacity=10,
            order=20,
            vaultable=True,
            wearable=True,
        ),
        BucketDefinition(
            bucket_hash=ENERGY,
            name="Energy Weapons",
            capacity=10,
            order=30,
            vaultable=True,
            wearable=True,
        ),
        BucketDefinition(
            bucket_hash=HELMET, name="Helmet", capacity=10, order=50, vaultable=True, wearable=True
        ),
        BucketDefinition(
            bucket_hash=GHOST, name="Ghost", capacity=10, order=45, vaultable=True, wearable=True
        ),
        BucketDefinition(bucket_hash=EMBLEM, name="Emblems", capacity=10, order=150, wearable=True),
        BucketDefinition(
            bucket_hash=CONSUMABLES,
            name="Consumables",
            capacity=3,
            order=30,
            account_wide=True,
            vaultable=True,
        ),
        BucketDefinition(bucket_hash=POSTMASTER, name="Lost Items", capacity=21),
        BucketDefinition(bucket_hash=GENERAL, name="General", capacity=20, account_wide=True),
    )
}


def make_character(character_id: str, class_type: int, name: str, **changes: Any) -> Character:
    """A character at the highest level."""
    defaults = {
        "character_id": character_id,
        "class_type": class_type,
        "class_name": name,
        "race_name": "Human",
        "power": 400,
        "level": 50,
    }
    return Character(**(defaults | changes))


CHARACTERS = (
    make_character(TITAN, 0, "Titan"),
    make_character(HUNTER, 1, "Hunter"),
    make_character(WARLOCK, 2, "Warlock"),
)


def make_profile(*items: Item, **changes: Any) -> Profile:
    """A profile with these items only."""
    defaults = {
        "membership": MEMBERSHIP,
        "characters": CHARACTERS,
        "places": group_by_bucket(items),
        "buckets": BUCKETS,
        "minted": NOW,
    }
    return Profile(**(defaults | changes))


def make_weapons(owner: str, count: int, *, start: int = 500, **changes: Any) -> list[Item]:
    """*count* weapons of one owner."""
    return [make_weapon(str(start + number), owner, **changes) for number in range(count)]


def make_move(item: Item, destination: str, **changes: Any) -> Move:
    """The request to move *item* to *destination*."""
    defaults = {
        "item_hash": item.item_hash,
        "instance_id": item.instance_id,
        "quantity": 1,
        "source": item.owner,
        "destination": destination,
    }
    return Move(**(defaults | changes))
