"""His stock and his visits for other programs: JSON, Atom, and a calendar.

None of it says how old it is or who asks, so each changes only when there is something new,
and its ETag with it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

import msgspec
from flask import Response, render_template, request

from destiny_web.bungie.models.vendors import XUR
from destiny_web.domain.xur import schedule
from destiny_web.domain.xur.schedule import Visit
from destiny_web.domain.xur.stock import Stock
from destiny_web.services.xur.stock import StockState
from destiny_web.xur import dates
from destiny_web.xur.page import Offer, Shelf, shelves

VERSION: Final = 1
"""Of ``stock.json``: grows when something in it changes its meaning or goes away."""

ENTRIES: Final = 20
EVENTS_AHEAD: Final = 12
_FRESH_SECONDS: Final = 300
_ATOM: Final = "http://www.w3.org/2005/Atom"
# What XML 1.0 cannot hold, not even escaped.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_OCTETS: Final = 73


def answer(body: bytes, mimetype: str, changed: datetime) -> Response:
    """Return a document that anybody may read from anywhere, or 304 to who has it."""
    response = Response(body, mimetype=mimetype)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = f"public, max-age={_FRESH_SECONDS}"
    response.last_modified = changed
    response.add_etag()
    response.make_conditional(request)
    return response


def changed(known: StockState, now: datetime) -> datetime:
    """Return since when all is as it is now."""
    moments = [known.presence.since or known.read_at or schedule.latest(now).arrives]
    moments += [known.stock.changed_at] if known.stock else []
    return max(moments)


def stock_json(known: StockState, images: str) -> bytes:
    """Write what he sells as JSON; docs/xur.md describes it."""
    there, stock = known.presence, known.stock
    made = shelves(stock.screens, images) if stock else ()
    return msgspec.json.encode(
        {
            "version": VERSION,
            "here": there.here,
            "since": _iso(there.since),
            "until": _iso(there.until),
            "stock": {
                "past": known.past,
                "arrives": _iso(stock.visit.arrives),
                "leaves": _iso(stock.visit.leaves),
                "changed_at": _iso(stock.changed_at),
                "screens": [_screen(shelf) for shelf in made],
            }
            if stock
            else None,
        }
    )


def _screen(shelf: Shelf) -> dict[str, Any]:
    return {
        "vendor_hash": shelf.vendor_hash,
        "name": shelf.name,
        "offers": [_offer(one) for one in shelf.offers],
    }


def _offer(one: Offer) -> dict[str, Any]:
    return {
        "vendor_item_index": one.index,
        "item_hash": one.item_hash,
        "name": one.name,
        "type": one.kind,
        "rarity": one.rarity_name,
        "element": one.element_name,
        "class": one.class_name,
        "icon": one.icon,
        "quantity": one.quantity,
        "opens": int(one.door[1:]) if one.door else None,
        "costs": [
            {
                "item_hash": part.item_hash,
                "name": part.name,
                "icon": part.icon,
                "quantity": part.quantity,
            }
            for part in one.prices
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where links and pictures lead: ``PUBLIC_URL`` and ``BUNGIE_ROOT``."""

    site: str
    images: str


def latest_change(history: Sequence[Stock], now: datetime) -> datetime:
    """Return when a list of his visits changed last: with their stock, or as another began."""
    return max([schedule.latest(now).arrives, *(one.changed_at for one in history)])


def atom(history: Sequence[Stock], places: Places, now: datetime) -> bytes:
    """Write the visits that were seen as an Atom feed, the latest first."""
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "en"})
    none = schedule.latest(now).arrives
    updated = max((one.changed_at for one in history), default=none)
    _add(feed, "title", "Xûr's stock")
    _add(feed, "subtitle", "What the Agent of the Nine sells in Destiny 2, weekend by weekend.")
    _add(feed, "id", _urn("feed"))
    _add(feed, "updated", _iso(updated))
    _add(_add(feed, "author"), "name", "destiny_web")
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{places.site}/xur/feed.xml")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{places.site}/xur/")
    for one in history:
        _entry(feed, one, places)
    document: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _entry(feed: ET.Element, stock: Stock, places: Places) -> None:
    made = shelves(stock.screens, places.images)
    wares = [one for shelf in made for one in shelf.wares]
    entry = _add(feed, "entry")
    days = dates.span(stock.visit.arrives, stock.visit.leaves)
    _add(entry, "title", f"Xûr, {days}: {len(wares)} offers")
    _add(entry, "id", _urn(stock.visit.key))
    _add(entry, "published", _iso(stock.visit.arrives))
    _add(entry, "updated", _iso(stock.changed_at))
    _add(
        entry,
        "link",
        rel="alternate",
        type="text/html",
        href=f"{places.site}/xur/#{stock.visit.key}",
    )
    _add(entry, "summary", _exotics(wares))
    _add(entry, "content", render_template("xur/entry.html", shelves=made), type="html")


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, f"{{{_ATOM}}}{tag}", attributes)
    made.text = None if text is None else _NOT_XML.sub("\ufffd", text)
    return made


def _urn(name: str) -> str:
    # By what it is about, not by where it is served: it outlives a change of address.
    return uuid5(NAMESPACE_URL, f"https://www.bungie.net/#vendor-{XUR}-{name}").urn


def _exotics(wares: Iterable[Offer]) -> str:
    named = dict.fromkeys(one.name for one in wares if one.rarity == "exotic")
    return ", ".join(named) or "No exotics."


def ics(history: Sequence[Stock], places: Places, now: datetime) -> bytes:
    """Write his visits as events: those that were seen, and those to come."""
    seen = {one.visit: one for one in history}
    ahead = [schedule.latest(now).after(weeks) for weeks in range(EVENTS_AHEAD)]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//destiny_web//Xur//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Xûr",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
    ]
    for visit in sorted({*seen, *ahead}, key=lambda one: one.arrives):
        lines += _event(visit, seen.get(visit), places)
    folded = [part for line in [*lines, "END:VCALENDAR"] for part in _folded(line)]
    return "".join(f"{line}\r\n" for line in folded).encode()


def _event(visit: Visit, stock: Stock | None, places: Places) -> list[str]:
    told = shelves(stock.screens, places.images) if stock else ()
    exotics = _exotics(one for shelf in told for one in shelf.wares) if told else ""
    return [
        "BEGIN:VEVENT",
        f"UID:{_urn(visit.key).removeprefix('urn:uuid:')}",
        f"DTSTAMP:{_stamp(stock.changed_at if stock else visit.rolled)}",
        f"DTSTART:{_stamp(visit.arrives)}",
        f"DTEND:{_stamp(visit.leaves)}",
        "SUMMARY:Xûr is here",
        *([f"DESCRIPTION:{_escaped(exotics)}"] if exotics else []),
        f"URL:{places.site}/xur/",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _escaped(text: str) -> str:
    folded = " ".join(dates.plain(text).split())
    return folded.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> list[str]:
    """Break a line where it is longer than 75 octets, and never within a character."""
    parts, used = [""], 0
    for sign in line:
        size = len(sign.encode())
        if used + size > _LINE_OCTETS:
            parts.append(" ")
            used = 1
        parts[-1] += sign
        used += size
    return parts


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _iso(moment: datetime | None) -> str | None:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None
