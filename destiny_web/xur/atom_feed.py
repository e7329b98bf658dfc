"""Xûr's visits as an Atom feed (RFC 4287)."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from xml.etree import ElementTree as ET

from flask import render_template

from destiny_web.domain.xur import schedule
from destiny_web.domain.xur.stock import Stock
from destiny_web.xur.dates import format_date_range
from destiny_web.xur.feeds import FeedAddresses, build_uuid, format_iso, list_exotics
from destiny_web.xur.presenter import build_screens, list_buyable_items

_NAMESPACE: Final = "http://www.w3.org/2005/Atom"
# Characters that XML 1.0 forbids, also as character references.
_INVALID_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def build_atom_feed(history: Sequence[Stock], addresses: FeedAddresses, now: datetime) -> bytes:
    """Write the visits that this site has seen as an Atom feed.

    Args:
        history: The stock of each visit, the latest visit first.
        addresses: Where links and images lead.
        now: The current time.
    """
    ET.register_namespace("", _NAMESPACE)
    feed = ET.Element(f"{{{_NAMESPACE}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "en"})
    latest_arrival = schedule.latest(now).arrives
    updated = max((stock.changed_at for stock in history), default=latest_arrival)
    page_url = f"{addresses.site}/xur/"
    _add(feed, "title", "Xûr's stock")
    _add(feed, "subtitle", "What the Agent of the Nine sells in Destiny 2, weekend by weekend.")
    _add(feed, "id", build_uuid("feed").urn)
    _add(feed, "updated", format_iso(updated))
    _add(_add(feed, "author"), "name", "destiny_web")
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{page_url}feed.xml")
    _add(feed, "link", rel="alternate", type="text/html", href=page_url)
    for stock in history:
        _add_entry(feed, stock, addresses)
    document: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _add_entry(feed: ET.Element, stock: Stock, addresses: FeedAddresses) -> None:
    visit = stock.visit
    screens = build_screens(stock.screens, addresses.image_root)
    sale_items = list_buyable_items(screens)
    dates = format_date_range(visit.arrives, visit.leaves)
    entry = _add(feed, "entry")
    _add(entry, "title", f"Xûr, {dates}: {len(sale_items)} offers")
    _add(entry, "id", build_uuid(visit.key).urn)
    _add(entry, "published", format_iso(visit.arrives))
    _add(entry, "updated", format_iso(stock.changed_at))
    _add(
        entry,
        "link",
        rel="alternate",
        type="text/html",
        href=f"{addresses.site}/xur/#{visit.key}",
    )
    _add(entry, "summary", list_exotics(sale_items))
    _add(entry, "content", render_template("xur/entry.html", screens=screens), type="html")


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{_NAMESPACE}}}{tag}", attributes)
    element.text = None if text is None else _INVALID_IN_XML.sub("\ufffd", text)
    return element
