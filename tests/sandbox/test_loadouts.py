"""In-game loadouts: snapshot, equip, rename, clear."""

import pytest

from bungie_sandbox.game_data.game import GEAR, UNSET, Bucket
from bungie_sandbox.world.sockets import set_plug
from tests.sandbox.picking import bagged, empty


def told(guest, index=0):
    """A loadout as a profile shows it."""
    answer = guest.read(guest.path, "206")["characterLoadouts"]["data"]
    return answer[guest.characters[0]]["loadouts"][index]


def test_a_character_has_ten_slots_empty_at_first(guest):
    answer = guest.read(guest.path, "206")["characterLoadouts"]["data"][guest.characters[0]]
    assert len(answer["loadouts"]) == 10
    assert all(
        slot == {"colorHash": UNSET, "iconHash": UNSET, "nameHash": UNSET, "items": []}
        for slot in answer["loadouts"]
    )


def test_a_snapshot_notes_gear_and_subclass_with_sixteen_plugs_each(guest):
    hunter = guest.characters[0]
    assert guest.loadout("SnapshotLoadout", loadoutIndex=0, colorHash=1, iconHash=2) == 1
    worn = [guest.profile.equipped(hunter, bucket) for bucket in (*GEAR, Bucket.SUBCLASS)]
    loadout = told(guest)
    assert [one["itemInstanceId"] for one in loadout["items"]] == [i.instance_id for i in worn]
    assert {len(one["plugItemHashes"]) for one in loadout["items"]} == {16}
    assert (loadout["colorHash"], loadout["iconHash"], loadout["nameHash"]) == (1, 2, UNSET)


def test_a_loadout_is_worn_again_with_its_plugs(guest):
    hunter = guest.characters[0]
    guest.loadout("SnapshotLoadout", loadoutIndex=2)
    before = guest.profile.equipped(hunter, Bucket.ENERGY)
    guest.equip(bagged(guest.profile, hunter, Bucket.ENERGY))
    assert guest.loadout("EquipLoadout", loadoutIndex=2) == 1
    assert guest.profile.equipped(hunter, Bucket.ENERGY) is before


def test_what_is_elsewhere_is_not_fetched(guest):
    hunter = guest.characters[0]
    guest.loadout("SnapshotLoadout", loadoutIndex=0)
    before = guest.profile.equipped(hunter, Bucket.ENERGY)
    after = bagged(guest.profile, hunter, Bucket.ENERGY)
    guest.equip(after)
    guest.transfer(before, hunter, to_vault=True)
    assert guest.loadout("EquipLoadout", loadoutIndex=0) == 1
    assert guest.profile.equipped(hunter, Bucket.ENERGY) is after


def test_what_another_character_has_taken_keeps_its_plugs(guest):
    hunter, titan = guest.characters[:2]
    gun = next(
        item
        for item in guest.profile.inside(hunter, Bucket.ENERGY)
        if len(item.roll.options[3]) > 1 and not item.definition.unique_label
    )
    guest.equip(gun)
    guest.loadout("SnapshotLoadout", loadoutIndex=0)
    guest.equip(bagged(guest.profile, hunter, Bucket.ENERGY, equipped=False))
    empty(guest.profile, titan, Bucket.ENERGY)
    guest.transfer(gun, hunter, to_vault=True)
    guest.transfer(gun, titan, to_vault=False)
    set_plug(guest.profile, gun, 3, gun.roll.options[3][1])
    before = gun.roll.plugs
    assert guest.loadout("EquipLoadout", loadoutIndex=0) == 1
    assert (gun.holder, gun.roll.plugs) == (titan, before)


def test_identifiers_change_one_by_one(guest):
    guest.loadout("SnapshotLoadout", loadoutIndex=0, colorHash=1, iconHash=2, nameHash=3)
    assert guest.loadout("UpdateLoadoutIdentifiers", loadoutIndex=0, nameHash=9) == 1
    loadout = told(guest)
    assert (loadout["colorHash"], loadout["iconHash"], loadout["nameHash"]) == (1, 2, 9)


def test_a_cleared_slot_is_empty(guest):
    guest.loadout("SnapshotLoadout", loadoutIndex=0)
    assert guest.loadout("ClearLoadout", loadoutIndex=0) == 1
    assert told(guest)["items"] == []
    assert guest.loadout("EquipLoadout", loadoutIndex=0) == 1622


@pytest.mark.parametrize("action", ["EquipLoadout", "SnapshotLoadout", "ClearLoadout"])
@pytest.mark.parametrize("index", [-1, 10])
def test_a_slot_that_there_is_not_is_refused(guest, action, index):
    assert guest.loadout(action, loadoutIndex=index) == 1622


@pytest.mark.parametrize(("place", "code"), [("activity", 1671), ("locked", 1640), ("orbit", 1)])
def test_a_loadout_is_worn_where_things_can_be_put_on(guest, place, code):
    guest.loadout("SnapshotLoadout", loadoutIndex=0)
    guest.profile.characters[guest.characters[0]].place = place
    assert guest.loadout("EquipLoadout", loadoutIndex=0) == code
