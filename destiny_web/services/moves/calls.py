"""Calls of a job: group steps into calls, send a call, check what became of a lost answer."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from destiny_web.bungie.client import BungieClient
from destiny_web.bungie.models.enums import ErrorCode
from destiny_web.bungie.models.profile import Reference
from destiny_web.domain.account.characters import VAULT, Membership
from destiny_web.domain.account.items import Location
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves.steps import Action, Step

_STACK_MARGIN = timedelta(seconds=2)


def was_carried_out(
    before: Profile, profile: Profile, step: Step, sent_at: datetime
) -> bool | None:
    """Tell from a read whether *step* was carried out; None when the read is too old to tell.

    Args:
        before: The profile before the call.
        profile: The profile that was read after the call.
        step: The step that was sent.
        sent_at: When the step was sent.
    """
    if step.instance_id is None:
        return _was_stack_moved(before, profile, step, sent_at)
    item = profile.instance(step.instance_id)
    if item is None:
        return None
    match step.action:
        case Action.EQUIP:
            is_done = item.equipped and item.owner == step.destination
        case Action.LOCK:
            is_done = item.locked == step.locked
        case Action.TRANSFER | Action.PULL:
            is_done = item.owner == step.destination and item.location is not Location.POSTMASTER
    is_recent = profile.minted is None or profile.minted > sent_at
    return True if is_done else (False if is_recent else None)


def _was_stack_moved(
    before: Profile, profile: Profile, step: Step, sent_at: datetime
) -> bool | None:
    quantity_before, quantity = (
        sum(stack.quantity for stack in read_profile.stacks(step.item_hash, step.source))
        for read_profile in (before, profile)
    )
    if quantity == quantity_before - step.quantity:
        return True
    # Bungie refuses the second transfer of an instance, but moves a part of a stack twice.
    # So the read has to be later than the call, also when the two clocks differ a little.
    is_certain = profile.minted is not None and profile.minted > sent_at + _STACK_MARGIN
    return False if quantity == quantity_before and is_certain else None


def group_into_calls(steps: Sequence[Step]) -> list[list[Step]]:
    """Group steps into calls: adjacent steps that equip on one character make one call."""
    calls: list[list[Step]] = []
    for step in steps:
        previous = calls[-1][-1] if calls else None
        if (
            previous is not None
            and step.action is previous.action is Action.EQUIP
            and step.carrier == previous.carrier
        ):
            calls[-1].append(step)
        else:
            calls.append([step])
    return calls


def send(client: BungieClient, membership: Membership, call: Sequence[Step]) -> list[int]:
    """Make one call; return the ErrorCode of each of its steps."""
    step, membership_type = call[0], membership.type
    item = Reference(item_hash=step.item_hash, instance_id=step.instance_id, quantity=step.quantity)
    instance_ids = [equip_step.instance_id or "" for equip_step in call]
    if len(call) > 1:
        codes = client.equip_items(membership_type, step.carrier, instance_ids)
        not_found = int(ErrorCode.ITEM_NOT_FOUND)
        return [codes.get(instance_id, not_found) for instance_id in instance_ids]
    match step.action:
        case Action.TRANSFER:
            client.transfer_item(
                membership_type, step.carrier, item, to_vault=step.destination == VAULT
            )
        case Action.PULL:
            client.pull_from_postmaster(membership_type, step.carrier, item)
        case Action.EQUIP:
            client.equip_item(membership_type, step.carrier, instance_ids[0])
        case Action.LOCK:
            client.set_lock_state(
                membership_type, step.carrier, instance_ids[0], locked=step.locked
            )
    return [int(ErrorCode.SUCCESS)]
