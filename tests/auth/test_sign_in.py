"""Signing in with Bungie, over the real pages of a Bungie.net."""

import sqlite3
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from destiny_web.auth.gate import PUBLIC, safe_path

SEVERAL_ACCOUNTS, NO_ACCOUNT = "20006002", "20006003"


def begin(visitor, path=""):
    return visitor.client.get(f"/auth/login{path}").headers["Location"]


def cookie(visitor):
    session_cookie = visitor.client.get_cookie("session")
    return session_cookie.value if session_cookie else None


def test_a_player_signs_in_and_sees_the_inventory(visitor):
    page = visitor.sign_in()
    assert page.status == 200
    assert page.path == "/inventory/"
    assert "Cayde#0006" in page.text


def test_the_way_to_bungie_has_a_state_and_neither_scope_nor_redirect(visitor, bungie):
    address = urlsplit(begin(visitor))
    query = parse_qs(address.query)
    assert f"{address.scheme}://{address.netloc}" == bungie.root
    assert address.path == "/en/OAuth/Authorize"
    assert set(query) == {"client_id", "response_type", "state"}
    assert len(query["state"][0]) >= 20


def test_two_sign_ins_have_two_states(visitor):
    assert begin(visitor) != begin(visitor)


@pytest.mark.parametrize("query", ["", "?code=1", "?code=1&state=of-somebody-else", "?state=1"])
def test_a_callback_without_a_sign_in_under_way_signs_no_player_in(visitor, query):
    begin(visitor)
    page = visitor.open(f"/auth/callback{query}")
    assert page.status == 400
    assert page.one("a", href="/auth/login").text == "Sign in with Bungie"
    assert visitor.open("/inventory/").status == 401


def test_a_callback_works_once(visitor):
    callback = requests.post(
        begin(visitor), data={"decision": "allow"}, allow_redirects=False, timeout=10
    ).headers["Location"]
    path = "{0.path}?{0.query}".format(urlsplit(callback))
    assert visitor.open(path).status == 200
    assert visitor.open(path).status == 400


def test_the_front_page_is_for_visitors_and_leads_a_player_to_the_inventory(visitor):
    assert visitor.open("/").one("main").one("a", href="/auth/login").text
    visitor.sign_in()
    answer = visitor.client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/inventory/")
    visitor.submit("/auth/logout")
    assert visitor.open("/").status == 200


def test_a_player_who_declines_is_told_that_nothing_was_kept(visitor):
    page = visitor.sign_in(decision="deny")
    assert page.status == 400
    assert "Nothing was kept" in page.text


def test_maintenance_at_the_token_endpoint_is_not_the_players_fault(visitor, bungie):
    bungie.fail_next("Token", "maintenance")
    page = visitor.sign_in()
    assert page.status in {502, 503}
    assert "Bungie" in page.one("h1").text


def test_the_session_gets_a_new_id_at_sign_in_and_at_sign_out(visitor):
    begin(visitor)
    before = cookie(visitor)
    visitor.sign_in()
    signed_in = cookie(visitor)
    assert signed_in != before
    visitor.submit("/auth/logout")
    assert cookie(visitor) != signed_in
    visitor.client.set_cookie("session", signed_in)
    assert visitor.open("/inventory/").status == 401
    visitor.client.set_cookie("session", before)
    assert visitor.open("/inventory/").status == 401


def test_an_id_that_the_browser_made_up_is_not_taken(visitor):
    invented_id = "a" * 43
    visitor.client.set_cookie("session", invented_id)
    visitor.sign_in()
    assert cookie(visitor) != invented_id


def test_signing_out_is_a_post(browser):
    assert browser.client.get("/auth/logout").status_code == 405
    assert browser.open("/inventory/").status == 200


def test_signing_out_deletes_the_tokens(browser, folder):
    def dump_store():
        with closing(sqlite3.connect(folder / "store.sqlite")) as database:
            return "\n".join(database.iterdump())

    assert "'tokens'" in dump_store()
    page = browser.submit("/auth/logout")
    assert "signed out" in page.said[0]
    assert "'tokens'" not in dump_store()


