"""Xûr's stock for everybody: asked for once, kept until it changes.

GetPublicVendors needs no player, is slow, fails often and is thin. So nobody waits for it
longer than ``PATIENCE``: an errand asks, in one process at a time, and a page shows what is
known, with its age, until there is more.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from destiny_web.bungie.client import PublicClient
from destiny_web.bungie.errors import BungieError
from destiny_web.bungie.models import vendors as vendor_models
from destiny_web.domain.xur import from_bungie, schedule
from destiny_web.domain.xur.from_bungie import Catalogue
from destiny_web.domain.xur.stock import Presence, Stock, presence
from destiny_web.services.background import BackgroundTasks, WaitBudget
from destiny_web.services.codec import decode
from destiny_web.services.xur.history import VisitHistory
from destiny_web.storage.store import Busy, Store

_LOG = logging.getLogger("destiny_web.xur")

PATIENCE: Final = 2.5
"""Seconds that a page waits for Bungie before it shows what is known."""

_LEASE: Final = 45.0
_NAMESPACE: Final = "xur"
_KEY: Final = "asked"
_KEPT: Final = timedelta(days=30)
_MINUTE: Final = timedelta(minutes=1)
# How soon Bungie is asked again when it failed, when its answer does not fit the calendar, and
# while nothing is expected to change.
_RETRY, _ODD, _QUIET = _MINUTE / 2, 5 * _MINUTE, 60 * _MINUTE
_RIGHT_AFTER_ARRIVAL: Final = 60 * _MINUTE
_BELIEVED: Final = 30 * _MINUTE
"""How long Bungie's word holds against the calendar."""


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of asking last.

    Attributes:
        read_at: When Bungie last said whether he is there; None: never.
        ask_after: Until then what is known is good enough.
        trouble: Why the last attempt failed; ``""`` when it did not.
    """

    read_at: datetime | None = None
    listed: bool = False
    ask_after: datetime
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockState:
    """What is known about Xûr at the moment.

    Attributes:
        stock: Of this visit, or else of the last one that was seen; None when none was.
        past: It is not what he sells now.
        read_at: When Bungie was last heard; None: never.
        trouble: Why it could not be asked; ``""`` when it could.
        pending: It is being asked right now.
    """

    presence: Presence
    stock: Stock | None
    past: bool
    read_at: datetime | None
    trouble: str = ""
    pending: bool = False


class StockService:
    """Knows whether he is there and what he sells.

    Attributes:
        patience: Seconds that a caller waits for Bungie.
    """

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        client: PublicClient,
        now: Callable[[], datetime],
        background: BackgroundTasks,
    ) -> None:
        self.visits = VisitHistory(store, catalogue)
        self.patience = PATIENCE
        self._store = store
        self._catalogue = catalogue
        self._client = client
        self._now = now
        self._errands = background

    def current(self, wait: WaitBudget | None = None) -> StockState:
        """Return what he sells; asks Bungie when what is kept is not good any more.

        Args:
            wait: For Bungie; ``patience`` seconds when not given.
        """
        wait = wait or WaitBudget(self.patience)
        pending = False
        asked = self._asked()
        if asked is None or self._now() >= asked.ask_after:
            pending = not self._errands.run("xur", self._ask, wait=wait.left)
            asked = self._asked()
        return self._known(asked, pending=pending)

    def glance(self) -> Presence:
        """Say whether he is there, without asking anybody: for every page's frame."""
        return self._presence(self._asked(), self._now())

    def contribute(self, sales: dict[str, dict[str, vendor_models.SaleRecord]]) -> None:
        """Complete the stock by what a player was shown: the public answer may be thin."""
        now = self._now()
        plain = {
            vendor: {
                index: msgspec.structs.replace(one, sale_status=None, failure_indexes=None)
                for index, one in records.items()
            }
            for vendor, records in sales.items()
        }
        self.visits.learn(schedule.stocked(now), plain, now, completing=True)

    def _ask(self) -> None:
        try:
            with self._store.lock("xur", ttl=_LEASE, wait=_LEASE / 2):
                asked = self._asked()
                if asked is not None and self._now() < asked.ask_after:
                    return  # another process was faster
                self._put(self._heard(asked))
        except Busy:
            _LOG.info("another process is asking for the stock, and takes long")

    def _heard(self, before: _Asked | None) -> _Asked:
        """Ask, keep the stock, and return what is to be kept about the asking."""
        before = before or _Asked(ask_after=self._now())
        try:
            answer = self._client.public_vendors()
        except BungieError as error:
            _LOG.warning("GetPublicVendors: %s %s", type(error).__name__, error.code)
            return msgspec.structs.replace(
                before, ask_after=self._now() + _RETRY, trouble=str(error)
            )
        now = self._now()
        listed = from_bungie.listed(answer)
        if listed is None:
            trouble = "Bungie did not send its vendors."
            return msgspec.structs.replace(before, ask_after=now + _RETRY, trouble=trouble)
        return _Asked(read_at=now, listed=listed, ask_after=self._learn(answer, now, listed=listed))

    def _learn(self, answer: vendor_models.Vendors, now: datetime, *, listed: bool) -> datetime:
        """Keep the stock of an answer; return until when it is good."""
        visit = schedule.stocked(now)
        sales = from_bungie.wares(answer, self._catalogue)
        whole = str(vendor_models.XUR) in sales
        refreshes = from_bungie.refreshes(answer)
        # Right after a reset Bungie's answers are of both sides of it, its clock and ours may
        # differ, and its date may stay behind for longer: show what is there, and ask again.
        is_provisional = listed and refreshes is not None and refreshes <= now
        # While he is away his shelves stay listed, with last weekend's wares; from Friday
        # 09:00 with those that he is yet to bring, which are nobody's business until then.
        if listed or (whole and visit.arrives <= now):
            self.visits.learn(visit, sales, now, is_provisional=is_provisional)
        if listed != schedule.present(now) or is_provisional:
            early = schedule.present(now) and now - visit.arrives < _RIGHT_AFTER_ARRIVAL
            return now + (_MINUTE if early else _ODD)
        if not listed:
            return min(schedule.coming(now).arrives, now + _QUIET)
        if not whole:
            return now + _ODD
        return min(visit.leaves, refreshes or visit.rolls_next)

    def _known(self, asked: _Asked | None, *, pending: bool) -> StockState:
        now = self._now()
        here = self._presence(asked, now)
        visit = schedule.stocked(now) if here.here else schedule.latest(now)
        stock = self.visits.get(visit) if here.here else None
        past = stock is None
        if stock is None:
            stock = next(iter(self.visits.history(now, 1)), None)
        return StockState(
            presence=here,
            stock=stock,
            past=past,
            read_at=asked.read_at if asked else None,
            trouble=asked.trouble if asked else "",
            pending=pending,
        )

    def _presence(self, asked: _Asked | None, now: datetime) -> Presence:
        listed = None
        if asked is not None and asked.read_at is not None:
            latest = schedule.latest(now)
            expected = latest.under_way(now)
            agreed = asked.listed == expected
            # What was said before he came or left says nothing about now.
            since = latest.arrives if expected else latest.leaves
            if asked.read_at >= since and (agreed or now - asked.read_at < _BELIEVED):
                listed = asked.listed
        return presence(now, listed=listed)

    def _asked(self) -> _Asked | None:
        return decode(self._store.get(_NAMESPACE, _KEY), _Asked)

    def _put(self, asked: _Asked) -> None:
        self._store.put(_NAMESPACE, _KEY, msgspec.msgpack.encode(asked), self._now() + _KEPT)
