"""Fixtures of all tests: a sandbox of Bungie.net, the site, and a browser without JavaScript."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bungie_sandbox.server import Sandbox, running
from destiny_web.app import create_app
from destiny_web.config import Settings
from tests import redis_server
from tests.browsing import Browser
from tests.redis_server import RedisServer
from tests.serving import KEY

SITE = "http://127.0.0.1:5000"


def settings_for(bungie: Sandbox, folder: Path, **changes) -> Settings:
    """Settings of a site that uses the sandbox *bungie* as Bungie.net."""
    defaults = {
        "bungie_api_key": bungie.api_key,
        "bungie_client_id": bungie.client_id,
        "bungie_client_secret": bungie.client_secret,
        "secret_keys": (KEY,),
        "bungie_root": bungie.root,
        "public_url": SITE,
        "data_dir": folder,
        "rate_limit_scale": 0.0,  # a test is faster than any player
    }
    return Settings(**(defaults | changes))


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for all tests, which is reset for each test."""
    with running(vault=60) as bungie:
        yield bungie


@pytest.fixture
def bungie(sandbox: Sandbox) -> Sandbox:
    """The sandbox in its initial state."""
    sandbox.reset()
    sandbox.redirect_uri = f"{SITE}/auth/callback"
    return sandbox


@pytest.fixture(scope="session")
def definitions(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A manifest on disk, downloaded once for all tests."""
    from destiny_web.manifest.store import path_of  # noqa: PLC0415
    from destiny_web.manifest.update import update  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("manifest")
    update(root=sandbox.root, api_key=sandbox.api_key, user_agent="tests", folder=folder)
    return path_of(folder, "en")


@pytest.fixture
def folder(tmp_path: Path, definitions: Path) -> Path:
    """A data folder that has the definitions already."""
    (tmp_path / definitions.name).hardlink_to(definitions)
    (tmp_path / "manifest.looked").touch()
    return tmp_path


@pytest.fixture(scope="session")
def redis_at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One Redis for all tests, which is emptied for each test."""
    with redis_server.running(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis(redis_at_work: RedisServer) -> RedisServer:
    """An empty Redis."""
    redis_at_work.clear()
    return redis_at_work


@pytest.fixture
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis that keeps every acknowledged write, as the documentation demands it."""
    options = ("--appendonly", "yes", "--appendfsync", "always")
    with redis_server.running(tmp_path_factory.mktemp("redis"), *options) as server:
        yield server


@pytest.fixture
def app(bungie: Sandbox, folder: Path):
    """The site."""
    application = create_app(settings_for(bungie, folder))
    yield application
    application.extensions["destiny_web"].store.close()
    logging.getLogger("destiny_web").handlers.clear()


@pytest.fixture
def visitor(app, bungie: Sandbox) -> Browser:
    """A browser without JavaScript and without a sign-in."""
    return Browser(app, bungie)


@pytest.fixture
def browser(visitor: Browser) -> Browser:
    """A browser with the sandbox's first player signed in."""
    visitor.sign_in()
    return visitor
