"""EquipItem, EquipItems, SetLockState and SetTrackedState: the game's rules with their codes."""

import pytest

from bungie_sandbox.game_data.catalog import catalog, in_bucket
from bungie_sandbox.game_data.game import GEAR, WEAPONS, Bucket
from bungie_sandbox.world.belongings import VAULT
from tests.sandbox.items import add_item, find_in_vault, find_unequipped


def find_exotic(bucket, class_type=3):
    return next(
        definition for definition in in_bucket(bucket, class_type) if definition.unique_label
    )


def unequip_exotics(profile, character):
    """Replace equipped exotics by other items."""
    for bucket in GEAR:
        equipped_item = profile.equipped(character, bucket)
        if equipped_item.definition.unique_label:
            other_item = find_unequipped(profile, character, bucket)
            equipped_item.equipped, other_item.equipped = False, True
            profile.note_change(equipped_item)
            profile.note_change(other_item)


def test_equipping_an_item_unequips_the_one_before(client):
    hunter = client.characters[0]
    equipped_item = client.profile.equipped(hunter, Bucket.KINETIC)
    item = find_unequipped(client.profile, hunter, Bucket.KINETIC)
    assert client.equip(item) == 1
    assert (item.equipped, equipped_item.equipped) == (True, False)
    response = client.read(client.path, "205")["characterEquipment"]["data"][hunter]["items"]
    kinetic = [item for item in response if item["bucketHash"] == Bucket.KINETIC]
    assert [(item["itemInstanceId"], item["transferStatus"]) for item in kinetic] == [
        (item.instance_id, 1)
    ]


def test_the_characters_power_follows(client):
    hunter = client.characters[0]
    before = client.read(client.path, "200")["characters"]["data"][hunter]["light"]
    leg_armor = find_unequipped(client.profile, hunter, Bucket.LEG)
    weak_item = add_item(client.profile, leg_armor.item_hash, hunter, Bucket.LEG, power=12)
    assert client.equip(weak_item) == 1
    assert client.read(client.path, "200")["characters"]["data"][hunter]["light"] < before


def test_the_characters_emblem_follows(client):
    hunter = client.characters[0]
    emblem = find_unequipped(client.profile, hunter, Bucket.EMBLEM)
    assert client.equip(emblem) == 1
    response = client.read(client.path, "200")["characters"]["data"][hunter]
    assert response["emblemHash"] == emblem.item_hash
    assert f"{emblem.item_hash:08x}" in response["emblemPath"]


def test_equipping_an_equipped_item_is_a_success(client):
    equipped_item = client.profile.equipped(client.characters[0], Bucket.KINETIC)
    assert client.equip(equipped_item) == 1
    assert equipped_item.equipped


def _cases():
    def in_vault(client):
        return client.equip(find_in_vault(client.profile, item_type=3), client.characters[0])

    def in_postmaster(client):
        postmaster_item = client.profile.items_in(client.characters[0], Bucket.LOST_ITEMS)[0]
        return client.equip(postmaster_item)

    def another_characters(client):
        return client.equip(
            find_unequipped(client.profile, client.characters[1], Bucket.KINETIC),
            client.characters[0],
        )

    def quest(client):
        return client.equip(client.profile.items_in(client.characters[0], Bucket.QUESTS)[0])

    def another_class(client):
        titan_helmet = next(
            definition for definition in in_bucket(Bucket.HELMET, 0) if definition.class_type == 0
        )
        return client.equip(
            add_item(client.profile, titan_helmet.item_hash, client.characters[0], Bucket.HELMET)
        )

    def too_high_a_level(client):
        high_level_item = next(definition for definition in catalog().values() if definition.level)
        return client.equip(
            add_item(
                client.profile,
                high_level_item.item_hash,
                client.characters[0],
                high_level_item.bucket,
            )
        )

    def equip_at(place):
        def act(client):
            client.profile.characters[client.characters[0]].place = place
            return client.equip(
                find_unequipped(client.profile, client.characters[0], Bucket.KINETIC)
            )

        return act

    return {
        "in the vault": (in_vault, 1623),
        "in the postmaster": (in_postmaster, 1623),
        "another character's": (another_characters, 1623),
        "a quest": (quest, 1640),
        "for another class": (another_class, 1639),
        "for a higher level": (too_high_a_level, 1638),
        "in an activity": (equip_at("activity"), 1671),
        "with locked equipment": (equip_at("locked"), 1640),
        "in orbit": (equip_at("orbit"), 1),
        "in a social space": (equip_at("social"), 1),
        "no such item": (lambda client: client.act("EquipItem", itemId="5"), 1623),
        "no such character": (
            lambda client: client.act("EquipItem", itemId="5", characterId="5"),
            1620,
        ),
    }


@pytest.mark.parametrize("case", _cases())
def test_equipping_is_checked_by_the_rules(client, case):
    act, code = _cases()[case]
    assert act(client) == code


def add_exotic(client, bucket, number):
    hunter = client.characters[0]
    definition = find_exotic(bucket, 1)
    return add_item(
        client.profile, definition.item_hash, hunter, bucket, instance_id=f"69170000{number}"
    )


def test_a_second_exotic_weapon_is_refused(client):
    unequip_exotics(client.profile, client.characters[0])
    assert client.equip(add_exotic(client, Bucket.KINETIC, 1)) == 1
    assert client.equip(add_exotic(client, Bucket.ENERGY, 2)) == 1641


def test_a_second_exotic_armor_piece_is_refused(client):
    unequip_exotics(client.profile, client.characters[0])
    assert client.equip(add_exotic(client, Bucket.HELMET, 1)) == 1
    assert client.equip(add_exotic(client, Bucket.LEG, 2)) == 1641


