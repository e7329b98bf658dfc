"""Stopping and probing, as whoever runs the site does it."""

import time
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.serving import served

READ = "GetProfile"
SLOW = 3.0


def test_a_request_that_is_under_way_is_finished_when_the_site_is_stopped(bungie, folder):
    with ThreadPoolExecutor(1) as crowd, requests.Session() as browser:
        with served(bungie, folder) as address:
            consent = browser.get(f"{address}/auth/login", timeout=30)
            token = browser.post(consent.url, data={"decision": "allow"}, timeout=60).text
            token = token.partition('name="csrf-token" content="')[2].partition('"')[0]
            bungie.configure(latency={READ: (SLOW, SLOW)})
            read = sum(one.operation == READ for one in bungie.requests)
            slow = crowd.submit(
                browser.post,
                f"{address}/inventory/refresh",
                data={"csrf_token": token},
                allow_redirects=False,
                timeout=60,
            )
            while sum(one.operation == READ for one in bungie.requests) == read:
                assert not slow.done(), slow.result().text
            begun = time.monotonic()
        # Here SIGTERM was sent, and the process has ended.
        assert time.monotonic() - begun > SLOW / 2, "it has waited for what was under way"
        answer = slow.result()
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/inventory/")
