"""Xûr's page, open to everybody."""

from flask import Blueprint, Response, render_template, request

from destiny_web.storage.store import StoreError
from destiny_web.web.services import current_services
from destiny_web.xur import feed, reading

bp = Blueprint("xur", __name__, url_prefix="/xur")


@bp.app_context_processor
def words() -> dict[str, object]:
    """Let the frame of every page say that he is here."""
    return {"xur_until": _until}


def _until() -> str:
    """Return the day on which he leaves, ``Tue``; ``""`` while he is away."""
    try:
        there = current_services().stocks.glance()
    except StoreError:  # a page about that very failure has this frame too
        return ""
    return f"{there.until:%a}" if there.here and there.until else ""


@bp.get("/")
def index() -> str:
    """Show whether he is there, and what he sells; to a player, what that means to them."""
    return render_template("xur/index.html", page=reading.shown(request.args.get("character", "")))


@bp.get("/stock.json")
def stock() -> Response:
    """Give what he sells to programs."""
    parts, known = current_services(), reading.known()
    body = feed.stock_json(known, parts.settings.bungie_root)
    return feed.answer(body, "application/json", feed.changed(known, parts.now()))


@bp.get("/feed.xml")
def atom() -> Response:
    """Give the visits that were seen to feed readers."""
    parts = current_services()
    reading.known()
    history = parts.stocks.visits.history(parts.now(), feed.ENTRIES)
    body = feed.atom(history, _places(), parts.now())
    return feed.answer(body, "application/atom+xml", feed.latest_change(history, parts.now()))


@bp.get("/calendar.ics")
def calendar() -> Response:
    """Give his visits to calendars."""
    parts = current_services()
    reading.known()
    history = parts.stocks.visits.history(parts.now(), feed.ENTRIES)
    body = feed.ics(history, _places(), parts.now())
    return feed.answer(body, "text/calendar", feed.latest_change(history, parts.now()))


def _places() -> feed.Places:
    settings = current_services().settings
    return feed.Places(site=settings.public_url, images=settings.bungie_root)