def test_an_exotic_weapon_and_an_exotic_armor_piece_are_allowed(client):
    unequip_exotics(client.profile, client.characters[0])
    assert client.equip(add_exotic(client, Bucket.POWER, 1)) == 1
    assert client.equip(add_exotic(client, Bucket.CHEST, 2)) == 1


def test_an_exotic_replaces_another_in_the_same_bucket(client):
    unequip_exotics(client.profile, client.characters[0])
    assert client.equip(add_exotic(client, Bucket.ENERGY, 1)) == 1
    assert client.equip(add_exotic(client, Bucket.ENERGY, 2)) == 1


def test_a_profile_says_which_exotics_cannot_be_equipped(client):
    unequip_exotics(client.profile, client.characters[0])
    second_exotic = add_exotic(client, Bucket.ENERGY, 2)

    def reason():
        response = client.read(client.path, "201,300")["itemComponents"]["instances"]["data"]
        return response[second_exotic.instance_id]["cannotEquipReason"]

    assert reason() == 0
    client.equip(add_exotic(client, Bucket.KINETIC, 1))
    assert reason() == 2


def equip_several(client, *items):
    body = {
        "itemIds": [item.instance_id for item in items],
        "characterId": client.characters[0],
        "membershipType": client.membership_type,
    }
    answer = client.post("/Destiny2/Actions/Items/EquipItems/", body)
    assert answer.status_code == 200
    assert answer.json()["ErrorCode"] == 1
    return [
        (result["itemInstanceId"], result["equipStatus"])
        for result in answer.json()["Response"]["equipResults"]
    ]


def test_each_item_has_its_own_code(client):
    weapon = find_unequipped(client.profile, client.characters[0], Bucket.KINETIC)
    vault_item = find_in_vault(client.profile, item_type=2)
    assert equip_several(client, weapon, vault_item) == [
        (weapon.instance_id, 1),
        (vault_item.instance_id, 1623),
    ]
    assert weapon.equipped


def test_one_item_instead_of_a_list_is_an_unhandled_exception(client):
    weapon = find_unequipped(client.profile, client.characters[0], Bucket.KINETIC)
    assert client.act("EquipItems", itemId=weapon.instance_id) == 3


@pytest.mark.parametrize(("plain_first", "code"), [(True, 1), (False, 1641)])
def test_an_item_is_checked_after_the_one_before_is_equipped(client, plain_first, code):
    hunter = client.characters[0]
    unequip_exotics(client.profile, hunter)
    equipped_item = add_item(
        client.profile, find_exotic(Bucket.KINETIC).item_hash, hunter, Bucket.KINETIC
    )
    client.equip(equipped_item)
    energy_exotic = find_exotic(Bucket.ENERGY).item_hash
    second_exotic = add_item(
        client.profile, energy_exotic, hunter, Bucket.ENERGY, instance_id="69170001"
    )
    other_item = find_unequipped(client.profile, hunter, Bucket.KINETIC)
    order = (other_item, second_exotic) if plain_first else (second_exotic, other_item)
    assert dict(equip_several(client, *order))[second_exotic.instance_id] == code


@pytest.mark.parametrize("state", [True, False])
def test_a_lock_is_set_and_removed(client, state):
    item = find_unequipped(client.profile, client.characters[0], Bucket.KINETIC)
    item.state ^= int(item.locked == state)
    assert client.lock(item, state=state) == 1
    assert item.locked is state
    response = client.read(f"{client.path}Item/{item.instance_id}/", "307")
    assert response["item"]["data"]["state"] & 1 == state


def test_any_character_may_lock_what_is_in_the_vault(client):
    item = find_in_vault(client.profile, item_type=3)
    for character in client.characters:
        assert client.lock(item, state=True, character=character) == 1


def test_another_characters_item_is_not_found(client):
    item = find_unequipped(client.profile, client.characters[1], Bucket.KINETIC)
    assert client.lock(item, state=True, character=client.characters[0]) == 1623


def test_an_item_without_a_lock_is_refused(client):
    emblem = find_unequipped(client.profile, client.characters[0], Bucket.EMBLEM)
    assert client.lock(emblem, state=True) == 1663


def test_quests_are_tracked_up_to_a_limit_and_not_twice(client):
    quests = client.profile.items_in(client.characters[0], Bucket.QUESTS)
    codes = [
        client.act("SetTrackedState", itemId=quest.instance_id, state=True)
        for quest in (*quests[:4], quests[0], quests[4])
    ]
    assert codes == [1, 1, 1, 1, 1658, 1659]
    assert client.act("SetTrackedState", itemId=quests[0].instance_id, state=False) == 1
    assert client.act("SetTrackedState", itemId=quests[4].instance_id, state=True) == 1


def test_only_quests_are_tracked(client):
    item = find_unequipped(client.profile, client.characters[0], Bucket.KINETIC)
    assert client.act("SetTrackedState", itemId=item.instance_id, state=True) == 1663


def test_every_gear_bucket_of_a_new_player_has_one_equipped_item(client):
    for character in client.characters:
        for bucket in GEAR:
            equipped_item = [
                item for item in client.profile.items_in(character, bucket) if item.equipped
            ]
            assert len(equipped_item) == 1
        for buckets in (WEAPONS, set(GEAR) - set(WEAPONS)):
            equipped_item = [client.profile.equipped(character, bucket) for bucket in buckets]
            assert sum(bool(item.definition.unique_label) for item in equipped_item) <= 1
    assert client.profile.items_in(VAULT, Bucket.VAULT)
