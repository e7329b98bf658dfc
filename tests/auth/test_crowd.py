"""Two hundred players at once, two processes, and every access token expired."""

from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from bungie_sandbox.server import running
from tests.serving import served

PLAYERS, REQUESTS, AT_ONCE = 200, 20, 12

pytestmark = pytest.mark.xdist_group("crowd")


@pytest.fixture(params=["sqlite", "redis"])
def place(request, folder):
    """What a site needs besides its folder to keep its sessions in one of the stores."""
    more = {"WEB_CONCURRENCY": "2", "RATE_LIMIT_SCALE": "0"}
    if request.param == "redis":
        more["REDIS_URL"] = request.getfixturevalue("redis").url
    return folder, more


def sign_in(address, player):
    """Sign one player in; return the browser."""
    browser = requests.Session()
    # A server may close a connection that has been idle, just as it is used again.
    retry = Retry(total=3, read=3, allowed_methods={"GET"}, backoff_factor=0.05)
    browser.mount("http://", HTTPAdapter(max_retries=retry))
    consent = browser.get(f"{address}/auth/login", timeout=60)
    page = browser.post(
        consent.url, data={"decision": "allow", "player": player.bungie_id}, timeout=60
    )
    assert page.status_code == 200, page.url
    return browser


def test_each_session_refreshes_once_and_nobody_sees_anybody_else(place):
    folder, more = place
    with running(players=PLAYERS, vault=0, characters=1) as bungie:
        bungie.bungie.journal.entries = deque(maxlen=100_000)
        crowd = bungie.world.players[-PLAYERS:]
        with served(bungie, folder, **more) as address, ThreadPoolExecutor(AT_ONCE) as pool:
            browsers = list(pool.map(lambda one: sign_in(address, one), crowd))
            bungie.clock.advance(2 * 3600)  # access tokens last an hour
            bungie.bungie.journal.entries.clear()

            def look(number):
                answer = browsers[number].get(f"{address}/auth/membership", timeout=60)
                return number, answer.status_code, answer.text

            order = [number for number in range(PLAYERS) for _ in range(REQUESTS)]
            names = [one.full_name for one in crowd]
            for number, status, text in pool.map(look, order):
                assert status == 200
                assert f"<bdi>{names[number]}</bdi>" in text
                strangers = (names[number - 1], names[(number + 1) % PLAYERS])
                assert not any(f"<bdi>{name}</bdi>" in text for name in strangers)
            for browser in browsers:
                browser.close()
        refreshes = Counter(
            one.body.get("grant_type")
            for one in bungie.requests
            if one.operation == "Token" and one.status == 200
        )
        refused = [one for one in bungie.requests if one.operation == "Token" and one.status != 200]
    assert refreshes == {"refresh_token": PLAYERS}
    assert refused == []
