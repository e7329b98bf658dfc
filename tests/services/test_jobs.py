"""Carrying out plans in a game that goes on, over a network that fails."""

import pytest
import requests

from tests.inventory.worlds import ENERGY, KINETIC, fields, owners, roomy, tiles

PAGE = "/inventory/"


def control(bungie, what, **payload):
    answer = requests.post(f"{bungie.root}/sandbox/{what}", json=payload, timeout=10)
    answer.raise_for_status()


def posts(bungie):
    return [one for one in bungie.requests if one.method == "POST" and "/Actions/" in one.path]


def plain(page, **wanted):
    return next(one for one in tiles(page, **wanted) if "exotic" not in one["class"])


def truth(browser, bungie):
    """Check that the page shows every instance where the game has it; return the page."""
    page = browser.open(PAGE)
    for one in tiles(page):
        if "data-item-instance-id" in one:
            assert bungie.holder_of(one["data-item-instance-id"]) == one["data-owner"]
            worn = bungie.item(one["data-item-instance-id"]).equipped
            assert worn == (one["data-location"] == "equipped")
    return page


def agrees(answer, bungie):
    """Check that a report's steps are the calls that the game has carried out."""
    good = [one for one in posts(bungie) if one.code == 1 and one.operation != "EquipItems"]
    reported = [step for step in answer["steps"] if step["ok"]]
    assert len(reported) == len(good), (reported, good)


