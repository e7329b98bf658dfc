"""Fixtures for tests of the soak test."""

import pytest

from soak.game import Game


@pytest.fixture
def game(bungie):
    """The game of the sandbox's first player."""
    return Game(bungie, bungie.player())
