"""Moving and equipping through forms, against a Bungie.net over HTTP."""

import pytest

from tests.inventory.worlds import (
    ARMOR,
    CONSUMABLES,
    ENERGY,
    KINETIC,
    fields,
    owners,
    roomy,
    tiles,
)

PAGE = "/inventory/"


def reads(bungie):
    return [one for one in bungie.requests if one.operation == "GetProfile"]


def posts(bungie):
    return [one for one in bungie.requests if one.method == "POST" and "/Actions/" in one.path]


def test_an_item_moves_from_the_vault_to_a_character_and_the_page_shows_it(browser, bungie):
    page = browser.open(PAGE)
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    before = len(reads(bungie))
    after = browser.submit("/inventory/transfer", **fields(item, to))
    moved = after.tile(item["data-item-instance-id"]).attributes
    assert (moved["data-owner"], moved["data-location"]) == (to, "bag")
    assert bungie.holder_of(item["data-item-instance-id"]) == to
    assert len(reads(bungie)) == before
    assert "is now with the" in after.said[0]


def test_between_characters_an_item_goes_through_the_vault(browser, bungie):
    page = browser.open(PAGE)
    to = roomy(page, ENERGY)
    source = next(owner for owner in owners(page) if owner != to)
    item = tiles(page, owner=source, bucket_hash=ENERGY, location="bag")[0]
    status, answer = browser.json("/inventory/transfer", **fields(item, to))
    assert (status, answer["ok"], answer["code"]) == (200, True, None)
    assert [(step["source"], step["destination"], step["ok"]) for step in answer["steps"]] == [
        (source, "vault", True),
        ("vault", to, True),
    ]
    assert bungie.holder_of(item["data-item-instance-id"]) == to


def test_an_item_is_moved_and_worn_in_one_go(browser, bungie):
    page = browser.open(PAGE)
    to = roomy(page, ENERGY)
    item = next(
        one
        for one in tiles(page, owner="vault", bucket_hash=ENERGY)
        if "exotic" not in one["class"]
    )
    after = browser.submit("/inventory/transfer", **fields(item, to, equip="1"))
    assert after.tile(item["data-item-instance-id"]).attributes["data-location"] == "equipped"
    assert bungie.item(item["data-item-instance-id"]).equipped
    assert "now wears" in after.said[0]
    worn = tiles(after, owner=to, bucket_hash=ENERGY, location="equipped")
    assert len(worn) == 1


def test_an_item_is_worn_by_who_has_it(browser, bungie):
    page = browser.open(PAGE)
    owner = owners(page)[0]
    item = next(
        one
        for one in tiles(page, owner=owner, bucket_hash=KINETIC, location="bag")
        if "exotic" not in one["class"]
    )
    status, answer = browser.json(
        "/inventory/equip", character_id=owner, item_instance_id=item["data-item-instance-id"]
    )
    assert (status, [step["action"] for step in answer["steps"]]) == (200, ["equip"])
    assert bungie.item(item["data-item-instance-id"]).equipped


def test_several_items_are_worn_by_one_call(browser, bungie):
    page = browser.open(PAGE)
    owner = owners(page)[0]
    ids = [
        next(
            one["data-item-instance-id"]
            for one in tiles(page, owner=owner, bucket_hash=bucket, location="bag")
            if "exotic" not in one["class"]
        )
        for bucket in (KINETIC, ENERGY)
    ]
    status, answer = browser.json("/inventory/equip", character_id=owner, item_instance_id=ids)
    assert status == 200
    assert [step["item_instance_id"] for step in answer["steps"]] == ids
    assert [one.operation for one in posts(bungie)] == ["EquipItems"]


def test_a_part_of_a_stack_goes_to_the_vault_and_nothing_is_lost(browser):
    page = browser.open(PAGE)
    stack = next(
        one
        for one in tiles(page, owner="account", bucket_hash=CONSUMABLES)
        if int(one["data-quantity"]) > 3
    )
    same = {"item_hash": stack["data-item-hash"]}
    total = sum(int(one["data-quantity"]) for one in tiles(page, **same))
    stored = sum(int(one["data-quantity"]) for one in tiles(page, owner="vault", **same))
    after = browser.submit("/inventory/transfer", **fields(stack, "vault", quantity="3"))
    assert sum(int(one["data-quantity"]) for one in tiles(after, **same)) == total
    assert (
        sum(int(one["data-quantity"]) for one in tiles(after, owner="vault", **same)) == stored + 3
    )
    again = browser.submit("/inventory/refresh")
    assert tiles(again, **same) == tiles(after, **same)


