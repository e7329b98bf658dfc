"""TransferItem and PullFromPostmaster: the game's rules with their codes."""

import pytest

from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.world.belongings import ACCOUNT, VAULT
from tests.sandbox.picking import bagged, empty, fill, first, named, put, stack, stored


def test_an_item_goes_to_the_vault_and_says_so(guest):
    hunter = guest.characters[0]
    item = bagged(guest.profile, hunter, Bucket.KINETIC)
    assert guest.transfer(item, hunter, to_vault=True) == 1
    detail = guest.read(f"{guest.path}Item/{item.instance_id}/", "300,307")
    assert "characterId" not in detail
    assert detail["item"]["data"]["bucketHash"] == Bucket.VAULT
    assert detail["item"]["data"]["location"] == 2
    assert detail["instance"]["data"]["canEquip"] is False
    assert detail["instance"]["data"]["cannotEquipReason"] == 16


def test_an_item_comes_out_of_the_vault_into_its_home_bucket(guest):
    titan = guest.characters[1]
    item = stored(guest.profile, bucket=Bucket.VAULT, item_type=3)
    empty(guest.profile, titan, item.definition.bucket)
    assert guest.transfer(item, titan, to_vault=False) == 1
    detail = guest.read(f"{guest.path}Item/{item.instance_id}/", "300,307")
    assert detail["characterId"] == titan
    assert detail["item"]["data"]["bucketHash"] == item.definition.bucket
    assert detail["item"]["data"]["location"] == 1
    assert detail["instance"]["data"]["cannotEquipReason"] in {0, 2}


def test_armour_of_another_class_may_be_carried(guest):
    hunter = guest.characters[0]
    item = stored(guest.profile, class_type=2)
    empty(guest.profile, hunter, item.definition.bucket)
    assert guest.transfer(item, hunter, to_vault=False) == 1


@pytest.mark.parametrize("place", ["offline", "orbit", "social", "activity", "locked"])
def test_items_move_wherever_the_character_is(guest, place):
    hunter = guest.characters[0]
    guest.profile.characters[hunter].place = place
    assert guest.transfer(bagged(guest.profile, hunter, Bucket.KINETIC), hunter, to_vault=True) == 1


def test_a_locked_item_moves_and_stays_locked(guest):
    hunter = guest.characters[0]
    item = bagged(guest.profile, hunter, Bucket.ENERGY)
    guest.lock(item, state=True)
    assert guest.transfer(item, hunter, to_vault=True) == 1
    assert item.locked


def _held(guest):
    return bagged(guest.profile, guest.characters[0], Bucket.KINETIC)


def _refusals():
    """What is wrong, and the code for it: a function from a guest to the code it gets."""
    hunter, titan = 0, 1

    def moved(guest, item, whose, *, to_vault=True, **changes):
        body = {
            "itemReferenceHash": item.item_hash,
            "itemId": item.instance_id or "0",
            "stackSize": 1,
            "transferToVault": to_vault,
            "characterId": guest.characters[whose],
        }
        return guest.act("TransferItem", **(body | changes))

    def worn(guest):
        return guest.profile.equipped(guest.characters[hunter], Bucket.KINETIC)

    def lost(guest):
        held = guest.profile.inside(guest.characters[hunter], Bucket.LOST_ITEMS)
        return first(held, instanced=True)

    def emblem(guest):
        return bagged(guest.profile, guest.characters[hunter], Bucket.EMBLEM)

    return {
        "equipped": (lambda g: moved(g, worn(g), hunter), 1656),
        "another character's": (lambda g: moved(g, _held(g), titan), 1623),
        "to another character": (lambda g: moved(g, _held(g), titan, to_vault=False), 1623),
        "no direction, and not in the vault": (
            lambda g: moved(g, _held(g), hunter, to_vault=False), 1623),
        "in the vault already": (lambda g: moved(g, stored(g.profile, item_type=3), hunter), 1623),
        "hash of another": (lambda g: moved(g, _held(g), hunter, itemReferenceHash=1), 1623),
        "an instance as a stack": (lambda g: moved(g, _held(g), hunter, itemId="0"), 1623),
        "an unknown instance": (lambda g: moved(g, _held(g), hunter, itemId="5"), 1623),
        "two of one": (lambda g: moved(g, _held(g), hunter, stackSize=2), 1623),
        "none of one": (lambda g: moved(g, _held(g), hunter, stackSize=0), 1622),
        "in the postmaster": (lambda g: moved(g, lost(g), hunter), 1623),
        "not transferable": (lambda g: moved(g, emblem(g), hunter), 1660),
        "no character": (lambda g: moved(g, _held(g), hunter, characterId="0"), 1620),
        "wrong type": (lambda g: moved(g, _held(g), hunter, membershipType=10), 18),
        "overridden type": (lambda g: moved(g, _held(g), hunter, membershipType=1), 1601),
    }  # fmt: skip


