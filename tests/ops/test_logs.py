"""One line a request: what it was, how it went, and nobody's name."""

import json

import pytest
import requests

from destiny_web.web import logs
from tests.browsing import Browser
from tests.serving import served


@pytest.fixture
def lines(caplog):
    """What the access log says of each request, in their order."""
    logger = logs.logging.getLogger("destiny_web")
    logger.addHandler(caplog.handler)

    def read():
        return [one.fields for one in caplog.records if one.name == "destiny_web.access"]

    yield read
    logger.removeHandler(caplog.handler)


def test_a_request_is_one_line_that_says_what_it_was_and_how_it_went(visitor, lines):
    answer = visitor.client.get("/no/such/page?code=0123456789")
    (line,) = lines()
    assert line.pop("ms") >= 0
    assert line == {
        "request_id": answer.headers["X-Request-Id"],
        "method": "GET",
        "path": "/no/such/page",
        "endpoint": "",
        "status": 404,
        "player": "-",
    }


def test_a_player_is_told_apart_and_not_told_by_id(browser, app, bungie, lines):
    other = Browser(app, bungie)
    other.sign_in(bungie.add_player().bungie_id)
    for one in (browser, other, browser):
        one.open("/inventory/")
    marks = [line["player"] for line in lines()][-3:]
    assert marks[0] == marks[2] != marks[1]
    assert all(len(mark) == 12 for mark in marks)
    player = bungie.player()
    for secret in (player.bungie_id, player.name, *(one.id for one in player.memberships)):
        assert secret not in str(lines())


def test_the_mark_of_a_player_cannot_be_found_by_trying_ids_without_the_key(app):
    with app.app_context():
        ours = logs.mark_of("17283")
        app.secret_key = "another" * 5
        assert logs.mark_of("17283") != ours


@pytest.mark.parametrize("path", ["/a%0AINFO forged", "/a%0D%0Ab", "/a%1B[31m", "/a%E2%80%A8b"])
def test_no_path_can_leave_its_line(visitor, lines, path):
    visitor.client.get(path)
    (line,) = lines()
    assert line["path"].isascii()
    assert line["path"].isprintable()


def test_a_path_of_any_length_makes_a_short_line(visitor, lines):
    visitor.client.get("/" + "x" * 10_000)
    assert len(lines()[0]["path"]) == 200


def test_in_json_every_line_is_an_object_with_the_id_of_its_request(bungie, folder):
    with served(bungie, folder, LOG_FORMAT="json") as address:
        answer = requests.get(f"{address}/xur/nothing", timeout=30)
    said = (folder / "gunicorn.log").read_text().splitlines()
    found = [json.loads(line) for line in said if line.startswith("{")]
    (ours,) = [line for line in found if line.get("path") == "/xur/nothing"]
    assert ours["request_id"] == answer.headers["X-Request-Id"]
    assert (ours["logger"], ours["status"], ours["method"]) == ("destiny_web.access", 404, "GET")
