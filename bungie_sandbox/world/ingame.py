"""What the player does in the game while a client looks on: loot, dismantling, travelling."""

from typing import Final

from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.facts import buckets
from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.world import rules
from bungie_sandbox.world.belongings import PLACES, VAULT, Character, Item, Profile, home
from bungie_sandbox.world.world import World

_LOOT_POWER: Final = 400


def travel(profile: Profile, character_id: str, place: str) -> None:
    """Take a character somewhere: one of ``belongings.PLACES``.

    Raises:
        ValueError: there is no such place.
        LookupError: there is no such character.
    """
    if place not in PLACES:
        raise ValueError(f"no place {place!r}; there are {', '.join(PLACES)}")
    profile.characters[character_id].place = place
    profile.version += 1


def play(profile: Profile, character_id: str, world: World) -> None:
    """Let a character be the one that was played last."""
    profile.characters[character_id].last_played = world.clock.now()
    profile.version += 1


def dismantle(profile: Profile, instance_id: str) -> None:
    """Let an item be dismantled; it is in no place then.

    Raises:
        LookupError: there is no such item, or it is worn.
    """
    item = profile.instance(instance_id)
    if item is None or item.equipped:
        raise LookupError(f"nothing to dismantle under {instance_id}")
    profile.remove(item)


def loot(
    world: World, profile: Profile, character_id: str, item_hash: int, quantity: int = 1
) -> list[Item]:
    """Let something drop for a character: into its bucket, else into the postmaster.

    A full postmaster loses its oldest entry.

    Raises:
        LookupError: there is no such character, or no such item.
    """
    definition = catalog()[item_hash]
    character: Character = profile.characters[character_id]
    to = home(definition, character.character_id)
    if profile.room(*to) < 1:
        to = (character.character_id, int(Bucket.LOST_ITEMS))
        while profile.room(*to) < 1:
            profile.remove(profile.inside(*to)[0])
    if not definition.instanced:
        return rules.pour(profile, definition, quantity, to)
    item = Item(
        definition=definition,
        holder=to[0],
        bucket=to[1],
        instance_id=world.new_instance_id(),
        power=_LOOT_POWER,
        roll=world.draw.choice(definition.rolls),
    )
    profile.add(item)
    return [item]


def delete_character(profile: Profile, character_id: str) -> None:
    """Delete a character with everything that it carries.

    Raises:
        LookupError: there is no such character.
    """
    del profile.characters[character_id]
    for item in list(profile.held_by(character_id)):
        profile.remove(item)


def describe(item: Item) -> dict[str, object]:
    """Return what the control API tells of an item."""
    return {
        "itemInstanceId": item.instance_id,
        "itemHash": item.item_hash,
        "name": item.definition.name,
        "holder": item.holder,
        "bucket": item.bucket,
        "bucketName": known.name if (known := buckets().get(item.bucket)) else None,
        "homeBucket": item.definition.bucket,
        "quantity": item.quantity,
        "equipped": item.equipped,
        "locked": item.locked,
        "state": int(item.state),
        "power": item.power,
        "plugs": list(item.roll.plugs),
    }


def describe_profile(profile: Profile) -> dict[str, object]:
    """Return what the control API tells of a profile: characters, counts, every item."""
    stored = profile.inside(VAULT, Bucket.VAULT)
    return {
        "characters": [
            {
                "characterId": character.character_id,
                "classType": character.class_type,
                "light": profile.light(character.character_id),
                "place": character.place,
            }
            for character in profile.characters.values()
        ],
        "vault": {"used": len(stored), "capacity": profile.vault_capacity},
        "items": [describe(item) for item in profile.everything()],
    }
