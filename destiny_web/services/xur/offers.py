"""Sale items that Xûr offers to one character: with rolls, and with what prevents a purchase.

GetVendor takes seconds for each screen and fails often. So background tasks call it, one for
each character, and keep each screen when it comes. Armor differs by class: the screen that has
armor is requested for one character of each class that the account has.
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

_FRESH: Final = timedelta(minutes=2)
"""How long an answer is used: room and currencies change while the player plays."""

_AFTER_FAILURE: Final = timedelta(seconds=30)
_LIFETIME: Final = timedelta(hours=1)
"""How long an answer is kept at least: Xûr may be in the game outside the usual days."""

_LISTING_LIFETIME: Final = timedelta(minutes=10)
"""How long GetVendors is not called again after ``seed`` has called it."""

_LEASE: Final = 60.0
_NAMESPACE: Final = "xur offers"
_LISTING_KEY: Final = "seeded"


class OneToken:
    """A ``TokenSource`` for a background task, which has no session to renew a token in."""

    def __init__(self, player: str, token: str) -> None:
        self.player = player
        self._token = token

    def access_token(self) -> str:
        """Return the token."""
        return self._token

    def renew(self, refused: str, *, expired: bool = False) -> str:  # noqa: ARG002 (protocol)
        """Refuse: the next page brings another token.

        Raises:
            ConsentEnded: always.
        """
        raise ConsentEnded("the token was refused in a background task")


class _VendorAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Bungie's last answer about a vendor, as one character sees it.

    Attributes:
        trouble: Why the last request failed; ``""`` when it did not.
    """

    asked_at: datetime
    detail: vendor_models.VendorDetail | None = None
    trouble: str = ""

    def is_fresh(self, now: datetime) -> bool:
        return now - self.asked_at < (_AFTER_FAILURE if self.trouble else _FRESH)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerAccess:
    """A player's account, and a client that calls Bungie in the player's name."""

    client: BungieClient
    membership: Membership


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterOffers:
    """Xûr's screens as a character sees them.

    Attributes:
        currencies: How many the character has of each currency, by hash; empty when unknown.
        read_at: When Bungie sent the oldest part of it; None: Bungie has sent nothing yet.
        trouble: Why a part of it is missing or old; ``""`` when none is.
        pending: A request to Bungie is under way.
    """

    screens: tuple[Screen, ...]
    currencies: Mapping[int, int]
    read_at: datetime | None
    trouble: str
    pending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _VendorView:
    """The vendors that are read for one character during one visit."""

    access: PlayerAccess
    visit: Visit
    character: Character
    vendors: tuple[int, ...]

    @property
    def name(self) -> str:
        return f"xur {self.access.membership.key} {self.character.character_id}"

    def key(self, vendor: int) -> str:
        membership, character = self.access.membership, self.character
        return f"{membership.key} {character.character_id} {vendor} {self.visit.key}"


