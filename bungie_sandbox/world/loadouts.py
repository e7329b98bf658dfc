"""In-game loadouts: snapshot what is worn, wear it again, rename, clear."""

from typing import Final

from bungie_sandbox.game_data.definitions import FREE_ROLES
from bungie_sandbox.game_data.game import GEAR, Bucket
from bungie_sandbox.refusals import Code, Refusal
from bungie_sandbox.world import rules
from bungie_sandbox.world.belongings import Character, Loadout, Profile
from bungie_sandbox.world.orders import LoadoutOrder
from bungie_sandbox.world.sockets import set_plug

_SLOTS: Final = (*GEAR, Bucket.SUBCLASS)


def _slot(profile: Profile, order: LoadoutOrder) -> tuple[Character, Loadout]:
    """Return the character and the slot that an order means.

    Raises:
        Refusal: 1620; 1622, no such slot (Bungie's code for it is not known).
    """
    character = rules.character_of(profile, order.character)
    if not 0 <= order.loadout_index < len(character.loadouts):
        raise Refusal(Code.INVALID_REQUEST, {"loadoutIndex": str(order.loadout_index)})
    return character, character.loadouts[order.loadout_index]


def equip(profile: Profile, order: LoadoutOrder) -> None:
    """Wear a loadout: what the character carries of it, with its plugs. Nothing is fetched.

    Exotics go on last, so that a loadout with another exotic than the worn one works.

    Raises:
        Refusal: 1620; 1622, empty or no such slot; 1640 or 1671 for the place.
    """
    character, loadout = _slot(profile, order)
    if not loadout.items:
        raise Refusal(Code.INVALID_REQUEST, {"loadoutIndex": str(order.loadout_index)})
    rules.may_equip_here(character)
    held = [(profile.instance(instance_id), plugs) for instance_id, plugs in loadout.items]
    there = [
        (item, plugs)
        for item, plugs in held
        if item is not None
        and item.holder == character.character_id
        and item.bucket == item.definition.bucket
    ]
    for item, plugs in sorted(there, key=lambda pair: bool(pair[0].definition.unique_label)):
        rules.try_equip(profile, character.character_id, item.instance_id)
        for index, plug in enumerate(plugs[: len(item.roll.plugs)]):
            free = item.definition.sockets[index].role in FREE_ROLES
            if free and plug != item.roll.plugs[index]:
                set_plug(profile, item, index, plug)


def snapshot(profile: Profile, order: LoadoutOrder) -> None:
    """Note what is worn: the eight gear slots and the subclass, with their plugs.

    Raises:
        Refusal: 1620; 1622.
    """
    character, loadout = _slot(profile, order)
    worn = [profile.equipped(character.character_id, bucket) for bucket in _SLOTS]
    loadout.items = [(item.instance_id, item.roll.plugs) for item in worn if item]
    _identify(loadout, order)
    profile.version += 1


def rename(profile: Profile, order: LoadoutOrder) -> None:
    """Change colour, icon and name of a loadout; what is not given stays.

    Raises:
        Refusal: 1620; 1622.
    """
    _, loadout = _slot(profile, order)
    _identify(loadout, order)
    profile.version += 1


def _identify(loadout: Loadout, order: LoadoutOrder) -> None:
    loadout.color = loadout.color if order.color_hash is None else order.color_hash
    loadout.icon = loadout.icon if order.icon_hash is None else order.icon_hash
    loadout.name = loadout.name if order.name_hash is None else order.name_hash


def clear(profile: Profile, order: LoadoutOrder) -> None:
    """Empty a slot.

    Raises:
        Refusal: 1620; 1622.
    """
    character, _ = _slot(profile, order)
    character.loadouts[order.loadout_index] = Loadout()
    profile.version += 1
