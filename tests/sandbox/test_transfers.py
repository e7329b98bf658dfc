"""TransferItem and PullFromPostmaster: the game's rules with their codes."""

from typing import Any

import pytest

from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.world.belongings import ACCOUNT, VAULT
from tests.sandbox.items import (
    add_item,
    empty_bucket,
    fill_bucket,
    find_in_vault,
    find_item,
    find_stack,
    find_unequipped,
    hash_of_item,
)


def test_an_item_moves_to_the_vault(client):
    hunter = client.characters[0]
    item = find_unequipped(client.profile, hunter, Bucket.KINETIC)
    assert client.transfer(item, hunter, to_vault=True) == 1
    detail = client.read(f"{client.path}Item/{item.instance_id}/", "300,307")
    assert "characterId" not in detail
    assert detail["item"]["data"]["bucketHash"] == Bucket.VAULT
    assert detail["item"]["data"]["location"] == 2
    assert detail["instance"]["data"]["canEquip"] is False
    assert detail["instance"]["data"]["cannotEquipReason"] == 16


def test_an_item_moves_from_the_vault_into_the_bucket_of_its_definition(client):
    titan = client.characters[1]
    item = find_in_vault(client.profile, bucket=Bucket.VAULT, item_type=3)
    empty_bucket(client.profile, titan, item.definition.bucket)
    assert client.transfer(item, titan, to_vault=False) == 1
    detail = client.read(f"{client.path}Item/{item.instance_id}/", "300,307")
    assert detail["characterId"] == titan
    assert detail["item"]["data"]["bucketHash"] == item.definition.bucket
    assert detail["item"]["data"]["location"] == 1
    assert detail["instance"]["data"]["cannotEquipReason"] in {0, 2}


def test_armor_of_another_class_may_be_transferred(client):
    hunter = client.characters[0]
    item = find_in_vault(client.profile, class_type=2)
    empty_bucket(client.profile, hunter, item.definition.bucket)
    assert client.transfer(item, hunter, to_vault=False) == 1


@pytest.mark.parametrize("place", ["offline", "orbit", "social", "activity", "locked"])
def test_items_move_wherever_the_character_is(client, place):
    hunter = client.characters[0]
    client.profile.characters[hunter].place = place
    assert (
        client.transfer(
            find_unequipped(client.profile, hunter, Bucket.KINETIC), hunter, to_vault=True
        )
        == 1
    )


def test_a_locked_item_moves_and_stays_locked(client):
    hunter = client.characters[0]
    item = find_unequipped(client.profile, hunter, Bucket.ENERGY)
    client.lock(item, state=True)
    assert client.transfer(item, hunter, to_vault=True) == 1
    assert item.locked


def find_weapon(client):
    return find_unequipped(client.profile, client.characters[0], Bucket.KINETIC)


def find_postmaster_item(client, **wanted):
    postmaster_items = client.profile.items_in(client.characters[0], Bucket.LOST_ITEMS)
    return find_item(postmaster_items, **wanted)


HUNTER, TITAN = 0, 1


def send_transfer(client, item, position, *, to_vault=True, **changes):
    """Send TransferItem with a character by its position; return the ErrorCode."""
    body = {
        "itemReferenceHash": item.item_hash,
        "itemId": item.instance_id or "0",
        "stackSize": 1,
        "transferToVault": to_vault,
        "characterId": client.characters[position],
    }
    return client.act("TransferItem", **(body | changes))


def find_equipped(client):
    return client.profile.equipped(client.characters[HUNTER], Bucket.KINETIC)


def find_emblem(client):
    return find_unequipped(client.profile, client.characters[HUNTER], Bucket.EMBLEM)


def find_in_vault_of(client):
    return find_in_vault(client.profile, item_type=3)


def find_in_postmaster(client):
    return find_postmaster_item(client, instanced=True)


