"""The shapes of the definitions that we keep, as in the JSON tables of Bungie's manifest.

Unknown keys are skipped, enums are plain integers, and every field may be missing: ``None`` means
that Bungie did not send it. A classified item (``redacted``) has hardly any block, and its
``class_type`` is not reliable.

The manifest file on disk has exactly these fields. To keep another field or table, add it here
only: the file stores a mark of its shapes, and is built again when the shapes have changed.
"""

from msgspec import Struct


class _Shape(Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True, rename="camel"):
    """The base of all shapes. ``gc=False`` is safe because a shape never refers to its parent."""


class Definition(_Shape, frozen=True, kw_only=True):
    """The fields of every definition.

    ``hash`` is the key of the row as an unsigned 32-bit number, also where the body lacks it.
    """

    hash: int = 0
    redacted: bool | None = None


class DisplayProperties(_Shape, frozen=True, kw_only=True):
    """Name, description and picture; ``icon`` is a path below the root."""

    name: str | None = None
    description: str | None = None
    icon: str | None = None


class ItemInventory(_Shape, frozen=True, kw_only=True):
    """Where an item belongs, how rare it is and how it stacks.

    ``stack_unique_label``: an owner may have only one stack of that label.
    """

    bucket_type_hash: int | None = None
    tier_type: int | None = None
    max_stack_size: int | None = None
    stack_unique_label: str | None = None


class EquippingBlock(_Shape, frozen=True, kw_only=True):
    """How an item is equipped. Only one item of a ``unique_label`` can be: the one-exotic rule."""

    unique_label: str | None = None
    ammo_type: int | None = None


class ItemStats(_Shape, frozen=True, kw_only=True):
    """The stat group that scales the stats of an item, and whether the game hides its power."""

    stat_group_hash: int | None = None
    disable_primary_stat_display: bool | None = None


class ItemQuality(_Shape, frozen=True, kw_only=True):
    """The season's watermark of each version of an item, by the version number of an instance."""

    display_version_watermark_icons: tuple[str | None, ...] | None = None


class ItemPlug(_Shape, frozen=True, kw_only=True):
    """The sockets that a plug fits into: ``intrinsics``, ``barrels`` ..."""

    plug_category_identifier: str | None = None


class ItemPreview(_Shape, frozen=True, kw_only=True):
    """The vendor that shows the contents of an engram or package."""

    preview_vendor_hash: int | None = None


class ItemPerk(_Shape, frozen=True, kw_only=True):
    """A sandbox perk of an item."""

    perk_hash: int | None = None


class ItemDefinition(Definition, frozen=True, kw_only=True):
    """The definition of an item. Source: ``DestinyInventoryItemDefinition``."""

    display_properties: DisplayProperties | None = None
    icon_watermark: str | None = None
    icon_watermark_featured: str | None = None
    icon_watermark_shelved: str | None = None
    screenshot: str | None = None
    item_type_display_name: str | None = None
    flavor_text: str | None = None
    item_type: int | None = None
    item_sub_type: int | None = None
    class_type: int | None = None
    equippable: bool | None = None
    non_transferrable: bool | None = None
    does_postmaster_pull_have_side_effects: bool | None = None
    default_damage_type: int | None = None
    breaker_type: int | None = None
    is_featured_item: bool | None = None
    quality: ItemQuality | None = None
    inventory: ItemInventory | None = None
    equipping_block: EquippingBlock | None = None
    stats: ItemStats | None = None
    plug: ItemPlug | None = None
    preview: ItemPreview | None = None
    perks: tuple[ItemPerk, ...] | None = None


class BucketDefinition(Definition, frozen=True, kw_only=True):
    """A group of slots. ``item_count`` is its capacity, the equipped item included."""

    display_properties: DisplayProperties | None = None
    item_count: int | None = None
    scope: int | None = None
    category: int | None = None
    location: int | None = None
    bucket_order: int | None = None
    has_transfer_destination: bool | None = None
    enabled: bool | None = None
    fifo: bool | None = None


class ClassDefinition(Definition, frozen=True, kw_only=True):
    """Titan, Hunter or Warlock.

    The names by gender have ``"Male"`` and ``"Female"`` for keys, or the gender's hash as a
    string.
    """

    display_properties: DisplayProperties | None = None
    class_type: int | None = None


class RaceDefinition(Definition, frozen=True, kw_only=True):
    """Human, Awoken, Exo. Names by gender as in :class:`ClassDefinition`."""

    display_properties: DisplayProperties | None = None


class GenderDefinition(Definition, frozen=True, kw_only=True):
    """A body type."""

    display_properties: DisplayProperties | None = None


class Color(_Shape, frozen=True, kw_only=True):
    """A colour; each part from 0 to 255."""

    red: int | None = None
    green: int | None = None
    blue: int | None = None


class DamageTypeDefinition(Definition, frozen=True, kw_only=True):
    """An element. ``enum_value`` is the damage type of instances."""

    display_properties: DisplayProperties | None = None
    color: Color | None = None


class StatDefinition(Definition, frozen=True, kw_only=True):
    """A stat of an item or a character."""

    display_properties: DisplayProperties | None = None
    index: int | None = None


class ScaledStat(_Shape, frozen=True, kw_only=True):
    """How one stat of a group is shown: interpolated between points, as a bar or a number."""

    stat_hash: int | None = None
    display_as_numeric: bool | None = None


class StatGroupDefinition(Definition, frozen=True, kw_only=True):
    """The stats of a group of items, in the game's order."""

    scaled_stats: tuple[ScaledStat, ...] | None = None


class SandboxPerkDefinition(Definition, frozen=True, kw_only=True):
    """A perk. Many perks are internal to the game: only displayable ones are shown."""

    display_properties: DisplayProperties | None = None
    is_displayable: bool | None = None


class VendorDefinition(Definition, frozen=True, kw_only=True):
    """A vendor without the sale items.

    The stock changes at the minutes since 1970 that are congruent to the negative offset modulo
    the interval.
    """

    display_properties: DisplayProperties | None = None
    failure_strings: tuple[str, ...] | None = None


# Bungie's names of the tables that we keep. The largest comes first, so that a failed download is
# noticed early.
TABLES: dict[str, type[Definition]] = {
    "DestinyInventoryItemDefinition": ItemDefinition,
    "DestinyVendorDefinition": VendorDefinition,
    "DestinySandboxPerkDefinition": SandboxPerkDefinition,
    "DestinyStatGroupDefinition": StatGroupDefinition,
    "DestinyStatDefinition": StatDefinition,
    "DestinyInventoryBucketDefinition": BucketDefinition,
    "DestinyDamageTypeDefinition": DamageTypeDefinition,
    "DestinyClassDefinition": ClassDefinition,
    "DestinyRaceDefinition": RaceDefinition,
    "DestinyGenderDefinition": GenderDefinition,
}
