"""What a vendor sells: sale items with their prices, and what they mean to a player."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag

import msgspec

from destiny_web.domain.account.definitions import ItemDefinition
from destiny_web.domain.xur import schedule
from destiny_web.domain.xur.schedule import Visit


class SaleStatus(IntFlag):
    """Why a character cannot buy something now. Numbers that nobody knows are kept."""

    NO_ROOM = 1
    NO_FUNDS = 2
    NO_PROGRESSION = 4
    NO_UNLOCK = 8
    NO_QUANTITY = 16
    OUTSIDE_WINDOW = 32
    NOT_AVAILABLE = 64
    UNIQUENESS_VIOLATION = 128
    UNKNOWN_ERROR = 256
    ALREADY_SELLING = 512
    UNSELLABLE = 1024
    SELLING_INHIBITED = 2048
    ALREADY_OWNED = 4096
    DISPLAY_ONLY = 8192


_IN_THE_WAY = {
    SaleStatus.NO_PROGRESSION: "Your rank is not high enough",
    SaleStatus.NO_UNLOCK: "Not unlocked yet",
    SaleStatus.NO_QUANTITY: "None left for you",
    SaleStatus.OUTSIDE_WINDOW: "Not sold at the moment",
    SaleStatus.NOT_AVAILABLE: "Not available to you",
    SaleStatus.UNIQUENESS_VIOLATION: "You can carry only one",
    SaleStatus.UNKNOWN_ERROR: "The game does not say why",
    SaleStatus.ALREADY_SELLING: "Being bought already",
    SaleStatus.UNSELLABLE: "Not for sale",
    SaleStatus.SELLING_INHIBITED: "Not sold at the moment",
    SaleStatus.DISPLAY_ONLY: "Only on display",
}
# What the game's sentences say when something was got before; English, as our definitions are.
_ACQUIRED = ("already acquired", "already own", "already have", "already unlocked", "already coll")
# Plain numbers: the complement of a flag would leave out the bits that nobody knows yet.
_KNOWN_BITS = int(sum(SaleStatus))
_NO_REFUSAL = int(SaleStatus.NO_ROOM | SaleStatus.NO_FUNDS | SaleStatus.ALREADY_OWNED)


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a price: so many of a currency."""

    currency: ItemDefinition
    quantity: int


class Stat(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of the copy on offer."""

    name: str
    value: int


class SaleItem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a vendor offers.

    Attributes:
        index: Its vendorItemIndex: with the vendor's hash, the name of the offer.
        definition: What it is; an unknown item has a stand-in.
        look: How it looks: another item's picture where Bungie says so.
        costs: Empty when it costs nothing.
        opens: The vendor's hash that stands behind it, for a door to another screen; 0 else.
        status: ``SaleStatus`` bits; None when nobody in particular was asked.
        failures: The game's own sentences about what is in the way.
        perks: What is plugged into the copy on offer; empty when not told.
        offered_to: The character who is shown it, when it is not the one that was asked about.
    """

    vendor_hash: int
    index: int
    definition: ItemDefinition
    look: ItemDefinition
    quantity: int = 1
    costs: tuple[Cost, ...] = ()
    opens: int = 0
    status: int | None = None
    failures: tuple[str, ...] = ()
    stats: tuple[Stat, ...] = ()
    perks: tuple[ItemDefinition, ...] = ()
    power: int = 0
    offered_to: str = ""

    @property
    def acquired(self) -> bool:
        """It was got before, by the game's word: a collectible's own state is often wrong."""
        owned = bool((self.status or 0) & SaleStatus.ALREADY_OWNED)
        return owned or any(_says_acquired(sentence) for sentence in self.failures)

    @property
    def no_room(self) -> bool:
        """The character has no room for it: no refusal, since making room is all it takes."""
        return bool((self.status or 0) & SaleStatus.NO_ROOM)

    @property
    def refusals(self) -> tuple[str, ...]:
        """Say why it cannot be taken, apart from room and coins, which are the player's to make."""
        status = (self.status or 0) & ~_NO_REFUSAL
        told = tuple(text for text in self.failures if text and not _says_acquired(text))
        if told or (self.acquired and not status & ~int(SaleStatus.NO_UNLOCK)):
            return told
        words = [word for bit, word in _IN_THE_WAY.items() if status & bit]
        unknown = status & ~_KNOWN_BITS
        return (*words, f"Status {unknown}") if unknown else tuple(dict.fromkeys(words))

    @property
    def locked(self) -> bool:
        """It is shown, and cannot be taken by this character."""
        return bool(self.refusals)

    def times(self, currencies: Mapping[int, int]) -> int | None:
        """Tell how many of it a purse buys; None when it costs nothing."""
        needed: dict[int, int] = {}
        for cost in self.costs:
            if cost.quantity > 0:
                key = cost.currency.item_hash
                needed[key] = needed.get(key, 0) + cost.quantity
        if not needed:
            return None
        return min(currencies.get(currency, 0) // quantity for currency, quantity in needed.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One of a vendor's screens; *name* is the game's."""

    vendor_hash: int
    name: str
    offers: tuple[SaleItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What he sells, or sold, during one visit.

    Attributes:
        read_at: When Bungie last told it.
        changed_at: When more, or something else, of it was told.
        is_provisional: Bungie's date for the next change had passed when this was read, so it
            may be the stock of before that change.
    """

    visit: Visit
    read_at: datetime
    changed_at: datetime
    screens: tuple[Screen, ...] = ()
    is_provisional: bool = False

    @property
    def offers(self) -> Iterator[SaleItem]:
        """Every sale item, screen by screen."""
        for screen in self.screens:
            yield from screen.offers


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Whether he is there, and the moments around it.

    Attributes:
        here: He is.
        expected: He is, going by the calendar alone.
        since: When he came, or left; None when Bungie and the calendar do not agree.
        until: When he leaves, or comes back; None when they do not agree.
        certain: Bungie has said so during this visit, or since the last one.
    """

    here: bool
    expected: bool
    since: datetime | None
    until: datetime | None
    certain: bool = True


def presence(now: datetime, *, listed: bool | None) -> Presence:
    """Judge by what Bungie says and by the calendar.

    Args:
        now: The moment in question.
        listed: He is among Bungie's vendors; None when Bungie has not said lately.
    """
    latest = schedule.latest(now)
    expected = latest.under_way(now)
    here = expected if listed is None else listed
    agreed = here == expected
    since = latest.arrives if expected else latest.leaves
    until = latest.leaves if expected else latest.after().arrives
    return Presence(
        here=here,
        expected=expected,
        since=since if agreed else None,
        until=until if agreed else None,
        certain=listed is not None,
    )


def _says_acquired(sentence: str) -> bool:
    text = sentence.casefold()
    return any(words in text for words in _ACQUIRED)
