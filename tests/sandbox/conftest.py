"""Fixtures for tests of the sandbox, without the site."""

from collections.abc import Iterator

import pytest

from bungie_sandbox.server import Sandbox, running
from tests.sandbox.client import SandboxClient


@pytest.fixture(scope="session")
def small_sandbox() -> Iterator[Sandbox]:
    """One sandbox for all tests; each test resets it."""
    with running(vault=120) as bungie:
        yield bungie


@pytest.fixture
def bungie(small_sandbox: Sandbox) -> Sandbox:
    """The sandbox in the state at the start."""
    small_sandbox.reset()
    return small_sandbox


@pytest.fixture
def client(bungie: Sandbox) -> Iterator[SandboxClient]:
    """A client that is signed in as the default player."""
    with SandboxClient(bungie) as signed_in:
        yield signed_in


@pytest.fixture
def anonymous_client(bungie: Sandbox) -> Iterator[SandboxClient]:
    """A client with an API key and without a token."""
    with SandboxClient(bungie, None) as without_token:
        yield without_token
