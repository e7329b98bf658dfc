"""Everything that one membership owns, as of one answer and the calls since."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from destiny_web.bungie.models.enums import POSTMASTER_BUCKET, VAULT_BUCKET, ItemState
from destiny_web.domain.account.characters import ACCOUNT, VAULT, Character, Membership
from destiny_web.domain.account.definitions import BucketDefinition
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.moves.steps import Action, Step

Place = tuple[str, int]
"""An owner and a bucket hash: where things share a capacity, but for the vault's."""

_NOWHERE = BucketDefinition(bucket_hash=0, name="Unclassified")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A player's belongings.

    Attributes:
        characters: The most recently played first.
        places: Items by owner and home bucket, in Bungie's order; what lies in a
            character's postmaster is under the postmaster's bucket.
        buckets: The definitions, by hash.
        currencies: What the account has of them.
        minted: When Bungie's game server made the answer; None when it does not say.
        unseen: Places that are taken by something which is not in the answer: the game said
            "no room" where there seems to be some. The vault's is ``(VAULT, 0)``.
        missing: Names of the components that did not come: their part of the profile is
            unknown, which is not the same as empty.
    """

    membership: Membership
    characters: tuple[Character, ...]
    places: Mapping[Place, tuple[Item, ...]]
    buckets: Mapping[int, BucketDefinition]
    currencies: tuple[Item, ...] = ()
    minted: datetime | None = None
    unseen: Mapping[Place, int] = field(default_factory=dict)
    missing: frozenset[str] = field(default_factory=frozenset)

    @property
    def items(self) -> Iterator[Item]:
        """Everything, once."""
        for held in self.places.values():
            yield from held

    def character(self, owner: str) -> Character | None:
        """Return the character with that id, or None."""
        return next((one for one in self.characters if one.character_id == owner), None)

    def owner_name(self, owner: str) -> str:
        """Say who an owner is, to fit into "is now with ..."."""
        found = self.character(owner)
        if found is None:
            return "the vault" if owner == VAULT else "your account"
        twins = [one for one in self.characters if one.class_type == found.class_type]
        if len(twins) > 1:  # two Hunters: the race tells them apart, mostly
            return f"the {found.race_name} {found.class_name}"
        return f"the {found.class_name}"

    def bucket(self, bucket_hash: int) -> BucketDefinition:
        """Return the definition of a bucket, also of one that the manifest lacks."""
        return self.buckets.get(bucket_hash) or unknown_bucket(bucket_hash)

    def at(self, owner: str, bucket_hash: int) -> tuple[Item, ...]:
        """Return what lies there, the equipped item included."""
        return self.places.get((owner, bucket_hash), ())

    def instance(self, instance_id: str) -> Item | None:
        """Find an instance, wherever it lies."""
        return next((item for item in self.items if item.instance_id == instance_id), None)

    def stacks(self, item_hash: int, owner: str) -> tuple[Item, ...]:
        """Return the stacks of an item that an owner holds, postmaster last."""
        found = [
            item
            for (holder, _), held in self.places.items()
            if holder == owner
            for item in held
            if item.item_hash == item_hash and item.instance_id is None
        ]
        return tuple(sorted(found, key=lambda item: item.location is Location.POSTMASTER))

    def used(self, owner: str, bucket_hash: int) -> int:
        """Count the places taken; all that lies in the vault shares the vault's."""
        if owner == VAULT:
            seen = sum(len(held) for (holder, _), held in self.places.items() if holder == VAULT)
            return seen + self.unseen.get((VAULT, 0), 0)
        return len(self.at(owner, bucket_hash)) + self.unseen.get((owner, bucket_hash), 0)

    def capacity(self, owner: str, bucket_hash: int) -> int:
        """Return how many places there are, the equipped item's included."""
        return self.bucket(VAULT_BUCKET if owner == VAULT else bucket_hash).capacity

    def room_for(self, item: Item, owner: str) -> int:
        """Count how many of *item* an owner can still take, in pieces."""
        free = max(self.capacity(owner, item.bucket_hash) - self.used(owner, item.bucket_hash), 0)
        if item.instance_id is not None:
            return free
        stacks = [
            held for held in self.at(owner, item.bucket_hash) if held.item_hash == item.item_hash
        ]
        if item.definition.unique_stack:
            return 0 if stacks else min(free, 1) * item.definition.max_stack
        largest = item.definition.max_stack
        rest = sum(max(largest - stack.quantity, 0) for stack in stacks)
        return free * largest + rest

    def after(self, step: Step, hint: Item | None = None) -> "Profile":
        """Return the profile as it is once *step* was carried out.

        A step that does not fit (any more) changes nothing: the game has moved on, and
        what was read from it is right.

        Args:
            step: What was done.
            hint: The instance that it was done to, to spare looking for it.
        """
        item = hint if step.instance_id is None else hint or self.instance(step.instance_id)
        if step.action is Action.EQUIP:
            return self._equipped(step, item)
        if step.action is Action.LOCK:
            return self._locked(step, item)
        return self._moved(step, item)

    def crowded(self, owner: str, bucket_hash: int) -> "Profile":
        """Return the profile with no free place left there: the game has said so."""
        place = (VAULT, 0) if owner == VAULT else (owner, bucket_hash)
        free = self.capacity(owner, bucket_hash) - self.used(owner, bucket_hash)
        taken = self.unseen.get(place, 0) + max(free, 0)
        return replace(self, unseen={**self.unseen, place: taken})

    def _equipped(self, step: Step, item: Item | None) -> "Profile":
        if item is None or item.owner != step.destination or item.location is not Location.BAG:
            return self
        held = self.at(item.owner, item.bucket_hash)
        # The new one first, as Bungie lists equipment; the old one where the new one was.
        old = [other for other in held if other.equipped]
        equipped_item = msgspec.structs.replace(item, location=Location.EQUIPPED)
        bag: list[Item] = []
        for other in held:
            if other is item:
                bag.extend(msgspec.structs.replace(one, location=Location.BAG) for one in old)
            elif not other.equipped:
                bag.append(other)
        return self._with({(item.owner, item.bucket_hash): (equipped_item, *bag)})

    def _locked(self, step: Step, item: Item | None) -> "Profile":
        if item is None:
            return self
        state = item.state | ItemState.LOCKED if step.locked else item.state & ~ItemState.LOCKED
        changed = msgspec.structs.replace(item, state=int(state))
        place = place_of(item)
        held = tuple(changed if other is item else other for other in self.at(*place))
        return self._with({place: held})

    def _moved(self, step: Step, item: Item | None) -> "Profile":
        source = self._source(step, item)
        if not source:
            return self
        item = source[0]
        place = place_of(item)
        taken, rest = _take(self.at(*place), source, step.quantity)
        target = (step.destination, item.bucket_hash)
        location = _location(step.destination)
        arrived = msgspec.structs.replace(
            item, owner=step.destination, location=location, quantity=taken, transfer_status=0
        )
        return self._with({place: rest, target: _put(self.at(*target), arrived)})

    def _source(self, step: Step, item: Item | None) -> tuple[Item, ...]:
        """Return the instance, or the stacks smallest first, that a step takes from."""
        postmaster = step.action is Action.PULL
        if step.instance_id is not None:
            if item is None or item.owner != step.source:
                return ()
            return (item,) if (item.location is Location.POSTMASTER) == postmaster else ()
        stacks = [
            stack
            for stack in self.stacks(step.item_hash, step.source)
            if (stack.location is Location.POSTMASTER) == postmaster
        ]
        return tuple(sorted(stacks, key=lambda stack: stack.quantity))

    def _with(self, changes: Mapping[Place, tuple[Item, ...]]) -> "Profile":
        return replace(self, places={**self.places, **changes})