KINDS = ["html", "drop", "truncated", "lost", "maintenance", "bad-gateway", "unauthorized"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_fault_at_any_step_leaves_the_page_true_and_the_report_right(browser, bungie, kind, at):
    page = browser.open(PAGE)
    to = roomy(page, ENERGY)
    source = next(owner for owner in owners(page) if owner != to)
    item = plain(page, owner=source, bucket_hash=ENERGY, location="bag")
    operation, skip = ("EquipItem", 0) if at == 2 else ("TransferItem", at)
    bungie.fail_next(operation, kind, skip=skip)
    status, answer = browser.json("/inventory/transfer", **fields(item, to, equip="1"))
    page = truth(browser, bungie)
    agrees(answer, bungie)
    assert answer["ok"] == (status == 200)
    if answer["ok"]:
        shown = page.tile(item["data-item-instance-id"]).attributes
        assert (shown["data-owner"], shown["data-location"]) == (to, "equipped")
    else:
        assert answer["message"]


@pytest.mark.parametrize(
    "code", [1623, 1642, 1656, 1671, 1634, 1640, 1660, 1651, 5, 36, 51, 99, 4242]
)
@pytest.mark.parametrize("operation", ["TransferItem", "EquipItem"])
def test_every_refusal_leaves_the_page_true_and_the_report_right(browser, bungie, operation, code):
    page = browser.open(PAGE)
    to = roomy(page, ENERGY)
    item = plain(page, owner="vault", bucket_hash=ENERGY)
    bungie.refuse_next(operation, code)
    _, answer = browser.json("/inventory/transfer", **fields(item, to, equip="1"))
    truth(browser, bungie)
    agrees(answer, bungie)
    assert answer["message"].endswith(".")


def test_a_lost_answer_is_looked_up_and_not_repeated(browser, bungie):
    page = browser.open(PAGE)
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    bungie.fail_next("TransferItem", "lost")
    status, answer = browser.json("/inventory/transfer", **fields(item, to))
    assert (status, answer["ok"]) == (200, True)
    assert len(posts(bungie)) == 1


def test_a_lost_question_is_asked_again(browser, bungie):
    page = browser.open(PAGE)
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    bungie.fail_next("TransferItem", "drop")
    status, answer = browser.json("/inventory/transfer", **fields(item, to))
    assert (status, answer["ok"]) == (200, True)
    assert [step["ok"] for step in answer["steps"]] == [False, True]


@pytest.mark.parametrize("kind", ["lost", "drop"])
def test_a_part_of_a_stack_never_moves_twice(browser, bungie, kind):
    page = browser.open(PAGE)
    stack = next(
        one
        for one in tiles(page, owner="account", bucket_hash="1469714392")
        if int(one["data-quantity"]) > 5
    )
    same = {"item_hash": stack["data-item-hash"], "owner": "account"}
    before = sum(int(one["data-quantity"]) for one in tiles(page, **same))
    bungie.fail_next("TransferItem", kind)
    _, answer = browser.json("/inventory/transfer", **fields(stack, "vault", quantity="2"))
    page = browser.submit("/inventory/refresh")
    assert answer["ok"]
    assert sum(int(one["data-quantity"]) for one in tiles(page, **same)) == before - 2


def test_room_that_the_game_says_is_not_there_is_made(browser, bungie):
    page = browser.open(PAGE)
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    bungie.refuse_next("TransferItem", 1642)
    status, answer = browser.json("/inventory/transfer", **fields(item, to))
    assert status == 200
    assert "to make room" in answer["message"]
    assert bungie.holder_of(item["data-item-instance-id"]) == to
    truth(browser, bungie)


def test_what_was_taken_away_meanwhile_is_reported_and_the_page_follows(browser, bungie):
    page = browser.open(PAGE)
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    instance_id = item["data-item-instance-id"]
    control(bungie, "game", player="Cayde#0006", event="dismantle", item=instance_id)
    status, answer = browser.json("/inventory/transfer", **fields(item, to))
    assert (status, answer["ok"]) == (409, False)
    assert not browser.open(PAGE).all(data_item_instance_id=instance_id)


def test_an_item_that_is_worn_by_now_comes_off_first(browser, bungie):
    page = browser.open(PAGE)
    owner = owners(page)[0]
    item = plain(page, owner=owner, bucket_hash=KINETIC, location="bag")
    # In the game, behind our back: our own page does not know it.
    other = bungie.sign_in()["access_token"]
    requests.post(
        f"{bungie.root}/Platform/Destiny2/Actions/Items/EquipItem/",
        json={
            "itemId": item["data-item-instance-id"],
            "characterId": owner,
            "membershipType": bungie.player().main.type,
        },
        headers={"X-API-Key": bungie.api_key, "Authorization": f"Bearer {other}"},
        timeout=10,
    ).raise_for_status()
    status, answer = browser.json("/inventory/transfer", **fields(item, "vault"))
    assert status == 200, answer
    assert bungie.holder_of(item["data-item-instance-id"]) == "vault"
    truth(browser, bungie)


def test_in_an_activity_the_item_is_moved_and_not_worn(browser, bungie):
    page = browser.open(PAGE)
    to = roomy(page, ENERGY)
    item = plain(page, owner="vault", bucket_hash=ENERGY)
    control(bungie, "game", player="Cayde#0006", event="travel", character=to, place="activity")
    status, answer = browser.json("/inventory/transfer", **fields(item, to, equip="1"))
    assert (status, answer["code"]) == (409, 1671)
    assert "is now with the" in answer["message"]
    assert "orbit" in answer["message"]
    assert bungie.holder_of(item["data-item-instance-id"]) == to


def test_a_job_is_undone(browser, bungie):
    before = browser.open(PAGE)
    to = roomy(before, ENERGY)
    item = plain(before, owner="vault", bucket_hash=ENERGY)
    after = browser.submit("/inventory/transfer", **fields(item, to, equip="1"))
    offer = after.all("input", name_="job_id")[0].attributes["value"]
    undone = browser.submit("/inventory/undo", job_id=offer)
    assert "Undone" in undone.said[0]
    key = lambda one: one.get("data-item-instance-id", one["data-item-hash"])  # noqa: E731
    assert {key(one): (one["data-owner"], one["data-location"]) for one in tiles(undone)} == {
        key(one): (one["data-owner"], one["data-location"]) for one in tiles(before)
    }
    truth(browser, bungie)


def test_an_undo_is_not_offered_and_not_done_once_the_game_has_moved_on(browser, bungie):
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


def test_a_move_that_needs_more_is_previewed_and_does_what_was_said(browser, bungie):
    page = browser.open(PAGE)
    owner = owners(page)[0]
    item = tiles(page, owner=owner, bucket_hash=KINETIC, location="equipped")[0]
    detail = browser.open(item["href"])
    preview = next(one for one in detail.all("a") if "preview?" in one.attributes["href"])
    shown = browser.open(preview.attributes["href"])
    said = [one.text for one in shown.one("ol").all("li")]
    assert len(said) >= 2
    assert posts(bungie) == []
    form = {
        one.attributes["name"]: one.attributes["value"]
        for one in shown.one("main").all("input")
        if one.attributes["name"] != "csrf_token"
    }
    status, answer = browser.json("/inventory/transfer", **form)
    assert status == 200
    assert len(answer["steps"]) == len(said)


def test_a_lock_that_a_copy_has_changed_is_mended(browser, bungie):
    page = browser.open(PAGE)
    seen = {}
    for one in tiles(page, owner="vault"):
        if "data-item-instance-id" in one:
            seen.setdefault(one["data-item-hash"], []).append(one)
    first, second = next(same for same in seen.values() if len(same) > 1)[:2]
    for one, locked in ((first, "1"), (second, "0")):
        browser.submit(
            "/inventory/lock", item_instance_id=one["data-item-instance-id"], locked=locked
        )
    control(bungie, "settings", sibling_lock=1.0)
    owner = roomy(page, first["data-bucket-hash"])
    status, answer = browser.json("/inventory/transfer", **fields(second, owner))
    control(bungie, "settings", sibling_lock=0.0)
    assert status == 200
    assert answer["steps"][-1]["action"] == "lock"
    assert not bungie.item(second["data-item-instance-id"]).locked
    truth(browser, bungie)
