"""All items of one membership, at one moment: as read from Bungie, and after the calls since."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from destiny_web.bungie.models.enums import POSTMASTER_BUCKET, VAULT_BUCKET, ItemState
from destiny_web.domain.account.characters import ACCOUNT, VAULT, Character, Membership
from destiny_web.domain.account.definitions import BucketDefinition
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.moves.steps import Action, Step

BucketKey = tuple[str, int]
"""Owner and bucket hash. Each pair has its own capacity; only the vault has one for all buckets."""

_UNKNOWN_BUCKET = BucketDefinition(bucket_hash=0, name="Unclassified")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The items and characters of a player.

    Attributes:
        characters: The most recently played first.
        places: Items by owner and home bucket, in Bungie's order; items in a character's
            postmaster are under the postmaster's bucket.
        buckets: Bucket definitions by hash.
        currencies: One stack for each currency of the account.
        minted: When Bungie's game server made the answer; None when it does not say.
        unlisted: Slots that are used although the answer lists no item for them, by bucket:
            Bungie has refused a call with "no room" where the answer shows room. The key of
            the vault is ``(VAULT, 0)``.
        missing: Names of the components that were not in the answer: their items are
            unknown, which is not the same as none.
        is_in_game: The player was in the game when Bungie made the answer.
    """

    membership: Membership
    characters: tuple[Character, ...]
    places: Mapping[BucketKey, tuple[Item, ...]]
    buckets: Mapping[int, BucketDefinition]
    currencies: tuple[Item, ...] = ()
    minted: datetime | None = None
    unlisted: Mapping[BucketKey, int] = field(default_factory=dict)
    missing: frozenset[str] = field(default_factory=frozenset)
    is_in_game: bool = False

    @property
    def items(self) -> Iterator[Item]:
        """Every item, without the currencies."""
        for bucket_items in self.places.values():
            yield from bucket_items

    def character(self, owner: str) -> Character | None:
        """Return the character with that id, or None."""
        return next(
            (character for character in self.characters if character.character_id == owner), None
        )

    def owner_name(self, owner: str) -> str:
        """Name an owner as part of a sentence: "the vault", "your account", "the Hunter"."""
        owning_character = self.character(owner)
        if owning_character is None:
            return "the vault" if owner == VAULT else "your account"
        same_class = [
            character
            for character in self.characters
            if character.class_type == owning_character.class_type
        ]
        if len(same_class) > 1:  # two Hunters: in most accounts they differ in race
            return f"the {owning_character.race_name} {owning_character.class_name}"
        return f"the {owning_character.class_name}"

    def bucket(self, bucket_hash: int) -> BucketDefinition:
        """Return the definition of a bucket, also of one that the manifest lacks."""
        return self.buckets.get(bucket_hash) or unknown_bucket(bucket_hash)

    def items_in(self, owner: str, bucket_hash: int) -> tuple[Item, ...]:
        """Return the items of an owner in a bucket, the equipped item included."""
        return self.places.get((owner, bucket_hash), ())

    def instance(self, instance_id: str) -> Item | None:
        """Find an instance at any owner; None when the account does not have it."""
        return next((item for item in self.items if item.instance_id == instance_id), None)

    def stacks(self, item_hash: int, owner: str) -> tuple[Item, ...]:
        """Return the stacks of an item that an owner has, those in the postmaster last."""
        stacks = [
            item
            for (holder, _), bucket_items in self.places.items()
            if holder == owner
            for item in bucket_items
            if item.item_hash == item_hash and item.instance_id is None
        ]
        return tuple(sorted(stacks, key=lambda item: item.location is Location.POSTMASTER))

    def count_used(self, owner: str, bucket_hash: int) -> int:
        """Count the used slots of a bucket; for the vault, those of all its buckets."""
        if owner == VAULT:
            listed = sum(
                len(bucket_items)
                for (holder, _), bucket_items in self.places.items()
                if holder == VAULT
            )
            return listed + self.unlisted.get((VAULT, 0), 0)
        return len(self.items_in(owner, bucket_hash)) + self.unlisted.get((owner, bucket_hash), 0)

    def capacity(self, owner: str, bucket_hash: int) -> int:
        """Return the number of slots of a bucket, the equipped item's included."""
        return self.bucket(VAULT_BUCKET if owner == VAULT else bucket_hash).capacity

    def room_for(self, item: Item, owner: str) -> int:
        """Count how many of *item* an owner has room for: instances, or pieces of a stack."""
        free = max(
            self.capacity(owner, item.bucket_hash) - self.count_used(owner, item.bucket_hash), 0
        )
        if item.instance_id is not None:
            return free
        stacks = [
            stack
            for stack in self.items_in(owner, item.bucket_hash)
            if stack.item_hash == item.item_hash
        ]
        if item.definition.unique_stack:
            return 0 if stacks else min(free, 1) * item.definition.max_stack
        max_stack = item.definition.max_stack
        room_in_stacks = sum(max(max_stack - stack.quantity, 0) for stack in stacks)
        return free * max_stack + room_in_stacks

    def after(self, step: Step, hint: Item | None = None) -> "Profile":
        """Return the profile after *step*.

        A step that does not fit the profile changes nothing: then the profile was read after a
        later change in the game, and the profile is right.

        Args:
            step: The step that was carried out.
            hint: The instance of the step, if the caller has it: saves the search for it.
        """
        item = hint if step.instance_id is None else hint or self.instance(step.instance_id)
        if step.action is Action.EQUIP:
            return self._after_equip(step, item)
        if step.action is Action.LOCK:
            return self._after_lock(step, item)
        return self._after_transfer(step, item)

    def with_full_bucket(self, owner: str, bucket_hash: int) -> "Profile":
        """Return the profile without a free slot in a bucket: Bungie has refused a call so."""
        key = (VAULT, 0) if owner == VAULT else (owner, bucket_hash)
        free = self.capacity(owner, bucket_hash) - self.count_used(owner, bucket_hash)
        used = self.unlisted.get(key, 0) + max(free, 0)
        return replace(self, unlisted={**self.unlisted, key: used})

    def _after_equip(self, step: Step, item: Item | None) -> "Profile":
        if item is None or item.owner != step.destination or item.location is not Location.BAG:
            return self
        bucket_items = self.items_in(item.owner, item.bucket_hash)
        # As in Bungie's lists: the equipped item comes first, the former one takes its slot.
        former = [
            msgspec.structs.replace(bucket_item, location=Location.BAG)
            for bucket_item in bucket_items
            if bucket_item.equipped
        ]
        equipped_item = msgspec.structs.replace(item, location=Location.EQUIPPED)
        bag: list[Item] = []
        for bucket_item in bucket_items:
            if bucket_item is item:
                bag.extend(former)
            elif not bucket_item.equipped:
                bag.append(bucket_item)
        return self._with({(item.owner, item.bucket_hash): (equipped_item, *bag)})

    def _after_lock(self, step: Step, item: Item | None) -> "Profile":
        if item is None:
            return self
        state = item.state | ItemState.LOCKED if step.locked else item.state & ~ItemState.LOCKED
        changed = msgspec.structs.replace(item, state=int(state))
        key = bucket_key_of(item)
        bucket_items = self.items_in(*key)
        return self._with(
            {key: tuple(changed if entry is item else entry for entry in bucket_items)}
        )

    def _after_transfer(self, step: Step, item: Item | None) -> "Profile":
        sources = self._sources(step, item)
        if not sources:
            return self
        item = sources[0]
        key = bucket_key_of(item)
        taken, remaining = _take(self.items_in(*key), sources, step.quantity)
        target = (step.destination, item.bucket_hash)
        location = _location_at(step.destination)
        arrived = msgspec.structs.replace(
            item, owner=step.destination, location=location, quantity=taken, transfer_status=0
        )
        return self._with({key: remaining, target: _add(self.items_in(*target), arrived)})

    def _sources(self, step: Step, item: Item | None) -> tuple[Item, ...]:
        """Return the instance, or the stacks, smallest first, from which a step takes items."""
        is_pull = step.action is Action.PULL
        if step.instance_id is not None:
            if item is None or item.owner != step.source:
                return ()
            return (item,) if (item.location is Location.POSTMASTER) == is_pull else ()
        stacks = [
            stack
            for stack in self.stacks(step.item_hash, step.source)
            if (stack.location is Location.POSTMASTER) == is_pull
        ]
        return tuple(sorted(stacks, key=lambda stack: stack.quantity))

    def _with(self, changes: Mapping[BucketKey, tuple[Item, ...]]) -> "Profile":
        return replace(self, places={**self.places, **changes})


