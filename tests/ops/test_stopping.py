"""Signals that stop the site."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.serving import left, started

READ = "GetProfile"
SLOW = 3.0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_request_that_is_under_way_is_finished_when_the_site_is_stopped(bungie, folder, number):
    with ThreadPoolExecutor(1) as crowd, requests.Session() as browser:
        with started(bungie, folder) as (master, address):
            consent = browser.get(f"{address}/auth/login", timeout=30)
            token = browser.post(consent.url, data={"decision": "allow"}, timeout=60).text
            token = token.partition('name="csrf-token" content="')[2].partition('"')[0]
            bungie.configure(latency={READ: (SLOW, SLOW)})
            reads_before = sum(entry.operation == READ for entry in bungie.requests)
            running_request = crowd.submit(
                browser.post,
                f"{address}/inventory/refresh",
                data={"csrf_token": token},
                allow_redirects=False,
                timeout=60,
            )
            while sum(entry.operation == READ for entry in bungie.requests) == reads_before:
                assert not running_request.done(), running_request.result().text
            stopped_at = time.monotonic()
            master.send_signal(number)
            master.wait(timeout=60)
        assert time.monotonic() - stopped_at > SLOW / 2, "it has waited for the running request"
        answer = running_request.result()
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/inventory/")


@pytest.mark.parametrize("after", [(), (signal.SIGTERM,)], ids=["quick", "quick-after-graceful"])
def test_no_number_of_signals_leaves_a_worker_that_keeps_the_port(bungie, folder, after):
    with started(bungie, folder, WEB_CONCURRENCY="2") as (master, address):
        for number in (*after, *(signal.SIGINT, signal.SIGQUIT) * 100):
            # As a terminal's Ctrl-C does, to all of the group: master and workers.
            os.killpg(master.pid, number)
        master.wait(timeout=20)
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{address}/healthz", timeout=30)
        assert left(master.pid) == []
        assert "Traceback" not in (folder / "gunicorn.log").read_text()
