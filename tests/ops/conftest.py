"""What an operator has beside the site."""

import pytest

from tests import redis_server


@pytest.fixture
def lasting(tmp_path_factory):
    """A Redis that keeps what it has acknowledged, as an operator is told to set it up."""
    options = ("--appendonly", "yes", "--appendfsync", "always")
    with redis_server.running(tmp_path_factory.mktemp("redis"), *options) as server:
        yield server
