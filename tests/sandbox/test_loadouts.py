"""In-game loadouts: snapshot, equip, rename, clear."""

import pytest

from bungie_sandbox.game_data.game import GEAR, UNSET, Bucket
from bungie_sandbox.world.sockets import set_plug
from tests.sandbox.items import empty_bucket, find_unequipped


def read_loadout(client, index=0):
    """A loadout as a profile shows it."""
    answer = client.read(client.path, "206")["characterLoadouts"]["data"]
    return answer[client.characters[0]]["loadouts"][index]


def test_a_character_has_ten_empty_loadouts_at_first(client):
    answer = client.read(client.path, "206")["characterLoadouts"]["data"][client.characters[0]]
    assert len(answer["loadouts"]) == 10
    assert all(
        slot == {"colorHash": UNSET, "iconHash": UNSET, "nameHash": UNSET, "items": []}
        for slot in answer["loadouts"]
    )


def test_a_snapshot_has_gear_and_subclass_with_sixteen_plugs_each(client):
    hunter = client.characters[0]
    assert client.loadout("SnapshotLoadout", loadoutIndex=0, colorHash=1, iconHash=2) == 1
    equipped_items = [
        client.profile.equipped(hunter, bucket) for bucket in (*GEAR, Bucket.SUBCLASS)
    ]
    loadout = read_loadout(client)
    assert [item["itemInstanceId"] for item in loadout["items"]] == [
        i.instance_id for i in equipped_items
    ]
    assert {len(item["plugItemHashes"]) for item in loadout["items"]} == {16}
    assert (loadout["colorHash"], loadout["iconHash"], loadout["nameHash"]) == (1, 2, UNSET)


def test_a_loadout_is_equipped_again_with_its_plugs(client):
    hunter = client.characters[0]
    client.loadout("SnapshotLoadout", loadoutIndex=2)
    item_before = client.profile.equipped(hunter, Bucket.ENERGY)
    client.equip(find_unequipped(client.profile, hunter, Bucket.ENERGY))
    assert client.loadout("EquipLoadout", loadoutIndex=2) == 1
    assert client.profile.equipped(hunter, Bucket.ENERGY) is item_before


def test_an_item_that_is_elsewhere_is_not_transferred(client):
    hunter = client.characters[0]
    client.loadout("SnapshotLoadout", loadoutIndex=0)
    item_before = client.profile.equipped(hunter, Bucket.ENERGY)
    item_after = find_unequipped(client.profile, hunter, Bucket.ENERGY)
    client.equip(item_after)
    client.transfer(item_before, hunter, to_vault=True)
    assert client.loadout("EquipLoadout", loadoutIndex=0) == 1
    assert client.profile.equipped(hunter, Bucket.ENERGY) is item_after


def test_an_item_of_another_character_keeps_its_plugs(client):
    hunter, titan = client.characters[:2]
    weapon = next(
        item
        for item in client.profile.items_in(hunter, Bucket.ENERGY)
        if len(item.roll.options[3]) > 1 and not item.definition.unique_label
    )
    client.equip(weapon)
    client.loadout("SnapshotLoadout", loadoutIndex=0)
    client.equip(find_unequipped(client.profile, hunter, Bucket.ENERGY, equipped=False))
    empty_bucket(client.profile, titan, Bucket.ENERGY)
    client.transfer(weapon, hunter, to_vault=True)
    client.transfer(weapon, titan, to_vault=False)
    set_plug(client.profile, weapon, 3, weapon.roll.options[3][1])
    item_before = weapon.roll.plugs
    assert client.loadout("EquipLoadout", loadoutIndex=0) == 1
    assert (weapon.holder, weapon.roll.plugs) == (titan, item_before)


def test_identifiers_change_one_by_one(client):
    client.loadout("SnapshotLoadout", loadoutIndex=0, colorHash=1, iconHash=2, nameHash=3)
    assert client.loadout("UpdateLoadoutIdentifiers", loadoutIndex=0, nameHash=9) == 1
    loadout = read_loadout(client)
    assert (loadout["colorHash"], loadout["iconHash"], loadout["nameHash"]) == (1, 2, 9)


def test_a_cleared_loadout_is_empty(client):
    client.loadout("SnapshotLoadout", loadoutIndex=0)
    assert client.loadout("ClearLoadout", loadoutIndex=0) == 1
    assert read_loadout(client)["items"] == []
    assert client.loadout("EquipLoadout", loadoutIndex=0) == 1622


@pytest.mark.parametrize("action", ["EquipLoadout", "SnapshotLoadout", "ClearLoadout"])
@pytest.mark.parametrize("index", [-1, 10])
def test_an_unknown_loadout_is_refused(client, action, index):
    assert client.loadout(action, loadoutIndex=index) == 1622


@pytest.mark.parametrize(("place", "code"), [("activity", 1671), ("locked", 1640), ("orbit", 1)])
def test_a_loadout_is_equipped_where_items_can_be_equipped(client, place, code):
    client.loadout("SnapshotLoadout", loadoutIndex=0)
    client.profile.characters[client.characters[0]].place = place
    assert client.loadout("EquipLoadout", loadoutIndex=0) == code
