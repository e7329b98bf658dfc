"""Jobs while the account changes and the network fails."""

import pytest
import requests

from tests.inventory.worlds import ENERGY, KINETIC, fields, owners, roomy, tiles

PAGE = "/inventory/"


def control(bungie, path, **payload):
    answer = requests.post(f"{bungie.root}/sandbox/{path}", json=payload, timeout=10)
    answer.raise_for_status()


def list_actions(bungie):
    return [
        entry for entry in bungie.requests if entry.method == "POST" and "/Actions/" in entry.path
    ]


def find_plain_tile(page, **filters):
    return next(tile for tile in tiles(page, **filters) if "exotic" not in tile["class"])


def check_page(browser, bungie):
    """Check that the page shows every instance at its owner in the game; return the page."""
    page = browser.open(PAGE)
    for tile in tiles(page):
        if "data-item-instance-id" in tile:
            assert bungie.holder_of(tile["data-item-instance-id"]) == tile["data-owner"]
            is_equipped = bungie.item(tile["data-item-instance-id"]).equipped
            assert is_equipped == (tile["data-location"] == "equipped")
    return page


def check_report(answer, bungie):
    """Check that a report's steps are the calls that Bungie has carried out."""
    carried_out = [
        entry
        for entry in list_actions(bungie)
        if entry.code == 1 and entry.operation != "EquipItems"
    ]
    reported = [step for step in answer["steps"] if step["ok"]]
    assert len(reported) == len(carried_out), (reported, carried_out)


FAULTS = ["html", "drop", "truncated", "lost", "maintenance", "bad-gateway", "unauthorized"]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_after_a_fault_at_any_step_page_and_report_are_right(browser, bungie, fault, at):
    page = browser.open(PAGE)
    to = roomy(page, ENERGY)
    source = next(owner for owner in owners(page) if owner != to)
    item = find_plain_tile(page, owner=source, bucket_hash=ENERGY, location="bag")
    operation, skip = ("EquipItem", 0) if at == 2 else ("TransferItem", at)
    bungie.fail_next(operation, fault, skip=skip)
    status, answer = browser.json("/inventory/transfer", **fields(item, to, equip="1"))
    page = check_page(browser, bungie)
    check_report(answer, bungie)
    assert answer["ok"] == (status == 200)
    if answer["ok"]:
        tile = page.tile(item["data-item-instance-id"]).attributes
        assert (tile["data-owner"], tile["data-location"]) == (to, "equipped")
    else:
        assert answer["message"]


@pytest.mark.parametrize(
    "code", [1623, 1642, 1656, 1671, 1634, 1640, 1660, 1651, 5, 36, 51, 99, 4242]
)
@pytest.mark.parametrize("operation", ["TransferItem", "EquipItem"])
def test_after_any_refusal_page_and_report_are_right(browser, bungie, operation, code):
    page = browser.open(PAGE)
    to = roomy(page, ENERGY)
    item = find_plain_tile(page, owner="vault", bucket_hash=ENERGY)
    bungie.refuse_next(operation, code)
    _, answer = browser.json("/inventory/transfer", **fields(item, to, equip="1"))
    check_page(browser, bungie)
    check_report(answer, bungie)
    assert answer["message"].endswith(".")


def test_a_lost_answer_is_looked_up_and_not_repeated(browser, bungie):
    page = browser.open(PAGE)
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    bungie.fail_next("TransferItem", "lost")
    status, answer = browser.json("/inventory/transfer", **fields(item, to))
    assert (status, answer["ok"]) == (200, True)
    assert len(list_actions(bungie)) == 1


def test_a_lost_call_is_sent_again(browser, bungie):
    page = browser.open(PAGE)
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    bungie.fail_next("TransferItem", "drop")
    status, answer = browser.json("/inventory/transfer", **fields(item, to))
    assert (status, answer["ok"]) == (200, True)
    assert [step["ok"] for step in answer["steps"]] == [False, True]


@pytest.mark.parametrize("fault", ["lost", "drop"])
def test_a_part_of_a_stack_never_moves_twice(browser, bungie, fault):
    page = browser.open(PAGE)
    stack = next(
        tile
        for tile in tiles(page, owner="account", bucket_hash="1469714392")
        if int(tile["data-quantity"]) > 5
    )
    filters = {"item_hash": stack["data-item-hash"], "owner": "account"}
    before = sum(int(tile["data-quantity"]) for tile in tiles(page, **filters))
    bungie.fail_next("TransferItem", fault)
    _, answer = browser.json("/inventory/transfer", **fields(stack, "vault", quantity="2"))
    page = browser.submit("/inventory/refresh")
    assert answer["ok"]
    assert sum(int(tile["data-quantity"]) for tile in tiles(page, **filters)) == before - 2


def test_room_is_made_when_bungie_says_that_there_is_none(browser, bungie):
    page = browser.open(PAGE)
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    bungie.refuse_next("TransferItem", 1642)
    status, answer = browser.json("/inventory/transfer", **fields(item, to))
    assert status == 200
    assert "to make room" in answer["message"]
    assert bungie.holder_of(item["data-item-instance-id"]) == to
    check_page(browser, bungie)


def test_an_item_that_is_gone_is_reported_and_not_shown_any_more(browser, bungie):
    page = browser.open(PAGE)
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    instance_id = item["data-item-instance-id"]
    control(bungie, "game", player="Cayde#0006", event="dismantle", item=instance_id)
    status, answer = browser.json("/inventory/transfer", **fields(item, to))
    assert (status, answer["ok"]) == (409, False)
    assert not browser.open(PAGE).all(data_item_instance_id=instance_id)


