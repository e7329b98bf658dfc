"""Bungie's reads lag behind writes; the page does not."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

from destiny_web.app import create_app
from tests.browsing import Browser
from tests.conftest import settings_for
from tests.inventory.worlds import CONSUMABLES, ENERGY, fields, roomy, tiles

PAGE = "/inventory/"


def control(bungie, what, **payload):
    answer = requests.post(f"{bungie.root}/sandbox/{what}", json=payload, timeout=10)
    answer.raise_for_status()


@pytest.fixture
def lagging(bungie):
    """A Bungie.net whose reads are up to a minute old, also after a write."""
    control(bungie, "settings", cache_seconds=60.0, write_lag=60.0)
    yield bungie
    control(bungie, "settings", cache_seconds=0.0, write_lag=0.0, servers=1)


def moved_item(browser):
    page = browser.open(PAGE)
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    browser.submit("/inventory/transfer", **fields(item, to))
    return item["data-item-instance-id"], to


def test_an_old_read_does_not_undo_a_move_on_the_page(lagging, browser):
    instance_id, to = moved_item(browser)
    page = browser.submit("/inventory/refresh")
    assert page.tile(instance_id).attributes["data-owner"] == to
    assert lagging.holder_of(instance_id) == to


def test_an_old_read_does_not_move_a_part_of_a_stack_twice(lagging, browser):
    page = browser.open(PAGE)
    stack = next(
        one
        for one in tiles(page, owner="account", bucket_hash=CONSUMABLES)
        if int(one["data-quantity"]) > 5
    )
    same = {"item_hash": stack["data-item-hash"], "owner": "account"}
    before = sum(int(one["data-quantity"]) for one in tiles(page, **same))
    browser.submit("/inventory/transfer", **fields(stack, "vault", quantity="2"))
    for _ in range(3):
        page = browser.submit("/inventory/refresh")
        assert sum(int(one["data-quantity"]) for one in tiles(page, **same)) == before - 2
    lagging.clock.advance(61)
    page = browser.submit("/inventory/refresh")
    assert sum(int(one["data-quantity"]) for one in tiles(page, **same)) == before - 2


def test_the_game_wins_as_soon_as_a_younger_read_shows_it(lagging, browser):
    instance_id, _ = moved_item(browser)
    control(lagging, "game", player="Cayde#0006", event="dismantle", item=instance_id)
    assert browser.submit("/inventory/refresh").all(data_item_instance_id=instance_id)
    lagging.clock.advance(61)
    assert not browser.submit("/inventory/refresh").all(data_item_instance_id=instance_id)


def test_a_read_that_goes_back_in_time_is_not_believed(lagging, browser):
    control(lagging, "settings", servers=2, write_lag=0.0)
    for _ in range(4):
        browser.submit("/inventory/refresh")
    instance_id, to = moved_item(browser)
    lagging.clock.advance(1)
    for _ in range(8):
        page = browser.submit("/inventory/refresh")
        assert page.tile(instance_id).attributes["data-owner"] == to


def test_the_page_says_what_did_not_come_instead_of_showing_it_empty(browser, bungie):
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
    instance_id, to = moved_item(browser)
    page = browser.submit("/inventory/refresh")
    assert page.tile(instance_id).attributes["data-owner"] == to
    control(lagging, "game", player="Cayde#0006", event="dismantle", item=instance_id)
    lagging.clock.advance(61)
    assert not browser.submit("/inventory/refresh").all(data_item_instance_id=instance_id)
    app.extensions["destiny_web"].store.close()