def unknown_bucket(bucket_hash: int) -> BucketDefinition:
    """Stand in for a bucket that the manifest does not have."""
    return msgspec.structs.replace(_NOWHERE, bucket_hash=bucket_hash)


def place_of(item: Item) -> Place:
    """Return where an item lies."""
    if item.location is Location.POSTMASTER:
        return item.owner, POSTMASTER_BUCKET
    return item.owner, item.bucket_hash


def grouped(items: Iterable[Item]) -> dict[Place, tuple[Item, ...]]:
    """Sort items into their places, in the order given."""
    places: dict[Place, list[Item]] = {}
    for item in items:
        places.setdefault(place_of(item), []).append(item)
    return {place: tuple(held) for place, held in places.items()}


def _location(owner: str) -> Location:
    if owner == VAULT:
        return Location.VAULT
    return Location.ACCOUNT if owner == ACCOUNT else Location.BAG


def _take(
    held: tuple[Item, ...], source: tuple[Item, ...], quantity: int
) -> tuple[int, tuple[Item, ...]]:
    """Take *quantity* from the stacks of *source*; return how many it were, and what is left."""
    wanted = quantity
    left: dict[int, Item | None] = {}
    for stack in source:
        taken = min(stack.quantity, wanted)
        wanted -= taken
        rest = stack.quantity - taken
        left[id(stack)] = msgspec.structs.replace(stack, quantity=rest) if rest else None
    kept = (left.get(id(item), item) for item in held)
    return quantity - wanted, tuple(item for item in kept if item is not None)


def _put(held: tuple[Item, ...], arrived: Item) -> tuple[Item, ...]:
    """Add what arrived: an instance at the end, a stack to the smallest stack with room."""
    if arrived.instance_id is not None:
        return (*held, arrived)
    largest = arrived.definition.max_stack
    wanted = arrived.quantity
    filled: dict[int, Item] = {}
    partial = [item for item in held if item.item_hash == arrived.item_hash]
    for stack in sorted(partial, key=lambda item: item.quantity):
        added = min(max(largest - stack.quantity, 0), wanted)
        wanted -= added
        filled[id(stack)] = msgspec.structs.replace(stack, quantity=stack.quantity + added)
    fresh: list[Item] = []
    while wanted > 0:
        fresh.append(msgspec.structs.replace(arrived, quantity=min(wanted, largest)))
        wanted -= largest
    return (*(filled.get(id(item), item) for item in held), *fresh)
