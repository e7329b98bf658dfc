"""Whether he is there, and until when, in words."""

from dataclasses import dataclass
from datetime import datetime

from destiny_web.domain.xur.stock import Presence
from destiny_web.services.xur.stock import StockState
from destiny_web.web.templating import age
from destiny_web.xur import dates


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceSummary:
    """The head of the page.

    Attributes:
        turn: What comes next: ``Leaves``, ``Comes back``; ``""`` when nobody knows.
        until: When; None when nobody knows.
        left: How long until then, in words.
        since: One sentence about what was before.
        remark: What does not fit, or is not known; ``""`` when all is well.
        stock_of: The days of the visit whose stock is shown; ``""`` for none.
        age: How long ago Bungie was heard; ``""``: never.
    """

    here: bool
    title: str
    turn: str
    until: datetime | None
    until_words: str
    left: str
    since: str
    remark: str
    past: bool
    stock_of: str
    read_at: datetime | None
    age: str
    trouble: str


def standing(known: StockState, now: datetime, *, told: bool = False) -> PresenceSummary:
    """Put what is known in words.

    Args:
        known: What that is.
        now: The moment.
        told: What he sells now was told to the player who asks, whatever the public knows.
    """
    there = known.presence
    stock = known.stock
    return PresenceSummary(
        here=there.here,
        title="Xûr is here" if there.here else "Xûr is away",
        turn=("Leaves" if there.here else "Comes back") if there.until else "",
        until=there.until,
        until_words=dates.day(there.until) if there.until else "",
        left=dates.lasting(there.until - now) if there.until else "",
        since=_since(there),
        remark=_remark(there) or _stock_remark(known),
        past=known.past and stock is not None and not told,
        stock_of=dates.span(stock.visit.arrives, stock.visit.leaves) if stock else "",
        read_at=known.read_at,
        age=age(known.read_at, now) if known.read_at else "",
        trouble="" if told else known.trouble,
    )


def _since(there: Presence) -> str:
    if there.since is None:
        return ""
    return f"{'Here' if there.here else 'Gone'} since {dates.day(there.since)}."


def _remark(there: Presence) -> str:
    if not there.certain:
        return "Going by his usual days: Bungie has not said so yet."
    if there.here == there.expected:
        return ""
    if there.here:
        return "Bungie lists him, out of his usual days, so nobody knows when he leaves."
    return "By his usual days he should be here, but Bungie does not list him at the moment."


def _stock_remark(known: StockState) -> str:
    if known.presence.here and known.stock and known.stock.is_provisional and not known.past:
        return "Bungie's date for the next change of this stock has passed: it may change soon."
    return ""
