"""Failures of Bungie: every kind of fault, on every page that calls Bungie.

This test compares its results with the table of docs/trouble.md; `WRITE_DOCS=1` writes the table.
"""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from bungie_sandbox.faults import KINDS
from destiny_web.config import ROOT
from tests.browsing import Browser
from tests.inventory.worlds import ENERGY, fields, roomy, tiles
from tests.serving import served

DOCUMENT = ROOT / "docs/trouble.md"
# These last until a time-out; a separate test below covers them.
SLOW = {"hang", "hang-after", "slow"}
PAGES = ("first visit", "inventory", "an item", "a move", "choosing an account", "signing in")
HEAD = """# Bungie in trouble

What each page of the site does when every answer of Bungie fails in the same way. This table
is what `tests/web/test_trouble.py` sees; the kinds of faults
are the [sandbox's](../bungie_sandbox/README.md).
"shown" is a page with everything that is known and, where Bungie was asked in vain, a sentence
that says so.

"""


def forget(browser):
    browser.app.extensions["destiny_web"].store.delete("snapshot", key(browser))


def doubt(browser):
    """Make the next load ask Bungie, although the snapshot is fresh."""
    services = browser.app.extensions["destiny_web"]
    services.store.put("doubt", key(browser), b"")


def key(browser):
    main = browser.bungie.player().main
    return f"{main.type}-{main.id}"


def summarize(page) -> str:
    """Check that a page can be shown to a player, and return a short summary of it."""
    assert "Traceback" not in page.html
    assert page.one("h1").text
    assert page.one("main").all("a") or page.one("main").all("button")
    if page.status == 200:
        has_alert = bool(page.alerts)
        return "shown, with a sentence" if has_alert else "shown"
    return f"{page.status}, “{page.one('h1').text}”"


def visit_all_pages(browser, bungie, kind) -> dict[str, str]:
    """Visit every page while every call to Bungie has the fault *kind*; return the summaries."""
    page = browser.submit("/inventory/refresh")
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    circuit_breaker = browser.app.extensions["destiny_web"].transport.circuit_breaker

    def during(do):
        bungie.fail_next("*", kind, times=99) if kind != "refuse" else bungie.refuse_next(
            "*", 1618, times=99
        )
        try:
            return do()
        finally:
            requests.delete(f"{bungie.root}/sandbox/faults", timeout=10)
            circuit_breaker.__init__()  # closed again, so that each page has the first fault

    summaries = {}
    doubt(browser)
    summaries["inventory"] = summarize(during(lambda: browser.open("/inventory/")))
    summaries["an item"] = summarize(during(lambda: browser.open(item["href"])))
    status, answer = during(lambda: browser.json("/inventory/transfer", **fields(item, to)))
    assert answer["message"].endswith(".")
    assert not answer["ok"]
    assert "Nothing was changed." in answer["message"]
    summaries["a move"] = f"{status}, “{answer['message']}”"
    browser.open("/inventory/")
    summaries["choosing an account"] = summarize(during(lambda: browser.open("/auth/membership")))
    forget(browser)
    summaries["first visit"] = summarize(during(lambda: browser.open("/inventory/")))
    second = Browser(browser.app, bungie)
    answer = second.client.get("/auth/login")
    callback = requests.post(
        answer.headers["Location"], data={"decision": "allow"}, allow_redirects=False, timeout=10
    ).headers["Location"]
    path = callback.partition("5000")[2]
    summaries["signing in"] = summarize(during(lambda: second.open(path)))
    # When Bungie works again, the page does as well.
    if kind != "unauthorized":
        page = browser.submit("/inventory/refresh")
        assert (page.status, page.said) == (200, ["Read from Bungie just now."])
    return summaries


def test_every_page_handles_every_kind_of_fault(app, bungie):
    rows = []
    for kind in sorted(KINDS - SLOW):
        browser = Browser(app, bungie)
        browser.sign_in()
        summaries = visit_all_pages(browser, bungie, kind)
        rows.append(f"| `{kind}` | " + " | ".join(summaries[page] for page in PAGES) + " |")
    table = [f"| every answer | {' | '.join(PAGES)} |", "|---" * (len(PAGES) + 1) + "|", *rows]
    text = HEAD + "\n".join(table) + "\n"
    if os.environ.get("WRITE_DOCS"):
        DOCUMENT.write_text(text)
    assert DOCUMENT.read_text() == text, "run it once with WRITE_DOCS=1, and read what changed"


def test_while_bungie_hangs_pages_without_bungie_are_answered(bungie, folder):
    with served(bungie, folder) as address, ThreadPoolExecutor(14) as pool:
        browsers = [requests.Session() for _ in range(14)]
        for browser in browsers:
            consent = browser.get(f"{address}/auth/login", timeout=30)
            browser.post(consent.url, data={"decision": "allow"}, timeout=30)
        page = browsers[0].get(f"{address}/inventory/", timeout=30).text
        bungie.fail_next("GetLinkedProfiles", "hang", times=99)
        hanging = [
            pool.submit(browser.get, f"{address}/auth/membership", timeout=60)
            for browser in browsers
        ]
        for path in ("/healthz", "/", "/static/css/site.css", "/inventory/"):
            answer = browsers[0].get(f"{address}{path}", timeout=10)
            assert answer.status_code == 200, path
        assert len(answer.text) > len(page) / 2
        assert not all(request.done() for request in hanging)
        # Twelve wait for Bungie; two wait for a slot, and get the page that the site is busy.
        statuses = Counter(request.result().status_code for request in hanging)
        assert statuses == {502: 12, 503: 2}
        for browser in browsers:
            browser.close()


@pytest.mark.parametrize("code", [36, 51])
def test_a_throttled_read_shows_the_kept_profile(browser, bungie, code):
    tiles_before = tiles(browser.open("/inventory/"))
    bungie.refuse_next("GetProfile", code)
    page = browser.submit("/inventory/refresh")
    assert tiles(page) == tiles_before
    assert "slow down" in page.said[0]
