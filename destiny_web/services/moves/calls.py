"""The calls of a job: grouped, sent, and looked up when their answer got lost."""

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
    """Tell from a read whether *step* was carried out; None when it is too old to tell.

    Args:
        before: As we knew it before the call.
        profile: As it was read afterwards.
        step: What was sent.
        sent_at: When.
    """
    minted = profile.minted
    young = minted is None or minted > sent_at
    if step.instance_id is None:
        was, now = (
            sum(stack.quantity for stack in one.stacks(step.item_hash, step.source))
            for one in (before, profile)
        )
        if now == was - step.quantity:
            return True
        # An instance that is sent twice is refused the second time; a part of a stack
        # would move twice. So be sure, also if the two clocks are not quite the same.
        sure = minted is not None and minted > sent_at + _STACK_MARGIN
        return False if now == was and sure else None
    item = profile.instance(step.instance_id)
    if item is None:
        return None
    match step.action:
        case Action.EQUIP:
            did = item.equipped and item.owner == step.destination
        case Action.LOCK:
            did = item.locked == step.locked
        case Action.TRANSFER | Action.PULL:
            did = item.owner == step.destination and item.location is not Location.POSTMASTER
    return True if did else (False if young else None)


def group_into_calls(steps: Sequence[Step]) -> list[list[Step]]:
    """Group steps into calls: neighbours that equip on one character go out together."""
    grouped: list[list[Step]] = []
    for step in steps:
        last = grouped[-1][-1] if grouped else None
        together = last is not None and step.action is last.action is Action.EQUIP
        if together and last is not None and step.carrier == last.carrier:
            grouped[-1].append(step)
        else:
            grouped.append([step])
    return grouped


def send(client: BungieClient, membership: Membership, call: Sequence[Step]) -> list[int]:
    """Make one call; return the ErrorCode of each of its steps."""
    step, kind = call[0], membership.type
    item = Reference(item_hash=step.item_hash, instance_id=step.instance_id, quantity=step.quantity)
    instance_ids = [one.instance_id or "" for one in call]
    if len(call) > 1:
        results = client.equip_items(kind, step.carrier, instance_ids)
        return [results.get(one, int(ErrorCode.ITEM_NOT_FOUND)) for one in instance_ids]
    match step.action:
        case Action.TRANSFER:
            client.transfer_item(kind, step.carrier, item, to_vault=step.destination == VAULT)
        case Action.PULL:
            client.pull_from_postmaster(kind, step.carrier, item)
        case Action.EQUIP:
            client.equip_item(kind, step.carrier, instance_ids[0])
        case Action.LOCK:
            client.set_lock_state(kind, step.carrier, instance_ids[0], locked=step.locked)
    return [int(ErrorCode.SUCCESS)]
