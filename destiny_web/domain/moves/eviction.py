"""Eviction: which item is moved away to make room, and which item replaces an equipped one.

The orders of preference follow DIM, which players know; each function states its own order.
Items that are equal in every criterion are ordered by instance id, so that the same profile
always gives the same plan.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Flag, auto

from destiny_web.bungie.models.enums import ItemType
from destiny_web.domain.account.characters import ACCOUNT, VAULT, Character
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves import equip_rules

Rank = tuple[bool | int | str, ...]
"""A sort key; the item with the lowest rank is chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedItems:
    """Items that are not evicted, by instance id.

    Attributes:
        recent: The player has moved the item recently: it is evicted last.
        never: The game has refused to move the item: it is never evicted.
    """

    recent: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()


NO_PROTECTED_ITEMS = ProtectedItems()
"""No item is protected."""


class ReplacementRule(Flag):
    """Which items may replace an equipped one, besides an ordinary item from a bag or the vault."""

    ORDINARY = 0

    EQUIPPED = auto()
    """Also an item that another character has equipped."""

    CONFLICTING = auto()
    """Only an exotic that conflicts with an exotic equipped in a different slot."""

    SAME_EXOTIC = auto()
    """Also an exotic of the same kind: the reason for the replacement is not an exotic conflict."""


