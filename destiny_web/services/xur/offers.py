"""What Xûr offers to one character: with rolls, and with what is in the way.

GetVendor takes seconds for each screen and fails often, so errands ask, one for each
character, and keep each screen as it comes. Armor differs by class: one character of each
class that the account has is asked for the screen that has it.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from destiny_web.bungie.client import BungieClient
from destiny_web.bungie.errors import BungieError, ConsentEnded, VendorNotFound
from destiny_web.bungie.models import vendors as vendor_models
from destiny_web.bungie.models.enums import ANY_CLASS
from destiny_web.domain.account.characters import Character, Membership
from destiny_web.domain.xur import from_bungie, schedule
from destiny_web.domain.xur.from_bungie import Catalogue
from destiny_web.domain.xur.schedule import Visit
from destiny_web.domain.xur.stock import SaleItem, Screen
from destiny_web.services.background import BackgroundTasks, WaitBudget
from destiny_web.services.codec import decode
from destiny_web.services.xur.stock import StockService
from destiny_web.storage.store import Busy, Store

_LOG = logging.getLogger("destiny_web.xur")

FRESH: Final = timedelta(minutes=2)
"""How long an answer is good: room and coins change as the player plays."""

_RETRY: Final = timedelta(seconds=30)
_KEPT: Final = timedelta(hours=1)
"""How long an answer is kept at least: Xûr may be there outside the usual days."""

_SEEDED: Final = timedelta(minutes=10)
_LEASE: Final = 60.0
_NAMESPACE: Final = "xur offers"


class OneToken:
    """A ``TokenSource`` for an errand: there is no session beside a request to renew it in."""

    def __init__(self, player: str, token: str) -> None:
        self.player = player
        self._token = token

    def access_token(self) -> str:
        """Return the token."""
        return self._token

    def renew(self, refused: str, *, expired: bool = False) -> str:  # noqa: ARG002 (protocol)
        """Give up: the next page brings another token.

        Raises:
            ConsentEnded: always.
        """
        raise ConsentEnded("the token was refused in an errand")


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What one character was told by one vendor, and when; or why it was not."""

    asked_at: datetime
    detail: vendor_models.VendorDetail | None = None
    trouble: str = ""

    def good(self, now: datetime) -> bool:
        return now - self.asked_at < (_RETRY if self.trouble else FRESH)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerAccess:
    """Who asks: a client of the player's, and whose account it is."""

    client: BungieClient
    membership: Membership


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterOffers:
    """His screens as a character sees them.

    Attributes:
        purse: How many the character has of each currency, by hash; empty when not told.
        read_at: When Bungie told the oldest part of it; None: nothing was told yet.
        trouble: Why a part of it is missing or old; ``""`` when none is.
        pending: Bungie is being asked right now.
    """

    screens: tuple[Screen, ...]
    currencies: Mapping[int, int]
    read_at: datetime | None
    trouble: str
    pending: bool


