"""Groups of items on the vault's board: weapons by their type, armor by its class."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from zlib import crc32

import msgspec

from destiny_web.bungie.models.enums import (
    ANY_CLASS,
    ARMOR_BUCKETS,
    EXOTIC_TIER,
    WEAPON_BUCKETS,
    ItemType,
    class_name,
)
from destiny_web.domain.account.items import Item


class Group(msgspec.Struct, frozen=True):
    """A group of items.

    Attributes:
        key: Names the group in addresses, HTML ids and settings: ASCII letters, digits and
            hyphens, the same in every run.
        name: The name that players read.
    """

    key: str
    name: str


ANY_CLASS_GROUP = Group("any-class", "Any class")
OTHER_GROUP = Group("other", "Other")

# These follow all other groups, in this order.
_LAST_GROUPS = (ANY_CLASS_GROUP, OTHER_GROUP)
_RESERVED_KEYS = frozenset(group.key for group in _LAST_GROUPS)
_NOT_SLUG = re.compile(r"[^a-z0-9]+")

ItemRank = tuple[bool, int, int, str, str]


def group_of(item: Item) -> Group:
    """Return the group of an item.

    An item whose type or class the manifest does not name, and everything that is neither weapon
    nor armor, is in ``OTHER_GROUP``.
    """
    definition = item.definition
    if definition.item_type == ItemType.WEAPON or item.bucket_hash in WEAPON_BUCKETS:
        return _weapon_group(definition.type_name)
    if definition.redacted:
        # The class of classified armor is not reliable.
        return OTHER_GROUP
    if definition.item_type == ItemType.ARMOR or item.bucket_hash in ARMOR_BUCKETS:
        return _class_group(definition.class_type)
    return OTHER_GROUP


def group_items(items: Iterable[Item]) -> tuple[tuple[Group, tuple[Item, ...]], ...]:
    """Group items; sort the groups by name, and the items of each by ``rank_item``.

    The group of any class and the group of all other items are the last ones.
    """
    items_by_group: dict[Group, list[Item]] = {}
    for item in items:
        items_by_group.setdefault(group_of(item), []).append(item)
    return tuple(
        (group, tuple(sorted(items_by_group[group], key=rank_item)))
        for group in sorted(items_by_group, key=_rank_group)
    )


def rank_item(item: Item) -> ItemRank:
    """Return the sort key of an item in its group.

    Exotic items come first, then those with the higher gear tier, then those with more power;
    equal ones are sorted by name and instance id.
    """
    return (
        item.definition.tier != EXOTIC_TIER,
        -item.tier,
        -item.power,
        item.name,
        item.instance_id or "",
    )


def _rank_group(group: Group) -> tuple[int, str, str]:
    position = _LAST_GROUPS.index(group) + 1 if group in _LAST_GROUPS else 0
    return position, group.name, group.key


@lru_cache(maxsize=256)
def _weapon_group(type_name: str) -> Group:
    """Return the group of a weapon type.

    The key is the slug of the name. Where the name cannot be told from its slug, as with "Bow!" and
    "Bow?", the hash of the name follows, so that no two names have the same key.
    """
    name = type_name.strip()
    if not name:
        return OTHER_GROUP
    decomposed = unicodedata.normalize("NFKD", name).lower()
    slug = _NOT_SLUG.sub("-", decomposed.encode("ascii", "ignore").decode()).strip("-")
    words = slug.replace("-", " ")
    is_exact = words.replace(" ", "").isalpha() and words.title() == name
    if is_exact and slug not in _RESERVED_KEYS:
        return Group(slug, name)
    return Group(f"{slug or 'type'}-{crc32(name.encode())}", name)


def _class_group(class_type: int) -> Group:
    if class_type == ANY_CLASS:
        return ANY_CLASS_GROUP
    name = class_name(class_type)
    return Group(name.lower(), name) if name else OTHER_GROUP
