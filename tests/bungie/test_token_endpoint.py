"""What an answer of the token endpoint means, whatever stands in it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destiny_web.bungie.answers import Answer
from destiny_web.bungie.errors import BungieError, CodeRefused, ConsentEnded, Throttled
from destiny_web.bungie.token_endpoint import ACCESS_LIFE, TokenEndpoint, life
from destiny_web.bungie.tokens import TokenSet

NOW = datetime(2026, 6, 30, tzinfo=UTC)
HELD = TokenSet(
    access_token="old",
    access_expires=NOW,
    refresh_token="refresh",
    refresh_expires=None,
    membership_id="1",
)
KINDS = ["invalid_grant", "server_error", "invalid_request", "slow_down", "temporarily_unavailable"]
RECORDS = ["AuthorizationRecordExpired", "AuthorizationRecordRevoked"]
CODES = ["AuthorizationCodeInvalid", "AuthorizationCodeStale"]
OTHERS = ["SystemDisabled", "RefreshTokenNotYetValid", "AccessTokenHasExpired", ""]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class CannedAnswers:
    """In place of the transport: always the same answer."""

    def __init__(self, status, content):
        self.answer = Answer("token endpoint", status, {}, content)

    def token(self, _form):
        return self.answer


def endpoint(status, body):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return TokenEndpoint(CannedAnswers(status, content), "1", "secret")


def failure(call):
    with pytest.raises(BungieError) as caught:
        call()
    return type(caught.value)


@given(
    st.sampled_from([400, 401, 403, 404, 429, 500, 502, 503]),
    st.sampled_from(KINDS),
    st.sampled_from(RECORDS + CODES + OTHERS),
)
def test_only_a_refused_grant_and_an_ended_consent_end_a_session(status, kind, description):
    body = {"error": kind, "error_description": description}
    final = status in {400, 401, 404} and kind != "slow_down" and description != "SystemDisabled"
    ended = final and (kind == "invalid_grant" or description in RECORDS)
    found = failure(lambda: endpoint(status, body).refresh(HELD, NOW))
    assert (found is ConsentEnded) == ended
    assert (found is Throttled) == (status == 429 or kind == "slow_down")
    unusable = final and (kind == "invalid_grant" or description in RECORDS + CODES)
    found = failure(lambda: endpoint(status, body).exchange("code", NOW))
    assert (found is CodeRefused) == unusable


@given(st.integers(200, 599), st.binary(max_size=40) | JSON)
def test_an_answer_without_tokens_is_a_failure_with_a_name(status, body):
    found = failure(lambda: endpoint(status, body).refresh(HELD, NOW))
    assert found is not ConsentEnded


@given(JSON)
def test_a_life_is_never_shorter_than_a_second_nor_longer_than_a_leap_year(seconds):
    found = life(seconds, ACCESS_LIFE)
    assert timedelta(seconds=1) <= found <= timedelta(days=366)


@given(st.integers(1, 366 * 86_400))
def test_a_possible_life_is_taken_at_its_word(seconds):
    assert life(seconds, ACCESS_LIFE) == timedelta(seconds=seconds)
    assert life(str(seconds), ACCESS_LIFE) == timedelta(seconds=seconds)


@given(JSON, JSON)
def test_an_answer_with_an_access_token_is_never_lost_for_what_else_stands_in_it(access, refresh):
    body = {
        "access_token": "new",
        "membership_id": "1",
        "expires_in": access,
        "refresh_token": refresh,
        "refresh_expires_in": refresh,
    }
    tokens = endpoint(200, body).refresh(HELD, NOW)
    assert tokens.refresh_token
    assert tokens.access_expires > NOW
