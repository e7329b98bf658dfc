"""InsertSocketPlugFree: change a perk, a mod or a shader where the change costs nothing."""

from typing import Final

from msgspec.structs import replace

from bungie_sandbox.errors import Code, Refusal
from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.definitions import BLOCKED_ROLES, FREE_ROLES
from bungie_sandbox.world.action_requests import InsertPlugRequest
from bungie_sandbox.world.belongings import Item, Profile
from bungie_sandbox.world.rules import find_character, find_reachable_item

_COMBAT_PLACES: Final = frozenset({"activity", "locked"})
_DEFAULT_ARRAY: Final = 0
_COSTLY_ROLE: Final = "masterwork"


def insert_plug(profile: Profile, request: InsertPlugRequest) -> Item:
    """Insert a plug, and return the changed item.

    Raises:
        Refusal: 1620, 1623; 1634 in a combat zone; 1663 for a plug that only the game inserts;
            1675 for a plug that costs something; 1676 for the same mod twice; 1677 for a socket
            that does not exist; 1678 for a blocked socket; 1679 for a plug that is inserted
            already; 1680 for a plug that the item does not offer. MessageData of 1678 names the
            field.
    """
    item = find_reachable_item(profile, request.character_id, request.instance_id)
    if find_character(profile, request.character_id).place in _COMBAT_PLACES:
        raise Refusal(Code.NOT_IN_TOWER)
    index, plug_hash = request.plug.socket_index, request.plug.plug_item_hash
    definition = item.definition
    array_type = request.plug.socket_array_type
    if array_type != _DEFAULT_ARRAY or not 0 <= index < len(definition.sockets):
        raise Refusal(Code.SOCKET_NOT_FOUND, {"request.plug.socketIndex": str(index)})
    role = definition.sockets[index].role
    plug = catalog().get(plug_hash)
    if role in BLOCKED_ROLES:
        raise Refusal(Code.SOCKET_ACTION_NOT_ALLOWED, {"request.plug.socketIndex": str(index)})
    if role == _COSTLY_ROLE:
        raise Refusal(Code.CANNOT_AFFORD)
    if role not in FREE_ROLES or plug is None or plug.plug_role != role:
        raise Refusal(Code.ACTION_FORBIDDEN)
    if item.roll.plugs[index] == plug_hash:
        raise Refusal(Code.SOCKET_ALREADY_HAS_PLUG)
    if plug_hash not in item.roll.options[index]:
        raise Refusal(Code.PLUG_NOT_AVAILABLE)
    if role == "mod" and plug.stats and plug_hash in item.roll.plugs:
        raise Refusal(Code.FAILED_PLUG_RULES)
    set_plug(profile, item, index, plug_hash)
    return item


def set_plug(profile: Profile, item: Item, index: int, plug_hash: int) -> None:
    """Insert a plug into a socket without checking any rule."""
    plugs = list(item.roll.plugs)
    plugs[index] = plug_hash
    item.roll = replace(item.roll, plugs=tuple(plugs), encoded_components={})
    profile.note_change(item)
