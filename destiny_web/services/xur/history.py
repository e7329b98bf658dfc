"""The visits of Xûr that were seen: kept for everybody, as Bungie told them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from destiny_web.bungie.models.vendors import SaleRecord
from destiny_web.domain.xur.from_bungie import Catalogue, screens
from destiny_web.domain.xur.schedule import Visit
from destiny_web.domain.xur.stock import Stock
from destiny_web.services.codec import decode
from destiny_web.storage.store import Store

REMEMBERED: Final = 52
"""How many visits are remembered: a year of weekends."""

_KEPT: Final = timedelta(days=400)
_NAMESPACE: Final = "xur visits"
_INDEX: Final = "index"


class VisitRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold during a visit, by vendor hash and vendorItemIndex.

    Attributes:
        is_provisional: Bungie's date for the next change had passed when this was read.
    """

    arrives: datetime
    read_at: datetime
    changed_at: datetime
    sales: dict[str, dict[str, SaleRecord]]
    is_provisional: bool = False


class VisitHistory:
    """Keeps what was sold, visit by visit."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue

    def learn(
        self,
        visit: Visit,
        sales: Mapping[str, dict[str, SaleRecord]],
        now: datetime,
        *,
        completing: bool = False,
        is_provisional: bool = False,
    ) -> None:
        """Keep what is sold during a visit, over what was known of it.

        An answer may be thin: a screen that it lacks stays as it was known. A provisional
        stock never replaces one that is not, and gives way to it as a whole: what the newer
        answer lacks may be of before the change.

        Args:
            visit: Whose stock it is.
            sales: The stock.
            now: When it was told.
            completing: Add what was not known, and leave what was.
            is_provisional: Bungie's date for the next change has passed.
        """

        def joined(raw: bytes | None) -> bytes:
            held = decode(raw, VisitRecord)
            if raw and held and held.sales and is_provisional and not held.is_provisional:
                return raw
            # What tells nothing of the stock says nothing about what is known of it.
            tells = bool(sales) and not completing
            is_replaced = held and held.is_provisional and tells and not is_provisional
            before = held.sales if held and not is_replaced else {}
            if completing:
                after = {
                    vendor: {**sales.get(vendor, {}), **before.get(vendor, {})}
                    for vendor in [*sales, *before]
                }
            else:
                after = {**before, **sales}
            record = VisitRecord(
                arrives=visit.arrives,
                read_at=now,
                changed_at=held.changed_at if held and after == held.sales else now,
                sales=after,
                is_provisional=is_provisional if tells or not held else held.is_provisional,
            )
            return msgspec.msgpack.encode(record)

        self._store.update(_NAMESPACE, visit.key, joined, now + _KEPT)
        self._enter(visit.key, now)

    def get(self, visit: Visit) -> Stock | None:
        """Return the stock of one visit; None when it was not seen."""
        record = decode(self._store.get(_NAMESPACE, visit.key), VisitRecord)
        return self._stock(record) if record else None

    def sales(self, visit: Visit) -> Mapping[str, Mapping[str, SaleRecord]]:
        """Return the bare sale items of a visit; none when it was not seen."""
        record = decode(self._store.get(_NAMESPACE, visit.key), VisitRecord)
        return record.sales if record else {}

    def is_repeat(self, visit: Visit) -> bool:
        """Tell whether everything known of a visit was sold the same on the visit before."""
        before = self.sales(visit.after(-1))
        return all(
            before.get(vendor, {}).get(index) == record
            for vendor, records in self.sales(visit).items()
            for index, record in records.items()
        )

    def keys(self) -> tuple[str, ...]:
        """Name the visits that were seen, the latest first."""
        known = decode(self._store.get(_NAMESPACE, _INDEX), tuple[str, ...]) or ()
        return tuple(sorted(known, reverse=True))

    def history(self, until: datetime, most: int) -> tuple[Stock, ...]:
        """Return the visits that had begun by then, the latest first."""
        found: list[Stock] = []
        for key in self.keys():
            record = decode(self._store.get(_NAMESPACE, key), VisitRecord)
            if record is not None and record.arrives <= until:
                found.append(self._stock(record))
            if len(found) == most:
                break
        return tuple(found)

    def _enter(self, key: str, now: datetime) -> None:
        def entered(raw: bytes | None) -> bytes:
            known = decode(raw, tuple[str, ...]) or ()
            return msgspec.msgpack.encode(sorted({*known, key}, reverse=True)[:REMEMBERED])

        if key not in self.keys():
            self._store.update(_NAMESPACE, _INDEX, entered, now + _KEPT)

    def _stock(self, record: VisitRecord) -> Stock:
        return Stock(
            visit=Visit(arrives=record.arrives),
            read_at=record.read_at,
            changed_at=record.changed_at,
            screens=screens(record.sales, self._catalogue),
            is_provisional=record.is_provisional,
        )
