"""Definitions: the static data of items, buckets, stats and perks, read from the manifest."""

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from destiny_web.bungie.models import manifest as manifest_models
from destiny_web.bungie.models.enums import (
    ANY_CLASS,
    BucketCategory,
    BucketScope,
    ItemType,
    ammunition_name,
    rarity_name,
)

UNKNOWN_BUCKET = 0
"""The bucket hash of an item whose definition names no bucket."""

# The game shows no power for these, whatever number their instances have.
_TYPES_WITHOUT_POWER = frozenset({ItemType.SUBCLASS, ItemType.ARTIFACT, ItemType.GHOST})


class ItemDefinition(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The static data of an item.

    Attributes:
        known: False when the manifest has no such hash (removed content, or a manifest
            that is older than the item). The other fields then have safe default values.
        redacted: Bungie keeps the item secret; ``class_type`` and similar fields are not reliable.
        watermark: Path of the season's watermark, an overlay for the icon; ``""`` for none.
        version_watermarks: The watermark of each version, where a version has another one than
            ``watermark``: an item that comes back in a later season is a new version.
        bucket_hash: The bucket of the item on a character, or ``UNKNOWN_BUCKET``.
        tier: Rarity as a number: 6 is Exotic, 5 Legendary; 0 when unknown.
        class_type: 0 Titan, 1 Hunter, 2 Warlock, 3 any.
        ammo_type: 1 primary, 2 special, 3 heavy; 0 when the item uses no ammunition.
        champion: Breaker type of every instance: the champions that the item stuns; 0 for none.
        hides_power: The game shows no power for the item.
        unique_label: At most one equipped item per label; ``""`` for no limit.
        unique_stack: An owner may have only one stack of the item.
    """

    item_hash: int
    name: str
    description: str = ""
    flavor: str = ""
    icon: str = ""
    watermark: str = ""
    version_watermarks: tuple[str, ...] = ()
    screenshot: str = ""
    type_name: str = ""
    item_type: int = 0
    item_sub_type: int = 0
    bucket_hash: int = UNKNOWN_BUCKET
    tier: int = 0
    rarity: str = ""
    class_type: int = ANY_CLASS
    ammo_type: int = 0
    damage_type: int = 0
    champion: int = 0
    hides_power: bool = False
    equippable: bool = False
    transferable: bool = True
    pull_has_side_effects: bool = False
    max_stack: int = 1
    unique_stack: bool = False
    unique_label: str = ""
    plug_category: str = ""
    stat_group_hash: int = 0
    known: bool = True
    redacted: bool = False

    def fits_class(self, class_type: int) -> bool:
        """Tell whether characters of a class can use the item."""
        return self.class_type in {ANY_CLASS, class_type}

    @property
    def ammunition(self) -> str:
        """The name of the ammunition; ``""`` for none."""
        return ammunition_name(self.ammo_type)

    def watermark_of(self, version_number: int | None) -> str:
        """Return the path of the watermark of one version of the item.

        Args:
            version_number: ``versionNumber`` of an item record; None when the record has none.
        """
        icons = self.version_watermarks
        if version_number is not None and 0 <= version_number < len(icons):
            return icons[version_number]
        return self.watermark


class BucketDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """A group of slots.

    Attributes:
        capacity: Number of slots, the equipped item's included; a stack uses one slot.
        account_wide: All characters of an account share the bucket.
        vaultable: Items of the bucket can go to the vault.
        wearable: One item of the bucket is equipped.
    """

    bucket_hash: int
    name: str
    description: str = ""
    capacity: int = 0
    order: int = 0
    account_wide: bool = False
    vaultable: bool = False
    wearable: bool = False


class StatDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """A stat of an item; stats are shown in ascending *order*."""

    stat_hash: int
    name: str
    order: int = 0


class PerkDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """The name, description and icon of a perk."""

    perk_hash: int
    name: str
    description: str = ""
    icon: str = ""


class Definitions(Protocol):
    """The part of the manifest that the domain reads. An unknown hash is never an error."""

    def items(self, hashes: Iterable[int]) -> Mapping[int, ItemDefinition]:
        """Return a definition for each of *hashes*, also for one that the manifest lacks."""

    def buckets(self) -> Mapping[int, BucketDefinition]:
        """Return every bucket."""

    def stats(self) -> Mapping[int, StatDefinition]:
        """Return every stat."""

    def class_names(self) -> Mapping[int, str]:
        """Return the name of each class by hash."""

    def race_names(self) -> Mapping[int, str]:
        """Return the name of each race by hash."""


def unknown_item(item_hash: int) -> ItemDefinition:
    """Return a definition for an item that the manifest does not have."""
    return ItemDefinition(item_hash=item_hash, name=f"Unknown item {item_hash}", known=False)


def item_definition(item_hash: int, record: manifest_models.ItemDefinition) -> ItemDefinition:
    """Read the manifest's record of an item; a missing value gets a safe default."""
    display = record.display_properties or manifest_models.DisplayProperties()
    inventory = record.inventory or manifest_models.ItemInventory()
    equipping = record.equipping_block or manifest_models.EquippingBlock()
    stats = record.stats or manifest_models.ItemStats()
    redacted = bool(record.redacted)
    tier = inventory.tier_type or 0
    item_type = record.item_type or 0
    watermark, version_watermarks = _read_watermarks(record)
    return ItemDefinition(
        item_hash=item_hash,
        name=display.name or ("Classified" if redacted else f"Unnamed item {item_hash}"),
        description=display.description or "",
        flavor=record.flavor_text or "",
        icon=display.icon or "",
        watermark=watermark,
        version_watermarks=version_watermarks,
        screenshot=record.screenshot or "",
        type_name=record.item_type_display_name or "",
        item_type=item_type,
        item_sub_type=record.item_sub_type or 0,
        bucket_hash=inventory.bucket_type_hash or UNKNOWN_BUCKET,
        tier=tier,
        rarity=rarity_name(tier),
        # The record of a classified item always says 0, which is Titan.
        class_type=ANY_CLASS if redacted or record.class_type is None else record.class_type,
        ammo_type=equipping.ammo_type or 0,
        damage_type=record.default_damage_type or 0,
        champion=record.breaker_type or 0,
        hides_power=bool(stats.disable_primary_stat_display) or item_type in _TYPES_WITHOUT_POWER,
        equippable=bool(record.equippable),
        transferable=not record.non_transferrable,
        pull_has_side_effects=bool(record.does_postmaster_pull_have_side_effects),
        max_stack=max(inventory.max_stack_size or 1, 1),
        unique_stack=bool(inventory.stack_unique_label),
        unique_label=equipping.unique_label or "",
        plug_category=record.plug.plug_category_identifier or "" if record.plug else "",
        stat_group_hash=stats.stat_group_hash or 0,
        redacted=redacted,
    )


def _read_watermarks(record: manifest_models.ItemDefinition) -> tuple[str, tuple[str, ...]]:
    """Return the watermark of an item and those of its versions.

    The watermark of featured gear takes the place of all others. Most items have one version, or
    the same watermark for all: the list of versions is then empty, which saves memory.
    """
    if record.is_featured_item and record.icon_watermark_featured:
        return record.icon_watermark_featured, ()
    watermark = record.icon_watermark or record.icon_watermark_shelved or ""
    icons = (record.quality.display_version_watermark_icons or ()) if record.quality else ()
    version_watermarks = tuple(icon or watermark for icon in icons)
    if all(icon == watermark for icon in version_watermarks):
        return watermark, ()
    return watermark, version_watermarks


def bucket_definition(
    bucket_hash: int, record: manifest_models.BucketDefinition
) -> BucketDefinition:
    """Read the manifest's record of a bucket."""
    display = record.display_properties or manifest_models.DisplayProperties()
    return BucketDefinition(
        bucket_hash=bucket_hash,
        name=display.name or f"Bucket {bucket_hash}",
        description=display.description or "",
        capacity=record.item_count or 0,
        order=record.bucket_order or 0,
        account_wide=record.scope == BucketScope.ACCOUNT,
        vaultable=bool(record.has_transfer_destination),
        wearable=record.category == BucketCategory.EQUIPPABLE,
    )
