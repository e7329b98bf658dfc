"""Each backend of the store, opened as one process after the other would open it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.storage import crowd


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self):
        self.moment = datetime(2026, 6, 30, 17, tzinfo=UTC)

    def __call__(self):
        return self.moment

    def advance(self, seconds):
        self.moment += timedelta(seconds=seconds)

    def after(self, seconds):
        return self.moment + timedelta(seconds=seconds)


class Backend:
    """A place where values are kept; *address* is all that another process needs to find it."""

    def __init__(self, address, clock):
        self.address = address
        self.clock = clock
        self.opened = []

    def open(self):
        """Return another store over the same values, as another process has it."""
        self.opened.append(crowd.opened(self.address, now=self.clock))
        return self.opened[-1]

    def close(self):
        for store in self.opened:
            store.close()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(params=["sqlite", "redis"])
def backend(request, tmp_path, clock):
    """Every store keeps the same promises: a new one is added here and nowhere else."""
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