def test_no_token_is_ever_in_a_cookie_a_page_or_the_store(browser, bungie, folder):
    page = browser.open("/inventory/")
    files = b"".join(file.read_bytes() for file in folder.glob("store.sqlite*"))
    visible = page.html.encode() + (cookie(browser) or "").encode() + files
    oauth = bungie.bungie.oauth
    tokens = [*oauth._access, *oauth._refresh]  # noqa: SLF001
    assert tokens
    assert not [token for token in tokens if token.encode() in visible]
    assert (cookie(browser) or "").encode() not in files


def test_the_cookie_is_for_the_server_alone(visitor):
    answer = visitor.client.get("/auth/login")
    (header,) = answer.headers.getlist("Set-Cookie")
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "Path=/" in header
    assert "Domain" not in header


def test_an_expired_token_is_refreshed_without_the_player_noticing(browser, bungie):
    browser.open("/inventory/")
    bungie.clock.advance(3 * 3600)
    page = browser.submit("/inventory/refresh")
    assert "Read from Bungie just now." in page.said


def test_withdrawn_consent_signs_out_with_a_way_back(browser, bungie):
    bungie.bungie.oauth.withdraw("20006001")
    bungie.clock.advance(3 * 3600)  # an access token works until it ends
    assert browser.submit("/inventory/refresh").status == 401
    page = browser.open("/inventory/?on=vault")
    assert page.status == 401
    assert page.one("a", href="/auth/login?next=%2Finventory%2F%3Fon%3Dvault")


def test_a_player_with_several_accounts_chooses_one(visitor):
    page = visitor.sign_in(SEVERAL_ACCOUNTS)
    assert page.path.startswith("/auth/membership")
    values = [element.attributes["value"] for element in page.all("input", name_="membership")]
    assert len(values) == 2
    page = visitor.submit("/auth/membership", membership=values[1])
    assert page.path == "/inventory/"
    assert page.status == 200


def test_an_account_that_is_not_the_players_cannot_be_chosen(visitor):
    visitor.sign_in(SEVERAL_ACCOUNTS)
    page = visitor.submit("/auth/membership", membership="3-4611686018400000000")
    assert page.path == "/auth/membership"
    assert page.alerts


def test_a_player_without_destiny_gets_a_page_that_says_so(visitor):
    page = visitor.sign_in(NO_ACCOUNT)
    assert page.status == 200
    assert not page.all("input", name_="membership")
    assert "Destiny 2" in page.text


def test_the_player_comes_back_to_where_they_were(visitor):
    page = visitor.sign_in(path="?next=/inventory/%3Fon=vault")
    assert page.path == "/inventory/?on=vault"


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\/evil.example",
        "/\t/evil.example/",
        "/\n/evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "inventory/",
        "",
        None,
        "///evil.example",
        "/[",
    ],
)
def test_the_redirect_after_a_sign_in_never_leads_to_another_site(path):
    safe = safe_path(path, "/home")
    assert safe == "/home" or (safe.startswith("/[") and path == "/[")


@pytest.mark.parametrize("path", ["/", "/inventory/", "/inventory/?on=vault&q=a%20b#x"])
def test_the_redirect_after_a_sign_in_may_lead_to_a_path_of_this_site(path):
    assert safe_path(path, "/home") == path


def test_every_route_is_public_by_name_or_demands_a_player(visitor, app):
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<path:filename>", "css/site.css")
        path = path.replace("<instance_id>", "1").replace("<owner>", "vault")
        path = path.replace("<int:item_hash>", "1")
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            with visitor.client.open(path, method=method) as answer:
                status = answer.status_code
            assert (status == 401) == (rule.endpoint not in PUBLIC), (rule.rule, method, status)


def test_every_post_demands_a_token(browser, app):
    posts = [rule for rule in app.url_map.iter_rules() if "POST" in rule.methods]
    assert len(posts) > 5
    for rule in posts:
        answer = browser.client.post(rule.rule)
        assert answer.status_code == 400, rule.rule
        assert b"no longer good" in answer.data


def test_a_token_of_another_session_is_refused(browser, app, bungie):
    from tests.browsing import Browser  # noqa: PLC0415

    second = Browser(app, bungie)
    second.sign_in()
    answer = browser.client.post("/inventory/refresh", data={"csrf_token": second.token()})
    assert answer.status_code == 400