@pytest.mark.parametrize("wrong", _refusals())
def test_a_transfer_against_the_rules_is_refused_and_changes_nothing(guest, wrong):
    before = {item.instance_id: (item.holder, item.bucket) for item in guest.profile.everything()}
    act, code = _refusals()[wrong]
    assert act(guest) == code
    after = {item.instance_id: (item.holder, item.bucket) for item in guest.profile.everything()}
    assert after == before


def test_an_old_shader_cannot_leave_the_vault(guest):
    shader = next(one for one in catalog().values() if one.plug_role == "shader")
    leftover = put(guest.profile, shader.item_hash, VAULT, Bucket.VAULT)
    assert guest.transfer(leftover, guest.characters[0], to_vault=False) == 1646


def test_another_players_character_is_refused(bungie, guest):
    other = next(iter(bungie.profile("Zavala").characters))
    item = _held(guest)
    assert guest.transfer(item, other, to_vault=True) == 1666


def test_a_full_bucket_counts_what_is_worn(guest):
    hunter = guest.characters[0]
    fill(guest.profile, hunter, Bucket.KINETIC)
    assert len(guest.profile.inside(hunter, Bucket.KINETIC)) == 10
    item = first(
        [i for i in guest.profile.inside(VAULT, Bucket.VAULT)
         if i.definition.bucket == Bucket.KINETIC]
    )  # fmt: skip
    assert guest.transfer(item, hunter, to_vault=False) == 1642


def test_the_vault_is_full_at_what_the_manifest_says(guest):
    table = guest.read("/Destiny2/Manifest/DestinyInventoryBucketDefinition/138197802/")
    assert table["itemCount"] == 1300
    fill(guest.profile, VAULT, Bucket.VAULT)
    assert len(guest.profile.inside(VAULT, Bucket.VAULT)) == 1300
    hunter = guest.characters[0]
    assert guest.transfer(_held(guest), hunter, to_vault=True) == 1642


class TestStacks:
    """Stacks split, merge and disappear."""

    def test_a_part_splits_the_stack(self, guest):
        cores = stack(guest.profile, "Enhancement Core")
        cores.quantity = 10
        empty(guest.profile, VAULT, Bucket.VAULT)
        assert guest.transfer(cores, guest.characters[2], to_vault=True, amount=4) == 1
        assert cores.quantity == 6
        assert [i.quantity for i in guest.profile.inside(VAULT, Bucket.VAULT)] == [4]

    def test_parts_merge_into_what_is_there(self, guest):
        cores = stack(guest.profile, "Enhancement Core")
        cores.quantity = 10
        empty(guest.profile, VAULT, Bucket.VAULT)
        for _ in range(2):
            guest.transfer(cores, guest.characters[0], to_vault=True, amount=3)
        assert [i.quantity for i in guest.profile.inside(VAULT, Bucket.VAULT)] == [6]

    def test_a_stack_that_is_taken_whole_is_gone(self, guest):
        cores = stack(guest.profile, "Enhancement Core")
        cores.quantity = 10
        guest.transfer(cores, guest.characters[0], to_vault=True, amount=10)
        with pytest.raises(StopIteration):
            stack(guest.profile, "Enhancement Core")

    def test_one_call_may_move_more_than_a_stack_holds(self, guest):
        tea = named("Reef Tea")
        for item in list(guest.profile.held_by(ACCOUNT, VAULT)):
            if item.item_hash == tea:
                guest.profile.remove(item)
        for _ in range(3):
            source = put(guest.profile, tea, ACCOUNT, Bucket.CONSUMABLES, quantity=100)
        assert guest.transfer(source, guest.characters[0], to_vault=True, amount=250) == 1
        kept = [i.quantity for i in guest.profile.held_by(ACCOUNT) if i.item_hash == tea]
        gone = [i.quantity for i in guest.profile.held_by(VAULT) if i.item_hash == tea]
        assert kept == [50]
        assert gone == [100, 100, 50]

    def test_the_smallest_stack_is_taken_first(self, guest):
        tea = named("Reef Tea")
        for item in list(guest.profile.held_by(ACCOUNT, VAULT)):
            if item.item_hash == tea:
                guest.profile.remove(item)
        put(guest.profile, tea, ACCOUNT, Bucket.CONSUMABLES, quantity=90)
        small = put(guest.profile, tea, ACCOUNT, Bucket.CONSUMABLES, quantity=5)
        guest.transfer(small, guest.characters[0], to_vault=True, amount=5)
        kept = [i.quantity for i in guest.profile.held_by(ACCOUNT) if i.item_hash == tea]
        assert kept == [90]

    def test_more_than_there_is_is_refused(self, guest):
        cores = stack(guest.profile, "Enhancement Core")
        cores.quantity = 10
        assert guest.transfer(cores, guest.characters[0], to_vault=True, amount=11) == 1623
        assert cores.quantity == 10

    def test_what_does_not_fit_a_full_bucket_is_refused(self, guest):
        consumables = guest.profile.inside(ACCOUNT, Bucket.CONSUMABLES)
        ration = named("Tower Ration")
        while guest.profile.room(ACCOUNT, Bucket.CONSUMABLES):
            put(guest.profile, ration, ACCOUNT, Bucket.CONSUMABLES, quantity=200)
        for item in consumables:
            if item.item_hash == ration:
                item.quantity = 195
        rations = put(guest.profile, ration, VAULT, Bucket.VAULT, quantity=200)
        room = sum(200 - item.quantity for item in consumables if item.item_hash == ration)
        assert guest.transfer(rations, guest.characters[0], to_vault=False, amount=room + 1) == 1642
        assert guest.transfer(rations, guest.characters[0], to_vault=False, amount=room) == 1

    def test_a_unique_stack_goes_whole_or_not_at_all(self, guest):
        ciphers = stack(guest.profile, "Exotic Cipher")
        ciphers.quantity = 3
        assert guest.transfer(ciphers, guest.characters[0], to_vault=True, amount=2) == 1648
        assert guest.transfer(ciphers, guest.characters[0], to_vault=True, amount=3) == 1

    def test_a_second_unique_stack_is_refused(self, guest):
        ciphers = stack(guest.profile, "Exotic Cipher")
        ciphers.quantity = 1
        put(guest.profile, ciphers.item_hash, VAULT, Bucket.VAULT, quantity=1)
        assert guest.transfer(ciphers, guest.characters[0], to_vault=True) == 1648

    def test_any_character_may_take_an_account_wide_stack(self, guest):
        cores = stack(guest.profile, "Enhancement Core")
        cores.quantity = 9
        for character in guest.characters:
            assert guest.transfer(cores, character, to_vault=True, amount=3) == 1

    def test_stacks_are_told_without_an_instance(self, guest):
        items = guest.read(guest.path, "102")["profileInventory"]["data"]["items"]
        stacks = [item for item in items if item["bucketHash"] == Bucket.CONSUMABLES]
        assert stacks
        assert not any("itemInstanceId" in item for item in stacks)
        assert {item["location"] for item in stacks} == {2}


