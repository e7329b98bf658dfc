"""The shapes of what vendors sell, as they come: see ``wire`` for the rules.

The three operations differ in how much they tell. GetPublicVendors has dates, wares and
prices; GetVendors adds what holds for one character; GetVendor, of one vendor, the rolls.
"""

from enum import IntEnum

import msgspec

from destiny_web.bungie.models import profile as profile_models
from destiny_web.bungie.models.enums import Component as ItemComponent
from destiny_web.bungie.models.profile import Component

XUR = 2190858386
GEAR_OFFERS = 3751514131
MORE_OFFERS = 537912098
SCREENS = (XUR, GEAR_OFFERS, MORE_OFFERS)
"""Xûr's three screens. The two behind him are listed all week, with dates of the year 9999."""

STRANGE_COIN = 800069450


class VendorComponent(IntEnum):
    """Parts of a vendor's answer that we ask for."""

    VENDORS = 400
    VENDOR_SALES = 402
    CURRENCY_LOOKUPS = 600


STOCK = (VendorComponent.VENDORS, VendorComponent.VENDOR_SALES)
"""What is sold."""

OFFERS = (
    *STOCK,
    VendorComponent.CURRENCY_LOOKUPS,
    ItemComponent.ITEM_INSTANCES,
    ItemComponent.ITEM_STATS,
    ItemComponent.ITEM_SOCKETS,
)
"""What is sold to one character, with the rolls."""


class _Shape(
    msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True, gc=False
):
    """A JSON object of Bungie's: camelCase there, snake_case here."""


class Vendor(_Shape, frozen=True):
    """A vendor who is in the world now (component 400)."""

    next_refresh_date: str | None = ""
    enabled: bool | None = None


class CostRecord(_Shape, frozen=True):
    """One part of a price."""

    item_hash: int | None = 0
    quantity: int | None = 0


class SaleRecord(_Shape, frozen=True):
    """One sale item (component 402). What only a character is told is None for everybody."""

    item_hash: int | None = 0
    quantity: int | None = 1
    costs: list[CostRecord] | None = None
    override_style_item_hash: int | None = None
    sale_status: int | None = None
    failure_indexes: list[int] | None = None


class SaleSet(_Shape, frozen=True):
    """What one of several vendors sells, by vendorItemIndex."""

    sale_items: dict[str, SaleRecord] | None = None


class Quantities(_Shape, frozen=True):
    """How many the asking character has of what prices are in (component 600)."""

    item_quantities: dict[str, int] | None = None


class Vendors(_Shape, frozen=True):
    """GetVendors and GetPublicVendors: every vendor at once."""

    vendors: Component[dict[str, Vendor]] | None = None
    sales: Component[dict[str, SaleSet]] | None = None
    currency_lookups: Component[Quantities] | None = None


class SaleComponents(_Shape, frozen=True):
    """The rolls of what a vendor sells, by vendorItemIndex."""

    instances: Component[dict[str, profile_models.Instance]] | None = None
    stats: Component[dict[str, profile_models.Stats]] | None = None
    sockets: Component[dict[str, profile_models.Sockets]] | None = None


class VendorDetail(_Shape, frozen=True):
    """GetVendor: one vendor as one character meets it."""

    vendor: Component[Vendor] | None = None
    sales: Component[dict[str, SaleRecord]] | None = None
    item_components: SaleComponents | None = None
    currency_lookups: Component[Quantities] | None = None
