"""What the page shows of his stock: ready values for the templates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from destiny_web.bungie.models.enums import class_name, damage_name
from destiny_web.domain.xur.stock import Cost, SaleItem, Screen, Stat

# The words of the style sheet for what the game's numbers mean.
_ELEMENTS = {1: "kinetic", 2: "arc", 3: "solar", 4: "void", 6: "stasis", 7: "strand"}
_RARITIES = {2: "common", 3: "uncommon", 4: "rare", 5: "legendary", 6: "exotic"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One part of a price."""

    name: str
    icon: str
    quantity: int
    item_hash: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Perk:
    """A plug of the copy on offer."""

    name: str
    description: str
    icon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One sale item on a page.

    Attributes:
        rarity: Word of the style sheet, e.g. ``exotic``; ``""`` when not told.
        element: The same, e.g. ``solar``.
        door: The anchor of the screen that it opens; ``""`` for what is really sold.
        behind: How many offers there are behind that door.
        owned: Where the player has it already, in words; ``""`` for nowhere, or nobody asks.
        notes: What is in the way, in words.
        times: How many of it the player's coins buy; None: it is free, or nobody asks.
    """

    vendor_hash: int
    index: int
    item_hash: int
    name: str
    icon: str
    kind: str
    rarity: str
    rarity_name: str
    element: str
    element_name: str
    class_name: str
    quantity: int
    prices: tuple[Price, ...]
    known: bool
    door: str = ""
    behind: int = 0
    owned: str = ""
    acquired: bool = False
    locked: bool = False
    notes: tuple[str, ...] = ()
    times: int | None = None
    offered_to: str = ""
    perks: tuple[Perk, ...] = ()
    stats: tuple[Stat, ...] = ()
    power: int = 0

    @property
    def type_line(self) -> str:
        """Rarity and type: ``Exotic Hand Cannon``."""
        return f"{self.rarity_name} {self.kind}".strip()

    @property
    def traits(self) -> str:
        """Type, element and class in one line, for where there are no pictures."""
        return " · ".join(
            one for one in (self.type_line, self.element_name, self.class_name) if one
        )

    @property
    def price(self) -> str:
        """The price in words: ``23 Strange Coin``."""
        return " and ".join(f"{one.quantity:,} {one.name}" for one in self.prices) or "Free"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One of his screens on a page."""

    vendor_hash: int
    anchor: str
    name: str
    offers: tuple[Offer, ...]

    @property
    def wares(self) -> tuple[Offer, ...]:
        """What is really sold: the doors to the other screens left out."""
        return tuple(one for one in self.offers if not one.door)

    @property
    def doors(self) -> tuple[Offer, ...]:
        """What opens his other screens."""
        return tuple(one for one in self.offers if one.door)


class Belongings(Protocol):
    """What a player's own belongings say about the stock."""

    @property
    def owned(self) -> Mapping[int, str]:
        """What there is of each item and where, in words, by hash."""

    @property
    def currencies(self) -> Mapping[int, int]:
        """How many there are of each currency, by hash."""


def shelves(
    screens: Iterable[Screen], images: str, mine: Belongings | None = None
) -> tuple[Shelf, ...]:
    """Arrange screens for a page.

    Args:
        screens: His stock.
        images: ``BUNGIE_ROOT``, in front of every picture's path.
        mine: What the player has; None when nobody is signed in.
    """
    screens = tuple(screens)
    there = {screen.vendor_hash: len(screen.offers) for screen in screens if screen.offers}
    return tuple(
        Shelf(
            vendor_hash=screen.vendor_hash,
            anchor=f"v{screen.vendor_hash}",
            name=screen.name,
            offers=tuple(_offer(one, images, mine, there) for one in screen.offers),
        )
        for screen in screens
        if screen.offers
    )


def _offer(sale: SaleItem, images: str, mine: Belongings | None, there: Mapping[int, int]) -> Offer:
    kind = sale.definition
    return Offer(
        vendor_hash=sale.vendor_hash,
        index=sale.index,
        item_hash=kind.item_hash,
        name=kind.name,
        icon=picture(images, sale.look.icon or kind.icon),
        kind=kind.type_name,
        rarity=_RARITIES.get(kind.tier, ""),
        rarity_name=kind.rarity if kind.tier in _RARITIES else "",
        element=_ELEMENTS.get(kind.damage_type, ""),
        element_name=damage_name(kind.damage_type),
        class_name=class_name(kind.class_type),
        quantity=sale.quantity,
        prices=tuple(_price(cost, images) for cost in sale.costs),
        known=kind.known and not kind.redacted,
        door=f"v{sale.opens}" if sale.opens in there else "",
        behind=there.get(sale.opens, 0),
        owned=mine.owned.get(kind.item_hash, "") if mine else "",
        acquired=sale.acquired,
        locked=sale.locked,
        notes=_notes(sale),
        times=sale.times(mine.currencies) if mine else None,
        offered_to=sale.offered_to,
        perks=tuple(
            Perk(name=one.name, description=one.description, icon=picture(images, one.icon))
            for one in sale.perks
        ),
        stats=sale.stats,
        power=sale.power,
    )


def _price(cost: Cost, images: str) -> Price:
    return Price(
        name=cost.currency.name,
        icon=picture(images, cost.currency.icon),
        quantity=cost.quantity,
        item_hash=cost.currency.item_hash,
    )


def _notes(sale: SaleItem) -> tuple[str, ...]:
    if sale.opens:
        return sale.refusals
    return (*sale.refusals, *(("No room for it: make some first",) if sale.no_room else ()))


def picture(images: str, path: str) -> str:
    """Return the full address of a picture; ``""`` when there is none, or elsewhere."""
    # Bungie's paths begin with a slash, but for a few; another host's are none of ours.
    return f"{images}/{path.lstrip('/')}" if path and "://" not in path else ""
