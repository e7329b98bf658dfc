"""The sandbox alone: no site before it."""

from collections.abc import Iterator

import pytest

from bungie_sandbox.server import Sandbox, running
from tests.sandbox.guest import Guest


@pytest.fixture(scope="session")
def small_sandbox() -> Iterator[Sandbox]:
    """One sandbox for a whole run: it is reset for each test."""
    with running(vault=120) as bungie:
        yield bungie


@pytest.fixture
def bungie(small_sandbox: Sandbox) -> Sandbox:
    """Bungie.net, as it was at the beginning."""
    small_sandbox.reset()
    return small_sandbox


@pytest.fixture
def guest(bungie: Sandbox) -> Iterator[Guest]:
    """The default player, signed in."""
    with Guest(bungie) as signed_in:
        yield signed_in


@pytest.fixture
def stranger(bungie: Sandbox) -> Iterator[Guest]:
    """A client with an API key and nothing else."""
    with Guest(bungie, None) as nobody:
        yield nobody
