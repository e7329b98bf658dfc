"""The web's own rules: hosts, proxies, tokens in pages, sessions that end."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

from destiny_web.app import create_app
from destiny_web.web.csrf import is_same_origin, unmask_token
from tests.browsing import Browser
from tests.conftest import settings_for


def test_a_page_never_shows_its_token_twice_in_the_same_dress(browser):
    first, second = browser.token(), browser.token()
    assert first != second
    assert unmask_token(first).split(".")[0] == unmask_token(second).split(".")[0]
    assert browser.client.post("/inventory/refresh", data={"csrf_token": first}).status_code == 303


@pytest.mark.parametrize("token", ["", "a", "-", "a" * 200, "é", "%00", "1q4=", "=" * 9])
def test_a_token_that_is_nonsense_is_refused_politely(browser, token):
    answer = browser.client.post("/inventory/refresh", data={"csrf_token": token})
    assert answer.status_code == 400
    assert b"no longer good" in answer.data


def test_the_token_is_taken_from_the_header_too(browser):
    answer = browser.client.post("/inventory/refresh", headers={"X-CSRFToken": browser.token()})
    assert answer.status_code == 303


SITE = "http://127.0.0.1:5000"
SAME = {"Sec-Fetch-Site": "same-origin"}
CROSS = {"Sec-Fetch-Site": "cross-site"}
FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "https://evil.example"} | SAME,
    {"Origin": "http://127.0.0.1:5001"},
    {"Origin": "https://127.0.0.1:5000"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "http://127.0.0.1:5000.evil.example"},
    {"Origin": "http://[::1"},
    {"Origin": ""},
    {"Origin": "null"},
    {"Origin": "null"} | CROSS,
    {"Origin": SITE} | CROSS,
    CROSS,
]
OWN = [
    {},
    {"Origin": SITE},
    {"Origin": SITE} | SAME,
    {"Origin": "http://localhost:5000"},
    {"Origin": "http://[::1]:5000"},
    {"Origin": "null"} | SAME,
    {"Sec-Fetch-Site": "none"},
    SAME,
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_form_of_another_site_is_refused_even_with_a_good_token(browser, bungie, headers):
    read = len(bungie.requests)
    token = browser.token()
    answer = browser.client.post("/inventory/refresh", data={"csrf_token": token}, headers=headers)
    assert answer.status_code == 403
    assert b"That form came from another site" in answer.data
    told = browser.client.post(
        "/auth/logout",
        data={"csrf_token": token},
        headers=headers | {"Accept": "application/json"},
    )
    assert (told.status_code, told.get_json()["ok"]) == (403, False)
    assert "from its own pages only" in told.get_json()["message"]
    assert browser.open("/inventory/").status == 200, "still signed in"
    assert len(bungie.requests) == read


@pytest.mark.parametrize("headers", OWN)
def test_a_form_of_this_site_is_taken_with_a_good_token_and_not_without(browser, headers):
    answer = browser.client.post(
        "/inventory/refresh", data={"csrf_token": browser.token()}, headers=headers
    )
    assert answer.status_code == 303
    assert browser.client.post("/inventory/refresh", headers=headers).status_code == 400


@pytest.mark.parametrize(
    ("origin", "same"),
    [
        ("https://vault.example.org", True),
        ("https://vault.example.org:443", True),
        ("http://vault.example.org", False),
        ("https://vault.example.org:8443", False),
        ("https://www.vault.example.org", False),
        ("https://localhost", False),
    ],
)
def test_the_origin_of_a_public_site_is_its_public_address(origin, same):
    assert is_same_origin(origin, "https://vault.example.org") == same


def test_the_way_back_from_bungie_comes_from_another_site(visitor):
    address = visitor.client.get("/auth/login").headers["Location"]
    back = requests.post(address, data={"decision": "allow"}, allow_redirects=False, timeout=10)
    path = back.headers["Location"].partition("5000")[2]
    page = visitor.open(path, **CROSS)
    assert (page.path, page.status) == ("/inventory/", 200)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example"]
)
def test_another_host_gets_nothing_but_the_address(visitor, host):
    answer = visitor.client.get("/auth/login", headers={"Host": host})
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert b"evil" not in answer.data


@pytest.mark.parametrize("host", ["10.0.0.7:5000", "anything.example"])
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_are_answered_whatever_the_host_header_says(visitor, host, path):
    assert visitor.client.get(path, headers={"Host": host}).status_code == 200


def test_forwarded_addresses_are_believed_only_where_it_is_said(bungie, folder):
    seen = []
    for proxies in (0, 1):
        app = create_app(settings_for(bungie, folder, trusted_proxies=proxies))
        app.add_url_rule("/who", "ops.healthz.who", lambda: "")

        @app.before_request
        def note() -> None:
            from flask import request  # noqa: PLC0415

            seen.append(request.remote_addr)

        app.test_client().get("/nothing", headers={"X-Forwarded-For": "203.0.113.9"})
        app.extensions["destiny_web"].store.close()
    assert seen == ["127.0.0.1", "203.0.113.9"]


class Calendar:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def calendar(bungie, folder):
    clock = Calendar()
    app = create_app(settings_for(bungie, folder), now=clock)
    yield Browser(app, bungie), clock
    app.extensions["destiny_web"].store.close()


def test_a_session_that_nobody_comes_back_to_ends(calendar):
    browser, clock = calendar
    browser.sign_in()
    clock.now += timedelta(days=31)
    assert browser.open("/inventory/").status == 401


def test_a_session_that_is_used_goes_on_but_not_for_ever(calendar):
    browser, clock = calendar
    browser.sign_in()
    for _ in range(4):
        clock.now += timedelta(days=20)
        assert browser.open("/auth/membership").status != 401
    clock.now += timedelta(days=15)
    assert browser.open("/auth/membership").status == 401


def test_keys_are_replaced_without_signing_anybody_out(bungie, folder):
    old, new = "o" * 32, "n" * 32
    app = create_app(settings_for(bungie, folder, secret_keys=(old,)))
    browser = Browser(app, bungie)
    browser.sign_in()
    cookie = browser.client.get_cookie("session").value
    app.extensions["destiny_web"].store.close()
    for keys, status in (((new, old), 200), ((new,), 401)):
        app = create_app(settings_for(bungie, folder, secret_keys=keys))
        browser = Browser(app, bungie)
        browser.client.set_cookie("session", cookie)
        assert browser.open("/inventory/").status == status
        app.extensions["destiny_web"].store.close()


def test_the_account_that_was_chosen_last_is_played_next_time(visitor, app, bungie):
    player = bungie.player("Zavala#0104").bungie_id
    page = visitor.sign_in(player)
    chosen = page.all("input", name_="membership")[1].attributes["value"]
    visitor.submit("/auth/membership", membership=chosen)
    again = Browser(app, bungie)
    page = again.sign_in(player)
    assert page.path == "/inventory/"
    shown = again.open("/auth/membership").all("input", name_="membership", checked="")
    assert [one.attributes["value"] for one in shown] == [chosen]


@pytest.mark.parametrize("body", [{"json": {"item_hash": 5}}, {"json": [1]}, {"data": b"\xff\x00"}])
@pytest.mark.parametrize("action", ["transfer", "pull", "equip", "lock", "undo"])
def test_a_body_that_is_no_form_has_no_fields(browser, action, body):
    answer = browser.client.post(
        f"/inventory/{action}",
        headers={"X-CSRFToken": browser.token(), "Accept": "application/json"},
        **body,
    )
    assert answer.status_code == 422
    assert "is missing" in answer.get_json()["message"]


def test_a_callback_can_not_speak_for_bungie(visitor):
    visitor.client.get("/auth/login")
    for said in ("x%0aFORGED", "SystemDisabled", "y&error_description=SystemDisabled"):
        page = visitor.open(f"/auth/callback?error={said}")
        assert page.status == 400
        assert "maintenance" not in page.text.lower()


def test_a_page_that_is_not_there_is_not_kept_with_the_name_on_it(browser):
    answer = browser.client.get("/static/not/there.css")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_sign_in_that_nobody_finishes_is_forgotten_within_the_hour(calendar):
    browser, clock = calendar
    address = browser.client.get("/auth/login").headers["Location"]
    clock.now += timedelta(hours=2)
    back = requests.post(address, data={"decision": "allow"}, allow_redirects=False, timeout=10)
    path = back.headers["Location"].partition("5000")[2]
    assert browser.open(path).status == 400


@pytest.mark.parametrize("path", ["/xur/stock.json", "/static/css/site.css?v=1"])
def test_an_answer_for_everybody_carries_no_cookie(calendar, path):
    browser, clock = calendar
    browser.sign_in()
    clock.now += timedelta(hours=7)
    with browser.client.get(path) as answer:
        assert answer.cache_control.public
        assert "Set-Cookie" not in answer.headers


def test_an_active_player_keeps_the_cookie_as_long_as_the_session(calendar):
    browser, clock = calendar
    browser.sign_in()
    clock.now += timedelta(days=20)
    answer = browser.client.get("/auth/membership")
    assert "session=" in answer.headers.get("Set-Cookie", "")
