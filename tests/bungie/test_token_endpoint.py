"""The meaning of the token endpoint's answers, also of malformed ones."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destiny_web.bungie.errors import BungieError, CodeRefused, ConsentEnded, Throttled
from destiny_web.bungie.response import Response
from destiny_web.bungie.token_endpoint import ACCESS_LIFE, TokenEndpoint, parse_life
from destiny_web.bungie.tokens import TokenSet

NOW = datetime(2026, 6, 30, tzinfo=UTC)
STORED_TOKENS = TokenSet(
    access_token="old",
    access_expires=NOW,
    refresh_token="refresh",
    refresh_expires=None,
    membership_id="1",
)
ERRORS = [
    "invalid_grant",
    "server_error",
    "invalid_request",
    "slow_down",
    "temporarily_unavailable",
]
CONSENT_DESCRIPTIONS = ["AuthorizationRecordExpired", "AuthorizationRecordRevoked"]
CODE_DESCRIPTIONS = ["AuthorizationCodeInvalid", "AuthorizationCodeStale"]
OTHER_DESCRIPTIONS = ["SystemDisabled", "RefreshTokenNotYetValid", "AccessTokenHasExpired", ""]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class FixedTransport:
    """Stands in for the transport: always the same response."""

    def __init__(self, status, content):
        self.response = Response("token endpoint", status, {}, content)

    def request_tokens(self, _form):
        return self.response


def endpoint(status, body):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return TokenEndpoint(FixedTransport(status, content), "1", "secret")


def failure_of(call):
    with pytest.raises(BungieError) as caught:
        call()
    return type(caught.value)


@given(
    st.sampled_from([400, 401, 403, 404, 429, 500, 502, 503]),
    st.sampled_from(ERRORS),
    st.sampled_from(CONSENT_DESCRIPTIONS + CODE_DESCRIPTIONS + OTHER_DESCRIPTIONS),
)
def test_only_a_refused_grant_and_an_ended_consent_end_a_session(status, error, description):
    body = {"error": error, "error_description": description}
    final = status in {400, 401, 404} and error != "slow_down" and description != "SystemDisabled"
    ended = final and (error == "invalid_grant" or description in CONSENT_DESCRIPTIONS)
    failure_class = failure_of(lambda: endpoint(status, body).refresh(STORED_TOKENS, NOW))
    assert (failure_class is ConsentEnded) == ended
    assert (failure_class is Throttled) == (status == 429 or error == "slow_down")
    unusable = final and (
        error == "invalid_grant" or description in CONSENT_DESCRIPTIONS + CODE_DESCRIPTIONS
    )
    failure_class = failure_of(lambda: endpoint(status, body).exchange("code", NOW))
    assert (failure_class is CodeRefused) == unusable


@given(st.integers(200, 599), st.binary(max_size=40) | JSON)
def test_an_answer_without_tokens_is_a_failure(status, body):
    failure_class = failure_of(lambda: endpoint(status, body).refresh(STORED_TOKENS, NOW))
    assert failure_class is not ConsentEnded


@given(JSON)
def test_a_life_is_never_shorter_than_a_second_nor_longer_than_a_leap_year(seconds):
    lifetime = parse_life(seconds, ACCESS_LIFE)
    assert timedelta(seconds=1) <= lifetime <= timedelta(days=366)


@given(st.integers(1, 366 * 86_400))
def test_a_possible_life_is_used_as_it_is(seconds):
    assert parse_life(seconds, ACCESS_LIFE) == timedelta(seconds=seconds)
    assert parse_life(str(seconds), ACCESS_LIFE) == timedelta(seconds=seconds)


@given(JSON, JSON)
def test_an_answer_with_an_access_token_is_used_even_if_its_other_fields_are_malformed(
    expires_in, refresh
):
    body = {
        "access_token": "new",
        "membership_id": "1",
        "expires_in": expires_in,
        "refresh_token": refresh,
        "refresh_expires_in": refresh,
    }
    tokens = endpoint(200, body).refresh(STORED_TOKENS, NOW)
    assert tokens.refresh_token
    assert tokens.access_expires > NOW
