"""Many healthy players at the same moment, with a Bungie that takes half a second to answer."""

import re
import time
from collections import Counter, deque
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial

import pytest
import requests

from bungie_sandbox.server import running
from tests.auth.test_crowd import sign_in
from tests.serving import served

# The proportion of 200 players to two processes.
PLAYERS, PROCESSES = 100, 1
LATENCY = 0.5
THREADS = 16  # gunicorn.conf.py

pytestmark = pytest.mark.xdist_group("crowd")


@dataclass
class Rush:
    """Responses to a rush of players, and durations in seconds."""

    statuses: Counter
    messages: Counter
    health: int
    refreshes: int
    health_seconds: float
    seconds: float


@pytest.mark.parametrize("expired", [False, True], ids=["fresh tokens", "expired tokens"])
def test_players_who_come_at_once_are_all_served(folder, expired):
    rush = come_at_once(folder, PLAYERS, PROCESSES, expired=expired)
    assert rush.statuses == {200: PLAYERS}
    assert rush.messages == {"Read from Bungie just now.": PLAYERS}
    assert rush.health == 200
    assert rush.refreshes == (PLAYERS if expired else 0)


def test_a_token_endpoint_that_hangs_leaves_threads_for_other_pages(bungie, folder):
    with served(bungie, folder) as address, ThreadPoolExecutor(THREADS) as pool:
        browser = sign_in(address, bungie.player())
        bungie.clock.advance(2 * 3600)
        bungie.fail_next("Token", "hang", times=-1)
        cookies = browser.cookies.get_dict()
        get_page = partial(requests.get, f"{address}/auth/membership", cookies=cookies, timeout=60)
        futures = [pool.submit(get_page) for _ in range(THREADS)]
        first_done = wait(futures, return_when=FIRST_COMPLETED).done
        assert {future.result().status_code for future in first_done} == {503}
        # One request refreshes the session's tokens, and most of the others wait for it.
        assert requests.get(f"{address}/healthz", timeout=5).status_code == 200
        assert sum(not future.done() for future in futures) > THREADS / 2
        pages = [future.result().text for future in futures]
        titles = Counter(re.search("<h1[^>]*>([^<]+)", page)[1] for page in pages)
        browser.close()
    assert titles == {"This site is busy": 3, "Bungie is having problems": 13}


def come_at_once(folder, players, processes, *, expired):
    """Sign *players* in, refresh all their accounts at the same time, and return the results."""
    with running(players=players, vault=0, characters=1) as bungie:
        bungie.bungie.journal.entries = deque(maxlen=100_000)
        more = {"WEB_CONCURRENCY": str(processes), "RATE_LIMIT_SCALE": "0"}
        with served(bungie, folder, **more) as address, ThreadPoolExecutor(players) as pool:
            with ThreadPoolExecutor(8) as small_pool:
                crowd = bungie.world.players[-players:]
                browsers = list(small_pool.map(lambda player: sign_in(address, player), crowd))
                tokens = list(
                    small_pool.map(lambda browser: csrf_token(browser, address), browsers)
                )
            if expired:
                bungie.clock.advance(2 * 3600)  # access tokens last an hour
            bungie.configure(latency={"*": [LATENCY, LATENCY]})
            bungie.bungie.journal.entries.clear()
            started_at = time.monotonic()
            futures = [
                pool.submit(
                    browser.post,
                    f"{address}/inventory/refresh",
                    data={"csrf_token": token},
                    timeout=60,
                )
                for browser, token in zip(browsers, tokens, strict=True)
            ]
            probed_at = time.monotonic()
            health = requests.get(f"{address}/healthz", timeout=30).status_code
            health_seconds = time.monotonic() - probed_at
            pages = [future.result() for future in futures]
            seconds = time.monotonic() - started_at
            for browser in browsers:
                browser.close()
        refreshes = sum(
            entry.operation == "Token" and entry.status == 200 for entry in bungie.requests
        )
    return Rush(
        statuses=Counter(page.status_code for page in pages),
        messages=Counter(message for page in pages for message in messages(page.text)),
        health=health,
        refreshes=refreshes,
        health_seconds=round(health_seconds, 2),
        seconds=round(seconds, 2),
    )


def csrf_token(browser, address):
    """Return the CSRF token of this browser's session."""
    page = browser.get(f"{address}/", timeout=60).text
    return re.search(r'name="csrf-token" content="([^"]+)"', page)[1]


def messages(html):
    """List the messages of a page about its action and about Bungie."""
    contents = re.findall(r'role="(?:alert|status)"[^>]*>(.*?)</', html, re.DOTALL)
    texts = [re.sub(r"<[^>]+>", "", content).strip() for content in contents]
    return [text for text in texts if text]
