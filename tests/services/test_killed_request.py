"""A process that is killed in the middle of a job: the repeated request does nothing twice."""

import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.inventory.worlds import fields
from tests.services.test_reports import SignedIn, a_stack, carried_out, page_of
from tests.serving import served


def worker_of(folder) -> int:
    """Return the process id of the one worker that serves."""
    log = (folder / "gunicorn.log").read_text()
    return int(re.findall(r"Booting worker with pid: (\d+)", log)[-1])


@pytest.mark.parametrize("store", ["sqlite", "redis"])
def test_a_request_whose_process_was_killed_is_not_sent_again(request, bungie, folder, store):
    more = {"RATE_LIMIT_SCALE": "0"}
    if store == "redis":
        more["REDIS_URL"] = request.getfixturevalue("redis").url
    with served(bungie, folder, **more) as address:
        player = SignedIn(address)
        form = fields(a_stack(page_of(player)), "vault", quantity="2", idempotency_key="once")
        bungie.configure(latency={"TransferItem": [1.0, 1.0]})
        with ThreadPoolExecutor(1) as pool:
            killed = pool.submit(player.post, "/inventory/transfer", **form)
            while not any(entry.operation == "TransferItem" for entry in bungie.requests):
                assert not killed.done()
            os.kill(worker_of(folder), signal.SIGKILL)
            with pytest.raises(requests.ConnectionError):
                killed.result()
        again = player.post("/inventory/transfer", **form)
        assert again.status_code == 409
        assert "not sent again" in again.json()["message"]
        assert len(carried_out(bungie)) <= 1
        other = player.post("/inventory/transfer", **form | {"idempotency_key": "another"})
        assert other.json()["ok"], other.json()
