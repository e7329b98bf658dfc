"""Routes of Xûr's page and of the documents for other programs: all of them are public."""

from collections.abc import Sequence

from flask import Blueprint, Response, render_template, request

from destiny_web.domain.xur.stock import Stock
from destiny_web.storage.store import StoreError
from destiny_web.web.services import current_services
from destiny_web.xur import feeds, loader
from destiny_web.xur.atom_feed import build_atom_feed
from destiny_web.xur.calendar_feed import build_calendar
from destiny_web.xur.feeds import FeedAddresses
from destiny_web.xur.stock_json import build_stock_json

bp = Blueprint("xur", __name__, url_prefix="/xur")


@bp.app_context_processor
def add_presence_to_header() -> dict[str, object]:
    """Let the header of every page show until when Xûr is here."""
    return {"xur_until": _weekday_of_departure}


def _weekday_of_departure() -> str:
    """Return the weekday on which Xûr leaves, ``Tue``; ``""`` while Xûr is away."""
    try:
        presence = current_services().stocks.read_presence()
    except StoreError:  # the error page about the store has this header too
        return ""
    return f"{presence.until:%a}" if presence.here and presence.until else ""


@bp.get("/")
def index() -> str:
    """Show whether Xûr is here and the stock; to a player also what the player owns of it."""
    page = loader.load_page(request.args.get("character", ""), request.args.get("show", ""))
    return render_template("xur/index.html", page=page)


@bp.get("/stock.json")
def stock() -> Response:
    """Return presence and stock as JSON."""
    services, state = current_services(), loader.load_stock_state()
    body = build_stock_json(state, services.settings.bungie_root)
    changed_at = feeds.state_changed_at(state, services.now())
    return feeds.build_response(body, "application/json", changed_at)


@bp.get("/feed.xml")
def atom() -> Response:
    """Return the visits that this site has seen as an Atom feed."""
    history, now = _load_history(), current_services().now()
    body = build_atom_feed(history, _feed_addresses(), now)
    changed_at = feeds.history_changed_at(history, now)
    return feeds.build_response(body, "application/atom+xml", changed_at)


@bp.get("/calendar.ics")
def calendar() -> Response:
    """Return past and coming visits as a calendar."""
    history, now = _load_history(), current_services().now()
    body = build_calendar(history, _feed_addresses(), now)
    return feeds.build_response(body, "text/calendar", feeds.history_changed_at(history, now))


def _load_history() -> Sequence[Stock]:
    services = current_services()
    loader.load_stock_state()  # adds the current visit to the history
    return services.stocks.visits.history(services.now(), feeds.MAX_VISITS)


def _feed_addresses() -> FeedAddresses:
    settings = current_services().settings
    return FeedAddresses(site=settings.public_url, image_root=settings.bungie_root)