class Candidates:
    """Chooses items for one plan, and keeps the sorted lists of vaulted items.

    Args:
        profile: The profile at the start of the plan.
        requested: Instance ids of the items that the request names: never evicted.
        protected: Other items that are not evicted, or evicted last.
    """

    def __init__(
        self,
        profile: Profile,
        requested: frozenset[str],
        protected: ProtectedItems = NO_PROTECTED_ITEMS,
    ) -> None:
        self._barred = requested | protected.never
        self._recent = protected.recent
        self._sorted_vault: dict[int, list[Item]] = {}
        self._start = profile

    def choose_from_bucket(
        self, profile: Profile, owner: str, bucket_hash: int, placed: frozenset[str]
    ) -> Item | None:
        """Return the item to move from an owner's bucket to the vault; None when none can move.

        Items that the plan has *placed* in the bucket on purpose stay.

        Order: engrams first; items that were not moved recently; items that the owner cannot
        equip; the lower rarity; the lower power.
        """
        character = profile.character(owner)
        candidates = [
            item
            for item in profile.items_in(owner, bucket_hash)
            if not item.equipped
            and item.instance_id not in placed
            and self._is_movable(profile, item)
        ]
        return min(
            candidates, key=lambda item: self._rank_from_bucket(item, character), default=None
        )

    def choose_from_vault(
        self, profile: Profile, owner: str, placed: frozenset[str]
    ) -> Item | None:
        """Return the item to move from the vault to an owner with room; None when none can move.

        Items that the plan has *placed* in the vault on purpose stay.

        Order: engrams last; items that were not moved recently; items that the receiver can
        equip; the higher rarity and the higher power, which are of more use to a character.
        """
        receiver = profile.character(owner)
        best: Item | None = None
        for (holder, bucket_hash), items in profile.places.items():
            if holder != VAULT or not items:
                continue
            if profile.bucket(bucket_hash).account_wide != (owner == ACCOUNT):
                continue
            is_full = profile.count_used(owner, bucket_hash) >= profile.capacity(owner, bucket_hash)
            # A full account bucket may still have room in a stack.
            if is_full and owner != ACCOUNT:
                continue
            first = self._first_vaulted(profile, owner, bucket_hash, placed)
            if first is not None and (
                best is None
                or self._rank_from_vault(first, receiver) < self._rank_from_vault(best, receiver)
            ):
                best = first
        return best

    def choose_replacement(
        self,
        profile: Profile,
        equipped_item: Item,
        owner: str,
        rule: ReplacementRule = ReplacementRule.ORDINARY,
    ) -> Item | None:
        """Return the item of *owner* that can be equipped in place of *equipped_item*.

        Order: non-exotics first; items of the same type; the higher rarity; the higher power.
        """
        character = profile.character(equipped_item.owner)
        if character is None:
            return None
        candidates = (
            item
            for item in profile.items_in(owner, equipped_item.bucket_hash)
            if (ReplacementRule.EQUIPPED in rule or not item.equipped)
            and item is not equipped_item
            and item.location is not Location.POSTMASTER
            and item.instance_id not in self._barred
            and _can_replace(item, equipped_item, character, rule)
            and bool(equip_rules.find_conflicting_exotic(profile, item, character, equipped_item))
            == (ReplacementRule.CONFLICTING in rule)
        )
        return min(
            candidates, key=lambda item: _rank_replacement(item, equipped_item), default=None
        )

    def _first_vaulted(
        self, profile: Profile, owner: str, bucket_hash: int, placed: frozenset[str]
    ) -> Item | None:
        """Return the first vaulted item of one bucket that a receiver has room for.

        An item that the receiver can equip is preferred to one that it cannot.
        """
        receiver = profile.character(owner)
        if bucket_hash not in self._sorted_vault:
            movable = [
                item
                for item in self._start.items_in(VAULT, bucket_hash)
                if self._is_movable(self._start, item)
            ]
            self._sorted_vault[bucket_hash] = sorted(
                movable, key=lambda item: self._rank_from_vault(item, None)
            )
        at_start = {id(item) for item in self._start.items_in(VAULT, bucket_hash)}
        vaulted = profile.items_in(VAULT, bucket_hash)
        vaulted_now = {id(item) for item in vaulted}
        added = [
            item for item in vaulted if id(item) not in at_start and self._is_movable(profile, item)
        ]
        fallback: Item | None = None
        for item in (*self._sorted_vault[bucket_hash], *added):
            if id(item) not in vaulted_now or item.instance_id in placed:
                continue
            if profile.room_for(item, owner) < item.quantity:
                continue
            if receiver is None or item.definition.fits_class(receiver.class_type):
                return item
            fallback = fallback or item
        return fallback

    def _is_movable(self, profile: Profile, item: Item) -> bool:
        return (
            item.transferable
            and item.location is not Location.POSTMASTER
            and (item.instance_id or _stack_key(item)) not in self._barred
            and profile.bucket(item.bucket_hash).vaultable
        )

    def _rank_from_bucket(self, item: Item, owner: Character | None) -> Rank:
        return (
            item.definition.item_type != ItemType.ENGRAM,
            item.instance_id in self._recent,
            owner is None or item.definition.fits_class(owner.class_type),
            item.definition.tier,
            item.power,
            item.instance_id or "",
        )

    def _rank_from_vault(self, item: Item, receiver: Character | None) -> Rank:
        return (
            item.definition.item_type == ItemType.ENGRAM,
            item.instance_id in self._recent,
            receiver is not None and not item.definition.fits_class(receiver.class_type),
            -item.definition.tier,
            -item.power,
            item.instance_id or "",
        )


def collect_keys(items: Iterable[Item]) -> frozenset[str]:
    """Return the keys by which ``Candidates`` recognizes the requested items."""
    return frozenset(item.instance_id or _stack_key(item) for item in items)


def _stack_key(item: Item) -> str:
    return f"stack {item.item_hash}"


def _can_replace(
    item: Item, equipped_item: Item, character: Character, rule: ReplacementRule
) -> bool:
    definition = item.definition
    if not definition.equippable or not definition.fits_class(character.class_type):
        return False
    if character.level and item.required_level > character.level:
        return False
    if item.owner != character.character_id and not item.transferable:
        return False
    label = definition.unique_label
    is_same_exotic = bool(label) and label == equipped_item.definition.unique_label
    return not is_same_exotic or ReplacementRule.SAME_EXOTIC in rule


def _rank_replacement(item: Item, equipped_item: Item) -> Rank:
    return (
        bool(item.definition.unique_label),
        item.definition.type_name != equipped_item.definition.type_name,
        -item.definition.tier,
        -item.power,
        item.instance_id or "",
    )
