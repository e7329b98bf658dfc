"""Reports are true in case of failures: over real processes and HTTP, on both stores."""

import re
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest
import requests

from tests.inventory.worlds import CONSUMABLES, ENERGY, fields, owners, roomy, tiles
from tests.serving import served

PAGE = "/inventory/"


class SignedIn:
    """A player's session with a served site; several threads can use it."""

    def __init__(self, address: str) -> None:
        self.address = address
        with requests.Session() as session:
            consent = session.get(f"{address}/auth/login", timeout=30)
            page = session.post(consent.url, data={"decision": "allow"}, timeout=60)
            self.cookies = session.cookies.get_dict()
        self.token = re.search(r'name="csrf-token" content="([^"]+)"', page.text)[1]

    def get(self, path: str) -> requests.Response:
        return requests.get(f"{self.address}{path}", cookies=self.cookies, timeout=60)

    def post(self, path: str, accept: str = "application/json", **form) -> requests.Response:
        return requests.post(
            f"{self.address}{path}",
            data={"csrf_token": self.token, **form},
            cookies=self.cookies,
            headers={"Accept": accept},
            allow_redirects=False,
            timeout=120,
        )

    def post_at_once(self, path: str, forms: list[dict]) -> list[requests.Response]:
        """Send several posts at the same time; return their answers in order."""
        barrier = threading.Barrier(len(forms))

        def post(form):
            barrier.wait(30)
            return self.post(path, **form)

        with ThreadPoolExecutor(len(forms)) as pool:
            return list(pool.map(post, forms))


@pytest.fixture(params=["sqlite", "redis"])
def player(request, bungie, folder):
    """The sandbox's first player on a site of two processes."""
    variables = {"WEB_CONCURRENCY": "2", "RATE_LIMIT_SCALE": "0"}
    if request.param == "redis":
        variables["REDIS_URL"] = request.getfixturevalue("redis").url
    with served(bungie, folder, **variables) as address:
        yield SignedIn(address)


def open_inventory(player):
    from tests.browsing import Page  # noqa: PLC0415

    class Answer:
        def __init__(self, response):
            self.status_code, self.mimetype = response.status_code, "text/html"
            self.text = response.text

        def get_data(self, *, as_text):
            assert as_text
            return self.text

    return Page(Answer(player.get(PAGE)), PAGE)


def carried_out(bungie, operation="TransferItem"):
    return [entry for entry in bungie.requests if entry.operation == operation and entry.code == 1]


def find_stack(page):
    return next(
        tile
        for tile in tiles(page, owner="account", bucket_hash=CONSUMABLES)
        if int(tile["data-quantity"]) > 5
    )


def test_an_undo_that_is_posted_several_times_at_once_runs_once(player, bungie):
    page = open_inventory(player)
    stack = find_stack(page)
    assert player.post("/inventory/transfer", **fields(stack, "vault", quantity="2")).ok
    job_id = open_inventory(player).all("input", name_="job_id")[0].attributes["value"]
    bungie.configure(latency={"TransferItem": [0.2, 0.2]})
    before = len(carried_out(bungie))
    answers = player.post_at_once("/inventory/undo", [{"job_id": job_id}] * 3)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert len(carried_out(bungie)) == before + 1


def test_two_posts_of_one_form_move_a_part_of_a_stack_once(player, bungie):
    form = fields(
        find_stack(open_inventory(player)), "vault", quantity="2", idempotency_key="form-1"
    )
    bungie.configure(latency={"TransferItem": [0.2, 0.2]})
    at_once = player.post_at_once("/inventory/transfer", [form, form])
    later = player.post("/inventory/transfer", **form)
    assert len(carried_out(bungie)) == 1
    assert all(answer.json() == at_once[0].json() for answer in (*at_once, later))
    assert later.json()["ok"]
    assert len(later.json()["steps"]) == 1


def test_posts_with_different_idempotency_keys_are_all_carried_out(player, bungie):
    form = fields(find_stack(open_inventory(player)), "vault", quantity="2")
    assert player.post("/inventory/transfer", **form, idempotency_key="a").json()["ok"]
    assert player.post("/inventory/transfer", **form, idempotency_key="b").json()["ok"]
    assert player.post("/inventory/transfer", **form).json()["ok"]
    assert len(carried_out(bungie)) == 3


