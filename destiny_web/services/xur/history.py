"""Stock of Xûr's visits: kept in the store for all players, as Bungie sent it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from destiny_web.bungie.models.vendors import SaleRecord
from destiny_web.domain.xur.from_bungie import Catalogue, screens
from destiny_web.domain.xur.schedule import Visit
from destiny_web.domain.xur.stock import Stock
from destiny_web.services.codec import decode
from destiny_web.storage.store import Store

_MAX_VISITS: Final = 52
"""How many visits are kept: one for each week of a year."""

_LIFETIME: Final = timedelta(days=400)
_NAMESPACE: Final = "xur visits"
_INDEX: Final = "index"


class VisitRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What Xûr sold during a visit, by vendor hash and vendorItemIndex.

    Attributes:
        is_provisional: Bungie's date for the next change had passed when this was read.
    """

    arrives: datetime
    read_at: datetime
    changed_at: datetime
    sales: dict[str, dict[str, SaleRecord]]
    is_provisional: bool = False


class VisitHistory:
    """Keeps the stock of each visit."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue

    def record(
        self,
        visit: Visit,
        sales: Mapping[str, dict[str, SaleRecord]],
        now: datetime,
        *,
        is_provisional: bool = False,
    ) -> None:
        """Keep the sale items of a visit; they replace the kept ones, vendor by vendor.

        An answer may lack vendors: their kept sale items stay. A provisional stock never replaces
        a final one. A final stock replaces a provisional one completely, because sale items that
        the newer answer lacks may be from before the change.

        Args:
            visit: The visit that the sale items belong to.
            sales: The sale items, by vendor hash and vendorItemIndex.
            now: When Bungie sent them.
            is_provisional: Bungie's date for the next change has passed.
        """

        def merge(raw: bytes | None) -> bytes:
            kept = decode(raw, VisitRecord)
            if raw and kept and kept.sales and is_provisional and not kept.is_provisional:
                return raw
            # An answer without sale items does not change whether the kept ones are provisional.
            is_replaced = kept and kept.is_provisional and sales and not is_provisional
            kept_sales = kept.sales if kept and not is_replaced else {}
            return _encode_record(
                visit,
                kept,
                {**kept_sales, **sales},
                now,
                is_provisional=is_provisional if sales or not kept else kept.is_provisional,
            )

        self._update(visit, merge, now)

    def complete(
        self, visit: Visit, sales: Mapping[str, dict[str, SaleRecord]], now: datetime
    ) -> None:
        """Add the sale items that are not kept yet; the kept ones stay unchanged."""

        def merge(raw: bytes | None) -> bytes:
            kept = decode(raw, VisitRecord)
            kept_sales = kept.sales if kept else {}
            merged = {
                vendor: {**sales.get(vendor, {}), **kept_sales.get(vendor, {})}
                for vendor in [*sales, *kept_sales]
            }
            is_provisional = kept.is_provisional if kept else False
            return _encode_record(visit, kept, merged, now, is_provisional=is_provisional)

        self._update(visit, merge, now)

    def load_stock(self, visit: Visit) -> Stock | None:
        """Return the stock of a visit; None when none is kept."""
        record = self._load_record(visit.key)
        return self._build_stock(record) if record else None

    def load_sales(self, visit: Visit) -> Mapping[str, Mapping[str, SaleRecord]]:
        """Return the sale items of a visit as Bungie sent them; empty when none are kept."""
        record = self._load_record(visit.key)
        return record.sales if record else {}

    def is_repeat(self, visit: Visit) -> bool:
        """Tell whether all sale items kept for a visit were sold on the visit before, too."""
        previous_sales = self.load_sales(visit.after(-1))
        return all(
            previous_sales.get(vendor, {}).get(index) == record
            for vendor, records in self.load_sales(visit).items()
            for index, record in records.items()
        )

    def history(self, until: datetime, most: int) -> tuple[Stock, ...]:
        """Return the stock of at most *most* visits that began by *until*, the latest first."""
        stocks: list[Stock] = []
        for key in self._load_keys():
            record = self._load_record(key)
            if record is not None and record.arrives <= until:
                stocks.append(self._build_stock(record))
            if len(stocks) == most:
                break
        return tuple(stocks)

    def _update(self, visit: Visit, merge: Callable[[bytes | None], bytes], now: datetime) -> None:
        self._store.update(_NAMESPACE, visit.key, merge, now + _LIFETIME)
        self._add_to_index(visit.key, now)

    def _add_to_index(self, key: str, now: datetime) -> None:
        def add(raw: bytes | None) -> bytes:
            keys = decode(raw, tuple[str, ...]) or ()
            return msgspec.msgpack.encode(sorted({*keys, key}, reverse=True)[:_MAX_VISITS])

        if key not in self._load_keys():
            self._store.update(_NAMESPACE, _INDEX, add, now + _LIFETIME)

    def _load_keys(self) -> tuple[str, ...]:
        """Return the keys of the kept visits, the latest first."""
        keys = decode(self._store.get(_NAMESPACE, _INDEX), tuple[str, ...]) or ()
        return tuple(sorted(keys, reverse=True))

    def _load_record(self, key: str) -> VisitRecord | None:
        return decode(self._store.get(_NAMESPACE, key), VisitRecord)

    def _build_stock(self, record: VisitRecord) -> Stock:
        return Stock(
            visit=Visit(arrives=record.arrives),
            read_at=record.read_at,
            changed_at=record.changed_at,
            screens=screens(record.sales, self._catalogue),
            is_provisional=record.is_provisional,
        )


def _encode_record(
    visit: Visit,
    kept: VisitRecord | None,
    sales: dict[str, dict[str, SaleRecord]],
    now: datetime,
    *,
    is_provisional: bool,
) -> bytes:
    is_unchanged = kept is not None and sales == kept.sales
    return msgspec.msgpack.encode(
        VisitRecord(
            arrives=visit.arrives,
            read_at=now,
            changed_at=kept.changed_at if kept and is_unchanged else now,
            sales=sales,
            is_provisional=is_provisional,
        )
    )
