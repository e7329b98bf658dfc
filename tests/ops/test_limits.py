"""Rate limits: for a player or an address, in Redis, in the store or in memory."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import requests
from flask import Flask

from destiny_web.app import create_app
from destiny_web.web import limits
from destiny_web.web.services import build_store
from tests.browsing import Browser
from tests.conftest import settings_for
from tests.serving import served

FEW = 0.01
"""Scales 600 a minute to 6, and 60 to 1."""


@contextmanager
def site(bungie, folder, **changes):
    app = create_app(settings_for(bungie, folder, **({"rate_limit_scale": FEW} | changes)))
    try:
        yield app
    finally:
        app.extensions["destiny_web"].store.close()


@pytest.fixture
def strict_app(bungie, folder):
    """A site with low limits."""
    with site(bungie, folder) as app:
        yield app


def statuses(app, path, times, address="192.0.2.1", **headers):
    client = app.test_client()
    options = {"environ_base": {"REMOTE_ADDR": address}, "headers": headers}
    codes = []
    for _ in range(times):
        with client.get(path, **options) as answer:
            codes.append(answer.status_code)
    return codes


def test_too_many_requests_get_the_time_to_wait(strict_app):
    assert statuses(strict_app, "/", 6) == [200] * 6
    answer = strict_app.test_client().get("/", environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert "Too fast" in answer.text
    assert f"wait {answer.headers['Retry-After']} seconds" in answer.text


def test_too_many_json_requests_get_json(strict_app):
    statuses(strict_app, "/", 6)
    answer = strict_app.test_client().get(
        "/", headers={"Accept": "application/json"}, environ_base={"REMOTE_ADDR": "192.0.2.1"}
    )
    assert answer.status_code == 429
    assert answer.json["ok"] is False
    assert "Retry-After" in answer.headers


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/static/css/site.css"])
def test_probes_and_static_files_are_not_limited(strict_app, path):
    codes = statuses(strict_app, path, 20, address="127.0.0.1", Host="127.0.0.1:5000")
    assert 429 not in codes
    assert statuses(strict_app, "/", 1, address="127.0.0.1") == [200], (
        "nor do they count for others"
    )


def test_readiness_requests_are_limited_by_address(bungie, folder):
    with site(bungie, folder, rate_limit_scale=1) as app:
        codes = statuses(app, "/readyz", limits.READINESS.per_minute + 1)
        assert codes == [200] * limits.READINESS.per_minute + [429]
        assert statuses(app, "/readyz", 1, address="192.0.2.2") == [200]
        assert statuses(app, "/", 1) == [200], "pages are counted apart"


def test_each_address_is_counted_by_itself(strict_app):
    statuses(strict_app, "/", 7)
    assert statuses(strict_app, "/", 1, address="192.0.2.2") == [200]


def test_the_addresses_of_one_network_of_ipv6_count_as_one(strict_app):
    codes = [
        statuses(strict_app, "/", 1, address=f"2001:db8::{number:x}")[0] for number in range(7)
    ]
    assert codes == [200] * 6 + [429]
    assert statuses(strict_app, "/", 1, address="2001:db8:0:1::1") == [200]


def test_signing_in_is_limited_more_tightly(strict_app):
    assert statuses(strict_app, "/auth/login", 2) == [302, 429]
    assert statuses(strict_app, "/auth/callback", 1) == [429], "both count together"
    assert statuses(strict_app, "/", 1) == [200], "pages are counted apart"


def test_players_behind_one_address_are_counted_apart(bungie, folder):
    with site(bungie, folder, rate_limit_scale=1) as app:
        first, second = Browser(app, bungie), Browser(app, bungie)
        first.sign_in()
        second.sign_in(bungie.add_player().bungie_id)
        for _ in range(limits.REFRESHES.per_minute):
            assert first.post("/inventory/refresh").status_code == 303
        assert first.post("/inventory/refresh").status_code == 429
        assert second.post("/inventory/refresh").status_code == 303
        assert first.open("/inventory/").status == 200, "pages are counted apart"


def test_actions_are_limited_for_a_player_on_any_address(bungie, folder):
    with site(bungie, folder, rate_limit_scale=1) as app:
        browser = Browser(app, bungie)
        browser.sign_in()
        token = browser.token()

        def act(number):
            return browser.client.post(
                "/inventory/lock",
                data={"csrf_token": token},
                environ_base={"REMOTE_ADDR": f"192.0.2.{number % 250}"},
                headers={"Accept": "application/json"},
            ).status_code

        codes = [act(number) for number in range(limits.ACTIONS.per_minute + 1)]
        assert codes == [422] * limits.ACTIONS.per_minute + [429]


def test_a_scale_of_zero_turns_every_limit_off(bungie, folder):
    with site(bungie, folder, rate_limit_scale=0) as app:
        assert set(statuses(app, "/auth/login", 100)) == {302}


def test_two_sites_over_one_redis_count_together(bungie, folder, redis):
    with (
        site(bungie, folder, redis_url=redis.url) as first,
        site(bungie, folder, redis_url=redis.url) as second,
    ):
        assert statuses(first, "/", 4) == [200] * 4
        assert statuses(second, "/", 3) == [200, 200, 429]


def test_two_sites_without_a_redis_count_each_for_itself(bungie, folder):
    with site(bungie, folder) as first, site(bungie, folder) as second:
        assert statuses(first, "/", 7)[-1] == 429
        assert statuses(second, "/", 1) == [200]


def test_two_sites_without_a_redis_count_sign_ins_together(bungie, folder):
    with (
        site(bungie, folder, rate_limit_scale=0.05) as first,
        site(bungie, folder, rate_limit_scale=0.05) as second,
    ):
        assert statuses(first, "/auth/login", 4) == [302] * 4
        assert statuses(second, "/auth/login", 3) == [302, 302, 429]
        assert statuses(first, "/auth/callback", 1) == [429]
        assert statuses(first, "/auth/login", 1, address="192.0.2.2") == [302]
        answer = first.test_client().get("/auth/login", environ_base={"REMOTE_ADDR": "192.0.2.1"})
        assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_processes_count_sign_ins_together(bungie, folder):
    with (
        served(bungie, folder, WEB_CONCURRENCY="2", RATE_LIMIT_SCALE="0.1") as address,
        ThreadPoolExecutor(8) as crowd,
    ):

        def begin(_):
            answer = requests.get(f"{address}/auth/login", timeout=30, allow_redirects=False)
            return answer.status_code

        codes = sorted(crowd.map(begin, range(40)))
    assert codes == [302] * 12 + [429] * 28


def test_the_count_of_sign_ins_starts_again_after_a_minute(bungie, folder):
    current_time = datetime.now(UTC)
    app = create_app(settings_for(bungie, folder, rate_limit_scale=FEW), now=lambda: current_time)
    assert statuses(app, "/auth/login", 2) == [302, 429]
    current_time += timedelta(seconds=59)
    assert statuses(app, "/auth/login", 1) == [429]
    current_time += timedelta(seconds=1)
    assert statuses(app, "/auth/login", 2) == [302, 429]
    app.extensions["destiny_web"].store.close()


def bare_site(settings):
    """Build a site with the limiter only: sessions would use the store, too."""
    app = Flask("bare_app")
    app.add_url_rule("/", "page", lambda: "served")
    app.add_url_rule("/auth/login", "auth.login", lambda: "served")
    limits.init_app(app, settings, build_store(settings))
    return app


@pytest.fixture
def bare_app(bungie, folder, lasting):
    """A site with the limiter only, over a Redis that can be stopped."""
    return bare_site(settings_for(bungie, folder, redis_url=lasting.url, rate_limit_scale=FEW))


def test_without_its_store_the_limiter_serves_and_counts_in_memory(bungie, folder):
    (folder / "store.sqlite").mkdir()
    app = bare_site(settings_for(bungie, folder, rate_limit_scale=0.05))
    app.register_error_handler(429, lambda _: ("", 429))
    codes = statuses(app, "/auth/login", 6)
    assert codes == [200] * 6


def test_a_redis_that_hangs_delays_one_request_only(bare_app, lasting):
    assert statuses(bare_app, "/", 2) == [200] * 2
    started_at = time.monotonic()
    with lasting.stuck():
        assert statuses(bare_app, "/", 6) == [200] * 6
    assert time.monotonic() - started_at < 3


def test_without_its_redis_the_limiter_serves_and_counts_in_memory(bare_app, lasting):
    assert statuses(bare_app, "/", 2) == [200] * 2
    lasting.stop()
    assert statuses(bare_app, "/", 7) == [200] * 6 + [429]


def test_fifty_actions_at_the_same_time_are_within_the_limit(bungie, folder):
    with (
        served(bungie, folder, WEB_CONCURRENCY="2") as address,
        requests.Session() as browser,
        ThreadPoolExecutor(50) as crowd,
    ):
        consent = browser.get(f"{address}/auth/login", timeout=30)
        page = browser.post(consent.url, data={"decision": "allow"}, timeout=60).text
        token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]
        items = list(dict.fromkeys(re.findall(r'data-item-instance-id="(\d+)"', page)))[:50]
        barrier = threading.Barrier(len(items))

        def lock(item):
            barrier.wait(30)
            return requests.post(
                f"{address}/inventory/lock",
                data={"csrf_token": token, "item_instance_id": item, "locked": "1"},
                cookies=browser.cookies.get_dict(),
                headers={"Accept": "application/json"},
                timeout=120,
            )

        answers = list(crowd.map(lock, items))
    assert {answer.status_code for answer in answers} <= {200, 409}
    # Two requests wait for the account's lock; all others are refused at once.
    for item, answer in zip(items, answers, strict=True):
        assert bungie.item(item).locked or not answer.ok
        assert answer.ok or "Nothing was done" in answer.json()["message"]


def test_the_counters_of_the_limiter_are_deleted_after_a_minute(strict_app):
    (limiter,) = strict_app.extensions["limiter"]
    counters = limiter.storage
    for number in range(50):
        statuses(strict_app, "/", 1, address=f"192.0.2.{number}")
    assert len(counters.expirations) == 50
    ends = time.time() + 61
    assert all(end <= ends for end in counters.expirations.values())
