"""The log of a running site: no ids of players, and one line for a failure."""

import json
import logging
import re
import signal
import socket
import sys
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from destiny_web.web import logs
from tests.serving import KEY, served
from tests.test_run import page_of

ID = re.compile(r"(?<!\d)\d{17,20}(?!\d)")
PAGES = ("/inventory/", "/", "/auth/login", "/nothing", "/xur/", "/inventory/items/{item}")


def log_lines(folder):
    """Return the lines that the site has logged so far."""
    return (folder / "gunicorn.log").read_text().splitlines()


def sign_in(browser, address):
    consent = browser.get(f"{address}/auth/login", timeout=30)
    return page_of(browser.post(consent.url, data={"decision": "allow"}, timeout=60))


class Visit:
    """A signed-in player who requests every page and changes items."""

    def __init__(self, browser, address, bungie):
        page = sign_in(browser, address)
        self.browser, self.address, self.bungie = browser, address, bungie
        self.token = page.one("meta", name_="csrf-token").attributes["content"]
        self.item = page.all(data_location="bag")[0].attributes["data-item-instance-id"]
        links = [element.attributes.get("href", "") for element in page.all("a")]
        self.stack = next(link for link in links if "/stacks/" in link)

    def get(self, path):
        address = f"{self.address}{path.format(item=self.item)}"
        return self.browser.get(address, timeout=60, allow_redirects=False)

    def post(self, path, **fields):
        return self.browser.post(
            f"{self.address}{path}",
            data={"csrf_token": self.token, **fields},
            allow_redirects=False,
            timeout=60,
        )

    def act(self):
        """Request every page, and lock, unlock and equip an item."""
        for path in (*PAGES, self.stack, "/nothing/{item}?x={item}", "/auth/membership"):
            self.get(path)
        self.get(f"/inventory/preview?item_instance_id={self.item}&destination=vault")
        self.post("/inventory/lock", item_instance_id=self.item, locked="1")
        self.post("/inventory/lock", item_instance_id=self.item, locked="0")
        self.post("/inventory/equip", item_instance_ids=self.item, character_id="1")
        self.post("/inventory/refresh")

    def act_while_bungie_fails(self):
        for fault in ("html", "truncated", "drop", "unauthorized", "maintenance"):
            self.bungie.fail_next("*", fault, times=50)
            self.act()
            requests.delete(f"{self.bungie.root}/sandbox/faults", timeout=10)
            sign_in(self.browser, self.address)


def send_malformed_request(address, item):
    """Send a request that gunicorn refuses and logs by itself."""
    url = urlsplit(address)
    with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
        connection.sendall(f"GET /inventory/items/{item} HTTP/9.9\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_id_and_no_traceback_is_logged_and_a_failing_request_is_one_line(
    bungie, folder, lasting, log_format
):
    with (
        served(bungie, folder, LOG_FORMAT=log_format, REDIS_URL=lasting.url) as address,
        requests.Session() as browser,
    ):
        visit = Visit(browser, address, bungie)
        visit.act()
        visit.act_while_bungie_fails()
        send_malformed_request(address, visit.item)
        before = len(log_lines(folder))
        lasting.stop(signal.SIGKILL)
        answers = [visit.get(path) for path in (*PAGES, visit.stack)]
        answers.append(visit.post("/inventory/refresh"))
        lines = log_lines(folder)
    text = "\n".join(lines)
    player = bungie.player()
    assert len(lines) > 100
    assert len([line for line in lines if "Invalid request" in line]) == 1, "gunicorn's own line"
    assert not ID.findall(text)
    assert not re.findall(rf"\b{player.bungie_id}\b", text)
    assert player.name not in text
    assert "Traceback" not in text
    assert {answer.status_code for answer in answers} == {503}
    for answer in answers:
        request_lines = [line for line in lines[before:] if answer.headers["X-Request-Id"] in line]
        assert len([line for line in request_lines if "the store failed" in line]) == 1
        assert len(request_lines) == 2, "the access line, and the line of the failure"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    lines_without_request = [line for line in lines[before:] if "[" not in line]
    assert len(lines_without_request) <= 1, "the rate limits log once that Redis does not answer"


IDS = st.integers(10**17, 10**20 - 1).map(str)


def format_record(formatter, record_args, fields):
    """Return the line for a record with an exception and fields."""
    try:
        {}[record_args[-1]]
    except KeyError:
        record = logging.LogRecord(
            "x", 40, __file__, 1, "job 3-%s failed: %s", record_args, sys.exc_info()
        )
    record.fields = fields
    return formatter.format(record)


@given(IDS, IDS, st.sampled_from(["text", "json"]))
def test_an_id_is_marked_in_message_arguments_exception_and_fields(first, second, log_format):
    logger = logging.getLogger("destiny_web")
    handlers, logger.handlers[:] = logger.handlers[:], []
    last_resort = logging.lastResort
    try:
        logs.configure(log_format, KEY)
        (handler,) = logger.handlers
        assert logging.lastResort is not last_resort
        line = format_record(handler.formatter, (first, second), {"path": f"/x/{first}"})
    finally:
        logger.handlers[:] = handlers
        logging.lastResort = last_resort
    censor = logs.Censor(KEY)
    assert not ID.findall(line)
    assert f"job 3-id:{censor.mark(first)} failed: id:{censor.mark(second)}" in line
    assert f"KeyError: 'id:{censor.mark(second)}'" in line
    if log_format == "json":
        assert json.loads(line)["path"] == f"/x/id:{censor.mark(first)}"


@pytest.mark.parametrize(
    ("text", "marked_start"),
    [
        ("/Destiny2/254/Profile/17283/LinkedProfiles/", "/Destiny2/254/Profile/id:"),
        ("/Destiny2/3/Profile/4611686018467284386/", "/Destiny2/3/Profile/id:"),
        ("'xur 3-4611686018467284386 2305843009261519028' is taken", "'xur 3-id:"),
        ("/inventory/stacks/2305843009261519028/3853748946", "/inventory/stacks/id:"),
    ],
)
def test_an_id_is_marked_wherever_a_line_has_one(text, marked_start):
    marked = logs.Censor(KEY).mark_ids(text)
    assert marked.startswith(marked_start)
    assert not re.search(r"\d{17}|17283", marked)


def test_a_number_that_is_no_id_stays_in_the_line():
    text = "GET /inventory/stacks/vault/3853748946 200 12.5 ms [123456789012] 20260628120000"
    assert logs.Censor(KEY)(text) == text
