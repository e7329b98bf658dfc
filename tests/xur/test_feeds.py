"""Xûr's stock and visits for other programs: JSON, Atom and iCalendar."""

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import jsonschema
import msgspec
import pytest

from bungie_sandbox.server import running
from destiny_web.config import ROOT
from tests.browsing import Browser
from tests.xur.conftest import AFTER_DEPARTURE, NEXT_SUNDAY, SUNDAY, THURSDAY
from tests.xur.test_unusual_stock import answer, sale

ATOM = "{http://www.w3.org/2005/Atom}"
FEED, STOCK, CALENDAR = "/xur/feed.xml", "/xur/stock.json", "/xur/calendar.ics"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
def get(app):
    """Request a document."""
    return lambda path, **headers: app.test_client().get(path, headers=headers)


def parse_feed(body):
    """Parse a feed and check the rules of Atom (RFC 4287)."""
    feed = ET.fromstring(body)  # noqa: S314 (our own document)
    assert feed.tag == f"{ATOM}feed"
    for element in [feed, *feed.iter(f"{ATOM}entry")]:
        for required in ("id", "title", "updated"):
            (required_element,) = element.findall(f"{ATOM}{required}")
            assert required_element.text
        assert MOMENT.fullmatch(element.find(f"{ATOM}updated").text)
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", element.find(f"{ATOM}id").text)
        for link in element.findall(f"{ATOM}link"):
            assert link.attrib["href"].startswith("http://127.0.0.1:5000/xur/")
        relations = [
            (link.attrib["rel"], link.attrib["type"]) for link in element.findall(f"{ATOM}link")
        ]
        assert len(relations) == len(set(relations))
    assert feed.find(f"{ATOM}author/{ATOM}name").text
    (self_link,) = [link for link in feed.findall(f"{ATOM}link") if link.attrib["rel"] == "self"]
    assert self_link.attrib["href"].endswith(FEED)
    entries = feed.findall(f"{ATOM}entry")
    ids = [entry.find(f"{ATOM}id").text for entry in entries]
    assert len(ids) == len(set(ids))
    for entry in entries:
        assert entry.find(f"{ATOM}content").attrib["type"] == "html"
        assert entry.find(f"{ATOM}summary").text
    return feed


def entries_of(body):
    return parse_feed(body).findall(f"{ATOM}entry")


def ids_of(body):
    return [entry.find(f"{ATOM}id").text for entry in entries_of(body)]


def test_the_feed_has_one_entry_for_each_visit_with_a_stable_id(get, set_clock):
    first = get(FEED)
    assert first.mimetype == "application/atom+xml"
    (entry,) = entries_of(first.data)
    assert entry.find(f"{ATOM}title").text == "Xûr, 26 to 30 June 2026: 41 offers"
    set_clock(NEXT_SUNDAY)
    later_ids = ids_of(get(FEED).data)
    assert len(later_ids) == 2
    assert later_ids[1] == ids_of(first.data)[0]
    set_clock(AFTER_DEPARTURE)
    assert ids_of(first.data) == later_ids[1:]


def test_a_feed_without_a_visit_is_valid(get, set_clock):
    set_clock(THURSDAY)
    assert entries_of(get(FEED).data) == []


def test_an_entry_lists_every_offer_with_its_price(get):
    (entry,) = entries_of(get(FEED).data)
    content = entry.find(f"{ATOM}content").text
    assert content.count("<li>") == 41
    assert "41 Strange Coin" in content


def test_stock_json_matches_the_documented_schema(get, set_clock):
    block = (ROOT / "docs/xur.md").read_text().partition("```json\n")[2].partition("```")[0]
    schema = json.loads(block)
    jsonschema.Draft202012Validator.check_schema(schema)
    for moment in (THURSDAY, SUNDAY, AFTER_DEPARTURE):
        set_clock(moment)
        jsonschema.validate(get(STOCK).get_json(), schema)


