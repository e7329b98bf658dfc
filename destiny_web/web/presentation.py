"""How values look on every page: icon addresses, CSS classes, and number formats."""

from typing import Final

from flask import Flask

from destiny_web.bungie.models.enums import (
    CHEST_BUCKET,
    CLASS_ITEM_BUCKET,
    GAUNTLETS_BUCKET,
    HELMET_BUCKET,
    LEG_BUCKET,
)
from destiny_web.domain.account.definitions import ItemDefinition

# CSS classes of the style sheets, by Bungie's DamageType and TierType.
_ELEMENT_CSS_CLASSES: Final = {
    1: "kinetic",
    2: "arc",
    3: "solar",
    4: "void",
    6: "stasis",
    7: "strand",
}
_RARITY_CSS_CLASSES: Final = {2: "common", 3: "uncommon", 4: "rare", 5: "legendary", 6: "exotic"}
# Names of the drawings in the sprite of glyphs: of weapons by Bungie's DestinyItemSubType, of armor
# by bucket, of class items by class.
_WEAPON_GLYPHS: Final = {
    6: "auto-rifle",
    7: "shotgun",
    8: "machine-gun",
    9: "hand-cannon",
    10: "rocket-launcher",
    11: "fusion-rifle",
    12: "sniper-rifle",
    13: "pulse-rifle",
    14: "scout-rifle",
    17: "sidearm",
    18: "sword",
    22: "linear-fusion-rifle",
    23: "grenade-launcher",
    24: "submachine-gun",
    25: "trace-rifle",
    31: "combat-bow",
    33: "glaive",
}
_ARMOR_GLYPHS: Final = {
    HELMET_BUCKET: "helmet",
    GAUNTLETS_BUCKET: "gauntlets",
    CHEST_BUCKET: "chest-armor",
    LEG_BUCKET: "leg-armor",
}
_CLASS_ITEM_GLYPHS: Final = {0: "titan-mark", 1: "hunter-cloak", 2: "warlock-bond"}


def init_app(app: Flask) -> None:
    """Register the template filter ``format_number``."""
    app.jinja_env.filters["format_number"] = format_number


def element_css_class(damage_type: int) -> str:
    """Return the CSS class of an element, e.g. ``solar``; ``""`` for an element without one."""
    return _ELEMENT_CSS_CLASSES.get(damage_type, "")


def rarity_css_class(tier_type: int) -> str:
    """Return the CSS class of a rarity, e.g. ``exotic``; ``""`` for a rarity without one."""
    return _RARITY_CSS_CLASSES.get(tier_type, "")


def glyph_of(definition: ItemDefinition) -> str:
    """Return the name of the drawing of a weapon's type or an armor's slot; ``""`` for none.

    Armor is known by its bucket, since a classified item has no type.
    """
    if definition.bucket_hash == CLASS_ITEM_BUCKET:
        return _CLASS_ITEM_GLYPHS.get(definition.class_type, "")
    return _WEAPON_GLYPHS.get(definition.item_sub_type) or _ARMOR_GLYPHS.get(
        definition.bucket_hash, ""
    )


def format_number(number: int) -> str:
    """Write a number with separators between the thousands: ``1,300``."""
    return f"{number:,}"


def image_url(image_root: str, path: str) -> str:
    """Return the address of one of Bungie's images.

    Args:
        image_root: ``BUNGIE_ROOT``.
        path: The path in a definition; a few of Bungie's paths lack the leading slash.

    Returns:
        ``""`` when the path is empty or names another host: the site shows Bungie's images only.
    """
    return f"{image_root}/{path.lstrip('/')}" if path and "://" not in path else ""
