"""Builds Xûr's stock from Bungie's answers: the only reader of ``bungie.models.vendors``."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Protocol

import msgspec

from destiny_web.bungie.models import vendors as vendor_models
from destiny_web.bungie.models.profile import Component, T
from destiny_web.domain.account import from_bungie
from destiny_web.domain.account.definitions import ItemDefinition, StatDefinition, unknown_item
from destiny_web.domain.xur.stock import Cost, SaleItem, Screen, Stat

SaleRecords = Mapping[str, Mapping[str, vendor_models.SaleRecord]]
"""Sale items by vendor hash and vendorItemIndex; both are strings, as JSON keys are."""

# Plugs that are not part of a roll: appearance, trackers, and empty sockets. They match parts of
# the plug category.
_HIDDEN_PLUGS = (
    "shader",
    "skins",
    "memento",
    "tracker",
    "ornament",
    "empty",
    "masterwork",
    "catalyst",
)
_NAMES = {
    vendor_models.XUR: "Xûr",
    vendor_models.GEAR_OFFERS: "Strange Gear Offers",
    vendor_models.MORE_OFFERS: "More Strange Offers",
}


class VendorTexts(msgspec.Struct, frozen=True, kw_only=True):
    """The texts of a vendor in the manifest: name, and failure texts by failure index."""

    name: str = ""
    failures: tuple[str, ...] = ()


class Catalogue(Protocol):
    """The part of the manifest that a stock needs. An unknown hash is never an error."""

    def items(self, hashes: Iterable[int]) -> Mapping[int, ItemDefinition]:
        """Return a definition for each of *hashes*."""

    def stats(self) -> Mapping[int, StatDefinition]:
        """Return every stat."""

    def vendors(self, hashes: Iterable[int]) -> Mapping[int, VendorTexts]:
        """Return the texts of those vendors that the manifest has."""

    def doors(self, hashes: Iterable[int]) -> Mapping[int, int]:
        """Return the vendor hash for each item that opens another vendor's screen."""


def listed(answer: vendor_models.Vendors) -> bool | None:
    """Return whether Xûr is in the game; None when the answer does not say.

    Only the component ``vendors`` tells: ``sales`` lists the stock of the last visit all week.
    """
    vendors = data(answer.vendors)
    if vendors is None:
        return None
    vendor = vendors.get(str(vendor_models.XUR))
    return vendor is not None and vendor.enabled is not False


def refreshes(answer: vendor_models.Vendors) -> datetime | None:
    """Return when the stock changes; only Xûr's main screen has a date before the year 9999."""
    vendor = (data(answer.vendors) or {}).get(str(vendor_models.XUR))
    return from_bungie.moment(vendor.next_refresh_date) if vendor else None


def wares(
    answer: vendor_models.Vendors, catalogue: Catalogue
) -> dict[str, dict[str, vendor_models.SaleRecord]]:
    """Return the sale items of Xûr's screens, and of the vendors that these items open."""
    sales = data(answer.sales) or {}
    main_screen = sales.get(str(vendor_models.XUR))
    opened = catalogue.doors(_item_hashes((main_screen.sale_items or {}) if main_screen else {}))
    vendors = [*vendor_models.SCREENS, *sorted(set(opened.values()) - set(vendor_models.SCREENS))]
    sale_sets = {str(vendor): sales.get(str(vendor)) for vendor in vendors}
    return {
        vendor: dict(sale_set.sale_items)
        for vendor, sale_set in sale_sets.items()
        if sale_set is not None and sale_set.sale_items
    }


def screens(
    stock: SaleRecords,
    catalogue: Catalogue,
    details: Mapping[str, vendor_models.VendorDetail] | None = None,
) -> tuple[Screen, ...]:
    """Build Xûr's screens: the main screen first, then the others in the order of ``SCREENS``.

    Args:
        stock: The sale items of every screen.
        catalogue: The definitions.
        details: GetVendor answers by vendor hash, which have the rolls; may lack vendors.
    """
    hashes = {
        item_hash
        for sales in stock.values()
        for record in sales.values()
        for item_hash in _hashes_in(record)
    }
    definitions = _StockDefinitions(
        items=catalogue.items(hashes), opened_vendors=catalogue.doors(hashes)
    )
    vendor_texts = catalogue.vendors([int(vendor) for vendor in stock if vendor.isdigit()])
    order = {str(vendor): position for position, vendor in enumerate(vendor_models.SCREENS)}
    result: list[Screen] = []
    for vendor in sorted(stock, key=lambda vendor: (order.get(vendor, len(order)), vendor)):
        if not vendor.isdigit():
            continue
        vendor_hash = int(vendor)
        texts = vendor_texts.get(vendor_hash) or VendorTexts()
        detail = (details or {}).get(vendor)
        records = {int(key): record for key, record in stock[vendor].items() if key.isdigit()}
        sale_items = (
            _build_sale_item(record, definitions, texts, vendor_hash=vendor_hash, index=index)
            for index, record in sorted(records.items(), key=itemgetter(0))
        )
        result.append(
            Screen(
                vendor_hash=vendor_hash,
                name=texts.name or _NAMES.get(vendor_hash, f"Vendor {vendor_hash}"),
                offers=tuple(_with_roll(item, detail, catalogue) for item in sale_items),
            )
        )
    return tuple(result)


