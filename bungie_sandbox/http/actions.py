"""The operations that change something."""

from collections.abc import Callable
from typing import Any

from bungie_sandbox.bungie import Bungie
from bungie_sandbox.errors import Code, Refusal
from bungie_sandbox.game_data.game import State
from bungie_sandbox.http.platform_request import PlatformRequest
from bungie_sandbox.oauth import MOVE_ITEMS, require_scope
from bungie_sandbox.responses import profile_responses
from bungie_sandbox.responses.profile_responses import View
from bungie_sandbox.world import rules, sockets
from bungie_sandbox.world.action_requests import (
    ActionRequestType,
    EquipItemsRequest,
    InsertPlugRequest,
    ItemRequest,
    LoadoutRequest,
    StackRequest,
    StateRequest,
    TransferRequest,
    decode,
)
from bungie_sandbox.world.belongings import Item, Profile
from bungie_sandbox.world.players import Membership, Player


def _read_action(
    request: PlatformRequest, action_type: type[ActionRequestType]
) -> tuple[Profile, ActionRequestType]:
    """Check an action as far as the character, and return the player's profile and the body."""
    player = request.require_player()
    require_scope(request.app, MOVE_ITEMS)
    http_request = request.http_request
    action = decode(http_request.get_data(), http_request.content_type or "", action_type)
    request.bungie.pacing.check_action(
        player.bungie_id, request.operation, request.bungie.clock.now()
    )
    profile = request.bungie.world.own_profile(player, action.membership_type, action.character_id)
    request.changed_membership = _find_membership(player, action.membership_type).id
    return profile, action


def _find_membership(player: Player, membership_type: int) -> Membership:
    return next(membership for membership in player.playable if membership.type == membership_type)


def transfer_item(request: PlatformRequest) -> Any:
    """Carry out TransferItem."""
    profile, action = _read_action(request, TransferRequest)
    item = profile.instance(action.instance_id)
    source = item.holder if item else ""
    for moved_item in rules.transfer(profile, action):
        _copy_lock_of_sibling(request.bungie, profile, moved_item, source)
    return 0


def _copy_lock_of_sibling(bungie: Bungie, profile: Profile, item: Item, source: str) -> None:
    """Set the lock of a moved item to that of a copy at the source, at random (dev #764)."""
    probability = bungie.options.sibling_lock
    if not item.instance_id or not probability or bungie.world.random.random() >= probability:
        return
    for sibling in profile.items_of(source):
        if sibling.item_hash == item.item_hash and sibling is not item:
            item.state = (item.state & ~State.LOCKED) | (sibling.state & State.LOCKED)
            profile.note_change(item)
            return


def pull_from_postmaster(request: PlatformRequest) -> Any:
    """Carry out PullFromPostmaster."""
    profile, action = _read_action(request, StackRequest)
    rules.pull_from_postmaster(profile, action)
    return 0


def equip_item(request: PlatformRequest) -> Any:
    """Carry out EquipItem."""
    profile, action = _read_action(request, ItemRequest)
    rules.equip(profile, action.character_id, action.instance_id)
    return 0


def equip_items(request: PlatformRequest) -> Any:
    """Carry out EquipItems."""
    profile, action = _read_action(request, EquipItemsRequest)
    if not action.item_ids:
        # Bungie's answer to itemId instead of itemIds (seen #1753).
        raise Refusal(Code.UNHANDLED_EXCEPTION)
    return {"equipResults": rules.equip_many(profile, action)}


def set_lock_state(request: PlatformRequest) -> Any:
    """Carry out SetItemLockState."""
    profile, action = _read_action(request, StateRequest)
    rules.set_lock(profile, action)
    return 0


def set_tracked_state(request: PlatformRequest) -> Any:
    """Carry out SetQuestTrackedState."""
    profile, action = _read_action(request, StateRequest)
    rules.set_tracked(profile, action)
    return 0


def insert_plug(request: PlatformRequest) -> Any:
    """Carry out InsertSocketPlugFree."""
    profile, action = _read_action(request, InsertPlugRequest)
    item = sockets.insert_plug(profile, action)
    player = request.require_player()
    view = View(
        player=player,
        membership=_find_membership(player, action.membership_type),
        profile=profile,
        requested=frozenset({300, 302, 304, 305, 307, 310}),
        is_owner=True,
        now=request.bungie.clock.now(),
    )
    return {
        "item": profile_responses.item_response(view, item.instance_id),
        "addedInventoryItems": [],
        "removedInventoryItems": [],
    }


def create_loadout_handler(
    carry_out: Callable[[Profile, LoadoutRequest], None],
) -> Callable[[PlatformRequest], Any]:
    """Return the handler of an action on loadouts."""

    def handle(request: PlatformRequest) -> Any:
        profile, action = _read_action(request, LoadoutRequest)
        carry_out(profile, action)
        return 0

    return handle
