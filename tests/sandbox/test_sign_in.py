"""OAuth 2 with Bungie's peculiarities."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from bungie_sandbox.options import PUBLIC_CLIENT_ID
from bungie_sandbox.server import Sandbox, running
from tests.sandbox.client import SandboxClient

CALLBACK = "http://127.0.0.1:5000/auth/callback"


def authorize(bungie: Sandbox, decision: str | None = None, language: str = "en", **query: str):
    """Open the consent page, or press one of its buttons."""
    parameters = {"client_id": bungie.client_id, "response_type": "code", "state": "s/1"} | query
    parameters = {name: value for name, value in parameters.items() if value}
    address = f"{bungie.root}/{language}/OAuth/Authorize"
    if decision is None:
        return requests.get(address, params=parameters, timeout=30)
    form = {"decision": decision, "player": bungie.player().bungie_id}
    return requests.post(address, params=parameters, data=form, allow_redirects=False, timeout=30)


def request_code(bungie: Sandbox, **query: str) -> str:
    """A code for the default player."""
    location = authorize(bungie, "allow", **query).headers["Location"]
    return parse_qs(urlsplit(location).query)["code"][0]


def request_token(bungie: Sandbox, auth=None, **form: str) -> requests.Response:
    """Ask the token endpoint, as the confidential application unless the form says otherwise."""
    fields = {"client_id": bungie.client_id, "client_secret": bungie.client_secret} | form
    fields = {name: value for name, value in fields.items() if value}
    address = f"{bungie.root}/Platform/App/OAuth/token/"
    return requests.post(address, data=fields, auth=auth, timeout=30)


def sign_in(bungie: Sandbox) -> dict:
    """Sign in through the consent page, and return the tokens."""
    return request_token(bungie, grant_type="authorization_code", code=request_code(bungie)).json()


def error_of(answer: requests.Response) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["error"], body["error_description"]


@pytest.mark.parametrize("language", ["en", "de", "pt-br"])
def test_the_consent_page_lists_the_players_with_the_default_first(bungie, language):
    page = authorize(bungie, language=language)
    assert page.status_code == 200
    assert page.text.index("Cayde#0006") < page.text.index("Zavala#0104")
    assert "<script" not in page.text


def test_allowing_sends_a_code_and_the_state_back(bungie):
    answer = authorize(bungie, "allow")
    assert answer.status_code == 302
    target, _, query = answer.headers["Location"].partition("?")
    assert target == CALLBACK
    assert parse_qs(query)["state"] == ["s/1"]
    assert parse_qs(query)["code"]


def test_denying_sends_an_error_and_no_code(bungie):
    query = parse_qs(urlsplit(authorize(bungie, "deny").headers["Location"]).query)
    assert query["error"] == ["access_denied"]
    assert query["state"] == ["s/1"]
    assert "code" not in query


def test_a_state_that_was_not_sent_does_not_come_back(bungie):
    assert "state" not in authorize(bungie, "allow", state="").headers["Location"]


@pytest.mark.parametrize(
    "query",
    [
        {"client_id": "1"},
        {"client_id": ""},
        {"response_type": "token"},
        {"response_type": ""},
        {"scope": "ReadBasicUserProfile"},
        {"redirect_uri": "https://elsewhere.example/callback"},
        {"redirect_uri": "http://127.0.0.1:5000/another/path"},
    ],
)
@pytest.mark.parametrize("decision", [None, "allow"])
def test_a_bad_query_gets_a_page_and_is_not_redirected(bungie, query, decision):
    answer = authorize(bungie, decision, **query)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("text/html")


def test_another_port_on_loopback_is_accepted(bungie):
    other_port_address = "http://127.0.0.1:5099/auth/callback"
    answer = authorize(bungie, "allow", redirect_uri=other_port_address)
    assert answer.headers["Location"].startswith(other_port_address)


def test_a_redirect_address_without_https_elsewhere_is_refused(bungie):
    bungie.redirect_uri = "http://elsewhere.example/callback"
    try:
        assert authorize(bungie, "allow").status_code == 400
    finally:
        bungie.redirect_uri = CALLBACK


def test_a_registered_address_with_a_query_keeps_it(bungie):
    bungie.redirect_uri = "https://site.example/callback?from=bungie"
    try:
        location = authorize(bungie, "allow").headers["Location"]
    finally:
        bungie.redirect_uri = CALLBACK
    assert location.startswith("https://site.example/callback?from=bungie&code=")


@pytest.mark.parametrize("basic", [False, True])
def test_a_code_becomes_a_pair_of_tokens(bungie, basic):
    credentials = (bungie.client_id, bungie.client_secret) if basic else None
    no_fields = {"client_id": "", "client_secret": ""} if basic else {}
    answer = request_token(
        bungie, credentials, grant_type="authorization_code", code=request_code(bungie), **no_fields
    )
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["refresh_expires_in"]) == (
        "Bearer", 3600, 7776000,
    )  # fmt: skip
    assert body["membership_id"] == bungie.player().bungie_id
    assert body["access_token"] != body["refresh_token"]


@pytest.mark.parametrize("path", ["/platform/app/oauth/token/", "/Platform/App/OAuth/Token/"])
def test_the_token_path_is_matched_in_any_case(bungie, path):
    assert requests.post(bungie.root + path, data={}, timeout=30).status_code == 400


def test_a_code_works_once(bungie):
    code = request_code(bungie)
    assert request_token(bungie, grant_type="authorization_code", code=code).status_code == 200
    again = request_token(bungie, grant_type="authorization_code", code=code)
    assert error_of(again) == (400, "invalid_grant", "AuthorizationCodeInvalid")


def test_a_code_expires(bungie):
    code = request_code(bungie)
    bungie.clock.advance(301)
    answer = request_token(bungie, grant_type="authorization_code", code=code)
    assert error_of(answer) == (400, "server_error", "AuthorizationCodeStale")


@pytest.mark.parametrize(
    ("form", "error", "description"),
    [
        ({}, "invalid_request", "Missing required parameter grant_type"),
        ({"client_id": "x"}, "invalid_request", "Cannot parse client_id"),
        ({"client_id": ""}, "invalid_request", "Cannot parse client_id"),
        ({"client_secret": "wrong"}, "invalid_client", "ApplicationCredentialsInvalid"),
        ({"code": "wrong"}, "invalid_grant", "AuthorizationCodeInvalid"),
    ],
)
def test_a_bad_token_request_gets_an_oauth_error(bungie, form, error, description):
    grant = {"grant_type": "authorization_code"} if form else {}
    assert error_of(request_token(bungie, **(grant | form))) == (400, error, description)


def test_a_json_body_has_no_grant_type(bungie):
    answer = requests.post(
        f"{bungie.root}/Platform/App/OAuth/token/", json={"grant_type": "x"}, timeout=30
    )
    assert error_of(answer)[2] == "Missing required parameter grant_type"


def refresh_tokens(bungie, refresh_token):
    return request_token(bungie, grant_type="refresh_token", refresh_token=refresh_token)


def test_a_refresh_hands_out_a_new_pair(bungie):
    first = sign_in(bungie)
    second = refresh_tokens(bungie, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    with SandboxClient(bungie) as client:
        client.session.headers["Authorization"] = f"Bearer {second['access_token']}"
        assert client.read("/User/GetMembershipsForCurrentUser/")


def test_the_journal_has_the_form_of_a_token_request_without_its_secrets(bungie):
    tokens = sign_in(bungie)
    request_token(bungie, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    entries = [entry for entry in bungie.requests if entry.operation == "Token"]
    grants = [entry.body["grant_type"] for entry in entries]
    assert grants == ["authorization_code", "refresh_token"]
    assert tokens["refresh_token"] not in str([entry.body for entry in entries])


def test_a_refresh_token_works_once(bungie):
    first = sign_in(bungie)
    refresh_tokens(bungie, first["refresh_token"])
    assert refresh_tokens(bungie, first["refresh_token"]).status_code == 400


def test_a_withdrawn_consent_takes_effect_at_refresh(bungie, client):
    refresh_token = client.tokens["refresh_token"]
    bungie.bungie.oauth.withdraw(client.player.bungie_id)
    assert client.read("/User/GetMembershipsForCurrentUser/")
    assert error_of(refresh_tokens(bungie, refresh_token)) == (
        400, "server_error", "AuthorizationRecordRevoked",
    )  # fmt: skip


def test_a_consent_ends_after_a_year_however_often_it_is_refreshed(bungie):
    tokens = sign_in(bungie)
    for _ in range(6):
        bungie.clock.advance(60 * 86400)
        tokens = refresh_tokens(bungie, tokens["refresh_token"]).json()
    bungie.clock.advance(6 * 86400)
    answer = refresh_tokens(bungie, tokens["refresh_token"])
    assert error_of(answer)[2] == "AuthorizationRecordExpired"


def test_a_refresh_token_expires(bungie):
    tokens = sign_in(bungie)
    bungie.clock.advance(7776001)
    assert error_of(refresh_tokens(bungie, tokens["refresh_token"]))[2] == "RefreshTokenExpired"


def test_a_public_application_gets_no_refresh_token(bungie):
    code = request_code(bungie, client_id=PUBLIC_CLIENT_ID)
    answer = request_token(bungie, client_id=PUBLIC_CLIENT_ID, client_secret="",
                   grant_type="authorization_code", code=code)  # fmt: skip
    assert answer.status_code == 200
    assert answer.json().keys().isdisjoint({"refresh_token", "refresh_expires_in"})


def test_another_applications_code_is_refused(bungie):
    code = request_code(bungie, client_id=PUBLIC_CLIENT_ID)
    answer = request_token(bungie, grant_type="authorization_code", code=code)
    assert error_of(answer)[1] == "invalid_grant"


def test_every_player_can_be_chosen(bungie):
    for player in bungie.world.players:
        address = f"{bungie.root}/en/OAuth/Authorize"
        query = {"client_id": bungie.client_id, "response_type": "code"}
        form = {"decision": "allow", "player": player.bungie_id}
        answer = requests.post(address, params=query, data=form, allow_redirects=False, timeout=30)
        code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
        response = request_token(bungie, grant_type="authorization_code", code=code).json()
        assert response["membership_id"] == player.bungie_id


def test_credentials_can_be_set():
    with running(client_id="77", client_secret="mine", api_key="k", vault=0) as bungie:
        assert sign_in(bungie)["membership_id"]
        with SandboxClient(bungie) as client:
            assert client.read(client.path, "100")
