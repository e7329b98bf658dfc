"""His stock and visits for other programs: JSON, Atom and iCalendar."""

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
from tests.xur.conftest import LEFT, SUNDAY, THURSDAY, WEEK_ON
from tests.xur.test_odd_stock import answer, sale

ATOM = "{http://www.w3.org/2005/Atom}"
FEED, STOCK, CALENDAR = "/xur/feed.xml", "/xur/stock.json", "/xur/calendar.ics"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
def get(app):
    """Ask for a document."""
    return lambda path, **headers: app.test_client().get(path, headers=headers)


def read(body):
    """Read a feed and check what the Atom format (RFC 4287) demands of it."""
    feed = ET.fromstring(body)  # noqa: S314 (our own)
    assert feed.tag == f"{ATOM}feed"
    for whole in [feed, *feed.iter(f"{ATOM}entry")]:
        for required in ("id", "title", "updated"):
            (found,) = whole.findall(f"{ATOM}{required}")
            assert found.text
        assert MOMENT.fullmatch(whole.find(f"{ATOM}updated").text)
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", whole.find(f"{ATOM}id").text)
        for link in whole.findall(f"{ATOM}link"):
            assert link.attrib["href"].startswith("http://127.0.0.1:5000/xur/")
        relations = [
            (one.attrib["rel"], one.attrib["type"]) for one in whole.findall(f"{ATOM}link")
        ]
        assert len(relations) == len(set(relations))
    assert feed.find(f"{ATOM}author/{ATOM}name").text
    (own,) = [one for one in feed.findall(f"{ATOM}link") if one.attrib["rel"] == "self"]
    assert own.attrib["href"].endswith(FEED)
    entries = feed.findall(f"{ATOM}entry")
    ids = [one.find(f"{ATOM}id").text for one in entries]
    assert len(ids) == len(set(ids))
    for entry in entries:
        assert entry.find(f"{ATOM}content").attrib["type"] == "html"
        assert entry.find(f"{ATOM}summary").text
    return feed


def entries(body):
    return read(body).findall(f"{ATOM}entry")


def ids(body):
    return [one.find(f"{ATOM}id").text for one in entries(body)]


def test_the_feed_has_one_entry_a_visit_and_their_ids_stay(get, at):
    first = get(FEED)
    assert first.mimetype == "application/atom+xml"
    (entry,) = entries(first.data)
    assert entry.find(f"{ATOM}title").text == "Xûr, 26 to 30 June 2026: 41 offers"
    at(WEEK_ON)
    later = ids(get(FEED).data)
    assert len(later) == 2
    assert later[1] == ids(first.data)[0]
    at(LEFT)
    assert ids(first.data) == later[1:]


def test_a_feed_without_a_visit_is_valid_too(get, at):
    at(THURSDAY)
    assert entries(get(FEED).data) == []


def test_an_entry_lists_every_offer_with_its_price(get):
    (entry,) = entries(get(FEED).data)
    content = entry.find(f"{ATOM}content").text
    assert content.count("<li>") == 41
    assert "41 Strange Coin" in content


def test_stock_json_is_as_it_is_documented(get, at):
    block = (ROOT / "docs/xur.md").read_text().partition("```json\n")[2].partition("```")[0]
    schema = json.loads(block)
    jsonschema.Draft202012Validator.check_schema(schema)
    for moment in (THURSDAY, SUNDAY, LEFT):
        at(moment)
        jsonschema.validate(get(STOCK).get_json(), schema)


def test_stock_json_tells_presence_and_every_offer(get, at):
    told = get(STOCK).get_json()
    assert told["here"] is True
    assert told["until"] == "2026-06-30T17:00:00Z"
    assert [screen["name"] for screen in told["stock"]["screens"]] == [
        "Xûr", "Strange Gear Offers", "More Strange Offers",
    ]  # fmt: skip
    offers = [one for screen in told["stock"]["screens"] for one in screen["offers"]]
    assert len(offers) == 43
    assert sum(one["opens"] is not None for one in offers) == 2
    at(LEFT)
    gone = get(STOCK).get_json()
    assert (gone["here"], gone["stock"]["past"]) == (False, True)
    assert gone["stock"]["screens"] == told["stock"]["screens"]


def test_the_calendar_holds_his_visits_past_and_to_come(get, at):
    get(CALENDAR)
    at(WEEK_ON)
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
def test_who_has_it_already_is_told_so_until_it_changes(get, at, path):
    first = get(path)
    assert first.status_code == 200
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in first.headers
    assert "public" in first.headers["Cache-Control"]
    tag, changed = first.headers["ETag"], first.headers["Last-Modified"]
    assert parsedate_to_datetime(changed) <= SUNDAY
    at(datetime(2026, 6, 29, 12, tzinfo=UTC))
    again = get(path, **{"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    assert get(path, **{"If-Modified-Since": changed}).status_code == 304
    at(WEEK_ON)
    assert get(path, **{"If-None-Match": tag}).status_code == 200
    assert get(path, **{"If-Modified-Since": changed}).status_code == 200


@pytest.mark.parametrize("path", [FEED, STOCK, CALENDAR])
def test_a_packed_answer_is_recognised_too(get, path):
    packed = get(path, **{"Accept-Encoding": "gzip"})
    tag = packed.headers["ETag"]
    again = get(path, **{"Accept-Encoding": "gzip", "If-None-Match": tag})
    assert again.status_code == 304


def test_names_with_markup_stay_text_in_every_document(site, tmp_path_factory):
    with running(hostile=True, vault=5) as evil:
        evil.clock.set(SUNDAY)
        place = tmp_path_factory.mktemp("evil")
        (place / "manifest.looked").touch()
        application = site(place, bungie_root=evil.root, bungie_api_key=evil.api_key)
        browser = Browser(application, evil)
        (entry,) = entries(browser.open(FEED).response.data)
        content = entry.find(f"{ATOM}content").text
        assert "<script" not in content
        assert "&lt;" in content
        text = browser.open(CALENDAR).response.get_data(as_text=True)
        assert "\u202e" not in text


def test_names_in_japanese_and_what_xml_cannot_hold_get_through(told, site, bungie, folder):
    strange = 4_000_000_001
    application = site(folder, bungie_root=told(**answer(sale(strange))))
    browser = Browser(application, bungie)
    parts = application.extensions["destiny_web"]
    parts.manifest_updater.ensure()
    definitions = parts.definitions
    kept = definitions.items([sale()["itemHash"]])[sale()["itemHash"]]
    definitions._items[strange] = msgspec.structs.replace(  # noqa: SLF001
        kept, name="ズール; \x0b\x1b[31m\U0001f600, \\", tier=6
    )
    body = browser.open(FEED).response.data
    assert "ズール" in entries(body)[0].find(f"{ATOM}content").text
    assert "ズール\\;" in browser.open(CALENDAR).response.get_data(as_text=True)
    page = browser.open("/xur/")
    assert page.status == 200
    assert "ズール" in page.one("main").text
