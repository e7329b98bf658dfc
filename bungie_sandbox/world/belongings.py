"""The characters and items of one Destiny membership."""

from collections import defaultdict
from collections.abc import Iterator
from copy import copy, deepcopy
from datetime import datetime
from typing import Final, Self

import msgspec

from bungie_sandbox.game_data.definitions import ItemDefinition, Roll
from bungie_sandbox.game_data.facts import buckets
from bungie_sandbox.game_data.game import (
    ACCOUNT_WIDE,
    CLASS_HASHES,
    GEAR,
    GENDER_HASHES,
    LOADOUTS,
    RACE_HASHES,
    UNSET,
    Bucket,
    Location,
    State,
)

VAULT: Final = "vault"
ACCOUNT: Final = "account"


class Item(msgspec.Struct, eq=False, kw_only=True):
    """An instance, or a stack (``instance_id`` is then empty).

    ``holder`` is a character's id, ``"vault"`` or ``"account"``; ``bucket`` is the bucket that
    contains the item now: in the vault and the postmaster not the bucket of its definition.
    ``encoded_item`` and ``encoded_instance`` cache the JSON of ``item_responses.py``;
    ``clear_encoded`` has to be called after each change.
    """

    definition: ItemDefinition
    holder: str
    bucket: int
    instance_id: str = ""
    quantity: int = 1
    equipped: bool = False
    state: int = 0
    power: int = 0
    roll: Roll = msgspec.field(default_factory=Roll)
    encoded_item: msgspec.Raw | None = None
    encoded_instance: msgspec.Raw | None = None

    @property
    def item_hash(self) -> int:
        """The hash of the definition."""
        return self.definition.item_hash

    @property
    def location(self) -> int:
        """ItemLocation, as Bungie sends it."""
        # Items in account-wide buckets have Vault too, and items in the postmaster have
        # Inventory: only the bucket is reliable (seen in the profile of 2021).
        if self.holder == VAULT or self.bucket in ACCOUNT_WIDE:
            return Location.VAULT
        return Location.INVENTORY

    @property
    def locked(self) -> bool:
        """Whether the lock bit is set."""
        return bool(self.state & State.LOCKED)

    def clear_encoded(self) -> None:
        """Drop the cached JSON after a change of the item."""
        self.encoded_item = self.encoded_instance = None


class Loadout(msgspec.Struct):
    """One in-game loadout of a character; a loadout without items is empty."""

    color: int = UNSET
    icon: int = UNSET
    name: int = UNSET
    items: list[tuple[str, tuple[int, ...]]] = []


class Character(msgspec.Struct, kw_only=True):
    """One character. ``place`` is one of ``PLACES``."""

    character_id: str
    class_type: int
    race: int
    gender: int
    last_played: datetime
    minutes: int
    place: str = "offline"
    loadouts: list[Loadout] = msgspec.field(
        default_factory=lambda: [Loadout() for _ in range(LOADOUTS)]
    )

    @property
    def hashes(self) -> tuple[int, int, int]:
        """The hashes of class, race and gender."""
        return (
            CLASS_HASHES[self.class_type],
            RACE_HASHES[self.race],
            GENDER_HASHES[self.gender],
        )


# In "activity" no item can be equipped; in "locked" not even after signing off.
PLACES: Final = ("offline", "orbit", "social", "activity", "locked")


class Profile:
    """The characters and items of one membership.

    Attributes:
        characters: by id, in the order of the game's screen.
        version: grows with each change.
    """

    def __init__(self, vault_capacity: int | None = None) -> None:
        self.characters: dict[str, Character] = {}
        self.version = 0
        self.vault_capacity = vault_capacity or buckets()[Bucket.VAULT].capacity
        self._items: defaultdict[tuple[str, int], list[Item]] = defaultdict(list)
        self._instances: dict[str, Item] = {}

    def add(self, item: Item) -> None:
        """Add a new item to the holder and bucket in its fields."""
        self._items[item.holder, item.bucket].append(item)
        if item.instance_id:
            self._instances[item.instance_id] = item
        self.version += 1

    def remove(self, item: Item) -> None:
        """Remove an item from the profile."""
        self._items[item.holder, item.bucket].remove(item)
        self._instances.pop(item.instance_id, None)
        self.version += 1

    def move(self, item: Item, holder: str, bucket: int) -> None:
        """Move an item without checking any rule."""
        self._items[item.holder, item.bucket].remove(item)
        item.holder, item.bucket = holder, bucket
        self._items[holder, bucket].append(item)
        self.note_change(item)

    def note_change(self, item: Item) -> None:
        """Note that an item has changed."""
        item.clear_encoded()
        self.version += 1

    def instance(self, instance_id: str) -> Item | None:
        """Return the item with that instance id."""
        return self._instances.get(instance_id)

    def items_in(self, holder: str, bucket: int) -> list[Item]:
        """Return the items of one bucket, oldest first."""
        return self._items.get((holder, bucket), [])

    def items_of(self, *holders: str) -> Iterator[Item]:
        """Iterate over the items of these holders."""
        for (holder, _), items in self._items.items():
            if holder in holders:
                yield from items

    def all_items(self) -> Iterator[Item]:
        """Iterate over all items."""
        for items in self._items.values():
            yield from items

    def capacity(self, bucket: int) -> int:
        """Return the number of slots of a bucket, including that of the equipped item."""
        return self.vault_capacity if bucket == Bucket.VAULT else buckets()[bucket].capacity

    def free_slots(self, holder: str, bucket: int) -> int:
        """Return the number of free slots; the equipped item takes one too."""
        return self.capacity(bucket) - len(self.items_in(holder, bucket))

    def equipped(self, character_id: str, bucket: int) -> Item | None:
        """Return the equipped item of a bucket."""
        for item in self.items_in(character_id, bucket):
            if item.equipped:
                return item
        return None

    def copy(self) -> Self:
        """Return a copy, which later changes do not affect."""
        profile = type(self)(self.vault_capacity)
        profile.version = self.version
        profile.characters = deepcopy(self.characters)
        for item in self.all_items():
            profile.add(copy(item))
        return profile

    def power_of(self, character_id: str) -> int:
        """Return the character's power: the mean of the eight gear items, rounded down."""
        items = [self.equipped(character_id, bucket) for bucket in GEAR]
        return sum(item.power for item in items if item) // len(GEAR)


def inventory_location(definition: ItemDefinition, character_id: str) -> tuple[str, int]:
    """Return (holder, bucket) of an item in the inventory of a character or the account."""
    bucket = buckets()[definition.bucket]
    return (ACCOUNT if bucket.scope else character_id), definition.bucket
