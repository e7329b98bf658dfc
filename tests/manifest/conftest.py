"""A server with a manifest, and a site that has one from there."""

import json
import threading
from functools import partial
from types import SimpleNamespace

import pytest

from destiny_web.manifest.store import Manifest, path_of
from destiny_web.manifest.update import update
from tests.manifest.definitions_server import BUCKETS, ITEMS, KEY, Server


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.go_on.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def site(server, tmp_path):
    """What one site knows: where its manifest is, and how to bring it up to date."""
    folder = tmp_path / "data"
    wanted = {
        "root": server.root,
        "api_key": KEY,
        "user_agent": "destiny_web/test",
        "folder": folder,
    }
    path = path_of(folder, "en")
    return SimpleNamespace(
        update=partial(update, **wanted),
        manifest=Manifest(path),
        folder=folder,
        path=path,
        wanted=json.dumps(wanted | {"folder": str(folder)}).encode(),
    )


@pytest.fixture
def serve(server, site):
    """Publish items (and other tables) and bring the manifest up to date with them."""

    def serve(items, mark="a", **tables):
        server.offer({ITEMS: items, BUCKETS: {"2": {"hash": 2}}, **tables}, mark=mark)
        site.update()
        return site.manifest

    return serve
