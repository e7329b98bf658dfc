"""Failures of Bungie with tokens: only the end of a consent signs the player out."""

import json
import logging
import sqlite3
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import requests

from destiny_web.app import create_app
from destiny_web.auth.oauth import MAX_WAITING, waiting_semaphore
from destiny_web.storage.cipher import hash_identifier
from tests.conftest import settings_for
from tests.gateway import TOKEN_PATH, Reply, gateway
from tests.inventory.worlds import ENERGY, fields, roomy, tiles

API = "/Platform/Destiny2/"
NO_ACCOUNT = "20006003"  # a player without a Destiny account: the pages are short


class Time:
    """The site's clock, which is not the sandbox's."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self):
        return datetime.now(UTC) + self.ahead

    def advance_two_hours(self):
        self.ahead += timedelta(hours=2)  # an access token lasts an hour


@pytest.fixture
def front(bungie):
    with gateway(bungie) as front:
        yield front


@pytest.fixture
def clock():
    return Time()


@pytest.fixture
def app(front, bungie, folder, clock):
    application = create_app(settings_for(bungie, folder, bungie_root=front.root), now=clock)
    yield application
    application.extensions["destiny_web"].store.close()
    logging.getLogger("destiny_web").handlers.clear()


def failure(error, description="", status=400, **headers):
    body = json.dumps({"error": error, "error_description": description}).encode()
    return Reply(status, body, {"Content-Type": "application/json", **headers})


def envelope(code, status=401):
    return Reply(status, json.dumps({"ErrorCode": code, "Message": "No."}).encode())


def count_tokens(folder):
    with closing(sqlite3.connect(folder / "store.sqlite")) as database:
        query = "SELECT count(*) FROM entry WHERE namespace = 'tokens'"
        return database.execute(query).fetchone()[0]


HTML = b"<html><body>Attention Required! | Cloudflare</body></html>"
TEMPORARY = {
    "server_error": failure("server_error"),
    "RefreshTokenNotYetValid": failure("server_error", "RefreshTokenNotYetValid"),
    "AccessTokenHasExpired": failure("server_error", "AccessTokenHasExpired"),
    "SystemDisabled": failure("server_error", "SystemDisabled"),
    "temporarily_unavailable": failure("temporarily_unavailable", status=503),
    "invalid_request": failure("invalid_request", "Missing required parameter grant_type"),
    "invalid_client": failure("invalid_client", "ApplicationCredentialsInvalid", status=401),
    "unauthorized_client": failure("unauthorized_client"),
    "slow_down": failure("slow_down", **{"Retry-After": "7"}),
    "an unknown word": failure("something_new", "NobodyKnows"),
    "forbidden": failure("invalid_grant", status=403),
    "too many": Reply(429, b"", {"Retry-After": "7"}),
    "too many, in words": failure("invalid_grant", status=429),
    "a page with 403": Reply(403, HTML),
    "a page with 401": Reply(401, HTML),
    "a page with 200": Reply(200, HTML),
    "a page with 502": Reply(502, HTML),
    "an error with 500": failure("invalid_grant", status=500),
    "nothing": Reply(200, b"{}"),
    "nothing at all": Reply(200, b""),
    "nothing with 400": Reply(400, b"{}"),
    "a list": Reply(200, b"[]"),
    "a list with 400": Reply(400, b"[1]"),
    "errors that are no words": Reply(400, b'{"error": ["invalid_grant"], "error_description": 7}'),
    "maintenance": envelope(5, 503),
    "an envelope": envelope(99),
    "a redirect": Reply(302, b"", {"Location": "/elsewhere"}),
    "a token with a line break": Reply(200, b'{"access_token": "a\\nb", "membership_id": "1"}'),
}
CONSENT_ENDED = {
    "invalid_grant": failure("invalid_grant", "ProvidedTokenNotValidRefreshToken"),
    "revoked": failure("server_error", "AuthorizationRecordRevoked"),
    "expired": failure("server_error", "AuthorizationRecordExpired"),
}


@pytest.mark.parametrize("reply", TEMPORARY.values(), ids=TEMPORARY)
def test_a_temporary_failure_of_a_refresh_does_not_sign_out(browser, front, clock, folder, reply):
    tiles_before = tiles(browser.open("/inventory/"))
    clock.advance_two_hours()
    front.replies[TOKEN_PATH] = reply
    page = browser.open("/inventory/")
    assert page.status == 200
    assert tiles(page) == tiles_before
    assert "This is what was known 2 h ago." in " ".join(page.said)
    assert count_tokens(folder) == 1
    del front.replies[TOKEN_PATH]
    page = browser.submit("/inventory/refresh")
    assert page.said == ["Read from Bungie just now."]


@pytest.mark.parametrize("reply", CONSENT_ENDED.values(), ids=CONSENT_ENDED)
def test_the_end_of_a_consent_signs_out_and_leaves_no_tokens(browser, front, clock, folder, reply):
    clock.advance_two_hours()
    front.replies[TOKEN_PATH] = reply
    page = browser.open("/inventory/")
    assert page.status == 401
    assert page.one("h1").text == "You were signed out"
    assert count_tokens(folder) == 0
    del front.replies[TOKEN_PATH]
    assert browser.open("/inventory/").one("h1").text == "Please sign in"


def test_tokens_that_cannot_be_opened_sign_out_and_are_removed(browser, folder):
    with closing(sqlite3.connect(folder / "store.sqlite")) as database:
        database.execute("UPDATE entry SET value = 'nonsense' WHERE namespace = 'tokens'")
        database.commit()
    assert browser.submit("/inventory/refresh").status == 401
    assert count_tokens(folder) == 0


def test_a_script_gets_the_end_of_a_consent_as_json(browser, front, clock, folder):
    page = browser.open("/inventory/")
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    clock.advance_two_hours()
    front.replies[TOKEN_PATH] = CONSENT_ENDED["revoked"]
    status, answer = browser.json("/inventory/transfer", **fields(item, to))
    assert (status, answer["ok"]) == (401, False)
    assert count_tokens(folder) == 0
    assert browser.open("/auth/membership").status == 401


@pytest.mark.parametrize("name", ["slow_down", "too many"])
def test_the_retry_time_of_the_token_endpoint_is_passed_on(browser, front, clock, name):
    clock.advance_two_hours()
    front.replies[TOKEN_PATH] = TEMPORARY[name]
    answer = browser.client.get("/auth/membership")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "7"


REFUSALS = {
    "401": Reply(401, HTML),
    "401 with nothing": Reply(401, b""),
    "22": envelope(22),
    "99": envelope(99),
    "2111": envelope(2111),
    "2115": envelope(2115, 500),
    "2122": envelope(2122),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_a_token_refused_right_after_its_refresh_does_not_sign_out(browser, front, folder, refusal):
    tiles_before = tiles(browser.open("/inventory/"))
    front.replies[API] = refusal
    page = browser.submit("/inventory/refresh")
    assert page.status == 200
    assert tiles(page) == tiles_before
    assert "Bungie refuses a sign-in that it has just renewed" in page.said[0]
    assert count_tokens(folder) == 1
    page = browser.open("/auth/membership")
    assert page.status == 502
    assert page.one("h1").text == "Bungie is having problems"
    front.replies.clear()
    assert browser.submit("/inventory/refresh").said == ["Read from Bungie just now."]


def test_a_token_that_another_request_refreshed_is_not_refreshed_again(browser, front):
    front.replies[API] = REFUSALS["99"]
    for _ in range(4):
        assert browser.submit("/inventory/refresh").status == 200
    assert front.requests_to(TOKEN_PATH) == 2  # the sign-in, and one refresh


def test_an_action_that_is_refused_with_a_fresh_token_is_reported_as_not_done(
    browser, bungie, front
):
    page = browser.open("/inventory/")
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    front.replies[API + "Actions/"] = REFUSALS["401"]
    status, answer = browser.json("/inventory/transfer", **fields(item, to))
    assert status == 502
    assert not answer["ok"]
    assert "was not done" in answer["message"]
    assert bungie.holder_of(item["data-item-instance-id"]) == "vault"
    assert browser.open("/inventory/").status == 200


LIFETIMES = [
    0,
    -1,
    -(10**12),
    10**12,
    10**400,
    1.5,
    0.25,
    "3600",
    "soon",
    "",
    None,
    True,
    [],
    {},
    "absent",
]


def replace_lifetime(name, value):
    """Return a function that changes a lifetime in a token answer."""

    def rewrite(content):
        answer = json.loads(content)
        answer[name] = value
        if value == "absent":
            del answer[name]
        return json.dumps(answer).encode()

    return rewrite


@pytest.mark.parametrize("name", ["expires_in", "refresh_expires_in"])
@pytest.mark.parametrize("value", LIFETIMES, ids=lambda value: str(value)[:12])
def test_an_unusual_lifetime_of_a_token_breaks_nothing(visitor, front, clock, name, value):
    front.rewrites[TOKEN_PATH] = replace_lifetime(name, value)
    assert visitor.sign_in(NO_ACCOUNT).status == 200
    assert count_refreshes(visitor, front) <= 1
    if name == "expires_in":  # else the refresh token may truly be over
        clock.advance_two_hours()
        assert count_refreshes(visitor, front) == 1


def count_refreshes(visitor, front):
    """Open a page that asks Bungie; return the number of token requests."""
    before = front.requests_to(TOKEN_PATH), front.requests_to(API)
    assert visitor.open("/auth/membership").status == 200
    assert front.requests_to(API) == before[1] + 1
    return front.requests_to(TOKEN_PATH) - before[0]


def test_an_answer_without_a_new_refresh_token_keeps_the_old_one(browser, front, clock, folder):
    def remove_refresh_token(content):
        answer = json.loads(content)
        answer.pop("refresh_token")
        answer.pop("membership_id")
        return json.dumps(answer).encode()

    front.rewrites[TOKEN_PATH] = remove_refresh_token
    clock.advance_two_hours()
    assert browser.submit("/inventory/refresh").said == ["Read from Bungie just now."]
    assert count_tokens(folder) == 1


def test_after_a_failed_early_refresh_the_old_token_is_used(browser, front, clock):
    clock.ahead = timedelta(minutes=59, seconds=30)
    front.replies[TOKEN_PATH] = TEMPORARY["server_error"]
    assert browser.submit("/inventory/refresh").said == ["Read from Bungie just now."]


def test_a_request_beyond_the_limit_of_waiting_requests_says_that_the_site_is_busy(
    browser, app, clock
):
    tiles_before = tiles(browser.open("/inventory/"))
    clock.advance_two_hours()
    session = hash_identifier(browser.client.get_cookie("session").value)
    store = app.extensions["destiny_web"].store
    with app.app_context():
        semaphore = waiting_semaphore()
    with store.lock(f"refresh {session}", ttl=60, wait=0), ExitStack() as stack:
        for _ in range(MAX_WAITING):
            stack.enter_context(semaphore)
        answer = browser.client.get("/auth/membership")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        assert "This site is busy" in answer.text
        page = browser.open("/inventory/")
        assert tiles(page) == tiles_before
        assert "This site is busy" in " ".join(page.said)
    assert browser.submit("/inventory/refresh").said == ["Read from Bungie just now."]


def return_from_bungie(visitor):
    """Consent at Bungie's page, and open the address that it redirects to."""
    address = visitor.client.get("/auth/login").headers["Location"]
    redirect = requests.post(address, data={"decision": "allow"}, allow_redirects=False, timeout=10)
    target = urlsplit(redirect.headers["Location"])
    return visitor.open(f"{target.path}?{target.query}")


