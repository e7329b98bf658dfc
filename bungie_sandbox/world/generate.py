"""Make what a player owns, from a seed and a size."""

from bisect import bisect
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Final

import msgspec

from bungie_sandbox.game_data.catalog import UNLISTED_NAME, catalog, in_bucket
from bungie_sandbox.game_data.definitions import ItemDefinition
from bungie_sandbox.game_data.facts import buckets
from bungie_sandbox.game_data.game import ARMOR, GEAR, WEAPONS, Bucket, ItemType, State
from bungie_sandbox.world.belongings import ACCOUNT, VAULT, Character, Item, Profile

_INSTANCE_IDS: Final = 6917530_000_000_000_000
_CHARACTER_IDS: Final = 2305843009_260_000_000
_OLD_POWER: Final = 10
_UNKNOWN_BUCKET: Final = 97
_LOCKED: Final = 0.22
_OLD: Final = 0.2
_STRANGERS: Final = 0.06  # armour in the bag of a class that cannot wear it

# class, race, gender, days since last played, power: as in the first row of the page
_CHARACTERS: Final = ((1, 1, 1, 0.02, 412), (0, 0, 0, 1.3, 398), (2, 2, 0, 6.8, 391))
# Places taken in the bags, gear slot by gear slot: full ones, and some with room.
_BAGS: Final = ((6, 9, 5, 9, 6, 9, 4, 3), (9, 6, 9, 3, 9, 5, 9, 2), (7, 5, 9, 9, 4, 2, 6, 9))
_CARRIED: Final = {
    Bucket.SUBCLASS: 6,
    Bucket.GHOST: 7,
    Bucket.VEHICLE: 6,
    Bucket.SHIP: 5,
    Bucket.EMBLEM: 8,
    Bucket.FINISHER: 4,
    Bucket.EMOTE: 1,
    Bucket.ARTIFACT: 1,
}
# What the vault is made of, in parts of a hundred.
_VAULT_MIX: Final = (
    *((bucket, 15) for bucket in WEAPONS),
    *((bucket, 9) for bucket in ARMOR),
    (Bucket.GHOST, 2),
    (Bucket.SHIP, 2),
    (Bucket.VEHICLE, 2),
    (Bucket.CONSUMABLES, 3),
    (Bucket.MODIFICATIONS, 1),
)


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How much a player owns.

    ``full`` fills every bag to the last place; ``oddities`` adds items that no table
    knows, classified ones, and a leftover shader; ``novelties`` adds items whose enums
    have numbers, and whose bucket has a hash, that nobody knows.
    """

    vault: int = 700
    characters: int = 3
    seed: int = 6
    full: bool = False
    oddities: bool = False
    novelties: bool = False
    vault_capacity: int | None = None


class _Maker:
    """Draws items for one profile; the same number and seed, the same items."""

    def __init__(self, number: int, size: Size) -> None:
        self.draw = Random(f"{size.seed}/{number}")  # noqa: S311 (a fixed world, no secret)
        self.profile = Profile(size.vault_capacity)
        self.next_id = _INSTANCE_IDS + number * 1_000_000_000

    def put(self, definition: ItemDefinition, holder: str, bucket: int, power: int = 0) -> Item:
        """Make one item and lay it down; a stack gets some quantity."""
        draw = self.draw
        item = Item(definition=definition, holder=holder, bucket=bucket)
        if definition.instanced:
            self.next_id += 1 + int(draw.random() * 999)
            item.instance_id = str(self.next_id)
            item.roll = definition.rolls[int(draw.random() * len(definition.rolls))]
            if definition.item_type in {ItemType.WEAPON, ItemType.ARMOR, ItemType.GHOST}:
                item.power = power or self.power()
            if definition.lockable and draw.random() < _LOCKED:
                item.state |= State.LOCKED
            if item.roll.masterwork:
                item.state |= State.MASTERWORK
            if item.roll.crafted:
                item.state |= State.CRAFTED
        else:
            item.quantity = draw.randint(1, definition.max_stack)
        self.profile.add(item)
        return item

    def power(self) -> int:
        """Draw a power: a fifth is old gear at the floor."""
        if self.draw.random() < _OLD:
            return _OLD_POWER
        return 340 + int(self.draw.triangular(0, 71, 60))

    def choose(self, among: Sequence[ItemDefinition]) -> ItemDefinition:
        """Draw one of several definitions."""
        return among[int(self.draw.random() * len(among))]


def furnish(number: int, size: Size, now: datetime) -> Profile:
    """Make everything that a membership owns.

    Args:
        number: which membership; ids follow from it, so no two share one.
        size: how much of everything.
        now: the moment; characters were last played a little before.
    """
    maker = _Maker(number, size)
    for position in range(size.characters):
        _character(maker, number, position, size, now)
    _account(maker)
    _vault(maker, size.vault)
    if size.oddities:
        _oddities(maker)
    if size.novelties:
        _novelties(maker)
    return maker.profile


def _character(maker: _Maker, number: int, position: int, size: Size, now: datetime) -> None:
    class_type, race, gender, days, power = _CHARACTERS[position % len(_CHARACTERS)]
    character = Character(
        character_id=str(_CHARACTER_IDS + number * 10 + position),
        class_type=class_type,
        race=race,
        gender=gender,
        last_played=now.replace(microsecond=0) - timedelta(days=days),
        minutes=90_000 - position * 21_000,
    )
    held = character.character_id
    maker.profile.characters[held] = character
    exotic_slots = (maker.draw.choice(WEAPONS), maker.draw.choice(ARMOR))
    for slot, bucket in enumerate(GEAR):
        wearable = in_bucket(bucket, class_type)
        exotic = tuple(item for item in wearable if item.unique_label)
        plain = tuple(item for item in wearable if not item.unique_label)
        worn = maker.choose(exotic if bucket in exotic_slots and exotic else plain)
        maker.put(worn, held, bucket, power + (slot % 2) * 2 - 1).equipped = True
        bag = 9 if size.full else _BAGS[position % len(_BAGS)][slot]
        for _ in range(bag):
            stranger = maker.draw.random() < _STRANGERS
            maker.put(maker.choose(in_bucket(bucket) if stranger else wearable), held, bucket)
    for bucket, count in _CARRIED.items():
        among = in_bucket(bucket, class_type)
        for place in range(min(10 if size.full else count, len(among), buckets()[bucket].capacity)):
            maker.put(among[place], held, bucket).equipped = place == 0
    _pending(maker, held, class_type)


def _pending(maker: _Maker, held: str, class_type: int) -> None:
    """Fill quests, engrams and the postmaster."""
    for quest in in_bucket(Bucket.QUESTS):
        maker.put(quest, held, Bucket.QUESTS)
    for engram in in_bucket(Bucket.ENGRAMS)[:2]:
        maker.put(engram, held, Bucket.ENGRAMS)
    lost: list[ItemDefinition] = [
        maker.choose(in_bucket(Bucket.ENERGY)),
        maker.choose(in_bucket(Bucket.HELMET, class_type)),
        maker.choose(in_bucket(Bucket.POWER)),
        next(item for item in in_bucket(Bucket.CONSUMABLES) if item.name == "Enhancement Core"),
        *(item for item in in_bucket(Bucket.CONSUMABLES) if item.item_type == ItemType.PACKAGE),
    ]
    for item in lost:
        maker.put(item, held, Bucket.LOST_ITEMS)


def _account(maker: _Maker) -> None:
    """Fill the account-wide buckets: stacks, one of them spread over several."""
    for bucket in (Bucket.CONSUMABLES, Bucket.MODIFICATIONS):
        for item in in_bucket(bucket):
            if item.item_type != ItemType.PACKAGE:
                maker.put(item, ACCOUNT, bucket)
    spread = next(item for item in in_bucket(Bucket.CONSUMABLES) if item.name == "Reef Tea")
    for _ in range(2):
        maker.put(spread, ACCOUNT, Bucket.CONSUMABLES).quantity = spread.max_stack
    for definition in catalog().values():
        if definition.item_type == ItemType.CURRENCY:
            stack = maker.put(definition, ACCOUNT, definition.bucket)
            stack.quantity = maker.draw.randint(0, min(definition.max_stack, 250_000))


def _vault(maker: _Maker, count: int) -> None:
    pools = [(in_bucket(bucket), weight) for bucket, weight in _VAULT_MIX]
    pools = [
        (tuple(item for item in among if not item.stack_label and not item.side_effects), weight)
        for among, weight in pools
    ]
    steps = list(accumulate(weight for _, weight in pools))
    for _ in range(count):
        among, _weight = pools[bisect(steps, maker.draw.random() * steps[-1])]
        maker.put(maker.choose(among), VAULT, Bucket.VAULT)


def _oddities(maker: _Maker) -> None:
    """Add what a client must bear: unknown hashes, classified items, an old shader."""
    for definition in catalog().values():
        if definition.redacted or definition.name == UNLISTED_NAME:
            maker.put(definition, VAULT, Bucket.VAULT)
            for character_id in maker.profile.characters:
                if maker.profile.room(character_id, definition.bucket):
                    maker.put(definition, character_id, definition.bucket)
    shader = next(item for item in catalog().values() if item.plug_role == "shader")
    maker.put(shader, VAULT, Bucket.VAULT)


def _novelties(maker: _Maker) -> None:
    """Add what a coming season may bring: unknown numbers, an unknown bucket."""
    definition = next(item for item in catalog().values() if item.coming)
    maker.put(definition, VAULT, Bucket.VAULT)
    for character_id in maker.profile.characters:
        maker.put(definition, character_id, _UNKNOWN_BUCKET)
        if maker.profile.room(character_id, definition.bucket):
            maker.put(definition, character_id, definition.bucket)
