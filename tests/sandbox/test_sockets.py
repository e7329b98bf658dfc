"""InsertSocketPlugFree: the game's rules with their codes."""

import pytest

from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.world.belongings import VAULT
from tests.sandbox.items import find_in_vault, find_unequipped


def find_socket(item, role):
    """The index of the first socket of a role."""
    return next(n for n, candidate in enumerate(item.definition.sockets) if candidate.role == role)


def insert(client, item, index, plug, **changes):
    """The answer to inserting a plug."""
    body = {
        "itemId": item.instance_id,
        "characterId": client.characters[0],
        "membershipType": client.membership_type,
        "plug": {"socketIndex": index, "socketArrayType": 0, "plugItemHash": plug},
    }
    return client.post("/Destiny2/Actions/Items/InsertSocketPlugFree/", body | changes).json()


def find_weapon(client):
    """A weapon that offers a second trait."""
    weapon = find_unequipped(client.profile, client.characters[0], Bucket.LEG)
    bag = client.profile.items_in(client.characters[0], Bucket.ENERGY)
    return next((item for item in bag if len(item.roll.options[3]) > 1), weapon)


def test_a_plug_that_the_item_offers_is_inserted(client):
    weapon = find_weapon(client)
    plug_hash = weapon.roll.options[3][1]
    answer = insert(client, weapon, 3, plug_hash)
    assert answer["ErrorCode"] == 1
    sockets = answer["Response"]["item"]["sockets"]["data"]["sockets"]
    assert sockets[3]["plugHash"] == plug_hash
    response = client.read(f"{client.path}Item/{weapon.instance_id}/", "305")
    assert response["sockets"]["data"]["sockets"][3]["plugHash"] == plug_hash


def test_a_copy_with_the_same_roll_keeps_its_own_plug(client):
    weapon = find_weapon(client)
    plugs_of_roll = weapon.definition.rolls[weapon.definition.rolls.index(weapon.roll)].plugs
    insert(client, weapon, 3, weapon.roll.options[3][1])
    assert plugs_of_roll in [roll.plugs for roll in weapon.definition.rolls]


def test_the_stats_follow_the_plug(client):
    weapon = next(
        item
        for item in client.profile.items_in(client.characters[0], Bucket.ENERGY)
        if len(item.roll.options[1]) > 1
    )
    path = f"{client.path}Item/{weapon.instance_id}/"
    before = client.read(path, "304")["stats"]["data"]
    insert(client, weapon, 1, weapon.roll.options[1][1])
    assert client.read(path, "304")["stats"]["data"] != before


def _cases():
    def at(role, code, plug=None):
        def act(client):
            weapon = find_weapon(client)
            index = find_socket(weapon, role)
            plug_hash = weapon.roll.plugs[index] if plug is None else plug
            return insert(client, weapon, index, plug_hash)["ErrorCode"]

        return act, code

    def not_offered(client):
        weapon = find_weapon(client)
        pool = weapon.definition.sockets[3].pool
        plug_hash = next(plug for plug in pool if plug not in weapon.roll.options[3])
        return insert(client, weapon, 3, plug_hash)["ErrorCode"]

    def twice_the_same_mod(client):
        helmet = next(
            item
            for item in client.profile.items_in(client.characters[0], Bucket.HELMET)
            if not item.equipped
        )
        first = find_socket(helmet, "mod")
        plug_hash = next(p for p in helmet.roll.options[first] if has_effect(p))
        codes = [insert(client, helmet, first + n, plug_hash)["ErrorCode"] for n in (0, 1)]
        return codes[1] if codes[0] in {1, 1679} else codes[0]

    def has_effect(plug):
        from bungie_sandbox.game_data.catalog import catalog  # noqa: PLC0415

        return bool(catalog()[plug].stats)

    def in_combat(client):
        client.profile.characters[client.characters[0]].place = "activity"
        weapon = find_weapon(client)
        return insert(client, weapon, 3, weapon.roll.options[3][1])["ErrorCode"]

    def another_characters(client):
        weapon = find_unequipped(client.profile, client.characters[1], Bucket.ENERGY)
        return insert(client, weapon, 3, weapon.roll.options[3][0])["ErrorCode"]

    return {
        "inserted already": at("trait", 1679),
        "a kill tracker": at("tracker", 1678),
        "a masterwork costs something": at("masterwork", 1675),
        "an intrinsic": at("intrinsic", 1663),
        "another kind of plug": at("trait", 1663, plug=1),
        "not offered": (not_offered, 1680),
        "the same mod twice": (twice_the_same_mod, 1676),
        "no such socket": (
            lambda client: insert(client, find_weapon(client), 40, 1)["ErrorCode"],
            1677,
        ),
        "a negative socket": (
            lambda client: insert(client, find_weapon(client), -1, 1)["ErrorCode"],
            1677,
        ),
        "in combat": (in_combat, 1634),
        "another character's": (another_characters, 1623),
    }


@pytest.mark.parametrize("case", _cases())
def test_inserting_is_checked_by_the_rules(client, case):
    act, code = _cases()[case]
    assert act(client) == code


def test_a_refusal_names_the_field(client):
    weapon = find_weapon(client)
    index = find_socket(weapon, "tracker")
    answer = insert(client, weapon, index, weapon.roll.plugs[index])
    assert answer["MessageData"] == {"request.plug.socketIndex": str(index)}


def test_any_character_may_change_an_item_in_the_vault(client):
    item = next(
        item
        for item in client.profile.items_in(VAULT, Bucket.VAULT)
        if item.definition.item_type == 3
        and len(item.roll.options) > 3
        and len(item.roll.options[3]) > 1
    )
    assert insert(client, item, 3, item.roll.options[3][1])["ErrorCode"] == 1
    assert find_in_vault(client.profile, instance_id=item.instance_id) is item