def test_an_item_that_was_equipped_meanwhile_is_unequipped_first(browser, bungie):
    page = browser.open(PAGE)
    owner = owners(page)[0]
    item = find_plain_tile(page, owner=owner, bucket_hash=KINETIC, location="bag")
    # Equip it in the game, without this site: the kept profile does not show it.
    token = bungie.sign_in()["access_token"]
    requests.post(
        f"{bungie.root}/Platform/Destiny2/Actions/Items/EquipItem/",
        json={
            "itemId": item["data-item-instance-id"],
            "characterId": owner,
            "membershipType": bungie.player().main.type,
        },
        headers={"X-API-Key": bungie.api_key, "Authorization": f"Bearer {token}"},
        timeout=10,
    ).raise_for_status()
    status, answer = browser.json("/inventory/transfer", **fields(item, "vault"))
    assert status == 200, answer
    assert bungie.holder_of(item["data-item-instance-id"]) == "vault"
    check_page(browser, bungie)


def test_in_an_activity_the_item_is_moved_and_not_equipped(browser, bungie):
    page = browser.open(PAGE)
    to = roomy(page, ENERGY)
    item = find_plain_tile(page, owner="vault", bucket_hash=ENERGY)
    control(bungie, "game", player="Cayde#0006", event="travel", character=to, place="activity")
    status, answer = browser.json("/inventory/transfer", **fields(item, to, equip="1"))
    assert (status, answer["code"]) == (409, 1671)
    assert "is now with the" in answer["message"]
    assert "orbit" in answer["message"]
    assert bungie.holder_of(item["data-item-instance-id"]) == to


def test_a_job_is_undone(browser, bungie):
    before = browser.open(PAGE)
    to = roomy(before, ENERGY)
    item = find_plain_tile(before, owner="vault", bucket_hash=ENERGY)
    after = browser.submit("/inventory/transfer", **fields(item, to, equip="1"))
    offer = after.all("input", name_="job_id")[0].attributes["value"]
    undone = browser.submit("/inventory/undo", job_id=offer)
    assert "Undone" in undone.said[0]
    key = lambda tile: tile.get("data-item-instance-id", tile["data-item-hash"])  # noqa: E731
    assert {key(tile): (tile["data-owner"], tile["data-location"]) for tile in tiles(undone)} == {
        key(tile): (tile["data-owner"], tile["data-location"]) for tile in tiles(before)
    }
    check_page(browser, bungie)


def test_an_undo_is_not_possible_after_a_change_in_the_game(browser, bungie):
    page = browser.open(PAGE)
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    after = browser.submit("/inventory/transfer", **fields(item, to))
    offer = after.all("input", name_="job_id")[0].attributes["value"]
    control(
        bungie,
        "game",
        player="Cayde#0006",
        event="dismantle",
        item=item["data-item-instance-id"],
    )
    page = browser.submit("/inventory/refresh")
    assert not page.all("input", name_="job_id")
    status, answer = browser.json("/inventory/undo", job_id=offer)
    assert (status, answer["steps"]) == (409, [])
    assert "cannot be undone any more" in answer["message"]


def test_only_the_last_job_is_undone(browser):
    page = browser.open(PAGE)
    first, second = tiles(page, owner="vault", bucket_hash=ENERGY)[:2]
    to = roomy(page, ENERGY)
    page = browser.submit("/inventory/transfer", **fields(first, to))
    offer = page.all("input", name_="job_id")[0].attributes["value"]
    browser.submit("/inventory/transfer", **fields(second, to))
    status, answer = browser.json("/inventory/undo", job_id=offer)
    assert (status, answer["ok"]) == (409, False)


def test_a_preview_lists_the_steps_of_the_move(browser, bungie):
    page = browser.open(PAGE)
    owner = owners(page)[0]
    item = tiles(page, owner=owner, bucket_hash=KINETIC, location="equipped")[0]
    detail = browser.open(item["href"])
    preview = next(
        element for element in detail.all("a") if "preview?" in element.attributes["href"]
    )
    preview_page = browser.open(preview.attributes["href"])
    listed_steps = [element.text for element in preview_page.one("ol").all("li")]
    assert len(listed_steps) >= 2
    assert list_actions(bungie) == []
    form = {
        element.attributes["name"]: element.attributes["value"]
        for element in preview_page.one("main").all("input")
        if element.attributes["name"] != "csrf_token"
    }
    status, answer = browser.json("/inventory/transfer", **form)
    assert status == 200
    assert len(answer["steps"]) == len(listed_steps)


def test_a_lock_that_bungie_copies_from_another_copy_is_repaired(browser, bungie):
    page = browser.open(PAGE)
    tiles_by_hash = {}
    for tile in tiles(page, owner="vault"):
        if "data-item-instance-id" in tile:
            tiles_by_hash.setdefault(tile["data-item-hash"], []).append(tile)
    first, second = next(copies for copies in tiles_by_hash.values() if len(copies) > 1)[:2]
    for tile, locked in ((first, "1"), (second, "0")):
        browser.submit(
            "/inventory/lock", item_instance_id=tile["data-item-instance-id"], locked=locked
        )
    control(bungie, "settings", sibling_lock=1.0)
    owner = roomy(page, first["data-bucket-hash"])
    status, answer = browser.json("/inventory/transfer", **fields(second, owner))
    control(bungie, "settings", sibling_lock=0.0)
    assert status == 200
    assert answer["steps"][-1]["action"] == "lock"
    assert not bungie.item(second["data-item-instance-id"]).locked
    check_page(browser, bungie)
