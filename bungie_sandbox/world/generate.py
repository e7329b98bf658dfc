"""Generate the profile of a player from a seed and a size."""

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
_LOST_ITEMS: Final = 17  # in the postmaster of the second character: only four of 21 slots are free
_UNKNOWN_BUCKET: Final = 97
_LOCKED_PROBABILITY: Final = 0.22
_OLD_PROBABILITY: Final = 0.2
_OTHER_CLASS_PROBABILITY: Final = 0.06  # armor that the character's class cannot equip

# class, race, gender, days since last played, power
_CHARACTERS: Final = ((1, 1, 1, 0.02, 412), (0, 0, 0, 1.3, 398), (2, 2, 0, 6.8, 391))
# Unequipped items in each gear bucket of each character: some buckets are full.
_UNEQUIPPED_COUNTS: Final = (
    (6, 9, 5, 9, 6, 9, 4, 3),
    (9, 6, 9, 3, 9, 5, 9, 2),
    (7, 5, 9, 9, 4, 2, 6, 9),
)
_OTHER_COUNTS: Final = {
    Bucket.SUBCLASS: 6,
    Bucket.GHOST: 7,
    Bucket.VEHICLE: 6,
    Bucket.SHIP: 5,
    Bucket.EMBLEM: 8,
    Bucket.FINISHER: 4,
    Bucket.EMOTE: 1,
    Bucket.ARTIFACT: 1,
}
# Share of each bucket among the items of the vault, in percent.
_VAULT_SHARES: Final = (
    *((bucket, 15) for bucket in WEAPONS),
    *((bucket, 9) for bucket in ARMOR),
    (Bucket.GHOST, 2),
    (Bucket.SHIP, 2),
    (Bucket.VEHICLE, 2),
    (Bucket.CONSUMABLES, 3),
    (Bucket.MODIFICATIONS, 1),
)


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How many items a player owns.

    ``full`` fills every bucket of the characters; ``oddities`` adds items without a definition,
    classified items, and an old shader; ``novelties`` adds items with unknown enum numbers and
    an unknown bucket hash.
    """

    vault: int = 700
    characters: int = 3
    seed: int = 6
    full: bool = False
    oddities: bool = False
    novelties: bool = False
    vault_capacity: int | None = None


class _ItemGenerator:
    """Generates the items of one profile; number and seed determine all of them."""

    def __init__(self, number: int, size: Size) -> None:
        self.random = Random(f"{size.seed}/{number}")  # noqa: S311 (fixed test data, no secret)
        self.profile = Profile(size.vault_capacity)
        self.next_id = _INSTANCE_IDS + number * 1_000_000_000

    def add_item(
        self, definition: ItemDefinition, holder: str, bucket: int, power: int = 0
    ) -> Item:
        """Generate one item and add it to the profile; a stack gets a random quantity."""
        random = self.random
        item = Item(definition=definition, holder=holder, bucket=bucket)
        if definition.instanced:
            self.next_id += 1 + int(random.random() * 999)
            item.instance_id = str(self.next_id)
            item.roll = definition.rolls[int(random.random() * len(definition.rolls))]
            if definition.item_type in {ItemType.WEAPON, ItemType.ARMOR, ItemType.GHOST}:
                item.power = power or self._draw_power()
            if definition.lockable and random.random() < _LOCKED_PROBABILITY:
                item.state |= State.LOCKED
            if item.roll.masterwork:
                item.state |= State.MASTERWORK
            if item.roll.crafted:
                item.state |= State.CRAFTED
            if item.roll.enhanced:
                # Enhanced weapons had the flag of crafted ones before they got one of their own;
                # that they still have both is a guess.
                item.state |= State.CRAFTED | State.ENHANCED
        else:
            item.quantity = random.randint(1, definition.max_stack)
        self.profile.add(item)
        return item

    def _draw_power(self) -> int:
        """Return a random power: that of old gear for one item in five."""
        if self.random.random() < _OLD_PROBABILITY:
            return _OLD_POWER
        return 340 + int(self.random.triangular(0, 71, 60))

    def choose(self, definitions: Sequence[ItemDefinition]) -> ItemDefinition:
        """Return a random one of several definitions."""
        return definitions[int(self.random.random() * len(definitions))]


def generate_profile(number: int, size: Size, now: datetime) -> Profile:
    """Generate the profile of a membership.

    Args:
        number: the number of the membership; it determines the ids, which are never shared.
        size: how many items the player owns.
        now: the time of the sandbox's clock; the characters were last played before.
    """
    generator = _ItemGenerator(number, size)
    for position in range(size.characters):
        _add_character(generator, number, position, size, now)
    _add_account_items(generator)
    _add_vault_items(generator, size.vault)
    if size.oddities:
        _add_oddities(generator)
    if size.novelties:
        _add_novelties(generator)
    _add_lost_gear(generator)
    return generator.profile


def _add_character(
    generator: _ItemGenerator, number: int, position: int, size: Size, now: datetime
) -> None:
    class_type, race, gender, days, power = _CHARACTERS[position % len(_CHARACTERS)]
    character = Character(
        character_id=str(_CHARACTER_IDS + number * 10 + position),
        class_type=class_type,
        race=race,
        gender=gender,
        last_played=now.replace(microsecond=0) - timedelta(days=days),
        minutes=90_000 - position * 21_000,
    )
    generator.profile.characters[character.character_id] = character
    _add_gear(generator, character, position, power, is_full=size.full)
    for bucket, count in _OTHER_COUNTS.items():
        definitions = in_bucket(bucket, class_type)
        capacity = buckets()[bucket].capacity
        for index in range(min(10 if size.full else count, len(definitions), capacity)):
            item = generator.add_item(definitions[index], character.character_id, bucket)
            item.equipped = index == 0
    _add_quests_engrams_and_postmaster(generator, character)


def _add_gear(
    generator: _ItemGenerator, character: Character, position: int, power: int, *, is_full: bool
) -> None:
    """Fill the gear buckets: one equipped item each, one exotic weapon and exotic armor piece."""
    holder, random = character.character_id, generator.random
    exotic_buckets = (random.choice(WEAPONS), random.choice(ARMOR))
    for index, bucket in enumerate(GEAR):
        equippable = in_bucket(bucket, character.class_type)
        exotics = tuple(item for item in equippable if item.unique_label)
        other_definitions = tuple(item for item in equippable if not item.unique_label)
        definition = generator.choose(
            exotics if bucket in exotic_buckets and exotics else other_definitions
        )
        item = generator.add_item(definition, holder, bucket, power + (index % 2) * 2 - 1)
        item.equipped = True
        counts = _UNEQUIPPED_COUNTS[position % len(_UNEQUIPPED_COUNTS)]
        for _ in range(9 if is_full else counts[index]):
            is_of_any_class = random.random() < _OTHER_CLASS_PROBABILITY
            definition = generator.choose(in_bucket(bucket) if is_of_any_class else equippable)
            generator.add_item(definition, holder, bucket)


def _add_quests_engrams_and_postmaster(generator: _ItemGenerator, character: Character) -> None:
    holder = character.character_id
    for quest in in_bucket(Bucket.QUESTS):
        generator.add_item(quest, holder, Bucket.QUESTS)
    for engram in in_bucket(Bucket.ENGRAMS)[:2]:
        generator.add_item(engram, holder, Bucket.ENGRAMS)
    consumables = in_bucket(Bucket.CONSUMABLES)
    postmaster: list[ItemDefinition] = [
        generator.choose(in_bucket(Bucket.ENERGY)),
        generator.choose(in_bucket(Bucket.HELMET, character.class_type)),
        generator.choose(in_bucket(Bucket.POWER)),
        next(item for item in consumables if item.name == "Enhancement Core"),
        *(item for item in consumables if item.item_type == ItemType.PACKAGE),
    ]
    for definition in postmaster:
        generator.add_item(definition, holder, Bucket.LOST_ITEMS)


def _add_lost_gear(generator: _ItemGenerator) -> None:
    """Fill most of the postmaster of the second character with weapons.

    The last step: the random numbers that it draws change nothing else.
    """
    profile = generator.profile
    for character_id in list(profile.characters)[1:2]:
        while len(profile.items_in(character_id, Bucket.LOST_ITEMS)) < _LOST_ITEMS:
            weapons = in_bucket(generator.random.choice(WEAPONS))
            generator.add_item(generator.choose(weapons), character_id, Bucket.LOST_ITEMS)


def _add_account_items(generator: _ItemGenerator) -> None:
    """Fill the account-wide buckets with stacks; one item has several stacks."""
    for bucket in (Bucket.CONSUMABLES, Bucket.MODIFICATIONS):
        for definition in in_bucket(bucket):
            if definition.item_type != ItemType.PACKAGE:
                generator.add_item(definition, ACCOUNT, bucket)
    tea = next(item for item in in_bucket(Bucket.CONSUMABLES) if item.name == "Reef Tea")
    for _ in range(2):
        generator.add_item(tea, ACCOUNT, Bucket.CONSUMABLES).quantity = tea.max_stack
    for definition in catalog().values():
        if definition.item_type == ItemType.CURRENCY:
            stack = generator.add_item(definition, ACCOUNT, definition.bucket)
            stack.quantity = generator.random.randint(0, min(definition.max_stack, 250_000))


def _add_vault_items(generator: _ItemGenerator, count: int) -> None:
    pools = [
        (
            tuple(
                item for item in in_bucket(bucket) if not item.stack_label and not item.side_effects
            ),
            share,
        )
        for bucket, share in _VAULT_SHARES
    ]
    cumulative_shares = list(accumulate(share for _, share in pools))
    for _ in range(count):
        position = generator.random.random() * cumulative_shares[-1]
        definitions, _share = pools[bisect(cumulative_shares, position)]
        generator.add_item(generator.choose(definitions), VAULT, Bucket.VAULT)


def _add_oddities(generator: _ItemGenerator) -> None:
    """Add items that a client must tolerate: unknown hashes, classified items, an old shader."""
    for definition in catalog().values():
        if definition.redacted or definition.name == UNLISTED_NAME:
            generator.add_item(definition, VAULT, Bucket.VAULT)
            for character_id in generator.profile.characters:
                if generator.profile.free_slots(character_id, definition.bucket):
                    generator.add_item(definition, character_id, definition.bucket)
    shader = next(item for item in catalog().values() if item.plug_role == "shader")
    generator.add_item(shader, VAULT, Bucket.VAULT)


def _add_novelties(generator: _ItemGenerator) -> None:
    """Add items of an unreleased season: unknown enum numbers, an unknown bucket."""
    definition = next(item for item in catalog().values() if item.unreleased)
    generator.add_item(definition, VAULT, Bucket.VAULT)
    for character_id in generator.profile.characters:
        generator.add_item(definition, character_id, _UNKNOWN_BUCKET)
        if generator.profile.free_slots(character_id, definition.bucket):
            generator.add_item(definition, character_id, definition.bucket)
