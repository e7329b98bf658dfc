"""From Bungie's vendors to ours: the only reader of what ``bungie.vendors`` holds."""

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

Wares = Mapping[str, Mapping[str, vendor_models.SaleRecord]]
"""Sale items by vendor hash and vendorItemIndex, both as the text that JSON's keys are."""

# Plugs that say nothing about a roll: how it looks, what it counts, and empty sockets.
_DULL = ("shader", "skins", "memento", "tracker", "ornament", "empty", "masterwork", "catalyst")
_NAMES = {
    vendor_models.XUR: "Xûr",
    vendor_models.GEAR_OFFERS: "Strange Gear Offers",
    vendor_models.MORE_OFFERS: "More Strange Offers",
}


class VendorWords(msgspec.Struct, frozen=True, kw_only=True):
    """What the manifest says of a vendor."""

    name: str = ""
    failures: tuple[str, ...] = ()


class Catalogue(Protocol):
    """The manifest as the stock asks it. Unknown hashes are answered or left out, never raised."""

    def items(self, hashes: Iterable[int]) -> Mapping[int, ItemDefinition]:
        """Return a definition for each of *hashes*."""

    def stats(self) -> Mapping[int, StatDefinition]:
        """Return every stat."""

    def vendors(self, hashes: Iterable[int]) -> Mapping[int, VendorWords]:
        """Return the words of the vendors that are known."""

    def doors(self, hashes: Iterable[int]) -> Mapping[int, int]:
        """Return, of those items that open another vendor's screen, that vendor's hash."""


def listed(answer: vendor_models.Vendors) -> bool | None:
    """Tell whether he is in the world; None when the answer does not say.

    Being in ``vendors`` is what counts: ``sales`` lists last weekend's stock all week.
    """
    found = data(answer.vendors)
    if found is None:
        return None
    vendor = found.get(str(vendor_models.XUR))
    return vendor is not None and vendor.enabled is not False


def refreshes(answer: vendor_models.Vendors) -> datetime | None:
    """Return when his stock changes; his other screens' dates are of the year 9999."""
    vendor = (data(answer.vendors) or {}).get(str(vendor_models.XUR))
    return from_bungie.moment(vendor.next_refresh_date) if vendor else None


def wares(
    answer: vendor_models.Vendors, catalogue: Catalogue
) -> dict[str, dict[str, vendor_models.SaleRecord]]:
    """Return what he sells, and nobody else: his screens, and whatever his items open."""
    sales = data(answer.sales) or {}
    own = sales.get(str(vendor_models.XUR))
    behind = catalogue.doors(_hashes((own.sale_items or {}) if own else {}))
    family = [*vendor_models.SCREENS, *sorted(set(behind.values()) - set(vendor_models.SCREENS))]
    found = {str(one): sales.get(str(one)) for one in family}
    return {
        vendor: dict(sale.sale_items)
        for vendor, sale in found.items()
        if sale is not None and sale.sale_items
    }


def screens(
    stock: Wares,
    catalogue: Catalogue,
    details: Mapping[str, vendor_models.VendorDetail] | None = None,
) -> tuple[Screen, ...]:
    """Read the sale items of every screen.

    Args:
        stock: What is sold.
        catalogue: What it is.
        details: Where Bungie gave them: the rolls, by vendor hash.
    """
    hashes = {
        one for sales in stock.values() for record in sales.values() for one in _named(record)
    }
    known = _Known(kinds=catalogue.items(hashes), doors=catalogue.doors(hashes))
    words = catalogue.vendors([int(vendor) for vendor in stock if vendor.isdigit()])
    order = {str(vendor): place for place, vendor in enumerate(vendor_models.SCREENS)}
    made: list[Screen] = []
    for vendor in sorted(stock, key=lambda one: (order.get(one, len(order)), one)):
        if not vendor.isdigit():
            continue
        number = int(vendor)
        told = words.get(number) or VendorWords()
        detail = (details or {}).get(vendor)
        sales = {int(key): one for key, one in stock[vendor].items() if key.isdigit()}
        made.append(
            Screen(
                vendor_hash=number,
                name=told.name or _NAMES.get(number, f"Vendor {number}"),
                offers=tuple(
                    _rolled(
                        _sale(record, known, told, vendor=number, index=index), detail, catalogue
                    )
                    for index, record in sorted(sales.items(), key=itemgetter(0))
                ),
            )
        )
    return tuple(made)


class _Known(msgspec.Struct, frozen=True):
    """What the manifest knows of a stock."""

    kinds: Mapping[int, ItemDefinition]
    doors: Mapping[int, int]

    def kind(self, item_hash: int) -> ItemDefinition:
        return self.kinds.get(item_hash) or unknown_item(item_hash)


def _sale(
    record: vendor_models.SaleRecord, known: _Known, words: VendorWords, *, vendor: int, index: int
) -> SaleItem:
    item_hash = record.item_hash or 0
    failed = (words.failures[one] for one in record.failure_indexes or () if _within(one, words))
    return SaleItem(
        vendor_hash=vendor,
        index=index,
        definition=known.kind(item_hash),
        look=known.kind(record.override_style_item_hash or item_hash),
        quantity=1 if record.quantity is None else record.quantity,
        costs=tuple(
            Cost(currency=known.kind(cost.item_hash or 0), quantity=cost.quantity or 0)
            for cost in record.costs or ()
        ),
        opens=known.doors.get(item_hash, 0),
        status=record.sale_status,
        failures=tuple(dict.fromkeys(text for text in failed if text)),
    )


def _within(index: int, words: VendorWords) -> bool:
    return 0 <= index < len(words.failures)


def _rolled(
    offer: SaleItem, detail: vendor_models.VendorDetail | None, catalogue: Catalogue
) -> SaleItem:
    """Return the offer with the roll of its copy, as far as Bungie gives one."""
    parts = detail.item_components if detail else None
    if parts is None:
        return offer
    key = str(offer.index)
    sockets = (data(parts.sockets) or {}).get(key)
    instance = (data(parts.instances) or {}).get(key)
    figures = (data(parts.stats) or {}).get(key)
    plugs = [
        socket.plug_hash
        for socket in (sockets.sockets if sockets else None) or ()
        if socket.plug_hash and socket.is_visible
    ]
    names = catalogue.stats()
    told = {
        int(stat): figure.value or 0
        for stat, figure in ((figures.stats if figures else None) or {}).items()
        if stat.isdigit() and int(stat) in names and names[int(stat)].name
    }
    kinds = catalogue.items(plugs)
    return msgspec.structs.replace(
        offer,
        power=(stat.value or 0) if instance and (stat := instance.primary_stat) else 0,
        perks=tuple(
            kind
            for kind in (kinds[plug] for plug in dict.fromkeys(plugs))
            if kind.known and not _is_dull(kind)
        ),
        stats=tuple(
            Stat(name=names[one].name, value=told[one])
            for one in sorted(told, key=lambda one: (names[one].order, one))
        ),
    )


def _is_dull(plug: ItemDefinition) -> bool:
    return plug.name.startswith("Empty ") or any(word in plug.plug_category for word in _DULL)


def _hashes(sales: Mapping[str, vendor_models.SaleRecord]) -> set[int]:
    return {record.item_hash for record in sales.values() if record.item_hash}


def _named(record: vendor_models.SaleRecord) -> list[int]:
    currencies = [cost.item_hash for cost in record.costs or ()]
    named = [record.item_hash, record.override_style_item_hash, *currencies]
    return [one for one in named if one]


def data(component: Component[T] | None) -> T | None:
    """Take a component's wrapper off: only what is in it says that it came."""
    return component.data if component is not None else None
