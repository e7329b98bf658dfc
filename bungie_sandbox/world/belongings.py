"""What one Destiny membership owns, and where each thing lies."""

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
    """One thing that is owned: an instance, or a stack (``instance_id`` is then empty).

    ``holder`` is a character's id, ``"vault"`` or ``"account"``; ``bucket`` is where the
    item lies now, which in the vault and the postmaster is not its home.
    ``line`` and ``instance`` keep what was encoded last (item_answers.py); whoever changes
    the item drops them with ``touch``.
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
    line: msgspec.Raw | None = None
    instance: msgspec.Raw | None = None

    @property
    def item_hash(self) -> int:
        """The hash of its definition."""
        return self.definition.item_hash

    @property
    def location(self) -> int:
        """ItemLocation, as Bungie sends it: by what kind of list the item is in."""
        # The account-wide buckets say Vault too, and the postmaster says Inventory:
        # only the bucket tells (seen in the profile of 2021).
        if self.holder == VAULT or self.bucket in ACCOUNT_WIDE:
            return Location.VAULT
        return Location.INVENTORY

    @property
    def locked(self) -> bool:
        """Whether the lock bit is set."""
        return bool(self.state & State.LOCKED)

    def touch(self) -> None:
        """Forget what was encoded; the item has changed."""
        self.line = self.instance = None


class Loadout(msgspec.Struct):
    """One slot of a character's in-game loadouts; no items: the slot is empty."""

    color: int = UNSET
    icon: int = UNSET
    name: int = UNSET
    items: list[tuple[str, tuple[int, ...]]] = []


class Character(msgspec.Struct, kw_only=True):
    """One character. ``place`` is where it is: see ``PLACES``."""

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


# In "activity" nothing can be equipped; in "locked" not even after signing off.
PLACES: Final = ("offline", "orbit", "social", "activity", "locked")


class Profile:
    """Everything that one membership owns.

    Attributes:
        characters: by id, in the order of the game's screen.
        version: grows with each change; who keeps a copy compares it.
    """

    def __init__(self, vault_capacity: int | None = None) -> None:
        self.characters: dict[str, Character] = {}
        self.version = 0
        self.vault_capacity = vault_capacity or buckets()[Bucket.VAULT].capacity
        self._lists: defaultdict[tuple[str, int], list[Item]] = defaultdict(list)
        self._instances: dict[str, Item] = {}

    def add(self, item: Item) -> None:
        """Put a new item where it says that it lies."""
        self._lists[item.holder, item.bucket].append(item)
        if item.instance_id:
            self._instances[item.instance_id] = item
        self.version += 1

    def remove(self, item: Item) -> None:
        """Take an item out of the world."""
        self._lists[item.holder, item.bucket].remove(item)
        self._instances.pop(item.instance_id, None)
        self.version += 1

    def move(self, item: Item, holder: str, bucket: int) -> None:
        """Lay an item elsewhere; the caller has seen to the rules."""
        self._lists[item.holder, item.bucket].remove(item)
        item.holder, item.bucket = holder, bucket
        self._lists[holder, bucket].append(item)
        self.changed(item)

    def changed(self, item: Item) -> None:
        """Note that an item is not what it was."""
        item.touch()
        self.version += 1

    def instance(self, instance_id: str) -> Item | None:
        """Return the item with that instance id, wherever it lies."""
        return self._instances.get(instance_id)

    def inside(self, holder: str, bucket: int) -> list[Item]:
        """Return what lies in one bucket, oldest first."""
        return self._lists.get((holder, bucket), [])

    def held_by(self, *holders: str) -> Iterator[Item]:
        """Go through everything that these holders have."""
        for (holder, _), items in self._lists.items():
            if holder in holders:
                yield from items

    def everything(self) -> Iterator[Item]:
        """Go through everything there is."""
        for items in self._lists.values():
            yield from items

    def capacity(self, bucket: int) -> int:
        """Return how many slots a bucket has, that of the equipped item among them."""
        return self.vault_capacity if bucket == Bucket.VAULT else buckets()[bucket].capacity

    def room(self, holder: str, bucket: int) -> int:
        """Return how many slots are free; the equipped item takes one too."""
        return self.capacity(bucket) - len(self.inside(holder, bucket))

    def equipped(self, character_id: str, bucket: int) -> Item | None:
        """Return what is equipped in a slot."""
        for item in self.inside(character_id, bucket):
            if item.equipped:
                return item
        return None

    def copy(self) -> Self:
        """Return the same belongings once more, for a reader that is behind the times."""
        other = type(self)(self.vault_capacity)
        other.version = self.version
        other.characters = {held: deepcopy(one) for held, one in self.characters.items()}
        for item in self.everything():
            other.add(copy(item))
        return other

    def light(self, character_id: str) -> int:
        """Return the character's power: the mean of its eight slots, rounded down."""
        worn = [self.equipped(character_id, bucket) for bucket in GEAR]
        return sum(item.power for item in worn if item) // len(GEAR)


def home(item: ItemDefinition, character_id: str) -> tuple[str, int]:
    """Return (holder, bucket) of an item that is carried rather than stored."""
    bucket = buckets()[item.bucket]
    return (ACCOUNT if bucket.scope else character_id), item.bucket