def test_each_rendered_form_that_moves_something_has_a_key_of_its_own(browser):
    page = browser.open(PAGE)
    item = tiles(page, owner="vault", bucket_hash=ENERGY)[0]
    page = browser.open(f"/inventory/items/{item['data-item-instance-id']}")
    forms = [
        form
        for form in page.all("form", method="post")
        if form.attributes["action"].startswith("/inventory/")
        and not form.attributes["action"].endswith(("/refresh", "/view"))
    ]
    keys = [form.one("input", name_="idempotency_key").attributes["value"] for form in forms]
    assert len(keys) >= 3
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("key", ["x" * 101, "with space", "<b>"])
def test_a_malformed_key_is_named(browser, key):
    item = tiles(browser.open(PAGE), owner="vault", bucket_hash=ENERGY)[0]
    form = fields(item, "vault", idempotency_key=key)
    status, answer = browser.json("/inventory/transfer", **form)
    assert status == 422
    assert "idempotency_key" in answer["message"]


def test_an_action_that_hangs_keeps_the_accounts_lock(player, bungie):
    """The action takes sixteen seconds: longer than the time-out of a call to Bungie."""
    page = open_inventory(player)
    first, second = tiles(page, owner="vault", bucket_hash=ENERGY)[:2]
    to = roomy(page, ENERGY)
    bungie.fail_next("TransferItem", "hang-after", seconds=16.0)
    with ThreadPoolExecutor(2) as pool:
        hanging = pool.submit(player.post, "/inventory/transfer", **fields(first, to))
        while not any(entry.operation == "TransferItem" for entry in bungie.requests):
            assert not hanging.done()
        second_move = pool.submit(player.post, "/inventory/transfer", **fields(second, to))
        assert second_move.result().status_code == 409
        assert "Nothing was done" in second_move.result().json()["message"]
        answer = hanging.result()
    assert (answer.status_code, answer.json()["ok"]) == (200, True)
    assert len(answer.json()["steps"]) == 1
    assert bungie.holder_of(second["data-item-instance-id"]) == "vault"
    assert open_inventory(player).all("input", name_="job_id")


