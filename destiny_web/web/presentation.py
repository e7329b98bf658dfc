"""How values look on every page: icon addresses, CSS classes, and number formats."""

from typing import Final

from flask import Flask

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


def init_app(app: Flask) -> None:
    """Register the template filter ``format_number``."""
    app.jinja_env.filters["format_number"] = format_number


def element_css_class(damage_type: int) -> str:
    """Return the CSS class of an element, e.g. ``solar``; ``""`` for an element without one."""
    return _ELEMENT_CSS_CLASSES.get(damage_type, "")


def rarity_css_class(tier_type: int) -> str:
    """Return the CSS class of a rarity, e.g. ``exotic``; ``""`` for a rarity without one."""
    return _RARITY_CSS_CLASSES.get(tier_type, "")


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