def test_stock_json_contains_presence_and_every_offer(get, set_clock):
    current = get(STOCK).get_json()
    assert current["here"] is True
    assert current["until"] == "2026-06-30T17:00:00Z"
    assert [screen["name"] for screen in current["stock"]["screens"]] == [
        "Xûr", "Strange Gear Offers", "More Strange Offers",
    ]  # fmt: skip
    offers = [offer for screen in current["stock"]["screens"] for offer in screen["offers"]]
    assert len(offers) == 43
    assert sum(offer["opens"] is not None for offer in offers) == 2
    set_clock(AFTER_DEPARTURE)
    past = get(STOCK).get_json()
    assert (past["here"], past["stock"]["past"]) == (False, True)
    assert past["stock"]["screens"] == current["stock"]["screens"]


def test_the_calendar_contains_past_and_coming_visits(get, set_clock):
    get(CALENDAR)
    set_clock(NEXT_SUNDAY)
    text = get(CALENDAR).get_data(as_text=True)
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:")
    assert text.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    starts = re.findall(r"DTSTART:(\S+)", text)
    assert starts[:3] == ["20260626T170000Z", "20260703T170000Z", "20260710T170000Z"]
    assert len(starts) == 13
    uids = re.findall(r"UID:(\S+)", text)
    assert len(set(uids)) == 13
    assert re.findall(r"DTEND:(\S+)", text)[0] == "20260630T170000Z"
    unfolded = text.replace("\r\n ", "")
    assert "DESCRIPTION:One-Eyed Mask\\, " in unfolded


@pytest.mark.parametrize("path", [FEED, STOCK, CALENDAR])
def test_an_unchanged_document_is_answered_with_304(get, set_clock, path):
    first = get(path)
    assert first.status_code == 200
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in first.headers
    assert "public" in first.headers["Cache-Control"]
    tag, last_modified = first.headers["ETag"], first.headers["Last-Modified"]
    assert parsedate_to_datetime(last_modified) <= SUNDAY
    set_clock(datetime(2026, 6, 29, 12, tzinfo=UTC))
    second = get(path, **{"If-None-Match": tag})
    assert (second.status_code, second.data) == (304, b"")
    assert second.headers["ETag"] == tag
    assert second.headers["Access-Control-Allow-Origin"] == "*"
    assert get(path, **{"If-Modified-Since": last_modified}).status_code == 304
    set_clock(NEXT_SUNDAY)
    assert get(path, **{"If-None-Match": tag}).status_code == 200
    assert get(path, **{"If-Modified-Since": last_modified}).status_code == 200


@pytest.mark.parametrize("path", [FEED, STOCK, CALENDAR])
def test_a_compressed_document_is_answered_with_304(get, path):
    compressed = get(path, **{"Accept-Encoding": "gzip"})
    tag = compressed.headers["ETag"]
    second = get(path, **{"Accept-Encoding": "gzip", "If-None-Match": tag})
    assert second.status_code == 304


def test_markup_and_control_characters_in_names_are_harmless(build_site, tmp_path_factory):
    with running(hostile=True, vault=5) as hostile:
        hostile.clock.set(SUNDAY)
        data_folder = tmp_path_factory.mktemp("hostile")
        (data_folder / "manifest.looked").touch()
        application = build_site(
            data_folder, bungie_root=hostile.root, bungie_api_key=hostile.api_key
        )
        browser = Browser(application, hostile)
        (entry,) = entries_of(browser.open(FEED).response.data)
        content = entry.find(f"{ATOM}content").text
        assert "<script" not in content
        assert "&lt;" in content
        text = browser.open(CALENDAR).response.get_data(as_text=True)
        assert "\u202e" not in text


def test_names_with_any_character_are_valid_in_every_document(
    serve_payload, build_site, bungie, folder
):
    unknown_hash = 4_000_000_001
    application = build_site(folder, bungie_root=serve_payload(**answer(sale(unknown_hash))))
    browser = Browser(application, bungie)
    services = application.extensions["destiny_web"]
    services.manifest_updater.ensure()
    definitions = services.definitions
    definition = definitions.items([sale()["itemHash"]])[sale()["itemHash"]]
    definitions._items[unknown_hash] = msgspec.structs.replace(  # noqa: SLF001
        definition, name="ズール; \x0b\x1b[31m\U0001f600, \\", tier=6
    )
    body = browser.open(FEED).response.data
    assert "ズール" in entries_of(body)[0].find(f"{ATOM}content").text
    assert "ズール\\;" in browser.open(CALENDAR).response.get_data(as_text=True)
    page = browser.open("/xur/")
    assert page.status == 200
    assert "ズール" in page.one("main").text
