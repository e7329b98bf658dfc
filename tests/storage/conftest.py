"""Fixtures: every backend of the store, and further connections to it."""

import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis

from destiny_web.storage.redis import PREFIX
from tests.storage import workers


class FakeClock:
    """A clock that only ``advance`` moves."""

    def __init__(self):
        self.moment = datetime(2026, 6, 30, 17, tzinfo=UTC)

    def __call__(self):
        return self.moment

    def advance(self, seconds):
        self.moment += timedelta(seconds=seconds)

    def after(self, seconds):
        return self.moment + timedelta(seconds=seconds)


class Backend:
    """A backend with its values; another process finds it by *address*."""

    def __init__(self, address, clock):
        self.address = address
        self.clock = clock
        self.stores = []

    def open(self):
        """Return another store with the same values, as another process has it."""
        self.stores.append(workers.open_store(self.address, now=self.clock))
        return self.stores[-1]

    def token(self, name):
        """Return the token of the lock as the backend stores it."""
        if self.address.startswith("redis:"):
            with Redis.from_url(self.address) as client:
                return client.get(f"{PREFIX}:lock:{name}").decode().split(" ")[0]
        with closing(sqlite3.connect(self.address)) as connection:
            return connection.execute("SELECT token FROM lock WHERE name = ?", (name,)).fetchone()[
                0
            ]

    def set_token(self, name, token):
        """Change the holder of the lock, but not its end."""
        if self.address.startswith("redis:"):
            with Redis.from_url(self.address) as client:
                key = f"{PREFIX}:lock:{name}"
                end = client.get(key).decode().split(" ")[1]
                client.set(key, f"{token} {end}", keepttl=True)
            return
        with closing(sqlite3.connect(self.address, isolation_level=None)) as connection:
            connection.execute("UPDATE lock SET token = ? WHERE name = ?", (token, name))

    def close(self):
        for store in self.stores:
            store.close()


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture(params=["sqlite", "redis"])
def backend(request, tmp_path, clock):
    """Every backend passes the same tests: a new backend is added here only."""
    if request.param == "sqlite":
        address = str(tmp_path / "data" / "store.sqlite3")
    else:
        address = request.getfixturevalue("redis").url
    backend = Backend(address, clock)
    yield backend
    backend.close()


@pytest.fixture
def store(backend):
    return backend.open()


@pytest.fixture
def lines():
    """The log lines of the store."""
    messages = []

    class Handler(logging.Handler):
        def emit(self, record):
            messages.append(record.getMessage())

    logger = logging.getLogger("destiny_web.storage.health")
    handler = Handler()
    logger.addHandler(handler)
    yield messages
    logger.removeHandler(handler)
