"""Readiness of the site, for a load balancer."""

import time
from pathlib import Path

import requests

from destiny_web.app import create_app
from tests.conftest import settings_for
from tests.serving import started

TIMEOUT = 60.0


def child_processes():
    """Return the ids of this process's children, running or not yet waited for."""
    paths = Path("/proc/self/task").glob("*/children")
    return {number for path in paths for number in path.read_text().split()}


def test_a_readiness_request_starts_no_download(bungie, tmp_path):
    app = create_app(settings_for(bungie, tmp_path))
    before = child_processes()
    answer = app.test_client().get("/readyz")
    app.extensions["destiny_web"].store.close()
    assert answer.status_code == 503
    assert answer.json["checks"]["manifest"] == "the definitions are not there yet"
    assert child_processes() == before
    assert not list(tmp_path.glob("manifest*"))


def test_a_new_site_becomes_ready_without_a_visitor(bungie, tmp_path):
    with started(bungie, tmp_path) as (_, address):
        deadline = time.monotonic() + TIMEOUT
        while (answer := requests.get(f"{address}/readyz", timeout=30)).status_code != 200:
            assert answer.status_code == 503
            assert time.monotonic() < deadline, (tmp_path / "gunicorn.log").read_text()
            time.sleep(0.5)
        assert answer.json()["checks"] == {"manifest": "ok", "store": "ok"}
