"""The view model of a tile: one item or stack on a page."""

from dataclasses import dataclass
from urllib.parse import urlencode

from destiny_web.bungie.models.enums import champion_name, damage_name
from destiny_web.domain.account.items import Item, Location
from destiny_web.web.presentation import (
    element_css_class,
    format_number,
    image_url,
    rarity_css_class,
)

# The numbers that the style sheet has a mark for.
_AMMO_TYPES = range(1, 4)
_GEAR_TIERS = range(1, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One item or stack on a page.

    Attributes:
        anchor: The tile's HTML id on the inventory page; ``""`` for a stack.
        href: Address of the item's own page.
        facts: Everything else that the tile shows, in words; starts with a comma.
        icon: Full address of the icon; ``""`` when there is none.
        season_mark: Full address of the season's watermark; ``""`` when there is none.
        number: The power of an instance or the quantity of a stack; ``""`` for neither.
        css_classes: Classes of the tile: rarity, element, ammunition, state.
        frame_css_classes: Classes of the list element around the tile: gear tier, crafted.
        gear_tier: 1 to 5; 0 when the item has none.
        champion: CSS class of the champion that the weapon stops; ``""`` for none.
        has_definition: The manifest describes the item, and the item is not classified.
        matches_search: The item matches the search; True when there is no search.
        marks: The state in words, e.g. ``locked, masterwork``.
        is_new: The item came since the player's last visit.
    """

    anchor: str
    href: str
    name: str
    facts: str
    icon: str
    season_mark: str
    number: str
    css_classes: str
    frame_css_classes: str
    rarity: str
    element: str
    type_name: str
    marks: str
    champion: str
    item_hash: int
    instance_id: str
    bucket_hash: int
    owner: str
    location: str
    quantity: int
    power: int
    gear_tier: int
    locked: bool
    masterwork: bool
    crafted: bool
    has_definition: bool
    is_new: bool = False
    matches_search: bool = True


@dataclass(frozen=True, slots=True)
class TileContext:
    """What a tile needs beside its item.

    Attributes:
        image_root: ``BUNGIE_ROOT``, the beginning of every image address.
        base_url: Address of the inventory page, the beginning of every item's address.
        is_new: The item came since the player's last visit.
        copy_text: Tells apart instances with the same name and facts, e.g. ``, copy 2 of 3``.
    """

    image_root: str
    base_url: str
    is_new: bool = False
    copy_text: str = ""


def build_tile(item: Item, context: TileContext) -> Tile:
    """Build the tile of an item."""
    definition = item.definition
    instance_id = item.instance_id or ""
    rarity = rarity_css_class(definition.tier)
    element = element_css_class(item.damage_type)
    champion = champion_name(item.champion).lower()
    return Tile(
        anchor=f"i{instance_id}" if instance_id else "",
        href=f"{context.base_url}{item_path(item)}",
        name=definition.name,
        facts=f"{describe_facts(item)}{', new' if context.is_new else ''}{context.copy_text}",
        icon=image_url(context.image_root, definition.icon),
        season_mark=image_url(context.image_root, item.watermark),
        number=_number_on_tile(item),
        css_classes=_css_classes(item, rarity, element),
        frame_css_classes=_frame_css_classes(item),
        rarity=rarity,
        element=element,
        type_name=definition.type_name,
        marks=", ".join(_describe_state(item)),
        champion=champion,
        item_hash=definition.item_hash,
        instance_id=instance_id,
        bucket_hash=item.bucket_hash,
        owner=item.owner,
        location=item.location.value,
        quantity=item.quantity,
        power=item.power,
        gear_tier=item.tier,
        locked=item.locked,
        masterwork=item.masterwork,
        crafted=item.crafted,
        has_definition=definition.known and not definition.redacted,
        is_new=context.is_new,
    )


def item_path(item: Item) -> str:
    """Return the path of an item's page, relative to the inventory page."""
    if item.instance_id is not None:
        return f"items/{item.instance_id}"
    path = f"stacks/{item.owner}/{item.item_hash}"
    if item.location is Location.POSTMASTER:
        return f"{path}?{urlencode({'lost': '1'})}"
    return path


def describe_facts(item: Item) -> str:
    """Describe in words everything that the tile of an item shows beside its name.

    Returns:
        E.g. ``, Legendary Hand Cannon, solar, primary ammo, power 410, tier 4, locked``.
    """
    definition = item.definition
    facts = [""]
    rarity_and_type = f"{definition.rarity} {definition.type_name}".strip()
    if rarity_and_type:
        facts.append(rarity_and_type)
    if item.damage_type:
        facts.append(damage_name(item.damage_type).lower())
    if definition.ammunition:
        facts.append(f"{definition.ammunition.lower()} ammo")
    if item.instance_id is None:
        facts.append(
            f"{format_number(item.quantity)} pieces" if item.quantity != 1 else "one piece"
        )
    elif item.power:
        facts.append(f"power {item.power}")
    if item.tier:
        facts.append(f"tier {item.tier}")
    if item.champion and champion_name(item.champion):
        facts.append(f"stops {champion_name(item.champion)} champions")
    facts += _describe_state(item)
    return ", ".join(facts)


def _describe_state(item: Item) -> list[str]:
    definition = item.definition
    return [
        text
        for text, is_true in (
            ("equipped", item.equipped),
            ("locked", item.locked),
            ("masterwork", item.masterwork),
            ("crafted", item.crafted),
            ("enhanced", item.enhanced),
            ("not in the game's definitions", not definition.known),
            ("classified", definition.redacted),
        )
        if is_true
    ]


def _number_on_tile(item: Item) -> str:
    if item.instance_id is None:
        return format_number(item.quantity)
    return str(item.power) if item.power else ""


def _css_classes(item: Item, rarity: str, element: str) -> str:
    ammo_type = item.definition.ammo_type
    classes = (
        "tile",
        rarity,
        element,
        f"ammo-{ammo_type}" if ammo_type in _AMMO_TYPES else "",
        "masterwork" if item.masterwork else "",
        "locked" if item.locked else "",
    )
    return " ".join(filter(None, classes))


def _frame_css_classes(item: Item) -> str:
    classes = (
        f"tier-{item.tier}" if item.tier in _GEAR_TIERS else "",
        "enhanced" if item.enhanced else "crafted" if item.crafted else "",
    )
    return " ".join(filter(None, classes))