class OfferService:
    """Asks for what he offers to the characters of an account, and keeps it."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        now: Callable[[], datetime],
        background: BackgroundTasks,
        stocks: StockService,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._now = now
        self._errands = background
        self._stocks = stocks

    def load(
        self,
        asker: PlayerAccess,
        chosen: Character,
        all_characters: Sequence[Character],
        wait: WaitBudget,
    ) -> CharacterOffers:
        """Return what he offers to *chosen*, and what armor to the other classes.

        Args:
            asker: In whose name Bungie is asked.
            chosen: Whose view it is.
            all_characters: Of the account.
            wait: For Bungie.
        """
        visit = schedule.stocked(self._now())
        others, pending = _one_of_each_other_class(chosen, all_characters), False
        for one in [*others, chosen]:  # all of them are started before one is waited for
            if self._stale(asker, visit, one, chosen):
                self._start(asker, visit, one, chosen, 0)
        for one in [chosen, *others]:
            if self._stale(asker, visit, one, chosen):
                pending |= not self._start(asker, visit, one, chosen, wait.left)
        return self._offered(asker, visit, chosen, others, pending=pending)

    def seed(self, asker: PlayerAccess, character: Character, wait: WaitBudget) -> None:
        """Find out what he sold last, where nobody has seen it: GetVendors lists it all week."""
        now = self._now()
        visit = schedule.stocked(now)
        marked = self._store.get(_NAMESPACE, "seeded") is not None
        if marked or visit.arrives > now or self._stocks.visits.history(now, 1):
            return

        def ask() -> None:
            self._store.put(_NAMESPACE, "seeded", b"", now + _SEEDED)
            who = asker.membership
            try:
                answer = asker.client.vendors(who.type, who.membership_id, character.character_id)
            except BungieError as error:
                _LOG.warning("GetVendors: %s %s", type(error).__name__, error.code)
                return
            self._stocks.contribute(from_bungie.wares(answer, self._catalogue))

        self._errands.run("xur seed", ask, wait=wait.left)

    def _start(
        self, asker: PlayerAccess, visit: Visit, one: Character, chosen: Character, wait: float
    ) -> bool:
        name = f"xur {asker.membership.key} {one.character_id}"

        def ask() -> None:
            try:
                with self._store.lock(name, ttl=_LEASE, wait=_LEASE / 2):
                    for vendor in self._stale(asker, visit, one, chosen):
                        self._ask(asker, visit, one, vendor)
            except Busy:
                _LOG.info("another process is asking for %s", name)

        return self._errands.run(name, ask, wait=wait)

    def _ask(self, asker: PlayerAccess, visit: Visit, one: Character, vendor: int) -> None:
        who = asker.membership
        key = _key(asker, visit, one, vendor)
        held = self._held(key)
        try:
            detail = asker.client.vendor(who.type, who.membership_id, one.character_id, vendor)
        except BungieError as error:
            _LOG.warning("GetVendor %s: %s %s", vendor, type(error).__name__, error.code)
            trouble = (
                "Bungie does not show him to this character at the moment."
                if isinstance(error, VendorNotFound)
                else str(error)
            )
            known = held.detail if held else None
            answer = _Answer(asked_at=self._now(), detail=known, trouble=trouble)
        else:
            answer = _Answer(asked_at=self._now(), detail=detail)
            self._contribute(visit, vendor, from_bungie.data(detail.sales) or {})
        ends = max(visit.leaves, self._now() + _KEPT)
        self._store.put(_NAMESPACE, key, msgspec.msgpack.encode(answer), ends)

    def _contribute(
        self, visit: Visit, vendor: int, sales: dict[str, vendor_models.SaleRecord]
    ) -> None:
        """Tell everybody what the public answer lacks: a whole screen, or a class's armor."""
        known = self._stocks.visits.sales(visit).get(str(vendor), {})
        added = {index: one for index, one in sales.items() if index not in known}
        if known:
            kinds = self._catalogue.items(one.item_hash or 0 for one in added.values())
            added = {
                index: one
                for index, one in added.items()
                if kinds[one.item_hash or 0].class_type != ANY_CLASS
            }
        if added:
            self._stocks.contribute({str(vendor): added})

    def _stale(
        self, asker: PlayerAccess, visit: Visit, one: Character, chosen: Character
    ) -> list[int]:
        vendors = vendor_models.SCREENS if one is chosen else (vendor_models.GEAR_OFFERS,)
        now = self._now()
        held = {vendor: self._held(_key(asker, visit, one, vendor)) for vendor in vendors}
        return [vendor for vendor, kept in held.items() if kept is None or not kept.good(now)]

    def _held(self, key: str) -> _Answer | None:
        return decode(self._store.get(_NAMESPACE, key), _Answer)

    def _offered(
        self,
        asker: PlayerAccess,
        visit: Visit,
        chosen: Character,
        others: Sequence[Character],
        *,
        pending: bool,
    ) -> CharacterOffers:
        held = {
            vendor: answer
            for vendor in vendor_models.SCREENS
            if (answer := self._held(_key(asker, visit, chosen, vendor))) is not None
        }
        details = {str(vendor): one.detail for vendor, one in held.items() if one.detail}
        stock: dict[str, Mapping[str, vendor_models.SaleRecord]] = dict(
            self._stocks.visits.sales(visit)
        )
        for vendor, detail in details.items():
            told = from_bungie.data(detail.sales)
            if told:
                stock[vendor] = told
        mine = from_bungie.screens(stock, self._catalogue, details)
        foreign = tuple(
            offer for one in others for offer in self._foreign(asker, visit, one, chosen)
        )
        times = [one.asked_at for one in held.values() if one.detail]
        return CharacterOffers(
            screens=tuple(_with(screen, foreign) for screen in mine),
            currencies=_purse(details.values()),
            read_at=min(times, default=None),
            trouble=next((one.trouble for one in held.values() if one.trouble), ""),
            pending=pending,
        )

    def _foreign(
        self, asker: PlayerAccess, visit: Visit, one: Character, chosen: Character
    ) -> Iterator[SaleItem]:
        """List what only another class is offered."""
        held = self._held(_key(asker, visit, one, vendor_models.GEAR_OFFERS))
        if held is None or held.detail is None:
            return
        sales = from_bungie.data(held.detail.sales) or {}
        vendor = str(vendor_models.GEAR_OFFERS)
        for screen in from_bungie.screens({vendor: sales}, self._catalogue, {vendor: held.detail}):
            for offer in screen.offers:
                if offer.definition.class_type == one.class_type != chosen.class_type:
                    yield msgspec.structs.replace(offer, offered_to=one.name)


def _key(asker: PlayerAccess, visit: Visit, one: Character, vendor: int) -> str:
    return f"{asker.membership.key} {one.character_id} {vendor} {visit.key}"


def _one_of_each_other_class(
    chosen: Character, characters: Sequence[Character]
) -> tuple[Character, ...]:
    found = {one.class_type: one for one in reversed(characters)}
    return tuple(one for kind, one in sorted(found.items()) if kind != chosen.class_type)


def _with(screen: Screen, foreign: Sequence[SaleItem]) -> Screen:
    """Return the screen with what other classes see on it, each offer once."""
    mine = {one.index for one in screen.offers}
    added = {
        one.index: one
        for one in foreign
        if one.vendor_hash == screen.vendor_hash and one.index not in mine
    }
    return Screen(
        vendor_hash=screen.vendor_hash,
        name=screen.name,
        offers=(*screen.offers, *(one for _, one in sorted(added.items()))),
    )


def _purse(details: Iterable[vendor_models.VendorDetail]) -> dict[int, int]:
    held: dict[int, int] = {}
    for detail in details:
        lookups = from_bungie.data(detail.currency_lookups)
        quantities = (lookups.item_quantities or {}) if lookups else {}
        held |= {int(key): count for key, count in quantities.items() if key.isdigit()}
    return held
