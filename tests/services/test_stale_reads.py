"""Bungie's reads are older than the last writes; the page shows the writes in any case."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

from destiny_web.app import create_app
from tests.browsing import Browser
from tests.conftest import settings_for
from tests.inventory.worlds import CONSUMABLES, ENERGY, fields, roomy, tiles

PAGE = "/inventory/"


def control(bungie, path, **payload):
    answer = requests.post(f"{bungie.root}/sandbox/{path}", json=payload, timeout=10)
    answer.raise_for_status()


@pytest.fixture
def lagging(bungie):
    """A Bungie.net whose reads are up to a minute old, also after a write."""
    control(bungie, "settings", cache_seconds=60.0, write_lag=60.0)
    yield bungie
    control(bungie, "settings", cache_seconds=0.0, write_lag=0.0, servers=1)


def move_item(browser):
    page = browser.open(PAGE)
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    browser.submit("/inventory/transfer", **fields(item, to))
    return item["data-item-instance-id"], to


def test_an_old_read_does_not_undo_a_move_on_the_page(lagging, browser):
    instance_id, to = move_item(browser)
    page = browser.submit("/inventory/refresh")
    assert page.tile(instance_id).attributes["data-owner"] == to
    assert lagging.holder_of(instance_id) == to


def test_an_old_read_does_not_show_a_part_of_a_stack_moved_twice(lagging, browser):
    page = browser.open(PAGE)
    stack = next(
        tile
        for tile in tiles(page, owner="account", bucket_hash=CONSUMABLES)
        if int(tile["data-quantity"]) > 5
    )
    filters = {"item_hash": stack["data-item-hash"], "owner": "account"}
    before = sum(int(tile["data-quantity"]) for tile in tiles(page, **filters))
    browser.submit("/inventory/transfer", **fields(stack, "vault", quantity="2"))
    for _ in range(3):
        page = browser.submit("/inventory/refresh")
        assert sum(int(tile["data-quantity"]) for tile in tiles(page, **filters)) == before - 2
    lagging.clock.advance(61)
    page = browser.submit("/inventory/refresh")
    assert sum(int(tile["data-quantity"]) for tile in tiles(page, **filters)) == before - 2


def test_a_change_in_the_game_is_shown_by_the_first_younger_read(lagging, browser):
    instance_id, _ = move_item(browser)
    control(lagging, "game", player="Cayde#0006", event="dismantle", item=instance_id)
    assert browser.submit("/inventory/refresh").all(data_item_instance_id=instance_id)
    lagging.clock.advance(61)
    assert not browser.submit("/inventory/refresh").all(data_item_instance_id=instance_id)


def test_a_read_that_is_older_than_the_snapshot_is_not_used(lagging, browser):
    control(lagging, "settings", servers=2, write_lag=0.0)
    for _ in range(4):
        browser.submit("/inventory/refresh")
    instance_id, to = move_item(browser)
    lagging.clock.advance(1)
    for _ in range(8):
        page = browser.submit("/inventory/refresh")
        assert page.tile(instance_id).attributes["data-owner"] == to


def test_the_page_names_a_missing_component(browser, bungie):
    control(bungie, "components", withheld=[102], times=1)
    page = browser.submit("/inventory/refresh")
    assert not tiles(page, owner="vault")
    assert "Bungie did not send" in page.text


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_clock_that_is_wrong_does_not_undo_a_move_on_the_page(lagging, folder, minutes):
    def now():
        return datetime.now(UTC) + timedelta(minutes=minutes)

    app = create_app(settings_for(lagging, folder), now=now)
    browser = Browser(app, lagging)
    browser.sign_in()
    instance_id, to = move_item(browser)
    page = browser.submit("/inventory/refresh")
    assert page.tile(instance_id).attributes["data-owner"] == to
    control(lagging, "game", player="Cayde#0006", event="dismantle", item=instance_id)
    lagging.clock.advance(61)
    assert not browser.submit("/inventory/refresh").all(data_item_instance_id=instance_id)
    app.extensions["destiny_web"].store.close()
