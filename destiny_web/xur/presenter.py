"""View models of Xûr's stock: screens with sale items, ready for the templates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from destiny_web.bungie.models.enums import class_name, damage_name
from destiny_web.domain.account.definitions import ItemDefinition
from destiny_web.domain.xur.stock import SaleItem, Screen, Stat
from destiny_web.web.presentation import (
    element_css_class,
    format_number,
    image_url,
    rarity_css_class,
)
from destiny_web.xur.ownership import PlayerBelongings


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
        opens_vendor_hash: Vendor hash of the screen that this item opens; None for an item that
            can be bought.
        screen_size: Number of sale items on the screen that this item opens.
        owned: What the player owns of it, in words; ``""`` for nothing or without a player.
        obstacles: Why the player cannot buy it, in words.
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
    opens_vendor_hash: int | None = None
    screen_size: int = 0
    owned: str = ""
    acquired: bool = False
    locked: bool = False
    obstacles: tuple[str, ...] = ()
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
    def screen_anchor(self) -> str:
        """HTML id of the screen that this item opens; ``""`` for an item that can be bought."""
        return _anchor_of(self.opens_vendor_hash) if self.opens_vendor_hash is not None else ""

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
    anchor: str
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
    screen_sizes = {screen.vendor_hash: len(screen.offers) for screen in stocked_screens}
    return tuple(
        ScreenView(
            vendor_hash=screen.vendor_hash,
            anchor=_anchor_of(screen.vendor_hash),
            name=screen.name,
            sale_items=tuple(
                _build_sale_item(sale_item, image_root, belongings, screen_sizes)
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
    screen_sizes: Mapping[int, int],
) -> SaleItemView:
    definition = sale_item.definition
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
        opens_vendor_hash=sale_item.opens if sale_item.opens in screen_sizes else None,
        screen_size=screen_sizes.get(sale_item.opens, 0),
        owned=belongings.descriptions.get(definition.item_hash, "") if belongings else "",
        acquired=sale_item.acquired,
        locked=sale_item.locked,
        obstacles=_list_obstacles(sale_item),
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


def _list_obstacles(sale_item: SaleItem) -> tuple[str, ...]:
    # An item that opens a screen is never bought, so it needs no room.
    if sale_item.no_room and not sale_item.opens:
        return (*sale_item.refusals, "No room for it: make some first")
    return sale_item.refusals


def _anchor_of(vendor_hash: int) -> str:
    return f"v{vendor_hash}"
