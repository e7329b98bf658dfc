"""InsertSocketPlugFree: what may be changed from outside, and what only in the game."""

import pytest

from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.world.belongings import VAULT
from tests.sandbox.picking import bagged, stored


def socket(item, role):
    """The index of the first socket of a role."""
    return next(n for n, one in enumerate(item.definition.sockets) if one.role == role)


def insert(guest, item, index, plug, **changes):
    """The answer to inserting a plug."""
    body = {
        "itemId": item.instance_id,
        "characterId": guest.characters[0],
        "membershipType": guest.kind,
        "plug": {"socketIndex": index, "socketArrayType": 0, "plugItemHash": plug},
    }
    return guest.post("/Destiny2/Actions/Items/InsertSocketPlugFree/", body | changes).json()


def held(guest):
    """A weapon that offers a second trait."""
    gun = bagged(guest.profile, guest.characters[0], Bucket.LEG)
    bag = guest.profile.inside(guest.characters[0], Bucket.ENERGY)
    return next((item for item in bag if len(item.roll.options[3]) > 1), gun)


def test_a_plug_that_the_copy_offers_is_inserted(guest):
    gun = held(guest)
    wanted = gun.roll.options[3][1]
    answer = insert(guest, gun, 3, wanted)
    assert answer["ErrorCode"] == 1
    sockets = answer["Response"]["item"]["sockets"]["data"]["sockets"]
    assert sockets[3]["plugHash"] == wanted
    told = guest.read(f"{guest.path}Item/{gun.instance_id}/", "305")
    assert told["sockets"]["data"]["sockets"][3]["plugHash"] == wanted


def test_a_copy_with_the_same_roll_keeps_its_own_plug(guest):
    gun = held(guest)
    twin_plugs = gun.definition.rolls[gun.definition.rolls.index(gun.roll)].plugs
    insert(guest, gun, 3, gun.roll.options[3][1])
    assert twin_plugs in [roll.plugs for roll in gun.definition.rolls]


def test_the_stats_follow_the_plug(guest):
    gun = next(
        item
        for item in guest.profile.inside(guest.characters[0], Bucket.ENERGY)
        if len(item.roll.options[1]) > 1
    )
    path = f"{guest.path}Item/{gun.instance_id}/"
    before = guest.read(path, "304")["stats"]["data"]
    insert(guest, gun, 1, gun.roll.options[1][1])
    assert guest.read(path, "304")["stats"]["data"] != before


def _cases():
    def at(role, code, plug=None):
        def act(guest):
            gun = held(guest)
            index = socket(gun, role)
            wanted = gun.roll.plugs[index] if plug is None else plug
            return insert(guest, gun, index, wanted)["ErrorCode"]

        return act, code

    def not_offered(guest):
        gun = held(guest)
        pool = gun.definition.sockets[3].pool
        wanted = next(plug for plug in pool if plug not in gun.roll.options[3])
        return insert(guest, gun, 3, wanted)["ErrorCode"]

    def twice_the_same_mod(guest):
        helmet = next(
            item
            for item in guest.profile.inside(guest.characters[0], Bucket.HELMET)
            if not item.equipped
        )
        first = socket(helmet, "mod")
        wanted = next(p for p in helmet.roll.options[first] if has_effect(p))
        codes = [insert(guest, helmet, first + n, wanted)["ErrorCode"] for n in (0, 1)]
        return codes[1] if codes[0] in {1, 1679} else codes[0]

    def has_effect(plug):
        from bungie_sandbox.game_data.catalog import catalog  # noqa: PLC0415

        return bool(catalog()[plug].stats)

    def in_combat(guest):
        guest.profile.characters[guest.characters[0]].place = "activity"
        gun = held(guest)
        return insert(guest, gun, 3, gun.roll.options[3][1])["ErrorCode"]

    def another_characters(guest):
        gun = bagged(guest.profile, guest.characters[1], Bucket.ENERGY)
        return insert(guest, gun, 3, gun.roll.options[3][0])["ErrorCode"]

    return {
        "inserted already": at("trait", 1679),
        "a kill tracker": at("tracker", 1678),
        "a masterwork costs something": at("masterwork", 1675),
        "an intrinsic": at("intrinsic", 1663),
        "another kind of plug": at("trait", 1663, plug=1),
        "not offered": (not_offered, 1680),
        "the same mod twice": (twice_the_same_mod, 1676),
        "no such socket": (lambda g: insert(g, held(g), 40, 1)["ErrorCode"], 1677),
        "a negative socket": (lambda g: insert(g, held(g), -1, 1)["ErrorCode"], 1677),
        "in combat": (in_combat, 1634),
        "another character's": (another_characters, 1623),
    }


@pytest.mark.parametrize("case", _cases())
def test_inserting_is_judged_by_the_rules(guest, case):
    act, code = _cases()[case]
    assert act(guest) == code


def test_a_refusal_says_which_field_is_meant(guest):
    gun = held(guest)
    index = socket(gun, "tracker")
    answer = insert(guest, gun, index, gun.roll.plugs[index])
    assert answer["MessageData"] == {"request.plug.socketIndex": str(index)}


def test_what_is_in_the_vault_may_be_changed_by_any_character(guest):
    item = next(
        item
        for item in guest.profile.inside(VAULT, Bucket.VAULT)
        if item.definition.item_type == 3
        and len(item.roll.options) > 3
        and len(item.roll.options[3]) > 1
    )
    assert insert(guest, item, 3, item.roll.options[3][1])["ErrorCode"] == 1
    assert stored(guest.profile, instance_id=item.instance_id) is item
