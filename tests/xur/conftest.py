"""The site and Bungie on one clock, which the tests set."""

import json
import logging
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

import pytest

from destiny_web.app import create_app
from tests.browsing import Browser
from tests.conftest import settings_for

THURSDAY = datetime(2026, 6, 25, 12, tzinfo=UTC)
ROLL = datetime(2026, 6, 26, 9, 0, 1, tzinfo=UTC)
JUST_BEFORE = datetime(2026, 6, 26, 16, 59, tzinfo=UTC)
ARRIVED = datetime(2026, 6, 26, 17, 1, tzinfo=UTC)
SUNDAY = datetime(2026, 6, 28, 12, tzinfo=UTC)
LEFT = datetime(2026, 6, 30, 17, 1, tzinfo=UTC)
WEEK_ON = datetime(2026, 7, 5, 12, tzinfo=UTC)


@pytest.fixture
def bungie(bungie):
    """Bungie.net on a Sunday with Xûr."""
    bungie.clock.set(SUNDAY)
    return bungie


@pytest.fixture
def at(bungie):
    """Set the clock of Bungie and the site."""
    return bungie.clock.set


@pytest.fixture
def site(bungie, folder):
    """Build a site of that clock, with other settings where a test needs them."""
    made = []

    def built(place=folder, **changes):
        made.append(create_app(settings_for(bungie, place, **changes), now=bungie.clock.now))
        return made[-1]

    yield built
    for application in made:
        parts = application.extensions["destiny_web"]
        bungie.bungie.faults.clear()
        assert parts.background.settle(20)
        parts.store.close()
    logging.getLogger("destiny_web").handlers.clear()


@pytest.fixture
def app(site):
    """The site."""
    return site()


@pytest.fixture
def parts(app):
    """Its long-lived objects."""
    return app.extensions["destiny_web"]


@pytest.fixture
def visitor(app, bungie):
    """A browser without JavaScript, and nobody signed in."""
    return Browser(app, bungie)


@pytest.fixture
def asked(bungie):
    """Count the calls of an operation."""

    def count(operation):
        return sum(entry.operation == operation for entry in bungie.requests)

    return count


class _Told(BaseHTTPRequestHandler):
    """Answers every call with what the test has put there."""

    response: ClassVar = {}

    def do_GET(self):
        body = json.dumps({"ErrorCode": 1, "Response": self.response}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def told():
    """A Bungie.net that answers whatever the test wants: yields its root and how to tell it."""
    handler = type("Told", (_Told,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()

        def tell(**response):
            handler.response = response
            return f"http://127.0.0.1:{server.server_address[1]}"

        yield tell
        server.shutdown()
        thread.join()
