"""Access rules: hosts, proxies, CSRF tokens, lifetimes of sessions."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

from destiny_web.app import create_app
from destiny_web.web.csrf import is_same_origin, unmask_token
from destiny_web.web.templating import asset
from tests.browsing import Browser
from tests.conftest import settings_for


def test_each_page_masks_its_token_in_another_way(browser):
    first, second = browser.token(), browser.token()
    assert first != second
    assert unmask_token(first).split(".")[0] == unmask_token(second).split(".")[0]
    assert browser.client.post("/inventory/refresh", data={"csrf_token": first}).status_code == 303


@pytest.mark.parametrize("token", ["", "a", "-", "a" * 200, "é", "%00", "1q4=", "=" * 9])
def test_an_invalid_token_is_refused_with_a_page(browser, token):
    answer = browser.client.post("/inventory/refresh", data={"csrf_token": token})
    assert answer.status_code == 400
    assert b"no longer good" in answer.data


def test_the_token_is_read_from_the_header_too(browser):
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
def test_a_form_of_another_site_is_refused_even_with_a_valid_token(browser, bungie, headers):
    requests_before = len(bungie.requests)
    token = browser.token()
    answer = browser.client.post("/inventory/refresh", data={"csrf_token": token}, headers=headers)
    assert answer.status_code == 403
    assert b"That form came from another site" in answer.data
    json_answer = browser.client.post(
        "/auth/logout",
        data={"csrf_token": token},
        headers=headers | {"Accept": "application/json"},
    )
    assert (json_answer.status_code, json_answer.get_json()["ok"]) == (403, False)
    assert "from its own pages only" in json_answer.get_json()["message"]
    assert browser.open("/inventory/").status == 200, "still signed in"
    assert len(bungie.requests) == requests_before


@pytest.mark.parametrize("headers", OWN)
def test_a_form_of_this_site_needs_a_valid_token(browser, headers):
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


def test_the_callback_is_accepted_from_another_site(visitor):
    address = visitor.client.get("/auth/login").headers["Location"]
    redirect = requests.post(address, data={"decision": "allow"}, allow_redirects=False, timeout=10)
    path = redirect.headers["Location"].partition("5000")[2]
    page = visitor.open(path, **CROSS)
    assert (page.path, page.status) == ("/inventory/", 200)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example"]
)
def test_another_host_gets_only_the_address_of_the_site(visitor, host):
    answer = visitor.client.get("/auth/login", headers={"Host": host})
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert b"evil" not in answer.data


@pytest.mark.parametrize("host", ["10.0.0.7:5000", "anything.example"])
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_are_answered_with_any_host_header(visitor, host, path):
    assert visitor.client.get(path, headers={"Host": host}).status_code == 200


def test_forwarded_addresses_are_used_only_behind_trusted_proxies(bungie, folder):
    addresses = []
    for proxies in (0, 1):
        app = create_app(settings_for(bungie, folder, trusted_proxies=proxies))
        app.add_url_rule("/who", "ops.healthz.who", lambda: "")

        @app.before_request
        def note() -> None:
            from flask import request  # noqa: PLC0415

            addresses.append(request.remote_addr)

        app.test_client().get("/nothing", headers={"X-Forwarded-For": "203.0.113.9"})
        app.extensions["destiny_web"].store.close()
    assert addresses == ["127.0.0.1", "203.0.113.9"]


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


def test_an_unused_session_ends(calendar):
    browser, clock = calendar
    browser.sign_in()
    clock.now += timedelta(days=31)
    assert browser.open("/inventory/").status == 401


def test_a_used_session_is_renewed_up_to_its_maximum(calendar):
    browser, clock = calendar
    browser.sign_in()
    for _ in range(4):
        clock.now += timedelta(days=20)
        assert browser.open("/auth/membership").status != 401
    clock.now += timedelta(days=15)
    assert browser.open("/auth/membership").status == 401


def test_keys_are_replaced_without_signing_players_out(bungie, folder):
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


def test_the_last_chosen_account_is_chosen_at_the_next_sign_in(visitor, app, bungie):
    player = bungie.player("Zavala#0104").bungie_id
    page = visitor.sign_in(player)
    key = page.all("input", name_="membership")[1].attributes["value"]
    visitor.submit("/auth/membership", membership=key)
    second = Browser(app, bungie)
    page = second.sign_in(player)
    assert page.path == "/inventory/"
    checked = second.open("/auth/membership").all("input", name_="membership", checked="")
    assert [element.attributes["value"] for element in checked] == [key]


@pytest.mark.parametrize("body", [{"json": {"item_hash": 5}}, {"json": [1]}, {"data": b"\xff\x00"}])
@pytest.mark.parametrize("action", ["transfer", "pull", "collect", "equip", "lock", "undo"])
def test_a_body_that_is_not_a_form_has_no_fields(browser, action, body):
    answer = browser.client.post(
        f"/inventory/{action}",
        headers={"X-CSRFToken": browser.token(), "Accept": "application/json"},
        **body,
    )
    assert answer.status_code == 422
    assert "is missing" in answer.get_json()["message"]


def test_the_error_of_a_callback_is_not_shown(visitor):
    visitor.client.get("/auth/login")
    for error in ("x%0aFORGED", "SystemDisabled", "y&error_description=SystemDisabled"):
        page = visitor.open(f"/auth/callback?error={error}")
        assert page.status == 400
        assert "maintenance" not in page.text.lower()


def test_an_error_page_for_a_static_file_is_not_cached(browser):
    answer = browser.client.get("/static/not/there.css")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_unfinished_sign_in_expires_within_an_hour(calendar):
    browser, clock = calendar
    address = browser.client.get("/auth/login").headers["Location"]
    clock.now += timedelta(hours=2)
    redirect = requests.post(address, data={"decision": "allow"}, allow_redirects=False, timeout=10)
    path = redirect.headers["Location"].partition("5000")[2]
    assert browser.open(path).status == 400


@pytest.mark.parametrize("path", ["/xur/stock.json", "css/site.css"])
def test_a_public_response_sets_no_cookie(calendar, path):
    browser, clock = calendar
    if not path.startswith("/"):
        with browser.app.test_request_context():
            path = asset(path)
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