class OfferService:
    """Reads what Xûr offers to the characters of an account, and keeps it."""

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
        self._background = background
        self._stocks = stocks

    def load(
        self,
        access: PlayerAccess,
        character: Character,
        all_characters: Sequence[Character],
        wait: WaitBudget,
    ) -> CharacterOffers:
        """Return what Xûr offers to *character*, and the armor for the other classes.

        Args:
            access: Calls Bungie in the player's name.
            character: The character whose vendor view is shown.
            all_characters: All characters of the account.
            wait: Time to wait for Bungie.
        """
        visit = schedule.stocked(self._now())
        view = _VendorView(
            access=access, visit=visit, character=character, vendors=vendor_models.SCREENS
        )
        armor_views = [
            _VendorView(
                access=access,
                visit=visit,
                character=armor_character,
                vendors=(vendor_models.GEAR_OFFERS,),
            )
            for armor_character in _one_of_each_other_class(character, all_characters)
        ]
        for stale_view in filter(self._stale_vendors, [*armor_views, view]):
            self._start_update(stale_view, 0)  # start all of them before waiting for one
        pending = False
        for stale_view in filter(self._stale_vendors, [view, *armor_views]):
            pending |= not self._start_update(stale_view, wait.left)
        return self._build_offers(view, armor_views, pending=pending)

    def seed(self, access: PlayerAccess, character: Character, wait: WaitBudget) -> None:
        """Read Xûr's last stock when no visit is kept: GetVendors lists it all week."""
        now = self._now()
        visit = schedule.stocked(now)
        was_requested = self._store.get(_NAMESPACE, _LISTING_KEY) is not None
        if was_requested or visit.arrives > now or self._stocks.visits.history(now, 1):
            return

        def request() -> None:
            self._store.put(_NAMESPACE, _LISTING_KEY, b"", now + _LISTING_LIFETIME)
            membership = access.membership
            try:
                answer = access.client.vendors(
                    membership.type, membership.membership_id, character.character_id
                )
            except BungieError as error:
                _LOG.warning("GetVendors: %s %s", type(error).__name__, error.code)
                return
            self._stocks.complete_stock(from_bungie.wares(answer, self._catalogue))

        self._background.run("xur seed", request, wait=wait.left)

    def _start_update(self, view: _VendorView, wait: float) -> bool:
        """Start or join the update of a view; tell whether it ended within *wait* seconds."""

        def update() -> None:
            try:
                with self._store.lock(view.name, ttl=_LEASE, wait=_LEASE / 2):
                    for vendor in self._stale_vendors(view):
                        self._update_vendor(view, vendor)
            except Busy:
                _LOG.info("another process is asking for %s", view.name)

        return self._background.run(view.name, update, wait=wait)

    def _update_vendor(self, view: _VendorView, vendor: int) -> None:
        membership, character = view.access.membership, view.character
        kept = self._load_answer(view, vendor)
        try:
            detail = view.access.client.vendor(
                membership.type, membership.membership_id, character.character_id, vendor
            )
        except BungieError as error:
            _LOG.warning("GetVendor %s: %s %s", vendor, type(error).__name__, error.code)
            trouble = (
                "Bungie does not show Xûr to this character at the moment."
                if isinstance(error, VendorNotFound)
                else str(error)
            )
            kept_detail = kept.detail if kept else None
            answer = _VendorAnswer(asked_at=self._now(), detail=kept_detail, trouble=trouble)
        else:
            answer = _VendorAnswer(asked_at=self._now(), detail=detail)
            self._complete_stock(view.visit, vendor, from_bungie.data(detail.sales) or {})
        expires = max(view.visit.leaves, self._now() + _LIFETIME)
        self._store.put(_NAMESPACE, view.key(vendor), msgspec.msgpack.encode(answer), expires)

    def _complete_stock(
        self, visit: Visit, vendor: int, sales: dict[str, vendor_models.SaleRecord]
    ) -> None:
        """Add to the general stock what it lacks: a complete screen, or the armor of a class."""
        kept_sales = self._stocks.visits.load_sales(visit).get(str(vendor), {})
        new_sales = {index: record for index, record in sales.items() if index not in kept_sales}
        if kept_sales:
            definitions = self._catalogue.items(
                record.item_hash or 0 for record in new_sales.values()
            )
            new_sales = {
                index: record
                for index, record in new_sales.items()
                if definitions[record.item_hash or 0].class_type != ANY_CLASS
            }
        if new_sales:
            self._stocks.complete_stock({str(vendor): new_sales})

    def _stale_vendors(self, view: _VendorView) -> list[int]:
        now = self._now()
        answers = {vendor: self._load_answer(view, vendor) for vendor in view.vendors}
        return [
            vendor
            for vendor, answer in answers.items()
            if answer is None or not answer.is_fresh(now)
        ]

    def _load_answer(self, view: _VendorView, vendor: int) -> _VendorAnswer | None:
        return decode(self._store.get(_NAMESPACE, view.key(vendor)), _VendorAnswer)

    def _build_offers(
        self, view: _VendorView, armor_views: Sequence[_VendorView], *, pending: bool
    ) -> CharacterOffers:
        answers = {
            vendor: answer
            for vendor in view.vendors
            if (answer := self._load_answer(view, vendor)) is not None
        }
        details = {
            str(vendor): answer.detail for vendor, answer in answers.items() if answer.detail
        }
        stock: dict[str, Mapping[str, vendor_models.SaleRecord]] = dict(
            self._stocks.visits.load_sales(view.visit)
        )
        for vendor, detail in details.items():
            sales = from_bungie.data(detail.sales)
            if sales:
                stock[vendor] = sales
        screens = from_bungie.screens(stock, self._catalogue, details)
        armor = tuple(
            sale_item
            for armor_view in armor_views
            for sale_item in self._list_class_armor(armor_view, view.character)
        )
        read_times = [answer.asked_at for answer in answers.values() if answer.detail]
        troubles = (answer.trouble for answer in answers.values() if answer.trouble)
        return CharacterOffers(
            screens=tuple(_add_armor(screen, armor) for screen in screens),
            currencies=_count_currencies(details.values()),
            read_at=min(read_times, default=None),
            trouble=next(troubles, ""),
            pending=pending,
        )

    def _list_class_armor(self, view: _VendorView, shown_to: Character) -> Iterator[SaleItem]:
        """List the sale items of *view* for its character's class, which *shown_to* lacks."""
        answer = self._load_answer(view, vendor_models.GEAR_OFFERS)
        if answer is None or answer.detail is None:
            return
        sales = from_bungie.data(answer.detail.sales) or {}
        vendor = str(vendor_models.GEAR_OFFERS)
        details = {vendor: answer.detail}
        for screen in from_bungie.screens({vendor: sales}, self._catalogue, details):
            for sale_item in screen.offers:
                class_type = sale_item.definition.class_type
                if class_type == view.character.class_type != shown_to.class_type:
                    yield msgspec.structs.replace(sale_item, offered_to=view.character.name)


def _one_of_each_other_class(
    selected: Character, characters: Sequence[Character]
) -> tuple[Character, ...]:
    """Return the first character of each class that is not the class of *selected*."""
    by_class = {character.class_type: character for character in reversed(characters)}
    return tuple(
        character
        for class_type, character in sorted(by_class.items())
        if class_type != selected.class_type
    )


def _add_armor(screen: Screen, armor: Sequence[SaleItem]) -> Screen:
    """Return the screen with the armor of other classes, each sale item once."""
    indexes = {sale_item.index for sale_item in screen.offers}
    new_items = {
        sale_item.index: sale_item
        for sale_item in armor
        if sale_item.vendor_hash == screen.vendor_hash and sale_item.index not in indexes
    }
    return Screen(
        vendor_hash=screen.vendor_hash,
        name=screen.name,
        offers=(*screen.offers, *(sale_item for _, sale_item in sorted(new_items.items()))),
    )


def _count_currencies(details: Iterable[vendor_models.VendorDetail]) -> dict[int, int]:
    """Return how many the character has of each currency, by item hash."""
    currencies: dict[int, int] = {}
    for detail in details:
        lookups = from_bungie.data(detail.currency_lookups)
        quantities = (lookups.item_quantities or {}) if lookups else {}
        currencies |= {int(key): count for key, count in quantities.items() if key.isdigit()}
    return currencies
