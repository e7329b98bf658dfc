"""What an operator can count, in one process and in several."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from destiny_web.bungie.errors import AnswerLost, Maintenance, NoRoom, Refused
from destiny_web.web.metrics import Metrics, operation_of, outcome_of
from tests.inventory.worlds import ENERGY, fields, roomy, tiles
from tests.serving import served

LOCAL = {"Host": "127.0.0.1:5000"}


def samples(text):
    """Return every sample as ``{(name, *label values in the order of their names): value}``."""
    return {
        (one.name, *(one.labels[name] for name in sorted(one.labels))): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
        if not one.name.endswith("_created")
    }


def counted(app):
    answer = app.test_client().get("/metrics", headers=LOCAL)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    return samples(answer.text)


def calls(app, operation, outcome):
    return counted(app).get(("destiny_web_bungie_calls_total", operation, outcome), 0)


def test_requests_are_counted_by_route_method_and_status(visitor, app):
    visitor.open("/")
    visitor.open("/inventory/")
    visitor.client.post("/inventory/lock")
    found = counted(app)
    name = "destiny_web_requests_total"
    assert found[name, "home.index", "GET", "200"] == 1
    assert found[name, "inventory.index", "GET", "401"] == 1
    assert found[name, "inventory.lock", "POST", "401"] == 1
    assert found["destiny_web_request_seconds_count", "inventory.index"] == 1
    assert found["destiny_web_request_seconds_bucket", "inventory.index", "+Inf"] == 1


def test_calls_to_bungie_are_counted_by_operation_and_outcome(browser, app, bungie):
    assert calls(app, "GetLinkedProfiles", "ok") == 1
    before = calls(app, "GetProfile", "ok")
    browser.submit("/inventory/refresh")
    assert calls(app, "GetProfile", "ok") == before + 1
    bungie.fail_next("GetProfile", "maintenance")
    browser.submit("/inventory/refresh")
    assert calls(app, "GetProfile", "Maintenance 5") == 1
    assert counted(app)["destiny_web_bungie_call_seconds_count", "GetProfile"] == before + 2


def test_moves_are_counted_by_outcome(browser, app, bungie):
    page = browser.open("/inventory/")
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    browser.submit("/inventory/transfer", **fields(item, to))
    browser.submit("/inventory/transfer", **fields(item, to) | {"source": to, "quantity": "7"})
    browser.submit("/inventory/lock", item_instance_id="1", locked="1")
    bungie.refuse_next("TransferItem", 1623, times=9)
    browser.submit("/inventory/transfer", **fields(item, "vault") | {"source": to})
    found = {key[1:]: value for key, value in counted(app).items() if "moves_total" in key[0]}
    assert found == {
        ("move", "ok"): 1,
        ("move", "BadQuantity"): 1,
        ("lock", "NoSuchItem"): 1,
        ("move", "ItemNotFound 1623"): 1,
    }


def test_token_refreshes_are_counted_by_outcome(browser, app, bungie):
    tokens = "destiny_web_token_refreshes_total"
    assert (tokens, "ok") not in counted(app)
    bungie.clock.advance(3 * 3600)  # an access token lasts an hour
    browser.submit("/inventory/refresh")
    assert counted(app)[tokens, "ok"] == 1
    metrics = app.extensions["destiny_web"].metrics
    with pytest.raises(Maintenance), metrics.count_refresh():
        raise Maintenance(code=5)
    assert counted(app)[tokens, "Maintenance 5"] == 1


def test_the_age_of_what_a_page_shows_is_counted(browser, app):
    name = "destiny_web_snapshot_age_seconds_count"
    before = counted(app)[(name,)]
    browser.open("/inventory/")
    assert counted(app)[(name,)] == before + 1


@pytest.mark.parametrize(
    "asked",
    [
        {"environ_base": {"REMOTE_ADDR": "192.0.2.1"}},
        {"headers": {"Host": "vault.example.org"}},
        {"headers": LOCAL | {"X-Forwarded-For": "192.0.2.1"}},
        {"headers": LOCAL | {"X-Real-IP": "192.0.2.1"}},
        {"headers": LOCAL | {"Forwarded": "for=192.0.2.1"}},
        {"headers": LOCAL | {"Via": "1.1 proxy"}},
    ],
    ids=["address", "host", "x-forwarded-for", "x-real-ip", "forwarded", "via"],
)
def test_who_does_not_ask_from_this_machine_finds_nothing(app, asked):
    answer = app.test_client().get("/metrics", **asked)
    assert answer.status_code == 404
    assert "destiny_web_requests" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:5000", "localhost", "localhost:80", "[::1]:5000"])
def test_who_asks_from_this_machine_is_answered(app, host):
    assert app.test_client().get("/metrics", headers={"Host": host}).status_code == 200


def test_nothing_that_a_visitor_sends_makes_a_new_series(browser, app):
    def strange(number):
        browser.client.get(f"/no/such/{number}?{number}={number}")
        browser.client.get(f"/inventory/items/{number}")
        browser.client.get(f"/inventory/stacks/{number}/{number}")
        browser.client.open("/", method=f"METHOD{number}")
        browser.client.get("/", headers={"X-Request-Id": f"{number}", "User-Agent": f"{number}"})

    strange(1)
    counted(app)
    before = set(counted(app))
    for number in range(2, 40):
        strange(number)
    assert set(counted(app)) == before


def test_no_id_stands_in_what_is_counted(browser, app, bungie):
    page = browser.open("/inventory/")
    item = tiles(page, owner="vault", bucket_hash=ENERGY)[0]
    browser.open(f"/inventory/items/{item['data-item-instance-id']}")
    text = app.test_client().get("/metrics", headers=LOCAL).text
    player = bungie.player()
    assert player.bungie_id not in text
    assert not [one for one in player.memberships if one.id in text]
    assert item["data-item-instance-id"] not in text


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/Destiny2/Manifest/", "GetDestinyManifest"),
        ("/Destiny2/3/Profile/4611686018467284386/", "GetProfile"),
        ("/Destiny2/254/Profile/17283/LinkedProfiles/", "GetLinkedProfiles"),
        ("/Destiny2/3/Profile/46116/Item/69170/", "GetItem"),
        ("/Destiny2/3/Profile/46116/Character/23058/Vendors/", "GetVendors"),
        ("/Destiny2/3/Profile/46116/Character/23058/Vendors/2190858386/", "GetVendor"),
        ("/Destiny2/Vendors/", "GetPublicVendors"),
        ("/Destiny2/Actions/Items/TransferItem/", "TransferItem"),
        ("/Destiny2/Actions/Items/1/", "other"),
        ("/anything/else/", "other"),
    ],
)
def test_a_call_is_named_as_bungie_names_it(path, operation):
    assert operation_of(path) == operation


@pytest.mark.parametrize(
    ("failed", "outcome"),
    [
        (None, "ok"),
        (Maintenance(code=5), "Maintenance 5"),
        (NoRoom(code=1642), "NoRoom 1642"),
        (AnswerLost("connection lost"), "AnswerLost"),
        (Refused(code=987_654), "Refused"),
    ],
)
def test_an_outcome_is_named_by_what_we_know_of_it(failed, outcome):
    assert outcome_of(failed) == outcome


def test_an_age_from_a_clock_that_was_set_back_counts_as_nought():
    metrics = Metrics()
    metrics.observe_age(-5)
    found = samples(metrics.exposition().decode())
    assert found[("destiny_web_snapshot_age_seconds_sum",)] == 0


@contextmanager
def crowded(bungie, folder, temporary):
    temporary.mkdir()
    with served(bungie, folder, WEB_CONCURRENCY="2", TMPDIR=str(temporary)) as address:
        yield address


def scraped(address):
    return samples(requests.get(f"{address}/metrics", timeout=30).text)


def ask_often(address, times):
    def ask(_):
        return requests.get(f"{address}/xur/nothing", timeout=30).status_code

    with ThreadPoolExecutor(8) as crowd:
        assert set(crowd.map(ask, range(times))) == {404}


def workers(folder):
    """Return the process ids of the workers that have counted something."""
    return {int(file.stem.rpartition("_")[2]) for file in folder.glob("*/counter_*.db")}


def test_any_process_answers_for_all_and_a_dead_one_still_counts(bungie, folder, tmp_path):
    temporary = tmp_path / "temporary"
    key = ("destiny_web_requests_total", "none", "GET", "404")
    with crowded(bungie, folder, temporary) as address:
        asked = 0
        while len(workers(temporary)) < 2:  # until both have served
            assert asked < 1000
            ask_often(address, 40)
            asked += 40
        assert {scraped(address)[key] for _ in range(6)} == {asked}
        killed = min(workers(temporary))
        os.kill(killed, signal.SIGKILL)
        while Path(f"/proc/{killed}").exists():
            pass
        ask_often(address, 40)
        assert {scraped(address)[key] for _ in range(6)} == {asked + 40}
    assert not list(temporary.glob("destiny_web-metrics*")), "the folder goes with the site"