# case: (finds the item, position of the character, changes of the request, code)
REFUSALS: dict[str, tuple[Any, Any, dict[str, Any], int]] = {
    "equipped": (find_equipped, HUNTER, {}, 1656),
    "another character's": (find_weapon, TITAN, {}, 1623),
    "to another character": (find_weapon, TITAN, {"to_vault": False}, 1623),
    "no direction, and not in the vault": (find_weapon, HUNTER, {"to_vault": False}, 1623),
    "in the vault already": (find_in_vault_of, HUNTER, {}, 1623),
    "hash of another": (find_weapon, HUNTER, {"itemReferenceHash": 1}, 1623),
    "an instance as a stack": (find_weapon, HUNTER, {"itemId": "0"}, 1623),
    "an unknown instance": (find_weapon, HUNTER, {"itemId": "5"}, 1623),
    "two of one": (find_weapon, HUNTER, {"stackSize": 2}, 1623),
    "none of one": (find_weapon, HUNTER, {"stackSize": 0}, 1622),
    "in the postmaster": (find_in_postmaster, HUNTER, {}, 1623),
    "not transferable": (find_emblem, HUNTER, {}, 1660),
    "no character": (find_weapon, HUNTER, {"characterId": "0"}, 1620),
    "wrong type": (find_weapon, HUNTER, {"membershipType": 10}, 18),
    "overridden type": (find_weapon, HUNTER, {"membershipType": 1}, 1601),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_transfer_against_the_rules_is_refused_and_changes_nothing(client, case):
    before = {item.instance_id: (item.holder, item.bucket) for item in client.profile.all_items()}
    find, position, changes, code = REFUSALS[case]
    assert send_transfer(client, find(client), position, **changes) == code
    after = {item.instance_id: (item.holder, item.bucket) for item in client.profile.all_items()}
    assert after == before


def test_an_old_shader_cannot_leave_the_vault(client):
    shader = next(
        definition for definition in catalog().values() if definition.plug_role == "shader"
    )
    old_shader = add_item(client.profile, shader.item_hash, VAULT, Bucket.VAULT)
    assert client.transfer(old_shader, client.characters[0], to_vault=False) == 1646


def test_another_players_character_is_refused(bungie, client):
    foreign_character = next(iter(bungie.profile("Zavala").characters))
    item = find_weapon(client)
    assert client.transfer(item, foreign_character, to_vault=True) == 1666


def test_a_full_bucket_counts_the_equipped_item(client):
    hunter = client.characters[0]
    fill_bucket(client.profile, hunter, Bucket.KINETIC)
    assert len(client.profile.items_in(hunter, Bucket.KINETIC)) == 10
    item = find_item(
        [i for i in client.profile.items_in(VAULT, Bucket.VAULT)
         if i.definition.bucket == Bucket.KINETIC]
    )  # fmt: skip
    assert client.transfer(item, hunter, to_vault=False) == 1642


def test_the_vault_is_full_at_the_capacity_in_the_manifest(client):
    table = client.read("/Destiny2/Manifest/DestinyInventoryBucketDefinition/138197802/")
    assert table["itemCount"] == 1300
    fill_bucket(client.profile, VAULT, Bucket.VAULT)
    assert len(client.profile.items_in(VAULT, Bucket.VAULT)) == 1300
    hunter = client.characters[0]
    assert client.transfer(find_weapon(client), hunter, to_vault=True) == 1642


def test_a_part_of_a_stack_becomes_a_stack(client):
    cores = find_stack(client.profile, "Enhancement Core")
    cores.quantity = 10
    empty_bucket(client.profile, VAULT, Bucket.VAULT)
    assert client.transfer(cores, client.characters[2], to_vault=True, amount=4) == 1
    assert cores.quantity == 6
    assert [i.quantity for i in client.profile.items_in(VAULT, Bucket.VAULT)] == [4]


def test_parts_merge_into_an_existing_stack(client):
    cores = find_stack(client.profile, "Enhancement Core")
    cores.quantity = 10
    empty_bucket(client.profile, VAULT, Bucket.VAULT)
    for _ in range(2):
        client.transfer(cores, client.characters[0], to_vault=True, amount=3)
    assert [i.quantity for i in client.profile.items_in(VAULT, Bucket.VAULT)] == [6]


def test_a_stack_that_is_moved_completely_is_removed(client):
    cores = find_stack(client.profile, "Enhancement Core")
    cores.quantity = 10
    client.transfer(cores, client.characters[0], to_vault=True, amount=10)
    with pytest.raises(StopIteration):
        find_stack(client.profile, "Enhancement Core")


def test_one_call_may_move_more_than_a_stack_holds(client):
    tea_hash = hash_of_item("Reef Tea")
    for item in list(client.profile.items_of(ACCOUNT, VAULT)):
        if item.item_hash == tea_hash:
            client.profile.remove(item)
    for _ in range(3):
        source = add_item(client.profile, tea_hash, ACCOUNT, Bucket.CONSUMABLES, quantity=100)
    assert client.transfer(source, client.characters[0], to_vault=True, amount=250) == 1
    account_quantities = [
        i.quantity for i in client.profile.items_of(ACCOUNT) if i.item_hash == tea_hash
    ]
    vault_quantities = [
        i.quantity for i in client.profile.items_of(VAULT) if i.item_hash == tea_hash
    ]
    assert account_quantities == [50]
    assert vault_quantities == [100, 100, 50]


def test_the_smallest_stack_is_taken_first(client):
    tea_hash = hash_of_item("Reef Tea")
    for item in list(client.profile.items_of(ACCOUNT, VAULT)):
        if item.item_hash == tea_hash:
            client.profile.remove(item)
    add_item(client.profile, tea_hash, ACCOUNT, Bucket.CONSUMABLES, quantity=90)
    small = add_item(client.profile, tea_hash, ACCOUNT, Bucket.CONSUMABLES, quantity=5)
    client.transfer(small, client.characters[0], to_vault=True, amount=5)
    account_quantities = [
        i.quantity for i in client.profile.items_of(ACCOUNT) if i.item_hash == tea_hash
    ]
    assert account_quantities == [90]


def test_more_than_the_stack_has_is_refused(client):
    cores = find_stack(client.profile, "Enhancement Core")
    cores.quantity = 10
    assert client.transfer(cores, client.characters[0], to_vault=True, amount=11) == 1623
    assert cores.quantity == 10


def test_a_quantity_that_does_not_fit_is_refused(client):
    consumables = client.profile.items_in(ACCOUNT, Bucket.CONSUMABLES)
    ration_hash = hash_of_item("Tower Ration")
    while client.profile.free_slots(ACCOUNT, Bucket.CONSUMABLES):
        add_item(client.profile, ration_hash, ACCOUNT, Bucket.CONSUMABLES, quantity=200)
    for item in consumables:
        if item.item_hash == ration_hash:
            item.quantity = 195
    rations = add_item(client.profile, ration_hash, VAULT, Bucket.VAULT, quantity=200)
    free_quantity = sum(
        200 - item.quantity for item in consumables if item.item_hash == ration_hash
    )
    assert (
        client.transfer(rations, client.characters[0], to_vault=False, amount=free_quantity + 1)
        == 1642
    )
    assert client.transfer(rations, client.characters[0], to_vault=False, amount=free_quantity) == 1


def test_a_unique_stack_is_moved_completely_or_not_at_all(client):
    ciphers = find_stack(client.profile, "Exotic Cipher")
    ciphers.quantity = 3
    assert client.transfer(ciphers, client.characters[0], to_vault=True, amount=2) == 1648
    assert client.transfer(ciphers, client.characters[0], to_vault=True, amount=3) == 1


def test_a_second_unique_stack_is_refused(client):
    ciphers = find_stack(client.profile, "Exotic Cipher")
    ciphers.quantity = 1
    add_item(client.profile, ciphers.item_hash, VAULT, Bucket.VAULT, quantity=1)
    assert client.transfer(ciphers, client.characters[0], to_vault=True) == 1648


def test_any_character_may_transfer_an_account_wide_stack(client):
    cores = find_stack(client.profile, "Enhancement Core")
    cores.quantity = 9
    for character in client.characters:
        assert client.transfer(cores, character, to_vault=True, amount=3) == 1


def test_stacks_have_no_instance_id_in_a_profile(client):
    items = client.read(client.path, "102")["profileInventory"]["data"]["items"]
    stacks = [item for item in items if item["bucketHash"] == Bucket.CONSUMABLES]
    assert stacks
    assert not any("itemInstanceId" in item for item in stacks)
    assert {item["location"] for item in stacks} == {2}


def test_an_item_is_pulled_into_the_bucket_of_its_definition(client):
    item = find_postmaster_item(client, instanced=True)
    empty_bucket(client.profile, item.holder, item.definition.bucket)
    assert client.pull(item) == 1
    assert (item.holder, item.bucket) == (client.characters[0], item.definition.bucket)


def test_a_stack_is_pulled_into_the_account_wide_one(client):
    cores = find_stack(client.profile, "Enhancement Core")
    cores.quantity = 10
    find_in_postmaster = find_postmaster_item(client, item_hash=cores.item_hash)
    find_in_postmaster.quantity = 7
    assert client.pull(find_in_postmaster, 7) == 1
    assert cores.quantity == 17
    with pytest.raises(LookupError):
        find_postmaster_item(client, item_hash=cores.item_hash)


def test_an_item_is_not_pulled_into_a_full_bucket(client):
    item = find_postmaster_item(client, instanced=True)
    fill_bucket(client.profile, item.holder, item.definition.bucket)
    assert client.pull(item) == 1642


def test_an_item_with_side_effects_is_not_pulled(client):
    assert client.pull(find_postmaster_item(client, side_effects=True)) == 1673


def test_an_item_outside_the_postmaster_is_not_pulled(client):
    assert (
        client.pull(find_unequipped(client.profile, client.characters[0], Bucket.KINETIC)) == 1623
    )


def test_a_second_unique_stack_is_not_pulled(client):
    ciphers = find_stack(client.profile, "Exotic Cipher")
    holder = client.characters[0]
    stack = add_item(client.profile, ciphers.item_hash, holder, Bucket.LOST_ITEMS)
    assert client.pull(stack) == 1648


def test_a_quantity_of_zero_is_not_pulled(client):
    assert client.pull(find_postmaster_item(client, instanced=True), 0) == 1622


def test_an_item_in_the_postmaster_has_the_location_inventory(client):
    answer = client.read(client.path, "201,300")
    hunter = answer["characterInventories"]["data"][client.characters[0]]["items"]
    find_in_postmaster = [item for item in hunter if item["bucketHash"] == Bucket.LOST_ITEMS]
    assert {item["location"] for item in find_in_postmaster} == {1}
    instances = answer["itemComponents"]["instances"]["data"]
    reasons = {instances[item["itemInstanceId"]]["cannotEquipReason"]
               for item in find_in_postmaster if "itemInstanceId" in item}  # fmt: skip
    assert reasons == {16}


def test_a_moved_item_can_take_over_the_lock_of_a_copy_at_the_source(bungie, client):
    bungie.configure(sibling_lock=1.0)
    hunter = client.characters[0]
    item = find_weapon(client)
    item.state &= ~1
    empty_bucket(client.profile, hunter, Bucket.KINETIC)
    client.profile.add(item)
    add_item(client.profile, item.item_hash, hunter, Bucket.KINETIC, state=1)
    assert client.transfer(item, hunter, to_vault=True) == 1
    assert item.locked
