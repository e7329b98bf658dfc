"""The view model of a tile: one item or stack on a page."""

from dataclasses import dataclass
from urllib.parse import urlencode

from destiny_web.bungie.models.enums import damage_name
from destiny_web.domain.account.items import Item, Location
from destiny_web.web.presentation import (
    element_css_class,
    format_number,
    image_url,
    rarity_css_class,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One item or stack on a page.

    Attributes:
        anchor: The tile's HTML id on the inventory page; ``""`` for a stack.
        href: Address of the item's own page.
        label: Everything that the tile shows, in words.
        icon: Full address of the icon; ``""`` when there is none.
        number: The power of an instance or the quantity of a stack; ``""`` for neither.
        rarity: CSS class, e.g. ``exotic``; ``""`` for a rarity without one.
        element: CSS class, e.g. ``solar``; ``""`` for no element.
        has_definition: The manifest describes the item, and the item is not classified.
        matches_search: The item matches the search; True when there is no search.
    """

    anchor: str
    href: str
    name: str
    label: str
    icon: str
    number: str
    rarity: str
    element: str
    item_hash: int
    instance_id: str
    bucket_hash: int
    owner: str
    location: str
    quantity: int
    power: int
    locked: bool
    masterwork: bool
    crafted: bool
    has_definition: bool
    matches_search: bool = True


def build_tile(item: Item, *, image_root: str, base_url: str) -> Tile:
    """Build the tile of an item.

    Args:
        item: The item or stack.
        image_root: ``BUNGIE_ROOT``, the beginning of every image address.
        base_url: Address of the inventory page, the beginning of every item's address.
    """
    definition = item.definition
    is_stack = item.instance_id is None
    return Tile(
        anchor="" if is_stack else f"i{item.instance_id}",
        href=f"{base_url}{item_path(item)}",
        name=definition.name,
        label=describe_item(item),
        icon=image_url(image_root, definition.icon),
        number=_number_on_tile(item),
        rarity=rarity_css_class(definition.tier),
        element=element_css_class(item.damage_type),
        item_hash=definition.item_hash,
        instance_id=item.instance_id or "",
        bucket_hash=item.bucket_hash,
        owner=item.owner,
        location=item.location.value,
        quantity=item.quantity,
        power=item.power,
        locked=item.locked,
        masterwork=item.masterwork,
        crafted=item.crafted,
        has_definition=definition.known and not definition.redacted,
    )


def item_path(item: Item) -> str:
    """Return the path of an item's page, relative to the inventory page."""
    if item.instance_id is not None:
        return f"items/{item.instance_id}"
    path = f"stacks/{item.owner}/{item.item_hash}"
    if item.location is Location.POSTMASTER:
        return f"{path}?{urlencode({'lost': '1'})}"
    return path


def describe_item(item: Item) -> str:
    """Describe in words everything that the tile of an item shows."""
    definition = item.definition
    facts = [definition.name]
    rarity_and_type = f"{definition.rarity} {definition.type_name}".strip()
    if rarity_and_type:
        facts.append(rarity_and_type)
    if item.damage_type:
        facts.append(damage_name(item.damage_type).lower())
    if item.instance_id is None:
        facts.append(
            f"{format_number(item.quantity)} pieces" if item.quantity != 1 else "one piece"
        )
    elif item.power:
        facts.append(f"power {item.power}")
    facts += [
        text
        for text, is_true in (
            ("equipped", item.equipped),
            ("locked", item.locked),
            ("masterwork", item.masterwork),
            ("crafted", item.crafted),
            ("not in the game's definitions", not definition.known),
            ("classified", definition.redacted),
        )
        if is_true
    ]
    return ", ".join(facts)


def _number_on_tile(item: Item) -> str:
    if item.instance_id is None:
        return format_number(item.quantity)
    return str(item.power) if item.power else ""
