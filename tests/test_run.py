"""The README's first command, as a newcomer gives it."""

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
    """What Page wants of a test client's answer, over requests."""

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
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BUNGIE")}
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["make", "run", f"PORT={port}", f"SANDBOX_PORT={sandbox_port}"],
            cwd=clone,
            env=clean,
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
    said = log.read_text()
    assert f"destiny_web is on {address}" in said
    assert "practice mode" in said
    assert "Traceback" not in said
    for gone in (port, sandbox_port):
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://127.0.0.1:{gone}/", timeout=2)


def first_move(address):
    """Sign in, move a vault item to a character, equip it, and see both."""
    with requests.Session() as browser:
        consent = browser.get(f"{address}/auth/login", timeout=30)
        page = page_of(browser.post(consent.url, data={"decision": "allow"}, timeout=60))
        assert "Practice mode" in page.text
        token = page.one("meta", name_="csrf-token").attributes["content"]
        item = next(
            one
            for one in tiles(page, owner="vault", bucket_hash=ENERGY)
            if "exotic" not in one["class"]
        )
        asked = fields(item, roomy(page, ENERGY), csrf_token=token)
        for changes, location in (({}, "bag"), ({"equip": "1"}, "equipped")):
            answer = browser.post(
                urljoin(address, "/inventory/transfer"), data=asked | changes, timeout=30
            )
            shown = page_of(answer).tile(item["data-item-instance-id"]).attributes
            assert shown["data-location"] == location
            assert shown["data-owner"] == asked["destination"]
