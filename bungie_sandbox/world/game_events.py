"""Events in the game while a client is in use: loot, dismantling, travelling."""

from typing import Final

from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.facts import buckets
from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.world import rules
from bungie_sandbox.world.belongings import PLACES, VAULT, Item, Profile, inventory_location
from bungie_sandbox.world.world import World

_LOOT_POWER: Final = 400


def travel(profile: Profile, character_id: str, place: str) -> None:
    """Move a character to a place: one of ``belongings.PLACES``.

    Raises:
        ValueError: there is no such place.
        LookupError: there is no such character.
    """
    if place not in PLACES:
        raise ValueError(f"no place {place!r}; there are {', '.join(PLACES)}")
    profile.characters[character_id].place = place
    profile.version += 1


def play(world: World, profile: Profile, character_id: str) -> None:
    """Make a character the one that was played last."""
    profile.characters[character_id].last_played = world.clock.now()
    profile.version += 1


def dismantle(profile: Profile, instance_id: str) -> None:
    """Dismantle an item: remove it from the profile.

    Raises:
        LookupError: there is no such item, or it is equipped.
    """
    item = profile.instance(instance_id)
    if item is None or item.equipped:
        raise LookupError(f"no item that can be dismantled has the instance id {instance_id}")
    profile.remove(item)


def drop_loot(
    world: World, profile: Profile, character_id: str, item_hash: int, quantity: int = 1
) -> list[Item]:
    """Give a character new loot: into the item's bucket, or into the postmaster if it is full.

    A full postmaster loses its oldest entry.

    Returns:
        The new item, or the stacks that have grown.

    Raises:
        LookupError: there is no such character, or no such item.
    """
    definition = catalog()[item_hash]
    character = profile.characters[character_id]
    destination = inventory_location(definition, character.character_id)
    if profile.free_slots(*destination) < 1:
        destination = (character.character_id, int(Bucket.LOST_ITEMS))
        while profile.free_slots(*destination) < 1:
            profile.remove(profile.items_in(*destination)[0])
    if not definition.instanced:
        return rules.add_to_stacks(profile, definition, quantity, destination)
    holder, bucket = destination
    item = Item(
        definition=definition,
        holder=holder,
        bucket=bucket,
        instance_id=world.new_instance_id(),
        power=_LOOT_POWER,
        roll=world.random.choice(definition.rolls),
    )
    profile.add(item)
    return [item]


def delete_character(profile: Profile, character_id: str) -> None:
    """Delete a character and all its items.

    Raises:
        LookupError: there is no such character.
    """
    del profile.characters[character_id]
    for item in list(profile.items_of(character_id)):
        profile.remove(item)


def describe_item(item: Item) -> dict[str, object]:
    """Return the answer of the control API about an item."""
    bucket = buckets().get(item.bucket)
    return {
        "itemInstanceId": item.instance_id,
        "itemHash": item.item_hash,
        "name": item.definition.name,
        "holder": item.holder,
        "bucket": item.bucket,
        "bucketName": bucket.name if bucket else None,
        "homeBucket": item.definition.bucket,
        "quantity": item.quantity,
        "equipped": item.equipped,
        "locked": item.locked,
        "state": int(item.state),
        "power": item.power,
        "plugs": list(item.roll.plugs),
    }


def describe_profile(profile: Profile) -> dict[str, object]:
    """Return the answer of the control API about a profile: characters, vault, every item."""
    return {
        "characters": [
            {
                "characterId": character.character_id,
                "classType": character.class_type,
                "light": profile.power_of(character.character_id),
                "place": character.place,
            }
            for character in profile.characters.values()
        ],
        "vault": {
            "used": len(profile.items_in(VAULT, Bucket.VAULT)),
            "capacity": profile.vault_capacity,
        },
        "items": [describe_item(item) for item in profile.all_items()],
    }