class _StockDefinitions(msgspec.Struct, frozen=True):
    """The definitions of the items of a stock.

    Attributes:
        items: Definitions by item hash.
        opened_vendors: For items that open another vendor's screen: the vendor by item hash.
    """

    items: Mapping[int, ItemDefinition]
    opened_vendors: Mapping[int, int]

    def item(self, item_hash: int) -> ItemDefinition:
        return self.items.get(item_hash) or unknown_item(item_hash)


def _build_sale_item(
    record: vendor_models.SaleRecord,
    definitions: _StockDefinitions,
    vendor_texts: VendorTexts,
    *,
    vendor_hash: int,
    index: int,
) -> SaleItem:
    item_hash = record.item_hash or 0
    failures = (
        vendor_texts.failures[failure_index]
        for failure_index in record.failure_indexes or ()
        if 0 <= failure_index < len(vendor_texts.failures)
    )
    return SaleItem(
        vendor_hash=vendor_hash,
        index=index,
        definition=definitions.item(item_hash),
        look=definitions.item(record.override_style_item_hash or item_hash),
        quantity=1 if record.quantity is None else record.quantity,
        costs=tuple(
            Cost(currency=definitions.item(cost.item_hash or 0), quantity=cost.quantity or 0)
            for cost in record.costs or ()
        ),
        opens=definitions.opened_vendors.get(item_hash, 0),
        status=record.sale_status,
        failures=tuple(dict.fromkeys(text for text in failures if text)),
    )


def _with_roll(
    sale_item: SaleItem, detail: vendor_models.VendorDetail | None, catalogue: Catalogue
) -> SaleItem:
    """Return the sale item with the roll of its instance, as far as Bungie gives one."""
    components = detail.item_components if detail else None
    if components is None:
        return sale_item
    key = str(sale_item.index)
    sockets = (data(components.sockets) or {}).get(key)
    instance = (data(components.instances) or {}).get(key)
    stats_record = (data(components.stats) or {}).get(key)
    plugs = [
        socket.plug_hash
        for socket in (sockets.sockets if sockets else None) or ()
        if socket.plug_hash and socket.is_visible
    ]
    stat_definitions = catalogue.stats()
    values = {
        int(stat_hash): stat.value or 0
        for stat_hash, stat in ((stats_record.stats if stats_record else None) or {}).items()
        if stat_hash.isdigit()
        and int(stat_hash) in stat_definitions
        and stat_definitions[int(stat_hash)].name
    }
    plug_definitions = catalogue.items(plugs)
    return msgspec.structs.replace(
        sale_item,
        power=(primary.value or 0) if instance and (primary := instance.primary_stat) else 0,
        perks=tuple(
            plug
            for plug in (plug_definitions[plug_hash] for plug_hash in dict.fromkeys(plugs))
            if plug.known and not _is_hidden(plug)
        ),
        stats=tuple(
            Stat(name=stat_definitions[stat_hash].name, value=values[stat_hash])
            for stat_hash in sorted(
                values, key=lambda stat_hash: (stat_definitions[stat_hash].order, stat_hash)
            )
        ),
    )


def _is_hidden(plug: ItemDefinition) -> bool:
    return plug.name.startswith("Empty ") or any(
        part in plug.plug_category for part in _HIDDEN_PLUGS
    )


def _item_hashes(sales: Mapping[str, vendor_models.SaleRecord]) -> set[int]:
    return {record.item_hash for record in sales.values() if record.item_hash}


def _hashes_in(record: vendor_models.SaleRecord) -> list[int]:
    currencies = [cost.item_hash for cost in record.costs or ()]
    hashes = [record.item_hash, record.override_style_item_hash, *currencies]
    return [item_hash for item_hash in hashes if item_hash]


def data(component: Component[T] | None) -> T | None:
    """Return the data of a component; None when the answer does not have the component."""
    return component.data if component is not None else None
