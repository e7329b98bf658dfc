"""Marks slow tests, so that ``make check`` can leave them out.

A test is slow if it starts gunicorn, a Redis server, a browser or a crowd of processes, or if it
takes several seconds by itself. The tests that start a server or a browser are recognized by their
fixtures or their module's imports, so that a new test needs no marker.
"""

from pathlib import Path
from typing import Final

import pytest

_TESTS: Final = Path(__file__).parent

_SLOW_FIXTURES: Final = frozenset({"redis", "redis_at_work", "lasting"})
"""Fixtures that start a Redis server."""

_SLOW_IMPORTS: Final = frozenset({"served", "started"})
"""Functions of ``tests/serving.py`` that start gunicorn."""

_SLOW_PATHS: Final = (
    "auth/test_crowd.py",
    "auth/test_rush.py",
    "browser",
    "contract/test_answers.py",  # a minute of validation against Bungie's description
    "domain/test_planner_is_complete.py",  # 23 seconds of searches for every plan
    "ops",
    "services/test_clocks.py",
    "services/test_processes.py",
    "services/test_random_accounts.py",
    "soak/test_soak.py",
    "storage",
    "test_run.py",
    "web/test_hostile_input.py",
    "web/test_trouble.py",
    "web/test_wsgi.py",
)
"""Folders and files that start processes or take long."""


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers", "slow: starts a server, a browser or many processes, or takes several seconds"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each slow test."""
    for item in items:
        if _is_slow(item):
            item.add_marker(pytest.mark.slow)


def _is_slow(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return False
    path = item.path.relative_to(_TESTS)
    return (
        not _SLOW_FIXTURES.isdisjoint(item.fixturenames)
        or not _SLOW_IMPORTS.isdisjoint(vars(item.module))
        or any(path.is_relative_to(slow) for slow in _SLOW_PATHS)
    )
