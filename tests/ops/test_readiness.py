"""Whether the site is ready, as a load balancer asks it."""

import time
from pathlib import Path

import requests

from destiny_web.app import create_app
from tests.conftest import settings_for
from tests.serving import started

PATIENCE = 60.0


def child_processes():
    """Return the ids of this process's children, running or not yet waited for."""
    lists = Path("/proc/self/task").glob("*/children")
    return {number for one in lists for number in one.read_text().split()}


def test_a_look_at_the_readiness_starts_no_download(bungie, tmp_path):
    app = create_app(settings_for(bungie, tmp_path))
    before = child_processes()
    answer = app.test_client().get("/readyz")
    app.extensions["destiny_web"].store.close()
    assert answer.status_code == 503
    assert answer.json["checks"]["manifest"] == "the definitions are not there yet"
    assert child_processes() == before
    assert not list(tmp_path.glob("manifest*"))


def test_a_fresh_site_that_nobody_but_probes_visits_becomes_ready(bungie, tmp_path):
    with started(bungie, tmp_path) as (_, address):
        deadline = time.monotonic() + PATIENCE
        while (answer := requests.get(f"{address}/readyz", timeout=30)).status_code != 200:
            assert answer.status_code == 503
            assert time.monotonic() < deadline, (tmp_path / "gunicorn.log").read_text()
            time.sleep(0.5)
        assert answer.json()["checks"] == {"manifest": "ok", "store": "ok"}
