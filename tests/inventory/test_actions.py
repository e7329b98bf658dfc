"""Items move and are equipped through the forms, against the sandbox over HTTP."""

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


def profile_reads(bungie):
    return [request for request in bungie.requests if request.operation == "GetProfile"]


def action_requests(bungie):
    return [
        request
        for request in bungie.requests
        if request.method == "POST" and "/Actions/" in request.path
    ]


def total_quantity(stacks):
    return sum(int(stack["data-quantity"]) for stack in stacks)


def test_an_item_moves_from_the_vault_to_a_character_and_the_page_shows_it(browser, bungie):
    page = browser.open(PAGE)
    item, to = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    reads_before = len(profile_reads(bungie))
    after = browser.submit("/inventory/transfer", **fields(item, to))
    moved = after.tile(item["data-item-instance-id"]).attributes
    assert (moved["data-owner"], moved["data-location"]) == (to, "bag")
    assert bungie.holder_of(item["data-item-instance-id"]) == to
    assert len(profile_reads(bungie)) == reads_before
    assert "is now with the" in after.said[0]


def test_between_characters_an_item_goes_through_the_vault(browser, bungie):
    page = browser.open(PAGE)
    to = roomy(page, ENERGY)
    source = next(owner for owner in owners(page) if owner != to)
    item = tiles(page, owner=source, bucket_hash=ENERGY, location="bag")[0]
    status, answer = browser.json("/inventory/transfer", **fields(item, to))
    assert (status, answer["ok"], answer["code"]) == (200, True, None)
    # A locked item is locked again at the end: the sandbox, like the game, can lose the lock.
    transfers = [step for step in answer["steps"] if step["action"] == "transfer"]
    assert [(step["source"], step["destination"], step["ok"]) for step in transfers] == [
        (source, "vault", True),
        ("vault", to, True),
    ]
    assert bungie.holder_of(item["data-item-instance-id"]) == to


def test_one_form_moves_and_equips_an_item(browser, bungie):
    page = browser.open(PAGE)
    to = roomy(page, ENERGY)
    item = next(
        tile
        for tile in tiles(page, owner="vault", bucket_hash=ENERGY)
        if "exotic" not in tile["class"]
    )
    after = browser.submit("/inventory/transfer", **fields(item, to, equip="1"))
    assert after.tile(item["data-item-instance-id"]).attributes["data-location"] == "equipped"
    assert bungie.item(item["data-item-instance-id"]).equipped
    assert "now wears" in after.said[0]
    equipped = tiles(after, owner=to, bucket_hash=ENERGY, location="equipped")
    assert len(equipped) == 1


def test_an_item_is_equipped_on_the_character_that_holds_it(browser, bungie):
    page = browser.open(PAGE)
    owner = owners(page)[0]
    item = next(
        tile
        for tile in tiles(page, owner=owner, bucket_hash=KINETIC, location="bag")
        if "exotic" not in tile["class"]
    )
    status, answer = browser.json(
        "/inventory/equip", character_id=owner, item_instance_id=item["data-item-instance-id"]
    )
    assert (status, [step["action"] for step in answer["steps"]]) == (200, ["equip"])
    assert bungie.item(item["data-item-instance-id"]).equipped


def test_one_call_equips_several_items(browser, bungie):
    page = browser.open(PAGE)
    owner = owners(page)[0]
    instance_ids = [
        next(
            tile["data-item-instance-id"]
            for tile in tiles(page, owner=owner, bucket_hash=bucket, location="bag")
            if "exotic" not in tile["class"]
        )
        for bucket in (KINETIC, ENERGY)
    ]
    status, answer = browser.json(
        "/inventory/equip", character_id=owner, item_instance_id=instance_ids
    )
    assert status == 200
    assert [step["item_instance_id"] for step in answer["steps"]] == instance_ids
    assert [request.operation for request in action_requests(bungie)] == ["EquipItems"]


