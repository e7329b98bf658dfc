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
def site_options(request, folder):
    """Folder and environment of a site with its sessions in one of the stores."""
    variables = {"WEB_CONCURRENCY": "2", "RATE_LIMIT_SCALE": "0"}
    if request.param == "redis":
        variables["REDIS_URL"] = request.getfixturevalue("redis").url
    return folder, variables


def sign_in(address, player):
    """Sign one player in; return the browser."""
    browser = requests.Session()
    # A server may close an idle connection at the moment when it is used again.
    retry = Retry(total=3, read=3, allowed_methods={"GET"}, backoff_factor=0.05)
    browser.mount("http://", HTTPAdapter(max_retries=retry))
    consent = browser.get(f"{address}/auth/login", timeout=60)
    page = browser.post(
        consent.url, data={"decision": "allow", "player": player.bungie_id}, timeout=60
    )
    assert page.status_code == 200, page.url
    return browser


def test_each_session_refreshes_once_and_no_player_sees_another(site_options):
    folder, variables = site_options
    with running(players=PLAYERS, vault=0, characters=1) as bungie:
        bungie.bungie.journal.entries = deque(maxlen=100_000)
        crowd = bungie.world.players[-PLAYERS:]
        with served(bungie, folder, **variables) as address, ThreadPoolExecutor(AT_ONCE) as pool:
            browsers = list(pool.map(lambda player: sign_in(address, player), crowd))
            bungie.clock.advance(2 * 3600)  # access tokens last an hour
            bungie.bungie.journal.entries.clear()

            def open_page(number):
                answer = browsers[number].get(f"{address}/auth/membership", timeout=60)
                return number, answer.status_code, answer.text

            order = [number for number in range(PLAYERS) for _ in range(REQUESTS)]
            names = [player.full_name for player in crowd]
            for number, status, text in pool.map(open_page, order):
                assert status == 200
                assert f"<bdi>{names[number]}</bdi>" in text
                strangers = (names[number - 1], names[(number + 1) % PLAYERS])
                assert not any(f"<bdi>{name}</bdi>" in text for name in strangers)
            for browser in browsers:
                browser.close()
        token_requests = [entry for entry in bungie.requests if entry.operation == "Token"]
    assert Counter(entry.status for entry in token_requests) == {200: PLAYERS}
    assert Counter(entry.body.get("grant_type") for entry in token_requests) == {
        "refresh_token": PLAYERS
    }
