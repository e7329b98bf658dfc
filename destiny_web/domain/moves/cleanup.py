"""The steps that follow a plan: evicted items go back to the vault, changed locks are repaired."""

from collections.abc import Sequence

import msgspec

from destiny_web.domain.account.characters import VAULT
from destiny_web.domain.account.items import Item
from destiny_web.domain.account.profile import Profile, bucket_key_of
from destiny_web.domain.moves import locks
from destiny_web.domain.moves.steps import Action, Reason, Step


def plan_returns(profile: Profile, steps: Sequence[Step]) -> list[Step]:
    """Return the steps that bring items back which were evicted from the vault to make room.

    Args:
        profile: The profile after *steps*.
        steps: The steps that were carried out.
    """
    first_evictions: dict[str, Step] = {}
    for step in steps:
        if step.reason is Reason.EVICTION and step.instance_id is not None:
            first_evictions.setdefault(step.instance_id, step)
    returns: list[Step] = []
    for instance_id, eviction in reversed(first_evictions.items()):
        item = profile.instance(instance_id)
        if item is None or item.owner == VAULT or eviction.source != VAULT:
            continue
        if profile.room_for(item, VAULT) < 1:
            break
        step = Step(
            action=Action.TRANSFER,
            item_hash=item.item_hash,
            instance_id=instance_id,
            source=item.owner,
            destination=VAULT,
            carrier=item.owner,
            reason=Reason.RETURN,
        )
        profile = profile.after(step, item)
        returns.append(step)
    return returns


def lock_repairs(profile: Profile, steps: Sequence[Step]) -> list[Step]:
    """Return the steps that set the locks of moved items to their state before the move.

    When an item is moved and a copy of it stays in the same bucket, Bungie may give the
    moved item the lock state of that copy (Bungie-net/api #764). Only an item with a copy in
    a different lock state needs a repair.

    Args:
        profile: The profile before *steps*.
        steps: The steps of the plan.
    """
    at_risk: dict[str, Item] = {}
    for step in steps:
        item = profile.instance(step.instance_id) if step.instance_id else None
        if item is not None and step.action in {Action.TRANSFER, Action.PULL} and item.lockable:
            neighbours = profile.items_in(*bucket_key_of(item))
            if any(
                neighbour.item_hash == item.item_hash and neighbour.locked != item.locked
                for neighbour in neighbours
            ):
                at_risk[step.instance_id or ""] = item
        profile = profile.after(step, item)
    return [
        msgspec.structs.replace(step, reason=Reason.LOCK_REPAIR)
        for instance_id, item in at_risk.items()
        # *profile* is the one after all steps: the call names the item's last owner.
        for step in locks.plan(profile, instance_id, locked=item.locked, force=True)
    ]