def test_a_part_of_a_stack_moves_to_the_vault_and_the_total_stays(browser):
    page = browser.open(PAGE)
    stack = next(
        tile
        for tile in tiles(page, owner="account", bucket_hash=CONSUMABLES)
        if int(tile["data-quantity"]) > 3
    )
    item_hash = stack["data-item-hash"]
    total = total_quantity(tiles(page, item_hash=item_hash))
    in_vault = total_quantity(tiles(page, owner="vault", item_hash=item_hash))
    after = browser.submit("/inventory/transfer", **fields(stack, "vault", quantity="3"))
    assert total_quantity(tiles(after, item_hash=item_hash)) == total
    assert total_quantity(tiles(after, owner="vault", item_hash=item_hash)) == in_vault + 3
    refreshed = browser.submit("/inventory/refresh")
    assert tiles(refreshed, item_hash=item_hash) == tiles(after, item_hash=item_hash)


def test_an_item_is_pulled_from_the_postmaster(browser):
    page = browser.open(PAGE)
    item = next(
        tile
        for tile in tiles(page, location="postmaster")
        if tile.get("data-item-instance-id")
        and tile["data-bucket-hash"] in {KINETIC, ENERGY, *ARMOR}
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
    tile = browser.open(PAGE).tile(item["data-item-instance-id"]).attributes
    assert (tile["data-owner"], tile["data-location"]) == (owner, "bag")


def test_a_lock_is_set_and_shown(browser, bungie):
    page = browser.open(PAGE)
    item = tiles(page, owner="vault", bucket_hash=KINETIC)[0]
    instance_id = item["data-item-instance-id"]
    new_state = not bungie.item(instance_id).locked
    after = browser.submit(
        "/inventory/lock", item_instance_id=instance_id, locked="1" if new_state else "0"
    )
    assert bungie.item(instance_id).locked is new_state
    assert ("locked" in after.tile(instance_id).text.split(", ")) is new_state


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
def test_an_invalid_field_is_reported_and_nothing_is_sent(browser, bungie, change, word):
    page = browser.open(PAGE)
    item = tiles(page, owner="vault", bucket_hash=ENERGY)[0]
    invalid_fields = fields(item, roomy(page, ENERGY)) | change
    status, answer = browser.json("/inventory/transfer", **invalid_fields)
    assert status == 422
    assert word in answer["message"]
    assert answer["message"].endswith(".")
    assert (answer["ok"], answer["steps"], action_requests(bungie)) == (False, [], [])
    assert browser.submit("/inventory/transfer", **invalid_fields).alerts


def test_the_wrong_class_is_refused_before_any_call(browser, bungie):
    page = browser.open(PAGE)
    refusal_count = 0
    for item in [
        tile for bucket in ARMOR for tile in tiles(page, owner="vault", bucket_hash=bucket)
    ]:
        for owner in owners(page):
            status, answer = browser.json("/inventory/transfer", **fields(item, owner, equip="1"))
            if status == 409 and "is for a" in answer["message"]:
                refusal_count += 1
        if refusal_count:
            break
    assert refusal_count == 2
    assert all(
        request.operation != "EquipItem" or request.code == 1 for request in action_requests(bungie)
    )


def test_a_refusal_by_the_game_is_reported_with_its_step(browser, bungie):
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
    tile = browser.open(PAGE).tile(item["data-item-instance-id"]).attributes
    assert (tile["data-owner"], tile["data-location"]) == (to, "bag")


def test_another_players_character_is_no_valid_destination(browser, bungie):
    page = browser.open(PAGE)
    item = tiles(page, owner="vault", bucket_hash=ENERGY)[0]
    foreign_character = next(iter(bungie.profile("20006002").characters))
    status, answer = browser.json("/inventory/transfer", **fields(item, foreign_character))
    assert (status, action_requests(bungie)) == (422, [])
    assert "no such destination" in answer["message"]
