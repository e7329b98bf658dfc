"""Bungie in trouble: every kind of fault, on every page that asks Bungie for something.

The table of docs/trouble.md is what this test sees; `WRITE_DOCS=1` writes it anew.
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
# These take a client's whole patience; what they do to the site is tested further below.
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
    """Let what is kept be old enough to ask Bungie again."""
    parts = browser.app.extensions["destiny_web"]
    parts.store.put("doubt", key(browser), b"")


def key(browser):
    main = browser.bungie.player().main
    return f"{main.type}-{main.id}"


def told(page) -> str:
    """Check that a page is one to show a player, and say in short what it is."""
    assert "Traceback" not in page.html
    assert page.one("h1").text
    assert page.one("main").all("a") or page.one("main").all("button")
    said = "".join(one.text for one in page.all(role="alert"))
    if page.status == 200:
        return "shown, with a sentence" if said else "shown"
    return f"{page.status}, “{page.one('h1').text}”"


def looks(browser, bungie, kind) -> dict[str, str]:
    """Visit every page while *kind* befalls everything that Bungie is asked."""
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
            circuit_breaker.__init__()  # each page alone, as if the trouble had just begun

    seen = {}
    doubt(browser)
    seen["inventory"] = told(during(lambda: browser.open("/inventory/")))
    seen["an item"] = told(during(lambda: browser.open(item["href"])))
    status, answer = during(lambda: browser.json("/inventory/transfer", **fields(item, to)))
    assert answer["message"].endswith(".")
    assert not answer["ok"]
    assert "Nothing was changed." in answer["message"]
    seen["a move"] = f"{status}, “{answer['message']}”"
    browser.open("/inventory/")
    seen["choosing an account"] = told(during(lambda: browser.open("/auth/membership")))
    forget(browser)
    seen["first visit"] = told(during(lambda: browser.open("/inventory/")))
    other = Browser(browser.app, bungie)
    answer = other.client.get("/auth/login")
    back = requests.post(
        answer.headers["Location"], data={"decision": "allow"}, allow_redirects=False, timeout=10
    ).headers["Location"]
    path = back.partition("5000")[2]
    seen["signing in"] = told(during(lambda: other.open(path)))
    # And as soon as Bungie is well again, so is the page.
    if kind != "unauthorized":
        healed = browser.submit("/inventory/refresh")
        assert (healed.status, healed.said) == (200, ["Read from Bungie just now."])
    return seen


def test_every_page_copes_with_every_kind_of_trouble(app, bungie):
    rows = []
    for kind in sorted(KINDS - SLOW):
        browser = Browser(app, bungie)
        browser.sign_in()
        seen = looks(browser, bungie, kind)
        rows.append(f"| `{kind}` | " + " | ".join(seen[page] for page in PAGES) + " |")
    table = [f"| every answer | {' | '.join(PAGES)} |", "|---" * (len(PAGES) + 1) + "|", *rows]
    text = HEAD + "\n".join(table) + "\n"
    if os.environ.get("WRITE_DOCS"):
        DOCUMENT.write_text(text)
    assert DOCUMENT.read_text() == text, "run it once with WRITE_DOCS=1, and read what changed"


def test_while_bungie_hangs_everything_that_needs_no_bungie_is_answered(bungie, folder):
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
        assert not all(one.done() for one in hanging)
        # Twelve wait for Bungie; two wait for a slot, and are told that the site is busy.
        statuses = Counter(one.result().status_code for one in hanging)
        assert statuses == {502: 12, 503: 2}
        for browser in browsers:
            browser.close()


@pytest.mark.parametrize("code", [36, 51])
def test_a_throttled_read_shows_what_is_known(browser, bungie, code):
    known = tiles(browser.open("/inventory/"))
    bungie.refuse_next("GetProfile", code)
    page = browser.submit("/inventory/refresh")
    assert tiles(page) == known
    assert "slow down" in page.said[0]
