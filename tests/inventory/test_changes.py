"""A script gets only the parts of the page that have changed since it asked."""

import gc
import re

from destiny_web.web import parts
from tests.inventory.worlds import ENERGY, fields, roomy, tiles

PAGE = "/inventory/"
TABLE = {"density": "table"}


def digests(page):
    return ",".join(re.findall(r'data-part="([0-9a-f]+)"', page.html))


def changed_ids(page):
    return {
        element.attributes["id"]
        for element in page.one("main").all()
        if "data-part" in element.attributes
    }


def largest_group(page):
    """Return the attributes of the tiles in the largest group of the vault's energy weapons."""
    groups = [
        tiles(cell)
        for cell in page.all("ul", class_="cell")
        if cell.attributes["id"].startswith(f"cell-vault-{ENERGY}-")
    ]
    return max(groups, key=len)


def test_a_page_that_has_not_changed_has_no_changed_parts(browser):
    page = browser.open(PAGE)
    answer = browser.open(PAGE, **{"X-Parts": digests(page)})
    assert changed_ids(answer) <= {"freshness"}


def test_after_a_move_only_the_cells_of_the_two_owners_are_sent(browser):
    page = browser.open(PAGE)
    item, to = largest_group(page)[0], roomy(page, ENERGY)
    browser.post("/inventory/transfer", **fields(item, to))
    answer = browser.open(PAGE, **{"X-Parts": digests(page)})
    changed = changed_ids(answer)
    assert f"cell-{to}-{ENERGY}" in changed
    assert any(part_id.startswith(f"cell-vault-{ENERGY}-") for part_id in changed)
    assert "undo" in changed
    cells = {part_id for part_id in changed if part_id.startswith("cell-")}
    assert len(cells) == 2
    assert "is now with the" in answer.said[0]
    assert len(answer.html) < len(page.html) / 8
    assert f'data-item-instance-id="{item["data-item-instance-id"]}"' in answer.html


def test_the_parts_put_into_the_old_page_make_the_new_page(browser):
    page = browser.open(PAGE)
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    browser.post("/inventory/transfer", **fields(item, to))
    answer = browser.open(PAGE, **{"X-Parts": digests(page)})
    new_page = browser.open(PAGE)
    shown = {
        tile["data-item-instance-id"]: tile["data-owner"]
        for tile in tiles(page)
        if "data-item-instance-id" in tile
    }
    changed = {
        tile["data-item-instance-id"]: tile["data-owner"]
        for tile in tiles(answer)
        if "data-item-instance-id" in tile
    }
    assert shown | changed == {
        tile["data-item-instance-id"]: tile["data-owner"]
        for tile in tiles(new_page)
        if "data-item-instance-id" in tile
    }


def test_another_density_replaces_the_vault(browser):
    page = browser.open(PAGE)
    browser.post("/inventory/view", **TABLE)
    assert "vault-table" in changed_ids(browser.open(PAGE, **{"X-Parts": digests(page)}))


def test_a_page_that_has_not_changed_is_not_sent_again(browser):
    first = browser.open(PAGE)
    tag = first.response.headers["ETag"]
    again = browser.client.get(PAGE, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    item, to = tiles(first, owner="vault", bucket_hash=ENERGY)[0], roomy(first, ENERGY)
    browser.post("/inventory/transfer", **fields(item, to))
    changed = browser.client.get(PAGE, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_a_message_is_never_lost_in_an_answer_without_content(browser):
    tag = browser.open(PAGE).response.headers["ETag"]
    browser.post("/inventory/refresh")
    answer = browser.client.get(PAGE, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert "Read from Bungie just now." in answer.get_data(as_text=True)


def test_unknown_digests_get_the_whole_page_in_parts(browser):
    answer = browser.open(PAGE, **{"X-Parts": "zzz,,\x7f<script>,"})
    assert {"vault-sections", "jump-bar"} <= changed_ids(answer)


def test_no_html_of_a_page_waits_for_the_garbage_collector(browser):
    browser.open("/inventory/")
    gc.collect()
    gc.disable()
    try:
        browser.client.get("/inventory/")
        waiting = [item for item in gc.get_objects() if type(item).__module__ == parts.__name__]
    finally:
        gc.enable()
    assert not waiting
