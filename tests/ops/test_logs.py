"""The access log: one line for each request, with a mark in place of the player's id."""

import json
import logging

import pytest
import requests

from destiny_web.web import logs
from tests.browsing import Browser
from tests.serving import KEY, served


@pytest.fixture
def access_lines(caplog):
    """A function that returns the fields of each access line so far, in order."""
    logger = logging.getLogger("destiny_web")
    logger.addHandler(caplog.handler)

    def read():
        return [record.fields for record in caplog.records if record.name == "destiny_web.access"]

    yield read
    logger.removeHandler(caplog.handler)


def test_the_line_of_a_request_has_its_method_path_status_and_duration(visitor, access_lines):
    answer = visitor.client.get("/no/such/page?code=0123456789")
    (line,) = access_lines()
    assert line.pop("ms") >= 0
    assert line == {
        "request_id": answer.headers["X-Request-Id"],
        "method": "GET",
        "path": "/no/such/page",
        "endpoint": "",
        "status": 404,
        "player": "-",
    }


def test_a_player_always_has_the_same_mark_and_no_id_is_logged(browser, app, bungie, access_lines):
    second_browser = Browser(app, bungie)
    second_browser.sign_in(bungie.add_player().bungie_id)
    for visiting_browser in (browser, second_browser, browser):
        visiting_browser.open("/inventory/")
    marks = [line["player"] for line in access_lines()][-3:]
    assert marks[0] == marks[2] != marks[1]
    assert all(len(mark) == 12 for mark in marks)
    player = bungie.player()
    membership_ids = [membership.id for membership in player.memberships]
    for secret in (player.bungie_id, player.name, *membership_ids):
        assert secret not in str(access_lines())


def test_the_mark_of_a_player_cannot_be_reversed_without_the_key(app):
    with app.app_context():
        mark = logs.player_mark("17283")
        app.secret_key = "another" * 5
        assert logs.player_mark("17283") != mark


@pytest.mark.parametrize("path", ["/a%0AINFO forged", "/a%0D%0Ab", "/a%1B[31m", "/a%E2%80%A8b"])
def test_no_path_can_end_its_line(visitor, access_lines, path):
    visitor.client.get(path)
    (line,) = access_lines()
    assert line["path"].isascii()
    assert line["path"].isprintable()


def test_a_long_path_is_shortened(visitor, access_lines):
    visitor.client.get("/" + "x" * 10_000)
    assert len(access_lines()[0]["path"]) == 200


def test_in_json_every_line_is_an_object_with_the_id_of_its_request(bungie, folder):
    with served(bungie, folder, LOG_FORMAT="json") as address:
        answer = requests.get(f"{address}/xur/nothing", timeout=30)
    log_lines = (folder / "gunicorn.log").read_text().splitlines()
    objects = [json.loads(line) for line in log_lines if line.startswith("{")]
    (access,) = [line for line in objects if line.get("path") == "/xur/nothing"]
    assert access["request_id"] == answer.headers["X-Request-Id"]
    assert access["logger"] == "destiny_web.access"
    assert (access["level"], access["status"], access["method"]) == ("info", 404, "GET")


@pytest.fixture
def json_formatter():
    """The formatter that the site uses for ``LOG_FORMAT=json``."""
    logger = logging.getLogger("destiny_web")
    handlers, last_resort = logger.handlers[:], logging.lastResort
    logger.handlers.clear()
    try:
        logs.configure("json", KEY)
        yield logger.handlers[0].formatter
    finally:
        logger.handlers[:] = handlers
        logging.lastResort = last_resort


def record_of(message, **extra):
    """Return a log record with extra attributes."""
    record = logging.LogRecord("library", logging.WARNING, __file__, 1, message, (), None)
    record.__dict__.update(extra)
    return record


def test_a_json_line_has_the_time_in_utc_and_the_fields_in_a_fixed_order(json_formatter):
    record = record_of("a line\nthat breaks", fields={"status": 200, "ms": 1.5})
    record.created, record.msecs = 1_800_000_000.25, 250.0
    assert json_formatter.format(record) == (
        '{"at": "2027-01-15T08:00:00.250+00:00", "level": "warning", "logger": "library",'
        ' "message": "a line\\nthat breaks", "status": 200, "ms": 1.5}'
    )


@pytest.mark.parametrize(
    "extra",
    [
        {"number": 4611686018467284386},
        {"ids": ["4611686018467284386"]},
        {"item": {"id": 4611686018467284386}},
        {"error": ValueError("4611686018467284386")},
        {"body": b"4611686018467284386"},
    ],
)
def test_an_id_in_a_value_of_any_type_is_marked_in_json(json_formatter, extra):
    line = json_formatter.format(record_of("a warning of a library", **extra))
    assert "4611686018467284386" not in line
    assert logs.Censor(KEY).mark("4611686018467284386") in json.loads(line)[next(iter(extra))]
