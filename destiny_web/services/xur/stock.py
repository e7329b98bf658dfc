"""Xûr's stock for all players: read from Bungie once, kept until it changes.

GetPublicVendors needs no player. It is slow, fails often and may lack screens. A background
task calls it, in one process at a time. A page waits at most ``WAIT_SECONDS``, then it shows
the stock that is kept, with its age.
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

WAIT_SECONDS: Final = 2.5
"""Seconds that a page waits for Bungie before it shows the stock that is kept."""

_LEASE: Final = 45.0
_NAMESPACE: Final = "xur"
_KEY: Final = "asked"
_LIFETIME: Final = timedelta(days=30)
_MINUTE: Final = timedelta(minutes=1)
_AFTER_FAILURE: Final = _MINUTE / 2
"""Time to the next request when Bungie failed."""

_AFTER_UNEXPECTED_ANSWER: Final = 5 * _MINUTE
"""Time to the next request when the answer does not agree with the calendar, or lacks the stock."""

_WHILE_AWAY: Final = 60 * _MINUTE
"""Time to the next request while Xûr is away."""

_RIGHT_AFTER_ARRIVAL: Final = 60 * _MINUTE
_LISTING_LIFETIME: Final = 30 * _MINUTE
"""How long Bungie's answer counts when the calendar says something else."""


