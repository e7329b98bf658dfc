"""In-game loadouts: snapshot, equip, change the identifiers, clear."""

from typing import Final

from bungie_sandbox.errors import Code, Refusal
from bungie_sandbox.game_data.definitions import FREE_ROLES
from bungie_sandbox.game_data.game import GEAR, Bucket
from bungie_sandbox.world import rules
from bungie_sandbox.world.action_requests import LoadoutRequest
from bungie_sandbox.world.belongings import Character, Loadout, Profile
from bungie_sandbox.world.sockets import set_plug

_BUCKETS: Final = (*GEAR, Bucket.SUBCLASS)


def _find_loadout(profile: Profile, request: LoadoutRequest) -> tuple[Character, Loadout]:
    """Return the character and the loadout of a request.

    Raises:
        Refusal: 1620; 1622, no such loadout (Bungie's code for it is not known).
    """
    character = rules.find_character(profile, request.character_id)
    if not 0 <= request.loadout_index < len(character.loadouts):
        raise Refusal(Code.INVALID_REQUEST, {"loadoutIndex": str(request.loadout_index)})
    return character, character.loadouts[request.loadout_index]


def equip(profile: Profile, request: LoadoutRequest) -> None:
    """Equip the items of a loadout that are with the character, and insert the saved plugs.

    Exotics are equipped last, so that a loadout with another exotic than the equipped one
    works.

    Raises:
        Refusal: 1620; 1622, empty or no such loadout; 1640 or 1671 for the place.
    """
    character, loadout = _find_loadout(profile, request)
    if not loadout.items:
        raise Refusal(Code.INVALID_REQUEST, {"loadoutIndex": str(request.loadout_index)})
    rules.require_equip_location(character)
    saved_items = [(profile.instance(instance_id), plugs) for instance_id, plugs in loadout.items]
    items_on_character = [
        (item, plugs)
        for item, plugs in saved_items
        if item is not None
        and item.holder == character.character_id
        and item.bucket == item.definition.bucket
    ]
    for item, plugs in sorted(
        items_on_character, key=lambda pair: bool(pair[0].definition.unique_label)
    ):
        rules.try_equip(profile, character.character_id, item.instance_id)
        for index, plug in enumerate(plugs[: len(item.roll.plugs)]):
            is_free = item.definition.sockets[index].role in FREE_ROLES
            if is_free and plug != item.roll.plugs[index]:
                set_plug(profile, item, index, plug)


def snapshot(profile: Profile, request: LoadoutRequest) -> None:
    """Save the equipped items of the eight gear buckets and the subclass, with their plugs.

    Raises:
        Refusal: 1620; 1622.
    """
    character, loadout = _find_loadout(profile, request)
    items = [profile.equipped(character.character_id, bucket) for bucket in _BUCKETS]
    loadout.items = [(item.instance_id, item.roll.plugs) for item in items if item]
    _set_identifiers(loadout, request)
    profile.version += 1


def set_identifiers(profile: Profile, request: LoadoutRequest) -> None:
    """Set color, icon and name of a loadout; a field that is not sent stays as it is.

    Raises:
        Refusal: 1620; 1622.
    """
    _, loadout = _find_loadout(profile, request)
    _set_identifiers(loadout, request)
    profile.version += 1


def _set_identifiers(loadout: Loadout, request: LoadoutRequest) -> None:
    loadout.color = loadout.color if request.color_hash is None else request.color_hash
    loadout.icon = loadout.icon if request.icon_hash is None else request.icon_hash
    loadout.name = loadout.name if request.name_hash is None else request.name_hash


def clear(profile: Profile, request: LoadoutRequest) -> None:
    """Empty a loadout.

    Raises:
        Refusal: 1620; 1622.
    """
    character, _ = _find_loadout(profile, request)
    character.loadouts[request.loadout_index] = Loadout()
    profile.version += 1
