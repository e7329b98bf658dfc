"""One exchange with Bungie: successful, refused, and failed."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

import pytest

from destiny_web.bungie.errors import (
    AccountNotFound,
    AnswerLost,
    BungieError,
    ItemNotFound,
    Maintenance,
    Misconfigured,
    NoRoom,
    Refused,
    Throttled,
    TokenRefused,
    Unreachable,
    Unreadable,
    WrongPlace,
    error_class_of,
)
from destiny_web.bungie.transport import Transport, http_session

MANIFEST = "/Destiny2/Manifest/"


@pytest.fixture
def transport(bungie):
    with http_session("tests") as session:
        yield Transport(session, bungie.root, bungie.api_key)


def test_a_successful_answer_is_returned_without_its_envelope(transport):
    assert "version" in transport.get(MANIFEST, dict)


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        ("html", Unreadable),
        ("truncated", Unreadable),
        ("drop", AnswerLost),
        ("maintenance", Maintenance),
        ("maintenance-html", Maintenance),
        ("maintenance-200", Maintenance),
    ],
)
def test_each_kind_of_failure_has_its_class(transport, bungie, kind, failure):
    bungie.fail_next("GetDestinyManifest", kind)
    with pytest.raises(failure):
        transport.get(MANIFEST, dict)
    assert transport.get(MANIFEST, dict)


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (5, Maintenance),
        (36, Throttled),
        (51, Throttled),
        (99, TokenRefused),
        (1601, AccountNotFound),
        (1623, ItemNotFound),
        (1642, NoRoom),
        (1651, AnswerLost),
        (1671, WrongPlace),
        (2101, Misconfigured),
        (2111, TokenRefused),
        (4242, Refused),
    ],
)
def test_the_envelope_decides_and_not_the_status(transport, bungie, code, failure):
    bungie.refuse_next("GetDestinyManifest", code)
    with pytest.raises(failure) as caught:
        transport.get(MANIFEST, dict)
    assert type(caught.value) is failure
    assert caught.value.code == code


def test_a_wrong_key_means_that_the_site_is_misconfigured(bungie):
    with http_session("tests") as session, pytest.raises(Misconfigured):
        Transport(session, bungie.root, "wrong").get(MANIFEST, dict)


def test_a_host_that_does_not_exist_is_unreachable():
    with http_session("tests") as session, pytest.raises(Unreachable):
        Transport(session, "http://127.0.0.1:9", "key").get(MANIFEST, dict)


def test_an_answer_of_another_shape_is_unreadable(transport):
    with pytest.raises(Unreadable):
        transport.get(MANIFEST, list[int])


class _CookieHandler(BaseHTTPRequestHandler):
    """Sets a cookie with every answer, and records the cookies of the requests."""

    received_cookies: ClassVar[list[str | None]] = []

    def do_GET(self):
        self.received_cookies.append(self.headers["Cookie"])
        body = b'{"ErrorCode": 1, "Response": {}}'
        self.send_response(200)
        self.send_header("Set-Cookie", "bungled=of-another-player; Path=/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_the_session_that_all_players_share_keeps_no_cookie():
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), _CookieHandler) as server,
        http_session("tests") as session,
    ):
        thread = Thread(target=server.serve_forever)
        thread.start()
        transport = Transport(session, f"http://127.0.0.1:{server.server_port}", "key")
        for _ in range(2):
            transport.get(MANIFEST, dict)
        server.shutdown()
        thread.join()
    assert _CookieHandler.received_cookies == [None, None]


@pytest.mark.parametrize("code", [*range(1, 140), *range(1600, 1700), *range(2100, 2130), 10**9])
def test_every_error_code_has_a_class_and_a_text(code):
    assert issubclass(error_class_of(code), BungieError)
    assert str(error_class_of(code)("", code=code)).endswith(".")
