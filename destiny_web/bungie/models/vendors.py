"""The shapes of GetVendors, GetVendor and GetPublicVendors; the rules are those of ``profile``.

The three operations answer with different amounts of data. GetPublicVendors has dates, sale items
and costs; GetVendors adds the sale status for one character; GetVendor adds the rolls of one
vendor.
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
"""Xûr's three screens, each a vendor of its own in the API.

The second and third are listed all week, with refresh dates in the year 9999.
"""

STRANGE_COIN = 800069450


class VendorComponent(IntEnum):
    """Parts of a vendor's answer that we ask for."""

    VENDORS = 400
    VENDOR_SALES = 402
    CURRENCY_LOOKUPS = 600


STOCK_COMPONENTS = (VendorComponent.VENDORS, VendorComponent.VENDOR_SALES)
"""Components of the sale items of all vendors."""

OFFER_COMPONENTS = (
    *STOCK_COMPONENTS,
    VendorComponent.CURRENCY_LOOKUPS,
    ItemComponent.ITEM_INSTANCES,
    ItemComponent.ITEM_STATS,
    ItemComponent.ITEM_SOCKETS,
)
"""Components of one vendor for one character, with the rolls."""


class _Shape(
    msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True, gc=False
):
    """A JSON object of Bungie: the keys are camelCase there, snake_case here."""


class Vendor(_Shape, frozen=True):
    """A vendor that is in the game now (component 400)."""

    next_refresh_date: str | None = ""
    enabled: bool | None = None


class CostRecord(_Shape, frozen=True):
    """One cost: a quantity of one currency."""

    item_hash: int | None = 0
    quantity: int | None = 0


class SaleRecord(_Shape, frozen=True):
    """One sale item (component 402). Status and failures are None in a public answer."""

    item_hash: int | None = 0
    quantity: int | None = 1
    costs: list[CostRecord] | None = None
    override_style_item_hash: int | None = None
    sale_status: int | None = None
    failure_indexes: list[int] | None = None


class SaleSet(_Shape, frozen=True):
    """The sale items of one of several vendors, by vendorItemIndex."""

    sale_items: dict[str, SaleRecord] | None = None


class Quantities(_Shape, frozen=True):
    """The quantities of currencies that the character of the call has (component 600)."""

    item_quantities: dict[str, int] | None = None


class Vendors(_Shape, frozen=True):
    """GetVendors and GetPublicVendors: every vendor at once."""

    vendors: Component[dict[str, Vendor]] | None = None
    sales: Component[dict[str, SaleSet]] | None = None
    currency_lookups: Component[Quantities] | None = None


class SaleComponents(_Shape, frozen=True):
    """The rolls of a vendor's sale items, by vendorItemIndex."""

    instances: Component[dict[str, profile_models.Instance]] | None = None
    stats: Component[dict[str, profile_models.Stats]] | None = None
    sockets: Component[dict[str, profile_models.Sockets]] | None = None


class VendorDetail(_Shape, frozen=True):
    """GetVendor: one vendor for one character."""

    vendor: Component[Vendor] | None = None
    sales: Component[dict[str, SaleRecord]] | None = None
    item_components: SaleComponents | None = None
    currency_lookups: Component[Quantities] | None = None
