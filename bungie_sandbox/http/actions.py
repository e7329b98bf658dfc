"""The operations that change something."""

from collections.abc import Callable
from typing import Any

from bungie_sandbox.bungie import Bungie
from bungie_sandbox.game_data.game import State
from bungie_sandbox.http.call import Call
from bungie_sandbox.oauth import MOVE_ITEMS, demand
from bungie_sandbox.refusals import Code, Refusal
from bungie_sandbox.responses import profile_responses
from bungie_sandbox.responses.profile_responses import View
from bungie_sandbox.world import rules, sockets
from bungie_sandbox.world.belongings import Item, Profile
from bungie_sandbox.world.orders import (
    ItemOrder,
    Kind,
    LoadoutOrder,
    PlugOrder,
    SetOrder,
    StackOrder,
    StateOrder,
    TransferOrder,
    read,
)


def _order(call: Call, kind: type[Kind]) -> tuple[Profile, Kind]:
    """Check an action up to the character, and return whose belongings it is about."""
    player = call.signed_in()
    demand(call.app, MOVE_ITEMS)
    order = read(call.request.get_data(), call.request.content_type or "", kind)
    call.bungie.pacing.action(player.bungie_id, call.operation, call.bungie.clock.now())
    profile = call.bungie.world.own(player, order.membership_type, order.character)
    held = next(held for held in player.playable if held.type == order.membership_type)
    call.changes = held.id
    return profile, order


def transfer(call: Call) -> Any:
    """Carry out TransferItem."""
    profile, order = _order(call, TransferOrder)
    source = profile.instance(order.instance)
    left = source.holder if source else ""
    for item in rules.transfer(profile, order):
        _copy_lock(call.bungie, profile, item, left)
    return 0


def _copy_lock(bungie: Bungie, profile: Profile, item: Item, left: str) -> None:
    """Now and then let a moved item take the lock of a copy that stayed (dev #764)."""
    chance = bungie.options.sibling_lock
    if not item.instance_id or not chance or bungie.world.draw.random() >= chance:
        return
    for sibling in profile.held_by(left):
        if sibling.item_hash == item.item_hash and sibling is not item:
            item.state = (item.state & ~State.LOCKED) | (sibling.state & State.LOCKED)
            profile.changed(item)
            return


def pull(call: Call) -> Any:
    """Carry out PullFromPostmaster."""
    rules.pull(*_order(call, StackOrder))
    return 0


def equip(call: Call) -> Any:
    """Carry out EquipItem."""
    profile, order = _order(call, ItemOrder)
    rules.equip(profile, order.character, order.instance)
    return 0


def equip_many(call: Call) -> Any:
    """Carry out EquipItems."""
    profile, order = _order(call, SetOrder)
    if not order.item_ids:
        # What itemId instead of itemIds gets (seen #1753).
        raise Refusal(Code.UNHANDLED_EXCEPTION)
    return {"equipResults": rules.equip_many(profile, order)}


def lock(call: Call) -> Any:
    """Carry out SetItemLockState."""
    rules.set_lock(*_order(call, StateOrder))
    return 0


def track(call: Call) -> Any:
    """Carry out SetQuestTrackedState."""
    rules.set_tracked(*_order(call, StateOrder))
    return 0


def plug(call: Call) -> Any:
    """Carry out InsertSocketPlugFree."""
    profile, order = _order(call, PlugOrder)
    item = sockets.insert(profile, order)
    player = call.signed_in()
    view = View(
        player=player,
        membership=next(held for held in player.playable if held.type == order.membership_type),
        profile=profile,
        asked=frozenset({300, 302, 304, 305, 307, 310}),
        owner=True,
        now=call.bungie.clock.now(),
    )
    return {
        "item": profile_responses.item_answer(view, item.instance_id),
        "addedInventoryItems": [],
        "removedInventoryItems": [],
    }


def loadout(act: Callable[[Profile, LoadoutOrder], None]) -> Callable[[Call], Any]:
    """Make the handler of an action on loadouts."""

    def handler(call: Call) -> Any:
        act(*_order(call, LoadoutOrder))
        return 0

    return handler
