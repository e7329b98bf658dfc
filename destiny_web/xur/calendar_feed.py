"""Xûr's visits as a calendar (iCalendar, RFC 5545)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from icalendar import Calendar, Event

from destiny_web.domain.xur import schedule
from destiny_web.domain.xur.schedule import Visit
from destiny_web.domain.xur.stock import Stock
from destiny_web.xur.feeds import FeedAddresses, build_uuid, list_exotics
from destiny_web.xur.presenter import build_screens, list_buyable_items
from destiny_web.xur.text import strip_control_characters

_COMING_VISITS: Final = 12
"""How many weekends the calendar contains from the latest visit on."""

_REFRESH_INTERVAL: Final = timedelta(hours=12)


def build_calendar(history: Sequence[Stock], addresses: FeedAddresses, now: datetime) -> bytes:
    """Write the visits that this site has seen and the coming visits as events.

    Args:
        history: The stock of each visit that this site has seen.
        addresses: Where links and images lead.
        now: The current time.
    """
    stock_by_visit = {stock.visit: stock for stock in history}
    coming_visits = [schedule.latest(now).after(weeks) for weeks in range(_COMING_VISITS)]
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//destiny_web//Xur//EN")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Xûr")
    calendar.add("refresh-interval", _REFRESH_INTERVAL, parameters={"VALUE": "DURATION"})
    for visit in sorted({*stock_by_visit, *coming_visits}, key=lambda visit: visit.arrives):
        calendar.add_component(_build_event(visit, stock_by_visit.get(visit), addresses))
    document: bytes = calendar.to_ical()
    return document


def _build_event(visit: Visit, stock: Stock | None, addresses: FeedAddresses) -> Event:
    event = Event()
    event.add("uid", str(build_uuid(visit.key)))
    event.add("dtstamp", (stock.changed_at if stock else visit.rolled).astimezone(UTC))
    event.add("dtstart", visit.arrives.astimezone(UTC))
    event.add("dtend", visit.leaves.astimezone(UTC))
    event.add("summary", "Xûr is here")
    screens = build_screens(stock.screens, addresses.image_root) if stock else ()
    if screens:
        exotics = strip_control_characters(list_exotics(list_buyable_items(screens)))
        event.add("description", " ".join(exotics.split()))
    event.add("url", f"{addresses.site}/xur/")
    event.add("transp", "TRANSPARENT")
    return event
