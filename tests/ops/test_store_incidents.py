"""The store is damaged while the site runs, and a worker is killed during a job."""

import logging
import os
import re
import signal
import time
from contextlib import closing
from pathlib import Path

import pytest
import requests

from destiny_web.storage.sqlite import SQLiteStore
from tests.serving import started

WRITE = "SetItemLockState"


@pytest.fixture
def lines():
    """The lines that the store logs."""
    messages = []

    class Handler(logging.Handler):
        def emit(self, record):
            messages.append(record.getMessage())

    logger = logging.getLogger("destiny_web.storage.health")
    handler = Handler()
    logger.addHandler(handler)
    yield messages
    logger.removeHandler(handler)


def delete(path):
    path.unlink()


def overwrite(path):
    path.write_text("<html>" * 10_000)


def truncate(path):
    path.write_bytes(b"")


def replace(path):
    with closing(SQLiteStore(path.with_name("other"))) as second_store:
        second_store.put("session", "a", b"1")
    path.with_name("other").rename(path)


@pytest.fixture
def probe(app):
    return app.test_client()


@pytest.mark.parametrize(
    ("damage", "note"),
    [
        (delete, "was gone, the store begins anew"),
        (overwrite, "was damaged, the store begins anew"),
        (truncate, "was damaged, the store begins anew"),
        (replace, "was replaced by another one, which is used now"),
    ],
)
def test_after_damage_of_the_store_the_site_works_and_readiness_reports_it(  # noqa: PLR0917
    browser, probe, folder, lines, damage, note
):
    assert probe.get("/readyz").json["notes"] == {}
    damage(folder / "store.sqlite")
    answer = probe.get("/readyz")
    assert answer.status_code == 200
    assert f"the file of the store {note}" in answer.json["notes"]["store"]
    assert str(folder) not in answer.text
    for _ in range(5):
        assert browser.open("/inventory/").status == 401
        assert probe.get("/readyz").status_code == 200
    assert len(lines) == 1
    browser.sign_in()
    assert browser.open("/inventory/").all(data_owner="vault")


def test_a_new_data_folder_in_the_place_of_the_old_one_is_used(browser, probe, folder, lines):
    folder.rename(folder.with_name("old"))
    folder.mkdir()
    for file in folder.with_name("old").glob("manifest*"):
        (folder / file.name).hardlink_to(file)
    answer = probe.get("/readyz")
    assert answer.status_code == 200
    assert "the store begins anew" in answer.json["notes"]["store"]
    browser.sign_in()
    assert browser.open("/inventory/").status == 200
    assert (folder / "store.sqlite").exists()
    assert len(lines) == 1


def test_readiness_writes_nothing_into_the_store(app, browser, folder):
    assert browser.open("/inventory/").status == 200
    store = app.extensions["destiny_web"].store
    store.close()
    before = (folder / "store.sqlite").read_bytes()
    for _ in range(5):
        assert app.test_client().get("/readyz").status_code == 200
    store.close()
    assert (folder / "store.sqlite").read_bytes() == before


def children(process):
    """Return the ids of the processes that a process has started."""
    task = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(number) for number in task.read_text().split()]


@pytest.mark.parametrize("engine", ["sqlite", "redis"])
def test_a_worker_that_is_killed_does_not_block_its_player(bungie, folder, redis, engine):
    variables = {"REDIS_URL": redis.url} if engine == "redis" else {}
    with started(bungie, folder, **variables) as (master, address), requests.Session() as browser:
        consent = browser.get(f"{address}/auth/login", timeout=30)
        page = browser.post(consent.url, data={"decision": "allow"}, timeout=60).text
        token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
        item = re.search(r'data-item-instance-id="(\d+)"', page).group(1)

        def lock(timeout):
            return browser.post(
                f"{address}/inventory/lock",
                data={"csrf_token": token, "item_instance_id": item, "locked": "1"},
                headers={"Accept": "application/json"},
                allow_redirects=False,
                timeout=timeout,
            )

        # The client disconnects; the worker waits for Bungie and holds the account's lock.
        bungie.configure(latency={WRITE: (20.0, 20.0)})
        with pytest.raises(requests.RequestException):
            lock(timeout=3)
        (worker,) = children(master)
        bungie.configure(latency={WRITE: (0.0, 0.0)})
        os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while children(master) in ([], [worker]):
            assert time.monotonic() < deadline, "gunicorn starts no other worker"
        # The lock would be over after 25 seconds only.
        answer = lock(timeout=15)
        assert answer.status_code == 200, answer.text
        assert answer.json()["ok"], answer.text
