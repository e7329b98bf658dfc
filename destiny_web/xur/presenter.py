"""View models of Xûr's stock: screens with sale items, ready for the templates."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from destiny_web.bungie.models.enums import ANY_CLASS, ItemType, class_name, damage_name
from destiny_web.domain.account.definitions import ItemDefinition
from destiny_web.domain.xur.stock import SaleItem, Screen, Stat
from destiny_web.web.presentation import (
    element_css_class,
    format_number,
    image_url,
    rarity_css_class,
)
from destiny_web.xur.ownership import BucketRoom, PlayerBelongings


class Kind(StrEnum):
    """The kinds of sale items that the page tells apart."""

    WEAPON = "weapon"
    ARMOR = "armor"
    OTHER = "other"


_KINDS: Final[dict[int, Kind]] = {ItemType.WEAPON: Kind.WEAPON, ItemType.ARMOR: Kind.ARMOR}


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyAmount:
    """A quantity of a currency: a cost, or what a player has."""

    name: str
    icon: str
    quantity: int
    item_hash: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PerkView:
    """A plug of a sale item."""

    name: str
    description: str
    icon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleItemView:
    """One sale item on a page.

    Attributes:
        rarity: CSS class, e.g. ``exotic``; ``""`` for a rarity without one.
        element: CSS class, e.g. ``solar``; ``""`` for no element.
        has_definition: The manifest describes the item, and the item is not classified.
        is_collectible: A player wants to have the item once: gear, a catalyst, an ornament; not
            a material or an engram.
        for_class: The character class that alone can use it, as Bungie's number.
        opens_vendor_hash: Vendor hash of the screen that this item opens; None for an item that
            can be bought.
        owned: What the player owns of it, in words; ``""`` for nothing or without a player.
        places: Where the player has it, in words.
        room: The bucket of the selected character that it goes to: ``Helmet 5/10``; ``""`` where
            this is not known or does not matter.
        lacks_room: There is no room for it.
        refusals: Why the player cannot buy it, in words; missing room and missing currency are
            not among them.
        affordable: How many the player's currencies buy; None when it is free or without a
            player.
        offered_to: Name of the character that the item is offered to, when it is another
            character than the selected one.
    """

    vendor_hash: int
    index: int
    item_hash: int
    name: str
    icon: str
    type_name: str
    rarity: str
    rarity_name: str
    element: str
    element_name: str
    class_name: str
    quantity: int
    costs: tuple[CurrencyAmount, ...]
    has_definition: bool
    kind: Kind
    is_collectible: bool
    for_class: int = ANY_CLASS
    opens_vendor_hash: int | None = None
    owned: str = ""
    places: str = ""
    room: str = ""
    lacks_room: bool = False
    acquired: bool = False
    refusals: tuple[str, ...] = ()
    affordable: int | None = None
    offered_to: str = ""
    perks: tuple[PerkView, ...] = ()
    stats: tuple[Stat, ...] = ()
    power: int = 0

    @property
    def opens_screen(self) -> bool:
        """The item opens another screen and cannot be bought."""
        return self.opens_vendor_hash is not None

    @property
    def locked(self) -> bool:
        """The item is shown, but the player cannot buy it."""
        return bool(self.refusals)

    @property
    def stat_total(self) -> int:
        """The sum of the stats of a piece of armor; 0 for anything else."""
        return sum(stat.value for stat in self.stats) if self.kind is Kind.ARMOR else 0

    @property
    def type_line(self) -> str:
        """Rarity and type: ``Exotic Hand Cannon``."""
        return f"{self.rarity_name} {self.type_name}".strip()

    @property
    def traits(self) -> str:
        """Rarity, type, element and class in one line, for text without pictures."""
        return " · ".join(
            trait for trait in (self.type_line, self.element_name, self.class_name) if trait
        )

    @property
    def cost_text(self) -> str:
        """All costs in words: ``23 Strange Coin``."""
        amounts = (f"{format_number(cost.quantity)} {cost.name}" for cost in self.costs)
        return " and ".join(amounts) or "Free"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenView:
    """One of Xûr's screens on a page."""

    vendor_hash: int
    name: str
    sale_items: tuple[SaleItemView, ...]

    @property
    def buyable_items(self) -> tuple[SaleItemView, ...]:
        """The sale items that can be bought: all but those that open another screen."""
        return tuple(sale_item for sale_item in self.sale_items if not sale_item.opens_screen)

    @property
    def screen_links(self) -> tuple[SaleItemView, ...]:
        """The sale items that open another screen."""
        return tuple(sale_item for sale_item in self.sale_items if sale_item.opens_screen)


