"""Metrics for operators, in one process and in several."""

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
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def read_metrics(app):
    answer = app.test_client().get("/metrics", headers=LOCAL)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    return samples(answer.text)


def calls(app, operation, outcome):
    return read_metrics(app).get(("destiny_web_bungie_calls_total", operation, outcome), 0)


def test_requests_are_counted_by_route_method_and_status(visitor, app):
    visitor.open("/")
    visitor.open("/inventory/")
    visitor.client.post("/inventory/lock")
    found = read_metrics(app)
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
    assert read_metrics(app)["destiny_web_bungie_call_seconds_count", "GetProfile"] == before + 2


def test_moves_are_counted_by_outcome(browser, app, bungie):
    page = browser.open("/inventory/")
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    browser.submit("/inventory/transfer", **fields(item, to))
    browser.submit("/inventory/transfer", **fields(item, to) | {"source": to, "quantity": "7"})
    browser.submit("/inventory/lock", item_instance_id="1", locked="1")
    bungie.refuse_next("TransferItem", 1623, times=9)
    browser.submit("/inventory/transfer", **fields(item, "vault") | {"source": to})
    found = {key[1:]: value for key, value in read_metrics(app).items() if "moves_total" in key[0]}
    assert found == {
        ("move", "ok"): 1,
        ("move", "BadQuantity"): 1,
        ("lock", "NoSuchItem"): 1,
        ("move", "ItemNotFound 1623"): 1,
    }


def test_token_refreshes_are_counted_by_outcome(browser, app, bungie):
    tokens = "destiny_web_token_refreshes_total"
    assert (tokens, "ok") not in read_metrics(app)
    bungie.clock.advance(3 * 3600)  # an access token lasts an hour
    browser.submit("/inventory/refresh")
    assert read_metrics(app)[tokens, "ok"] == 1
    metrics = app.extensions["destiny_web"].metrics
    with pytest.raises(Maintenance), metrics.count_refresh():
        raise Maintenance(code=5)
    assert read_metrics(app)[tokens, "Maintenance 5"] == 1


def test_the_age_of_what_a_page_shows_is_counted(browser, app):
    name = "destiny_web_snapshot_age_seconds_count"
    before = read_metrics(app)[(name,)]
    browser.open("/inventory/")
    assert read_metrics(app)[(name,)] == before + 1


@pytest.mark.parametrize(
    "options",
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
def test_a_request_from_elsewhere_gets_no_metrics(app, options):
    answer = app.test_client().get("/metrics", **options)
    assert answer.status_code == 404
    assert "destiny_web_requests" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:5000", "localhost", "localhost:80", "[::1]:5000"])
def test_a_direct_request_from_this_machine_gets_the_metrics(app, host):
    assert app.test_client().get("/metrics", headers={"Host": host}).status_code == 200


def test_no_request_of_a_visitor_makes_a_new_series(browser, app):
    def send_unusual_requests(number):
        browser.client.get(f"/no/such/{number}?{number}={number}")
        browser.client.get(f"/inventory/items/{number}")
        browser.client.get(f"/inventory/stacks/{number}/{number}")
        browser.client.open("/", method=f"METHOD{number}")
        browser.client.get("/", headers={"X-Request-Id": f"{number}", "User-Agent": f"{number}"})

    send_unusual_requests(1)
    read_metrics(app)
    before = set(read_metrics(app))
    for number in range(2, 40):
        send_unusual_requests(number)
    assert set(read_metrics(app)) == before


def test_metrics_contain_no_id(browser, app, bungie):
    page = browser.open("/inventory/")
    item = tiles(page, owner="vault", bucket_hash=ENERGY)[0]
    browser.open(f"/inventory/items/{item['data-item-instance-id']}")
    text = app.test_client().get("/metrics", headers=LOCAL).text
    player = bungie.player()
    assert player.bungie_id not in text
    assert not [membership for membership in player.memberships if membership.id in text]
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
def test_a_call_has_bungies_name_of_the_operation(path, operation):
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
def test_an_outcome_is_named_by_class_and_known_code(failed, outcome):
    assert outcome_of(failed) == outcome


def test_a_negative_age_counts_as_zero():
    metrics = Metrics()
    metrics.observe_age(-5)
    found = samples(metrics.exposition().decode())
    assert found[("destiny_web_snapshot_age_seconds_sum",)] == 0


@contextmanager
def serve_two_workers(bungie, folder, temporary):
    temporary.mkdir()
    with served(bungie, folder, WEB_CONCURRENCY="2", TMPDIR=str(temporary)) as address:
        yield address


def scrape(address):
    return samples(requests.get(f"{address}/metrics", timeout=30).text)


def send_requests(address, times):
    def send(_):
        return requests.get(f"{address}/xur/nothing", timeout=30).status_code

    with ThreadPoolExecutor(8) as crowd:
        assert set(crowd.map(send, range(times))) == {404}


def find_workers(folder):
    """Return the process ids of the workers that have written metrics."""
    return {int(file.stem.rpartition("_")[2]) for file in folder.glob("*/counter_*.db")}


def test_any_process_answers_with_the_sum_of_all_processes(bungie, folder, tmp_path):
    temporary = tmp_path / "temporary"
    key = ("destiny_web_requests_total", "none", "GET", "404")
    with serve_two_workers(bungie, folder, temporary) as address:
        count = 0
        while len(find_workers(temporary)) < 2:  # until both have served
            assert count < 1000
            send_requests(address, 40)
            count += 40
        assert {scrape(address)[key] for _ in range(6)} == {count}
        killed = min(find_workers(temporary))
        os.kill(killed, signal.SIGKILL)
        while Path(f"/proc/{killed}").exists():
            pass
        send_requests(address, 40)
        assert {scrape(address)[key] for _ in range(6)} == {count + 40}
    assert not list(temporary.glob("destiny_web-metrics*")), "the folder goes with the site"