class _LastRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Result of the last request for the stock.

    Attributes:
        read_at: When Bungie last said whether Xûr is in the game; None: never.
        listed: Xûr was in the game then.
        ask_after: When Bungie is asked again.
        trouble: Why the last request failed; ``""`` when it did not.
    """

    read_at: datetime | None = None
    listed: bool = False
    ask_after: datetime
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockState:
    """What the site knows about Xûr at the moment.

    Attributes:
        stock: The stock of this visit, else of the last visit that is kept; None without any.
        past: The stock is from an earlier visit.
        read_at: When Bungie last answered; None: never.
        trouble: Why the last request failed; ``""`` when it did not.
        pending: A request to Bungie is under way.
    """

    presence: Presence
    stock: Stock | None
    past: bool
    read_at: datetime | None
    trouble: str = ""
    pending: bool = False


class StockService:
    """Reads whether Xûr is in the game, and Xûr's stock.

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
        self.patience = WAIT_SECONDS
        self._store = store
        self._catalogue = catalogue
        self._client = client
        self._now = now
        self._background = background

    def current(self, wait: WaitBudget | None = None) -> StockState:
        """Return the present state; asks Bungie first when the kept one is too old.

        Args:
            wait: Time to wait for Bungie; ``patience`` seconds when not given.
        """
        wait = wait or WaitBudget(self.patience)
        pending = False
        last_request = self._load_last_request()
        if last_request is None or self._now() >= last_request.ask_after:
            pending = not self._background.run("xur", self._update, wait=wait.left)
            last_request = self._load_last_request()
        return self._build_state(last_request, pending=pending)

    def read_presence(self) -> Presence:
        """Tell whether Xûr is in the game, from the store alone: every page shows it."""
        return self._judge_presence(self._load_last_request(), self._now())

    def complete_stock(self, sales: dict[str, dict[str, vendor_models.SaleRecord]]) -> None:
        """Add sale items that a player was shown: the public answer may lack them."""
        now = self._now()
        # Status and failures are of one character only.
        general_sales = {
            vendor: {
                index: msgspec.structs.replace(record, sale_status=None, failure_indexes=None)
                for index, record in records.items()
            }
            for vendor, records in sales.items()
        }
        self.visits.complete(schedule.stocked(now), general_sales, now)

    def _update(self) -> None:
        try:
            with self._store.lock("xur", ttl=_LEASE, wait=_LEASE / 2):
                last_request = self._load_last_request()
                if last_request is not None and self._now() < last_request.ask_after:
                    return  # another process has asked meanwhile
                self._keep_last_request(self._request_stock(last_request))
        except Busy:
            _LOG.info("another process is asking for the stock, and takes long")

    def _request_stock(self, previous: _LastRequest | None) -> _LastRequest:
        """Ask Bungie, keep the stock, and return the result of the request."""
        previous = previous or _LastRequest(ask_after=self._now())
        try:
            answer = self._client.public_vendors()
        except BungieError as error:
            _LOG.warning("GetPublicVendors: %s %s", type(error).__name__, error.code)
            return msgspec.structs.replace(
                previous, ask_after=self._now() + _AFTER_FAILURE, trouble=str(error)
            )
        now = self._now()
        listed = from_bungie.listed(answer)
        if listed is None:
            trouble = "Bungie did not send its vendors."
            return msgspec.structs.replace(
                previous, ask_after=now + _AFTER_FAILURE, trouble=trouble
            )
        ask_after = self._keep_stock(answer, now, listed=listed)
        return _LastRequest(read_at=now, listed=listed, ask_after=ask_after)

    def _keep_stock(
        self, answer: vendor_models.Vendors, now: datetime, *, listed: bool
    ) -> datetime:
        """Keep the stock of an answer; return when Bungie is asked again."""
        visit = schedule.stocked(now)
        sales = from_bungie.wares(answer, self._catalogue)
        has_stock = str(vendor_models.XUR) in sales
        next_change = from_bungie.refreshes(answer)
        # Right after a reset some of Bungie's answers are from before it, its clock and ours may
        # differ, and its date may stay in the past for longer: show the stock, and ask again.
        is_provisional = listed and next_change is not None and next_change <= now
        # While Xûr is away, Bungie lists the stock of the last visit; from Friday 09:00 the stock
        # of the next visit, which is not shown before Xûr arrives.
        if listed or (has_stock and visit.arrives <= now):
            self.visits.record(visit, sales, now, is_provisional=is_provisional)
        if listed != schedule.present(now) or is_provisional:
            has_just_arrived = schedule.present(now) and now - visit.arrives < _RIGHT_AFTER_ARRIVAL
            return now + (_MINUTE if has_just_arrived else _AFTER_UNEXPECTED_ANSWER)
        if not listed:
            return min(schedule.coming(now).arrives, now + _WHILE_AWAY)
        if not has_stock:
            return now + _AFTER_UNEXPECTED_ANSWER
        return min(visit.leaves, next_change or visit.rolls_next)

    def _build_state(self, last_request: _LastRequest | None, *, pending: bool) -> StockState:
        now = self._now()
        current_presence = self._judge_presence(last_request, now)
        stock = self.visits.load_stock(schedule.stocked(now)) if current_presence.here else None
        past = stock is None
        if stock is None:
            stock = next(iter(self.visits.history(now, 1)), None)
        return StockState(
            presence=current_presence,
            stock=stock,
            past=past,
            read_at=last_request.read_at if last_request else None,
            trouble=last_request.trouble if last_request else "",
            pending=pending,
        )

    def _judge_presence(self, last_request: _LastRequest | None, now: datetime) -> Presence:
        listed = None
        if last_request is not None and last_request.read_at is not None:
            latest = schedule.latest(now)
            expected = latest.under_way(now)
            agreed = last_request.listed == expected
            # An answer from before Xûr arrived or left says nothing about now.
            since = latest.arrives if expected else latest.leaves
            is_recent = now - last_request.read_at < _LISTING_LIFETIME
            if last_request.read_at >= since and (agreed or is_recent):
                listed = last_request.listed
        return presence(now, listed=listed)

    def _load_last_request(self) -> _LastRequest | None:
        return decode(self._store.get(_NAMESPACE, _KEY), _LastRequest)

    def _keep_last_request(self, last_request: _LastRequest) -> None:
        raw = msgspec.msgpack.encode(last_request)
        self._store.put(_NAMESPACE, _KEY, raw, self._now() + _LIFETIME)
