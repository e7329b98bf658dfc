"""Fixtures: a server with a manifest, and a site that updates its manifest from that server."""

import json
import threading
from functools import partial
from types import SimpleNamespace

import pytest

from destiny_web.manifest.store import Manifest, path_of
from destiny_web.manifest.update import update
from tests.manifest.definitions_server import BUCKETS, ITEMS, KEY, DefinitionsServer


@pytest.fixture
def server():
    with DefinitionsServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.go_on.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def site(server, tmp_path):
    """The manifest of a site: its folder and path, and a function that updates it."""
    folder = tmp_path / "data"
    arguments = {
        "root": server.root,
        "api_key": KEY,
        "user_agent": "destiny_web/test",
        "folder": folder,
    }
    path = path_of(folder, "en")
    return SimpleNamespace(
        update=partial(update, **arguments),
        manifest=Manifest(path),
        folder=folder,
        path=path,
        request=json.dumps(arguments | {"folder": str(folder)}).encode(),
    )


@pytest.fixture
def serve(server, site):
    """Publish items and other tables, and update the site's manifest."""

    def serve(items, mark="a", **tables):
        server.publish({ITEMS: items, BUCKETS: {"2": {"hash": 2}}, **tables}, mark=mark)
        site.update()
        return site.manifest

    return serve
