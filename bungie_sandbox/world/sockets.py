"""InsertSocketPlugFree: change a perk, a mod or a shader where that costs nothing."""

from typing import Final

from msgspec.structs import replace

from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.definitions import BLOCKED_ROLES, FREE_ROLES
from bungie_sandbox.refusals import Code, Refusal
from bungie_sandbox.world.belongings import Item, Profile
from bungie_sandbox.world.orders import PlugOrder
from bungie_sandbox.world.rules import character_of, owned

_IN_COMBAT: Final = frozenset({"activity", "locked"})
_DEFAULT_ARRAY: Final = 0
_COSTLY: Final = "masterwork"


def insert(profile: Profile, order: PlugOrder) -> Item:
    """Insert a plug, and return the item with it.

    Raises:
        Refusal: 1620, 1623, 1634 in a combat zone, 1663 a kind of plug that only the game
            inserts, 1675 for what costs something, 1676 the same mod twice, 1677 no such
            socket, 1678 a blocked socket, 1679 it is in already, 1680 the copy does not
            offer it. MessageData of 1678 names the field.
    """
    item = owned(profile, order.character, order.instance)
    if character_of(profile, order.character).place in _IN_COMBAT:
        raise Refusal(Code.NOT_IN_TOWER)
    index, wanted = order.plug.socket_index, order.plug.plug_item_hash
    definition = item.definition
    if order.plug.socket_array_type != _DEFAULT_ARRAY or not 0 <= index < len(definition.sockets):
        raise Refusal(Code.SOCKET_NOT_FOUND, {"request.plug.socketIndex": str(index)})
    role = definition.sockets[index].role
    plug = catalog().get(wanted)
    if role in BLOCKED_ROLES:
        raise Refusal(Code.SOCKET_ACTION_NOT_ALLOWED, {"request.plug.socketIndex": str(index)})
    if role == _COSTLY:
        raise Refusal(Code.CANNOT_AFFORD)
    if role not in FREE_ROLES or plug is None or plug.plug_role != role:
        raise Refusal(Code.ACTION_FORBIDDEN)
    if item.roll.plugs[index] == wanted:
        raise Refusal(Code.SOCKET_ALREADY_HAS_PLUG)
    if wanted not in item.roll.options[index]:
        raise Refusal(Code.PLUG_NOT_AVAILABLE)
    if role == "mod" and plug.stats and wanted in item.roll.plugs:
        raise Refusal(Code.FAILED_PLUG_RULES)
    set_plug(profile, item, index, wanted)
    return item


def set_plug(profile: Profile, item: Item, index: int, plug: int) -> None:
    """Put a plug into a socket, no questions asked."""
    plugs = list(item.roll.plugs)
    plugs[index] = plug
    item.roll = replace(item.roll, plugs=tuple(plugs), answers={})
    profile.changed(item)