@contextmanager
def busy_store(folder):
    """Lock the SQLite store against all other writers until the block ends."""
    with closing(sqlite3.connect(folder / "store.sqlite", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


def between_characters(page):
    """Return a bag item and another character: a move between them takes two calls."""
    to = roomy(page, ENERGY)
    source = next(owner for owner in owners(page) if owner != to)
    item = next(
        tile
        for tile in tiles(page, owner=source, bucket_hash=ENERGY, location="bag")
        if "exotic" not in tile["class"]
    )
    return item, to


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_store_that_fails_after_the_first_call_leaves_a_true_report(bungie, folder, accept):
    with served(bungie, folder, WEB_CONCURRENCY="2", RATE_LIMIT_SCALE="0") as address:
        player = SignedIn(address)
        item, to = between_characters(open_inventory(player))
        bungie.configure(latency={"TransferItem": [0.5, 0.5]})
        with ThreadPoolExecutor(1) as pool:
            moving = pool.submit(
                player.post, "/inventory/transfer", accept=accept, **fields(item, to)
            )
            while not any(entry.operation == "TransferItem" for entry in bungie.requests):
                assert not moving.done()
            with busy_store(folder):
                answer = moving.result()
    assert answer.status_code == 503
    assert "Nothing was changed" not in answer.text
    assert item["data-item-instance-id"]
    assert "is now in the vault" in answer.text
    assert "storage of this site failed" in answer.text
    if accept == "application/json":
        assert [step["ok"] for step in answer.json()["steps"]] == [True]
    assert bungie.holder_of(item["data-item-instance-id"]) == "vault"


def test_a_redis_that_goes_away_after_the_first_call_leaves_a_true_report(bungie, folder, lasting):
    variables = {"REDIS_URL": lasting.url, "RATE_LIMIT_SCALE": "0"}
    with served(bungie, folder, **variables) as address:
        player = SignedIn(address)
        item, to = between_characters(open_inventory(player))
        bungie.configure(latency={"TransferItem": [0.5, 0.5]})
        with ThreadPoolExecutor(1) as pool:
            moving = pool.submit(player.post, "/inventory/transfer", **fields(item, to))
            while not any(entry.operation == "TransferItem" for entry in bungie.requests):
                assert not moving.done()
            lasting.stop()
            answer = moving.result()
        lasting.start()
    assert answer.status_code == 503
    assert "Nothing was changed" not in answer.json()["message"]
    assert [step["ok"] for step in answer.json()["steps"]] == [True]


@pytest.mark.parametrize("fault", ["maintenance", "maintenance-html", "bad-gateway", "drop"])
def test_after_a_call_the_report_does_not_say_that_nothing_was_changed(browser, bungie, fault):
    item, to = between_characters(browser.open(PAGE))
    bungie.fail_next("TransferItem", fault, skip=1, times=5)
    bungie.fail_next("GetProfile", "maintenance", times=9)
    _, answer = browser.json("/inventory/transfer", **fields(item, to))
    assert not answer["ok"]
    assert "Nothing was changed" not in answer["message"]
    assert "is now in the vault" in answer["message"]


@pytest.mark.parametrize("fault", ["maintenance", "maintenance-200", "unauthorized"])
def test_without_a_call_the_report_says_once_that_nothing_was_changed(browser, bungie, fault):
    item, to = between_characters(browser.open(PAGE))
    bungie.fail_next("TransferItem", fault, times=-1)
    _, answer = browser.json("/inventory/transfer", **fields(item, to))
    assert not answer["ok"]
    assert answer["message"].count("Nothing was changed") == 1


def test_a_call_in_doubt_is_reported_as_not_known(browser, bungie):
    item = tiles(browser.open(PAGE), owner="vault", bucket_hash=ENERGY)[0]
    to = roomy(browser.open(PAGE), ENERGY)
    bungie.fail_next("TransferItem", "lost")
    bungie.fail_next("GetProfile", "html", times=5)
    _, answer = browser.json("/inventory/transfer", **fields(item, to))
    assert [step["ok"] for step in answer["steps"]] == [False]
    assert "Nothing was changed" not in answer["message"]
    assert "not known" in answer["message"]


def test_the_report_names_the_last_failure(browser, bungie):
    item, to = between_characters(browser.open(PAGE))
    bungie.refuse_next("TransferItem", 1623, times=5)
    _, answer = browser.json("/inventory/transfer", **fields(item, to))
    assert answer["code"] == 1623
    assert "no longer where it was" in answer["message"]
    assert [step["code"] for step in answer["steps"]] == [1623] * 3


def test_many_moves_of_one_player_do_not_block_other_requests(player, bungie):
    page = open_inventory(player)
    items = tiles(page, owner="vault")
    items = [item for item in items if "data-item-instance-id" in item][:80]
    forms = [{"item_instance_id": item["data-item-instance-id"], "locked": "1"} for item in items]
    assert len(forms) >= 40
    bungie.configure(latency={"SetItemLockState": [3.0, 3.0]})
    ended = threading.Event()
    probes = []

    def probe():
        while not ended.wait(0.2):
            probes.append(requests.get(f"{player.address}/healthz", timeout=5).status_code)

    with ThreadPoolExecutor(1) as pool:
        probing = pool.submit(probe)
        started_at = time.monotonic()
        try:
            answers = player.post_at_once("/inventory/lock", forms)
        finally:
            ended.set()
        probing.result()
    statuses = [answer.status_code for answer in answers]
    moved = [answer.json()["steps"][0] for answer in answers if answer.json()["steps"]]
    # One job runs and two requests wait; all others are refused at once.
    assert len(moved) <= 1 + 2 + (time.monotonic() - started_at) // 3
    assert statuses.count(200) + statuses.count(409) == len(forms)
    assert set(probes) == {200}
    sent = carried_out(bungie, "SetItemLockState")
    assert sorted(entry.body["itemId"] for entry in sent) == sorted(
        step["item_instance_id"] for step in moved
    )


def test_an_undo_that_the_game_refused_is_offered_again(browser, bungie):
    page = browser.open(PAGE)
    item, destination = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    browser.submit("/inventory/transfer", **fields(item, destination))
    job_id = browser.open(PAGE).all("input", name_="job_id")[0].attributes["value"]
    bungie.refuse_next("TransferItem", 4242)
    status, answer = browser.json("/inventory/undo", job_id=job_id)
    assert (status, answer["ok"]) == (409, False)
    assert "Nothing was changed" in answer["message"]
    status, answer = browser.json("/inventory/undo", job_id=job_id)
    assert (status, answer["ok"]) == (200, True)
    assert bungie.holder_of(item["data-item-instance-id"]) == "vault"
