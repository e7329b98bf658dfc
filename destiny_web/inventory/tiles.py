"""What a tile shows: an item, ready for the template."""

from dataclasses import dataclass
from urllib.parse import urlencode

from destiny_web.bungie.models.enums import damage_name
from destiny_web.domain.account.items import Item, Location

# The words of the style sheet for what the game's numbers mean.
_ELEMENTS = {1: "kinetic", 2: "arc", 3: "solar", 4: "void", 6: "stasis", 7: "strand"}
_RARITIES = {2: "common", 3: "uncommon", 4: "rare", 5: "legendary", 6: "exotic"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One item or stack on a page.

    Attributes:
        anchor: The tile's id on the inventory page; ``""`` for a stack.
        href: Address of the item's own page.
        label: Everything that the tile shows, in words.
        icon: Full address of its picture; ``""`` when there is none.
        figure: Power, or the quantity of a stack; ``""`` for neither.
        rarity: Word of the style sheet, e.g. ``exotic``; ``""`` when not told.
        element: Word of the style sheet, e.g. ``solar``; ``""`` for none.
    """

    anchor: str
    href: str
    name: str
    label: str
    icon: str
    figure: str
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
    known: bool
    matches: bool = True


def tile(item: Item, *, images: str, base: str) -> Tile:
    """Make the tile of an item.

    Args:
        item: What to show.
        images: ``BUNGIE_ROOT``, in front of every picture's path.
        base: Address of the inventory page, in front of every item's.
    """
    kind = item.definition
    stack = item.instance_id is None
    return Tile(
        anchor="" if stack else f"i{item.instance_id}",
        href=f"{base}{address(item)}",
        name=kind.name,
        label=describe(item),
        icon=picture(images, kind.icon),
        figure=f"{item.quantity:,}" if stack else (str(item.power) if item.power else ""),
        rarity=_RARITIES.get(kind.tier, ""),
        element=_ELEMENTS.get(item.damage_type, ""),
        item_hash=kind.item_hash,
        instance_id=item.instance_id or "",
        bucket_hash=item.bucket_hash,
        owner=item.owner,
        location=item.location.value,
        quantity=item.quantity,
        power=item.power,
        locked=item.locked,
        masterwork=item.masterwork,
        crafted=item.crafted,
        known=kind.known and not kind.redacted,
    )


def address(item: Item) -> str:
    """Return the address of an item's page, below the inventory's."""
    if item.instance_id is not None:
        return f"items/{item.instance_id}"
    lost = {"lost": "1"} if item.location is Location.POSTMASTER else {}
    return f"stacks/{item.owner}/{item.item_hash}" + (f"?{urlencode(lost)}" if lost else "")


def picture(images: str, path: str) -> str:
    """Return the full address of a picture; ``""`` when there is none, or elsewhere."""
    # Bungie's paths begin with a slash, but for a few; another host's are none of ours.
    return f"{images}/{path.lstrip('/')}" if path and "://" not in path else ""


def describe(item: Item) -> str:
    """Say in words all that a tile shows."""
    kind = item.definition
    words = [kind.name]
    what = f"{kind.rarity} {kind.type_name}".strip()
    if what:
        words.append(what)
    if item.damage_type:
        words.append(damage_name(item.damage_type).lower())
    if item.instance_id is None:
        words.append(f"{item.quantity:,} pieces" if item.quantity != 1 else "one piece")
    elif item.power:
        words.append(f"power {item.power}")
    words += [
        word
        for word, holds in (
            ("equipped", item.equipped),
            ("locked", item.locked),
            ("masterwork", item.masterwork),
            ("crafted", item.crafted),
            ("not in the game's definitions", not kind.known),
            ("classified", kind.redacted),
        )
        if holds
    ]
    return ", ".join(words)
