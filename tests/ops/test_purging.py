"""Expired records are deleted from the store automatically."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from destiny_web.app import create_app
from tests.conftest import settings_for

HOUR = timedelta(hours=1)


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


class Process:
    """One process of the site, on the clock of the test."""

    def __init__(self, bungie, folder, clock):
        self.app = create_app(settings_for(bungie, folder), now=clock)
        self.services = self.app.extensions["destiny_web"]
        self.file = folder / "store.sqlite"

    def get(self, path):
        """Open a page in a new browser, and wait for the background tasks."""
        with self.app.test_client().get(path) as answer:
            assert answer.status_code < 500
        assert self.services.background.wait_until_idle(20)

    def sessions(self):
        """Count the sessions in the file, including expired ones."""
        with closing(sqlite3.connect(self.file)) as connection:
            query = "SELECT count(*) FROM entry WHERE namespace = 'session'"
            return connection.execute(query).fetchone()[0]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def process(bungie, folder, clock):
    """A function that starts a process of the site."""
    processes = []

    def start():
        processes.append(Process(bungie, folder, clock))
        return processes[-1]

    yield start
    for started in processes:
        started.services.store.close()


def test_unfinished_sign_ins_are_purged(process, clock):
    site = process()
    for _ in range(5):
        site.get("/auth/login")
    assert site.sessions() == 5
    clock.now += HOUR + timedelta(minutes=1)
    site.get("/auth/login")
    assert site.sessions() == 1, "only the latest sign-in is left"


def test_of_all_processes_one_purges_within_an_hour(process, clock):
    first, second = process(), process()
    first.get("/auth/login")
    clock.now += timedelta(minutes=50)
    first.get("/auth/login")
    second.get("/")
    clock.now += timedelta(minutes=11)  # the first sign-in has ended, and the hour since the purge
    second.get("/")
    first.get("/")
    assert first.sessions() == 1
    clock.now += timedelta(minutes=50)  # the second has ended, and the last purge was just before
    third = process()
    third.get("/")
    assert third.sessions() == 1
    clock.now += timedelta(minutes=10)
    first.get("/")
    assert third.sessions() == 0


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_purge_nothing(process, clock, path):
    site = process()
    site.get("/auth/login")
    clock.now += 2 * HOUR
    site.get(path)
    assert site.sessions() == 1


def test_a_failed_purge_breaks_no_page(process, folder, caplog):
    (folder / "store.sqlite").mkdir()
    site = process()
    site.get("/healthz")
    site.get("/static/css/site.css")
    assert "Traceback" not in caplog.text
