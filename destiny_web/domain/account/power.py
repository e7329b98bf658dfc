"""The strongest possible power of a character: the best item of each slot that counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from destiny_web.bungie.models.enums import (
    ARMOR_BUCKETS,
    POSTMASTER_BUCKET,
    WEAPON_BUCKETS,
)
from destiny_web.domain.account.characters import Character
from destiny_web.domain.account.items import Item
from destiny_web.domain.account.profile import Profile

POWER_BUCKETS = tuple(sorted(WEAPON_BUCKETS | ARMOR_BUCKETS))
"""The buckets whose equipped items make the power of a character."""

_SLOTS = len(POWER_BUCKETS)

_Candidates = dict[str, dict[int, Item]]
"""The best item of each bucket, by unique label; ``""`` for items without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrongestPower:
    """The power of a character with the best item in each slot.

    Attributes:
        items: The best items, by bucket; at most one of each unique label.
    """

    items: Mapping[int, Item]

    @property
    def total(self) -> int:
        """The sum of the powers of all slots."""
        return sum(item.power for item in self.items.values())

    @property
    def power(self) -> int:
        """The power that the game shows: the average, rounded down."""
        return self.total // _SLOTS

    @property
    def eighths(self) -> int:
        """What the average has beyond ``power``, in eighths: 0 to 7."""
        return self.total % _SLOTS

    @property
    def missing_points(self) -> int:
        """Points that the items together lack for the next power: 1 to 8."""
        return _SLOTS - self.eighths


def strongest_powers(profile: Profile) -> dict[str, StrongestPower]:
    """Return the strongest possible power by character id.

    Items of every owner count, also those in a postmaster. A character that has no usable item
    for a slot is left out, and so is every character while a part of the account is missing.
    """
    if profile.missing & {"vault", "bags", "equipment"}:
        return {}
    gear = tuple(_gear(profile))
    strongest: dict[str, StrongestPower] = {}
    for character in profile.characters:
        items = _choose_items(_find_candidates(gear, character))
        if items is not None:
            strongest[character.character_id] = StrongestPower(items=items)
    return strongest


def _find_candidates(gear: Iterable[Item], character: Character) -> _Candidates:
    best: _Candidates = {}
    for item in gear:
        if not _is_usable(item, character):
            continue
        best_of_label = best.setdefault(item.definition.unique_label, {})
        best_item = best_of_label.get(item.bucket_hash)
        if best_item is None or _rank(item, character) > _rank(best_item, character):
            best_of_label[item.bucket_hash] = item
    return best


def _gear(profile: Profile) -> Iterable[Item]:
    """Yield the items of the power slots; those in a postmaster are in the postmaster's bucket."""
    for (_, bucket_hash), items in profile.places.items():
        if bucket_hash in POWER_BUCKETS or bucket_hash == POSTMASTER_BUCKET:
            for item in items:
                if item.bucket_hash in POWER_BUCKETS and item.power:
                    yield item


def _is_usable(item: Item, character: Character) -> bool:
    definition = item.definition
    is_own = item.owner == character.character_id
    if definition.redacted or not definition.known:
        # The class in the definition of a classified item is not reliable.
        return is_own and item.equipped
    if not is_own and not item.transferable and not item.equipped:
        return False
    return definition.fits_class(character.class_type)


def _rank(item: Item, character: Character) -> tuple[int, bool, bool]:
    """Order by power; of equally strong items, prefer the equipped one, then one in the bag."""
    is_own = item.owner == character.character_id
    return item.power, is_own and item.equipped, is_own


def _choose_items(candidates: _Candidates) -> dict[int, Item] | None:
    """Choose one item for each slot so that the sum is the greatest; None when a slot stays empty.

    Only one item of each unique label can be equipped: it goes where it gains the most, or into
    a slot that has no other item. The labels of weapons and of armor do not share a slot.
    """
    best_items = dict(candidates.get("", {}))
    for label, best_of_label in candidates.items():
        if not label:
            continue
        empty = {bucket: item for bucket, item in best_of_label.items() if bucket not in best_items}
        bucket_hash, item = max(
            (empty or best_of_label).items(),
            key=lambda entry: entry[1].power - _power_in(best_items, entry[0]),
        )
        if item.power > _power_in(best_items, bucket_hash):
            best_items[bucket_hash] = item
    return best_items if len(best_items) == _SLOTS else None


def _power_in(best_items: Mapping[int, Item], bucket_hash: int) -> int:
    item = best_items.get(bucket_hash)
    return item.power if item else 0