class TestPostmaster:
    """What lies in the postmaster has to be pulled."""

    def lost(self, guest, **wanted):
        held = guest.profile.inside(guest.characters[0], Bucket.LOST_ITEMS)
        return first(held, **wanted)

    def test_an_item_is_pulled_to_where_it_belongs(self, guest):
        item = self.lost(guest, instanced=True)
        empty(guest.profile, item.holder, item.definition.bucket)
        assert guest.pull(item) == 1
        assert (item.holder, item.bucket) == (guest.characters[0], item.definition.bucket)

    def test_a_stack_is_pulled_into_the_account_wide_one(self, guest):
        cores = stack(guest.profile, "Enhancement Core")
        cores.quantity = 10
        lost = self.lost(guest, item_hash=cores.item_hash)
        lost.quantity = 7
        assert guest.pull(lost, 7) == 1
        assert cores.quantity == 17
        with pytest.raises(LookupError):
            self.lost(guest, item_hash=cores.item_hash)

    def test_a_full_bucket_takes_nothing_from_the_postmaster(self, guest):
        item = self.lost(guest, instanced=True)
        fill(guest.profile, item.holder, item.definition.bucket)
        assert guest.pull(item) == 1642

    def test_what_has_side_effects_is_refused(self, guest):
        assert guest.pull(self.lost(guest, side_effects=True)) == 1673

    def test_what_is_not_in_the_postmaster_is_refused(self, guest):
        assert guest.pull(bagged(guest.profile, guest.characters[0], Bucket.KINETIC)) == 1623

    def test_a_second_unique_stack_is_not_pulled(self, guest):
        ciphers = stack(guest.profile, "Exotic Cipher")
        lost = put(guest.profile, ciphers.item_hash, guest.characters[0], Bucket.LOST_ITEMS)
        assert guest.pull(lost) == 1648

    def test_nothing_of_nothing_is_refused(self, guest):
        assert guest.pull(self.lost(guest, instanced=True), 0) == 1622

    def test_it_says_inventory_and_is_told_by_its_bucket(self, guest):
        answer = guest.read(guest.path, "201,300")
        hunter = answer["characterInventories"]["data"][guest.characters[0]]["items"]
        lost = [item for item in hunter if item["bucketHash"] == Bucket.LOST_ITEMS]
        assert {item["location"] for item in lost} == {1}
        instances = answer["itemComponents"]["instances"]["data"]
        reasons = {instances[item["itemInstanceId"]]["cannotEquipReason"]
                   for item in lost if "itemInstanceId" in item}  # fmt: skip
        assert reasons == {16}


def test_now_and_then_the_lock_of_a_copy_that_stayed_is_taken_over(bungie, guest):
    bungie.configure(sibling_lock=1.0)
    hunter = guest.characters[0]
    item = _held(guest)
    item.state &= ~1
    empty(guest.profile, hunter, Bucket.KINETIC)
    guest.profile.add(item)
    put(guest.profile, item.item_hash, hunter, Bucket.KINETIC, state=1)
    assert guest.transfer(item, hunter, to_vault=True) == 1
    assert item.locked
