"""What the JSON, Atom and calendar documents share.

The documents contain neither the time of the request nor anything about the reader, so a
document and its ETag change only when the stock or the presence changes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from flask import Response, request

from destiny_web.bungie.models.vendors import XUR
from destiny_web.domain.xur import schedule
from destiny_web.domain.xur.stock import Stock
from destiny_web.services.xur.stock import StockState
from destiny_web.xur.presenter import SaleItemView

MAX_VISITS: Final = 20
"""How many past visits the Atom feed and the calendar contain."""

_MAX_AGE_SECONDS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAddresses:
    """Where links and images lead.

    Attributes:
        site: ``PUBLIC_URL``.
        image_root: ``BUNGIE_ROOT``.
    """

    site: str
    image_root: str


def build_response(body: bytes, mimetype: str, changed_at: datetime) -> Response:
    """Return a document that every site may read; 304 when the reader has this version."""
    response = Response(body, mimetype=mimetype)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = f"public, max-age={_MAX_AGE_SECONDS}"
    response.last_modified = changed_at
    response.add_etag()
    response.make_conditional(request)
    return response


def state_changed_at(state: StockState, now: datetime) -> datetime:
    """Return when the presence or the stock changed last."""
    moments = [state.presence.since or state.read_at or schedule.latest(now).arrives]
    moments += [state.stock.changed_at] if state.stock else []
    return max(moments)


def history_changed_at(history: Sequence[Stock], now: datetime) -> datetime:
    """Return when the list of visits changed last: a stock changed, or a visit began."""
    return max([schedule.latest(now).arrives, *(stock.changed_at for stock in history)])


def list_exotics(sale_items: Iterable[SaleItemView]) -> str:
    """Return the names of the exotic sale items, each once; ``No exotics.`` for none."""
    names = dict.fromkeys(
        sale_item.name for sale_item in sale_items if sale_item.rarity == "exotic"
    )
    return ", ".join(names) or "No exotics."


def build_uuid(name: str) -> UUID:
    """Return the id of a feed or of a visit.

    The id depends on the vendor, not on the address of the site, so it stays the same when
    the site moves.
    """
    return uuid5(NAMESPACE_URL, f"https://www.bungie.net/#vendor-{XUR}-{name}")


def format_iso(moment: datetime) -> str:
    """Write a moment in UTC as ISO 8601 asks: ``2026-06-26T17:00:00Z``."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
