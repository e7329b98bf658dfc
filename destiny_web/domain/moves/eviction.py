"""Which item gives way: to make room in a bucket or the vault, or to take a worn item's place.

The orders are those that players know from DIM (its numbers and reasons are in the rules
that each function states); what is equal in all of them is told apart by its id, so that a
plan is the same each time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Flag, auto

from destiny_web.bungie.models.enums import ANY_CLASS
from destiny_web.domain.account.characters import ACCOUNT, VAULT, Character
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves import equip_rules

_ENGRAM = 8  # DestinyItemType

Rank = tuple[bool | int | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedItems:
    """What is not to be moved aside, by instance id.

    Attributes:
        recent: The player has moved it by hand of late: the last choice.
        never: The game has refused to move it.
    """

    recent: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()


NONE_PROTECTED = ProtectedItems()
"""Nothing is spared."""


class ReplacementRule(Flag):
    """What else than a plain thing from somebody's bag can take a worn item's place."""

    PLAIN = 0

    WORN = auto()
    """What its owner wears itself, too."""

    CLASHING = auto()
    """Only an exotic that clashes with another, worn in a different slot."""

    ALIKE = auto()
    """An exotic of the same kind, too: it is not exotics that have to come off."""


class Candidates:
    """Chooses for one plan, and remembers what it has sorted.

    Args:
        profile: As the plan finds it.
        job: Instances that the plan is about: never moved aside.
        protected: What else is not to be moved aside, or only if need be.
    """

    def __init__(
        self, profile: Profile, job: frozenset[str], protected: ProtectedItems = NONE_PROTECTED
    ) -> None:
        self._job = job
        self._barred = job | protected.never
        self._recent = protected.recent
        self._vaulted: dict[int, list[Item]] = {}
        self._start = profile

    def leaving(
        self, profile: Profile, owner: str, bucket_hash: int, placed: frozenset[str]
    ) -> Item | None:
        """Return what leaves an owner's bucket first, for the vault; None when nothing can.

        What the plan has *placed* on purpose stays.

        Engrams first; what was not moved by hand of late; what the owner cannot equip;
        then the lower rarity and the lower power.
        """
        character = profile.character(owner)
        found = [
            item
            for item in profile.at(owner, bucket_hash)
            if not item.equipped
            and item.instance_id not in placed
            and self._may_move(profile, item)
        ]
        return min(found, key=lambda item: self._rank_leaving(item, character), default=None)

    def evicted(self, profile: Profile, owner: str, placed: frozenset[str]) -> Item | None:
        """Return what leaves the vault first, to an owner that has room; None when nothing can.

        What the plan has *placed* on purpose stays.

        What fits into a stack that is there already; what the receiver can equip; what was
        not moved by hand of late; then the higher rarity and the higher power, since that is
        of more use to a character. Engrams last.
        """
        receiver = profile.character(owner)
        best: Item | None = None
        for (holder, bucket_hash), held in profile.places.items():
            if holder != VAULT or not held:
                continue
            if profile.bucket(bucket_hash).account_wide != (owner == ACCOUNT):
                continue
            full = profile.used(owner, bucket_hash) >= profile.capacity(owner, bucket_hash)
            if full and owner != ACCOUNT:
                continue
            first = self._first_vaulted(profile, owner, bucket_hash, placed)
            if first is not None and (
                best is None
                or self._rank_evicted(first, receiver) < self._rank_evicted(best, receiver)
            ):
                best = first
        return best

    def replacement(
        self,
        profile: Profile,
        equipped_item: Item,
        owner: str,
        wanted: ReplacementRule = ReplacementRule.PLAIN,
    ) -> Item | None:
        """Return what *owner* has in its bag that could be worn in place of *worn*.

        Non-exotics first, then the same kind of thing, the higher rarity, the higher power.
        """
        character = profile.character(equipped_item.owner)
        if character is None:
            return None
        found = (
            item
            for item in profile.at(owner, equipped_item.bucket_hash)
            if (ReplacementRule.WORN in wanted or not item.equipped)
            and item is not equipped_item
            and item.location is not Location.POSTMASTER
            and item.instance_id not in self._barred
            and _can_replace(item, equipped_item, character, wanted)
            and bool(equip_rules.other_exotic(profile, item, character, equipped_item))
            == (ReplacementRule.CLASHING in wanted)
        )
        return min(found, key=lambda item: _rank_replacing(item, equipped_item), default=None)

    def _first_vaulted(
        self, profile: Profile, owner: str, bucket_hash: int, placed: frozenset[str]
    ) -> Item | None:
        """Return the best of one bucket's vaulted items for a receiver."""
        receiver = profile.character(owner)
        if bucket_hash not in self._vaulted:
            found = [
                item
                for item in self._start.at(VAULT, bucket_hash)
                if self._may_move(self._start, item)
            ]
            self._vaulted[bucket_hash] = sorted(
                found, key=lambda item: self._rank_evicted(item, None)
            )
        known = {id(item) for item in self._start.at(VAULT, bucket_hash)}
        here = profile.at(VAULT, bucket_hash)
        still = {id(item) for item in here}
        came = [item for item in here if id(item) not in known and self._may_move(profile, item)]
        fallback: Item | None = None
        for item in (*self._vaulted[bucket_hash], *came):
            if id(item) not in still or item.instance_id in placed:
                continue
            if profile.room_for(item, owner) < item.quantity:
                continue
            if receiver is None or _wearable(item, receiver):
                return item
            fallback = fallback or item
        return fallback

    def _may_move(self, profile: Profile, item: Item) -> bool:
        return (
            item.transferable
            and item.location is not Location.POSTMASTER
            and (item.instance_id or _stack_key(item)) not in self._barred
            and profile.bucket(item.bucket_hash).vaultable
        )

    def _rank_leaving(self, item: Item, owner: Character | None) -> Rank:
        return (
            item.definition.item_type != _ENGRAM,
            item.instance_id in self._recent,
            owner is None or _wearable(item, owner),
            item.definition.tier,
            item.power,
            item.instance_id or "",
        )

    def _rank_evicted(self, item: Item, receiver: Character | None) -> Rank:
        return (
            item.definition.item_type == _ENGRAM,
            item.instance_id in self._recent,
            receiver is not None and not _wearable(item, receiver),
            -item.definition.tier,
            -item.power,
            item.instance_id or "",
        )


def job_keys(items: Iterable[Item]) -> frozenset[str]:
    """Name the items of a job, so that none of them is moved aside."""
    return frozenset(item.instance_id or _stack_key(item) for item in items)


def _stack_key(item: Item) -> str:
    return f"stack {item.item_hash}"


def _wearable(item: Item, character: Character) -> bool:
    return item.definition.class_type in {ANY_CLASS, character.class_type}


def _can_replace(
    item: Item, equipped_item: Item, character: Character, wanted: ReplacementRule
) -> bool:
    kind = item.definition
    if not kind.equippable or not _wearable(item, character):
        return False
    if character.level and item.required_level > character.level:
        return False
    if item.owner != character.character_id and not item.transferable:
        return False
    alike = bool(kind.unique_label) and kind.unique_label == equipped_item.definition.unique_label
    return not alike or ReplacementRule.ALIKE in wanted


def _rank_replacing(item: Item, equipped_item: Item) -> Rank:
    return (
        bool(item.definition.unique_label),
        item.definition.type_name != equipped_item.definition.type_name,
        -item.definition.tier,
        -item.power,
        item.instance_id or "",
    )
