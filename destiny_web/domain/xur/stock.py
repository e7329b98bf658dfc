"""The stock of a vendor: sale items with their costs, and whether a player can buy them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag

import msgspec

from destiny_web.domain.account.definitions import ItemDefinition
from destiny_web.domain.xur import schedule
from destiny_web.domain.xur.schedule import Visit


class SaleStatus(IntFlag):
    """Why a character cannot buy a sale item now. Unknown bits are kept."""

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


_REFUSAL_TEXTS = {
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
# Phrases in the game's texts that mean "acquired before"; in English, like our definitions.
_ACQUIRED_PHRASES = (
    "already acquired",
    "already own",
    "already have",
    "already unlocked",
    "already coll",
)
# Integers, not flags: the complement of a flag would drop the unknown bits.
_KNOWN_BITS = int(sum(SaleStatus))
_NOT_A_REFUSAL = int(SaleStatus.NO_ROOM | SaleStatus.NO_FUNDS | SaleStatus.ALREADY_OWNED)


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """A quantity of one currency; a price is one or more costs."""

    currency: ItemDefinition
    quantity: int


class Stat(msgspec.Struct, frozen=True, kw_only=True):
    """The value of one stat of the instance on sale."""

    name: str
    value: int


class SaleItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item that a vendor sells.

    Attributes:
        index: Bungie's vendorItemIndex; with the vendor's hash it identifies the sale item.
        definition: The static data of the item, also for an item that the manifest lacks.
        look: The definition whose picture is shown; another item's where Bungie says so.
        costs: Empty when the item costs nothing.
        opens: For an item that opens another vendor's screen, the hash of that vendor; else 0.
        status: ``SaleStatus`` bits; None when the answer is not about one character.
        failures: The game's texts about why the item cannot be bought.
        perks: The plugs of the instance on sale; empty when Bungie does not say.
        offered_to: The name of the character to whom the item is offered, when it is not the
            character whose stock was read.
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
        """Whether the player has acquired the item before.

        The status and the texts decide: the state of the collectible is often wrong.
        """
        owned = bool((self.status or 0) & SaleStatus.ALREADY_OWNED)
        return owned or any(_means_acquired(text) for text in self.failures)

    @property
    def no_room(self) -> bool:
        """Whether the character has no room; not a refusal, because the player can make room."""
        return bool((self.status or 0) & SaleStatus.NO_ROOM)

    @property
    def refusals(self) -> tuple[str, ...]:
        """Texts that say why it cannot be bought; missing room or currency is not among them."""
        status = (self.status or 0) & ~_NOT_A_REFUSAL
        game_texts = tuple(text for text in self.failures if text and not _means_acquired(text))
        if game_texts or (self.acquired and not status & ~int(SaleStatus.NO_UNLOCK)):
            return game_texts
        texts = [text for bit, text in _REFUSAL_TEXTS.items() if status & bit]
        unknown = status & ~_KNOWN_BITS
        return (*texts, f"Status {unknown}") if unknown else tuple(dict.fromkeys(texts))

    @property
    def locked(self) -> bool:
        """Whether the item is shown, but this character cannot buy it."""
        return bool(self.refusals)

    def times(self, currencies: Mapping[int, int]) -> int | None:
        """Count how many of the item the currencies pay for; None when it costs nothing."""
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
    """One screen of Xûr: the sale items of one vendor hash.

    In the game Xûr has several screens. Bungie's API has a vendor of its own for each.
    """

    vendor_hash: int
    name: str
    offers: tuple[SaleItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Xûr's stock during one visit.

    Attributes:
        read_at: When the stock was last read from Bungie.
        changed_at: When a read last differed from the read before.
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
    """Whether Xûr is in the game, since when and until when.

    Attributes:
        here: Xûr is in the game.
        expected: Xûr is in the game by the calendar.
        since: When Xûr arrived or left; None when Bungie and the calendar disagree.
        until: When Xûr leaves or arrives next; None when Bungie and the calendar disagree.
        certain: Bungie's answer was read during this visit, or since the last visit.
    """

    here: bool
    expected: bool
    since: datetime | None
    until: datetime | None
    certain: bool = True


def presence(now: datetime, *, listed: bool | None) -> Presence:
    """Return whether Xûr is in the game, by Bungie's answer and by the calendar.

    Args:
        now: The moment to judge.
        listed: Whether Xûr is among Bungie's vendors; None without a recent answer.
    """
    visit = schedule.latest(now)
    expected = visit.under_way(now)
    here = expected if listed is None else listed
    agree = here == expected
    since = visit.arrives if expected else visit.leaves
    until = visit.leaves if expected else visit.after().arrives
    return Presence(
        here=here,
        expected=expected,
        since=since if agree else None,
        until=until if agree else None,
        certain=listed is not None,
    )


def _means_acquired(text: str) -> bool:
    folded = text.casefold()
    return any(phrase in folded for phrase in _ACQUIRED_PHRASES)
