"""Fixtures for a site and a sandbox that share one clock, which the tests set."""

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
STOCK_CHANGE = datetime(2026, 6, 26, 9, 0, 1, tzinfo=UTC)
BEFORE_ARRIVAL = datetime(2026, 6, 26, 16, 59, tzinfo=UTC)
AFTER_ARRIVAL = datetime(2026, 6, 26, 17, 1, tzinfo=UTC)
SUNDAY = datetime(2026, 6, 28, 12, tzinfo=UTC)
AFTER_DEPARTURE = datetime(2026, 6, 30, 17, 1, tzinfo=UTC)
NEXT_SUNDAY = datetime(2026, 7, 5, 12, tzinfo=UTC)

WAIT_SECONDS = 20.0
"""How long a page waits for the sandbox: longer than usual, for tests on a busy machine."""


@pytest.fixture
def bungie(bungie):
    """A sandbox on a Sunday, when Xûr is here."""
    bungie.clock.set(SUNDAY)
    return bungie


@pytest.fixture
def set_clock(bungie):
    """Set the clock of the sandbox and of the site."""
    return bungie.clock.set


@pytest.fixture
def build_site(bungie, folder):
    """Build a site with the sandbox's clock; a test may change its settings."""
    applications = []

    def build(data_folder=folder, **changes):
        settings = settings_for(bungie, data_folder, **changes)
        application = create_app(settings, now=bungie.clock.now)
        application.extensions["destiny_web"].stocks.patience = WAIT_SECONDS
        applications.append(application)
        return application

    yield build
    for application in applications:
        services = application.extensions["destiny_web"]
        bungie.bungie.faults.clear()
        assert services.background.wait_until_idle(20)
        services.store.close()
    logging.getLogger("destiny_web").handlers.clear()


@pytest.fixture
def app(build_site):
    """The site."""
    return build_site()


@pytest.fixture
def services(app):
    """The services of the site."""
    return app.extensions["destiny_web"]


@pytest.fixture
def visitor(app, bungie):
    """A browser without JavaScript that is not signed in."""
    return Browser(app, bungie)


@pytest.fixture
def count_calls(bungie):
    """Count the requests of one operation that reached the sandbox."""

    def count(operation):
        return sum(request.operation == operation for request in bungie.requests)

    return count


class _FixedAnswerHandler(BaseHTTPRequestHandler):
    """Answers every request with the payload that the test has set."""

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
def serve_payload():
    """Set the payload of a server that takes Bungie's place; returns the server's address."""
    handler = type("Handler", (_FixedAnswerHandler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()

        def serve(**response):
            handler.response = response
            return f"http://127.0.0.1:{server.server_address[1]}"

        yield serve
        server.shutdown()
        thread.join()