def build_screens(
    screens: Iterable[Screen], image_root: str, belongings: PlayerBelongings | None = None
) -> tuple[ScreenView, ...]:
    """Build the view models of the screens that have sale items.

    Args:
        screens: Xûr's stock.
        image_root: ``BUNGIE_ROOT``, the beginning of every image address.
        belongings: What the player has; None without a player.
    """
    stocked_screens = [screen for screen in screens if screen.offers]
    vendor_hashes = {screen.vendor_hash for screen in stocked_screens}
    return tuple(
        ScreenView(
            vendor_hash=screen.vendor_hash,
            name=screen.name,
            sale_items=tuple(
                _build_sale_item(sale_item, image_root, belongings, vendor_hashes)
                for sale_item in screen.offers
            ),
        )
        for screen in stocked_screens
    )


def list_buyable_items(screens: Iterable[ScreenView]) -> list[SaleItemView]:
    """List the sale items of all screens that can be bought."""
    return [sale_item for screen in screens for sale_item in screen.buyable_items]


def build_currencies(
    currencies: Iterable[ItemDefinition], quantities: Mapping[int, int], image_root: str
) -> tuple[CurrencyAmount, ...]:
    """List how much the player has of each currency, by name.

    Args:
        currencies: The currencies of Xûr's costs.
        quantities: What the player has, by item hash.
        image_root: ``BUNGIE_ROOT``.
    """
    return tuple(
        _build_amount(currency, quantities.get(currency.item_hash, 0), image_root)
        for currency in sorted(currencies, key=lambda currency: currency.name)
    )


def _build_sale_item(
    sale_item: SaleItem,
    image_root: str,
    belongings: PlayerBelongings | None,
    vendor_hashes: AbstractSet[int],
) -> SaleItemView:
    definition = sale_item.definition
    copies = belongings.copies.get(definition.item_hash) if belongings else None
    room = _room_for(sale_item, belongings)
    rarity = rarity_css_class(definition.tier)
    return SaleItemView(
        vendor_hash=sale_item.vendor_hash,
        index=sale_item.index,
        item_hash=definition.item_hash,
        name=definition.name,
        icon=image_url(image_root, sale_item.look.icon or definition.icon),
        type_name=definition.type_name,
        rarity=rarity,
        rarity_name=definition.rarity if rarity else "",
        element=element_css_class(definition.damage_type),
        element_name=damage_name(definition.damage_type),
        class_name=class_name(definition.class_type),
        quantity=sale_item.quantity,
        costs=tuple(
            _build_amount(cost.currency, cost.quantity, image_root) for cost in sale_item.costs
        ),
        has_definition=definition.known and not definition.redacted,
        kind=_kind_of(definition),
        is_collectible=_is_collectible(definition),
        for_class=definition.class_type,
        opens_vendor_hash=sale_item.opens if sale_item.opens in vendor_hashes else None,
        owned=copies.count if copies else "",
        places=copies.places if copies else "",
        room=str(room) if room else "",
        # An item that opens a screen is never bought, so it needs no room.
        lacks_room=not sale_item.opens and (sale_item.no_room or bool(room and room.is_full)),
        acquired=sale_item.acquired,
        refusals=sale_item.refusals,
        affordable=sale_item.times(belongings.currencies) if belongings else None,
        offered_to=sale_item.offered_to,
        perks=tuple(
            PerkView(
                name=perk.name,
                description=perk.description,
                icon=image_url(image_root, perk.icon),
            )
            for perk in sale_item.perks
        ),
        stats=sale_item.stats,
        power=sale_item.power,
    )


def _build_amount(currency: ItemDefinition, quantity: int, image_root: str) -> CurrencyAmount:
    return CurrencyAmount(
        name=currency.name,
        icon=image_url(image_root, currency.icon),
        quantity=quantity,
        item_hash=currency.item_hash,
    )


def _kind_of(definition: ItemDefinition) -> Kind:
    return _KINDS.get(definition.item_type, Kind.OTHER)


def _is_collectible(definition: ItemDefinition) -> bool:
    # Ships and the like are equipped; catalysts and ornaments are plugs.
    is_gear = _kind_of(definition) is not Kind.OTHER
    return is_gear or definition.equippable or bool(definition.plug_category)


def _room_for(sale_item: SaleItem, belongings: PlayerBelongings | None) -> BucketRoom | None:
    """Return the bucket that a sale item goes to; None where its room does not matter."""
    if belongings is None or not _is_collectible(sale_item.definition):
        return None
    # Another character buys this item, and Bungie's status says whether that one has room.
    if sale_item.offered_to:
        return None
    return belongings.rooms.get(sale_item.definition.bucket_hash)
