"""The README's first command on a new clone."""

import os
import re
import signal
import subprocess
from urllib.parse import urljoin

import pytest
import requests

from destiny_web.config import ROOT
from tests.browsing import Page
from tests.inventory.worlds import ENERGY, fields, roomy, tiles
from tests.serving import answers, end_group, free_port, left

pytestmark = pytest.mark.xdist_group("browser")


class _Answer:
    """A response of requests with the attributes that ``Page`` reads."""

    def __init__(self, answer: requests.Response) -> None:
        self.status_code, self.mimetype, self._text = answer.status_code, "text/html", answer.text

    def get_data(self, *, as_text: bool) -> str:
        assert as_text
        return self._text


def page_of(answer):
    return Page(_Answer(answer), answer.url)


def test_make_run_on_a_fresh_clone_ends_in_a_site_that_works(tmp_path):
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    port, sandbox_port = free_port(), free_port()
    address = f"http://127.0.0.1:{port}"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("BUNGIE")}
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["make", "run", f"PORT={port}", f"SANDBOX_PORT={sandbox_port}"],
            cwd=clone,
            env=environ,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            while process.poll() is None and not re.search(rb"destiny_web is on", log.read_bytes()):
                try:
                    process.wait(timeout=0.5)
                except subprocess.TimeoutExpired:
                    continue
            assert process.poll() is None, log.read_text()
            answers(f"{address}/healthz")
            first_move(address)
        finally:
            os.killpg(process.pid, signal.SIGINT)  # Ctrl-C reaches the whole group
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                end_group(process)
                raise
    assert left(process.pid) == []
    output_text = log.read_text()
    assert f"destiny_web is on {address}" in output_text
    assert "practice mode" in output_text
    assert "Traceback" not in output_text
    for stopped_port in (port, sandbox_port):
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://127.0.0.1:{stopped_port}/", timeout=2)


def first_move(address):
    """Sign in, move a vault item to a character, equip it, and see both."""
    with requests.Session() as browser:
        consent = browser.get(f"{address}/auth/login", timeout=30)
        page = page_of(browser.post(consent.url, data={"decision": "allow"}, timeout=60))
        assert "Practice mode" in page.text
        token = page.one("meta", name_="csrf-token").attributes["content"]
        item = next(
            tile
            for tile in tiles(page, owner="vault", bucket_hash=ENERGY)
            if "exotic" not in tile["class"]
        )
        form = fields(item, roomy(page, ENERGY), csrf_token=token)
        for changes, location in (({}, "bag"), ({"equip": "1"}, "equipped")):
            answer = browser.post(
                urljoin(address, "/inventory/transfer"), data=form | changes, timeout=30
            )
            tile = page_of(answer).tile(item["data-item-instance-id"]).attributes
            assert tile["data-location"] == location
            assert tile["data-owner"] == form["destination"]
