"""A process is killed during a job: the repeated request sends nothing twice."""

import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.inventory.worlds import fields
from tests.services.test_reports import SignedIn, carried_out, find_stack, open_inventory
from tests.serving import served


def worker_of(folder) -> int:
    """Return the process id of the only worker."""
    log = (folder / "gunicorn.log").read_text()
    return int(re.findall(r"Booting worker with pid: (\d+)", log)[-1])


@pytest.mark.parametrize("store", ["sqlite", "redis"])
def test_a_request_whose_process_was_killed_is_not_sent_again(request, bungie, folder, store):
    variables = {"RATE_LIMIT_SCALE": "0"}
    if store == "redis":
        variables["REDIS_URL"] = request.getfixturevalue("redis").url
    with served(bungie, folder, **variables) as address:
        player = SignedIn(address)
        form = fields(
            find_stack(open_inventory(player)), "vault", quantity="2", idempotency_key="once"
        )
        bungie.configure(latency={"TransferItem": [1.0, 1.0]})
        with ThreadPoolExecutor(1) as pool:
            killed = pool.submit(player.post, "/inventory/transfer", **form)
            while not any(entry.operation == "TransferItem" for entry in bungie.requests):
                assert not killed.done()
            os.kill(worker_of(folder), signal.SIGKILL)
            with pytest.raises(requests.ConnectionError):
                killed.result()
        repeated = player.post("/inventory/transfer", **form)
        assert repeated.status_code == 409
        assert "not sent again" in repeated.json()["message"]
        assert len(carried_out(bungie)) <= 1
        next_answer = player.post("/inventory/transfer", **form | {"idempotency_key": "another"})
        assert next_answer.json()["ok"], next_answer.json()