@pytest.mark.parametrize(
    "reply",
    [
        failure("invalid_grant", "AuthorizationCodeInvalid"),
        failure("server_error", "AuthorizationCodeInvalid"),
        failure("server_error", "AuthorizationCodeStale"),
        failure("server_error", "AuthorizationRecordRevoked"),
    ],
)
def test_a_code_that_cannot_be_used_has_a_page(visitor, front, reply):
    front.replies[TOKEN_PATH] = reply
    page = return_from_bungie(visitor)
    assert page.status == 400
    assert page.one("h1").text == "That sign-in did not work"


TEMPORARY_AT_SIGN_IN = (
    "SystemDisabled",
    "invalid_client",
    "slow_down",
    "forbidden",
    "a page with 502",
    "nothing",
    "a list",
    "an envelope",
)


@pytest.mark.parametrize("name", TEMPORARY_AT_SIGN_IN)
def test_a_temporary_failure_of_a_sign_in_has_a_page(visitor, front, name):
    front.replies[TOKEN_PATH] = TEMPORARY[name]
    page = return_from_bungie(visitor)
    assert page.status in {502, 503}
    assert page.one("h1").text in {
        "Bungie is having problems",
        "Bungie is in maintenance",
        "Bungie asks us to slow down",
        "This site is not set up right",
    }
    assert visitor.open("/inventory/").status == 401