def unknown_bucket(bucket_hash: int) -> BucketDefinition:
    """Return a definition for a bucket that the manifest does not have."""
    return msgspec.structs.replace(_UNKNOWN_BUCKET, bucket_hash=bucket_hash)


def bucket_key_of(item: Item) -> BucketKey:
    """Return the key under which a profile has an item."""
    if item.location is Location.POSTMASTER:
        return item.owner, POSTMASTER_BUCKET
    return item.owner, item.bucket_hash


def group_by_bucket(items: Iterable[Item]) -> dict[BucketKey, tuple[Item, ...]]:
    """Group items by owner and bucket; the order within a bucket stays."""
    groups: dict[BucketKey, list[Item]] = {}
    for item in items:
        groups.setdefault(bucket_key_of(item), []).append(item)
    return {key: tuple(bucket_items) for key, bucket_items in groups.items()}


def _location_at(owner: str) -> Location:
    if owner == VAULT:
        return Location.VAULT
    return Location.ACCOUNT if owner == ACCOUNT else Location.BAG


def _take(
    bucket_items: tuple[Item, ...], sources: tuple[Item, ...], quantity: int
) -> tuple[int, tuple[Item, ...]]:
    """Take at most *quantity* from *sources*; return the number taken and the remaining items."""
    missing = quantity
    reduced: dict[int, Item | None] = {}
    for stack in sources:
        taken = min(stack.quantity, missing)
        missing -= taken
        remainder = stack.quantity - taken
        reduced[id(stack)] = (
            msgspec.structs.replace(stack, quantity=remainder) if remainder else None
        )
    remaining = (reduced.get(id(item), item) for item in bucket_items)
    return quantity - missing, tuple(item for item in remaining if item is not None)


def _add(bucket_items: tuple[Item, ...], arrived: Item) -> tuple[Item, ...]:
    """Add an item to a bucket: an instance at the end, a stack to the smallest stacks first."""
    if arrived.instance_id is not None:
        return (*bucket_items, arrived)
    max_stack = arrived.definition.max_stack
    missing = arrived.quantity
    filled: dict[int, Item] = {}
    partial = [item for item in bucket_items if item.item_hash == arrived.item_hash]
    for stack in sorted(partial, key=lambda item: item.quantity):
        added = min(max(max_stack - stack.quantity, 0), missing)
        missing -= added
        filled[id(stack)] = msgspec.structs.replace(stack, quantity=stack.quantity + added)
    new_stacks: list[Item] = []
    while missing > 0:
        new_stacks.append(msgspec.structs.replace(arrived, quantity=min(missing, max_stack)))
        missing -= max_stack
    return (*(filled.get(id(item), item) for item in bucket_items), *new_stacks)
