"""Describes in words whether Xûr is here, and until when."""

from dataclasses import dataclass
from datetime import datetime

from destiny_web.domain.xur.stock import Presence
from destiny_web.services.xur.stock import StockState
from destiny_web.web.templating import age
from destiny_web.xur import dates


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceSummary:
    """The header of Xûr's page.

    Attributes:
        is_here: Xûr is in the game.
        next_change: What happens next: ``Leaves`` or ``Comes back``; ``""`` when Bungie and
            the schedule differ.
        until: When the next change happens; None when Bungie and the schedule differ.
        until_text: The same in words.
        time_left: The time until then, in words.
        since_text: One sentence about the last change; ``""`` when it is not known.
        remark: What is uncertain about presence or stock; ``""`` for nothing.
        is_stock_past: The stock on the page is from a visit that is over.
        stock_dates: The dates of the visit whose stock is shown; ``""`` without a stock.
        read_at: When Bungie last answered; None: never.
        age: The time since then, in words; ``""``: never.
        trouble: Why Bungie could not be asked; ``""`` when it could.
    """

    is_here: bool
    title: str
    next_change: str
    until: datetime | None
    until_text: str
    time_left: str
    since_text: str
    remark: str
    is_stock_past: bool
    stock_dates: str
    read_at: datetime | None
    age: str
    trouble: str


def summarize_presence(
    state: StockState, now: datetime, *, has_character_stock: bool = False
) -> PresenceSummary:
    """Describe in words whether Xûr is here, and how old the stock is.

    Args:
        state: What is known about Xûr.
        now: The current time.
        has_character_stock: The page shows the current stock of a player's character instead
            of the stock in *state*.
    """
    presence = state.presence
    stock = state.stock
    return PresenceSummary(
        is_here=presence.here,
        title="Xûr is here" if presence.here else "Xûr is away",
        next_change=("Leaves" if presence.here else "Comes back") if presence.until else "",
        until=presence.until,
        until_text=dates.format_moment(presence.until) if presence.until else "",
        time_left=dates.format_duration(presence.until - now) if presence.until else "",
        since_text=_describe_last_change(presence),
        remark=_describe_uncertain_presence(presence) or _describe_uncertain_stock(state),
        is_stock_past=state.past and stock is not None and not has_character_stock,
        stock_dates=(
            dates.format_date_range(stock.visit.arrives, stock.visit.leaves) if stock else ""
        ),
        read_at=state.read_at,
        age=age(state.read_at, now) if state.read_at else "",
        trouble="" if has_character_stock else state.trouble,
    )


def _describe_last_change(presence: Presence) -> str:
    if presence.since is None:
        return ""
    status = "Here" if presence.here else "Gone"
    return f"{status} since {dates.format_moment(presence.since)}."


def _describe_uncertain_presence(presence: Presence) -> str:
    if not presence.certain:
        return "According to the usual schedule: Bungie has not confirmed it yet."
    if presence.here == presence.expected:
        return ""
    if presence.here:
        return "Bungie lists Xûr outside the usual schedule, so it is not known when Xûr leaves."
    return (
        "According to the usual schedule Xûr should be here, but Bungie does not list Xûr"
        " at the moment."
    )


def _describe_uncertain_stock(state: StockState) -> str:
    if state.presence.here and state.stock and state.stock.is_provisional and not state.past:
        return (
            "Bungie's date for the next change of this stock has passed: the stock may change soon."
        )
    return ""