def test_a_lost_item_is_collected(browser):
    page = browser.open(PAGE)
    item = next(
        one
        for one in tiles(page, location="postmaster")
        if one.get("data-item-instance-id") and one["data-bucket-hash"] in {KINETIC, ENERGY, *ARMOR}
    )
    owner = item["data-owner"]
    status, answer = browser.json(
        "/inventory/pull",
        item_hash=item["data-item-hash"],
        item_instance_id=item["data-item-instance-id"],
        quantity="1",
        character_id=owner,
    )
    assert (status, answer["ok"]) == (200, True)
    assert "pull" in [step["action"] for step in answer["steps"]]
    shown = browser.open(PAGE).tile(item["data-item-instance-id"]).attributes
    assert (shown["data-owner"], shown["data-location"]) == (owner, "bag")


def test_a_lock_is_set_and_shown(browser, bungie):
    page = browser.open(PAGE)
    item = tiles(page, owner="vault", bucket_hash=KINETIC)[0]
    instance_id = item["data-item-instance-id"]
    wanted = not bungie.item(instance_id).locked
    after = browser.submit(
        "/inventory/lock", item_instance_id=instance_id, locked="1" if wanted else "0"
    )
    assert bungie.item(instance_id).locked is wanted
    assert ("locked" in after.tile(instance_id).text.split(", ")) is wanted


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"item_hash": ""}, "item_hash"),
        ({"item_hash": "abc"}, "item_hash"),
        ({"item_hash": str(2**32)}, "item_hash"),
        ({"item_instance_id": "1 OR 1=1"}, "item_instance_id"),
        ({"item_instance_id": "٣"}, "item_instance_id"),
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "-1"}, "quantity"),
        ({"quantity": "1.5"}, "quantity"),
        ({"quantity": "2"}, "quantity"),
        ({"source": ""}, "source"),
        ({"source": "../vault"}, "source"),
        ({"destination": ""}, "destination"),
        ({"destination": "2305843009999999999"}, "destination"),
        ({"source": "2305843009999999999"}, "owner"),
        ({"item_instance_id": "6917529999999999999"}, "no such item"),
        ({"equip": "yes"}, "equip"),
    ],
)
def test_what_does_not_fit_gets_a_sentence_and_nothing_is_sent(browser, bungie, change, word):
    page = browser.open(PAGE)
    item = tiles(page, owner="vault", bucket_hash=ENERGY)[0]
    asked = fields(item, roomy(page, ENERGY)) | change
    status, answer = browser.json("/inventory/transfer", **asked)
    assert status == 422
    assert word in answer["message"]
    assert answer["message"].endswith(".")
    assert (answer["ok"], answer["steps"], posts(bungie)) == (False, [], [])
    assert browser.submit("/inventory/transfer", **asked).one(role="alert").text


def test_the_wrong_class_is_refused_before_any_call(browser, bungie):
    page = browser.open(PAGE)
    refused = 0
    for item in [one for bucket in ARMOR for one in tiles(page, owner="vault", bucket_hash=bucket)]:
        for owner in owners(page):
            status, answer = browser.json("/inventory/transfer", **fields(item, owner, equip="1"))
            if status == 409 and "is for a" in answer["message"]:
                refused += 1
        if refused:
            break
    assert refused == 2
    assert all(one.operation != "EquipItem" or one.code == 1 for one in posts(bungie))


def test_the_games_own_refusal_is_reported_with_its_step(browser, bungie):
    page = browser.open(PAGE)
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    bungie.refuse_next("EquipItem", 1671)
    status, answer = browser.json("/inventory/transfer", **fields(item, to, equip="1"))
    assert (status, answer["ok"], answer["code"]) == (409, False, 1671)
    assert [(step["action"], step["ok"], step["code"]) for step in answer["steps"]] == [
        ("transfer", True, 1),
        ("equip", False, 1671),
    ]
    assert "orbit" in answer["message"]
    assert "is now with the" in answer["message"]
    shown = browser.open(PAGE).tile(item["data-item-instance-id"]).attributes
    assert (shown["data-owner"], shown["data-location"]) == (to, "bag")


def test_another_players_character_is_nobody_here(browser, bungie):
    page = browser.open(PAGE)
    item = tiles(page, owner="vault", bucket_hash=ENERGY)[0]
    stranger = next(iter(bungie.profile("20006002").characters))
    status, answer = browser.json("/inventory/transfer", **fields(item, stranger))
    assert (status, posts(bungie)) == (422, [])
    assert "no such destination" in answer["message"]
