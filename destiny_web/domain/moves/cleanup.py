"""What follows a plan: things moved aside for the way go back, locks become what they were."""

from collections.abc import Sequence

import msgspec

from destiny_web.domain.account.characters import VAULT
from destiny_web.domain.account.items import Item
from destiny_web.domain.account.profile import Profile, place_of
from destiny_web.domain.moves import locks
from destiny_web.domain.moves.steps import Action, Reason, Step


def put_back(profile: Profile, steps: Sequence[Step]) -> list[Step]:
    """Return the calls that bring back into the vault what left it to make room.

    Args:
        profile: As *steps* have left it.
        steps: What was done.
    """
    aside: dict[str, Step] = {}
    for step in steps:
        if step.reason is Reason.ROOM and step.instance_id is not None:
            aside.setdefault(step.instance_id, step)
    back: list[Step] = []
    for instance_id, first in reversed(aside.items()):
        item = profile.instance(instance_id)
        if item is None or item.owner == VAULT or first.source != VAULT:
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
            reason=Reason.BACK,
        )
        profile = profile.after(step, item)
        back.append(step)
    return back


def lock_repairs(profile: Profile, steps: Sequence[Step]) -> list[Step]:
    """Return the calls that make locks what they were.

    An item that leaves a place where a copy of it stays behind may take over the copy's
    lock (Bungie-net/api #764); where both are alike that does no harm.

    Args:
        profile: As it was before *steps*.
        steps: What is to be done.
    """
    wrong: dict[str, Item] = {}
    for step in steps:
        item = profile.instance(step.instance_id) if step.instance_id else None
        if item is not None and step.action in {Action.TRANSFER, Action.PULL} and item.lockable:
            copies = profile.at(*place_of(item))
            if any(one.item_hash == item.item_hash and one.locked != item.locked for one in copies):
                wrong[step.instance_id or ""] = item
        profile = profile.after(step, item)
    return [
        msgspec.structs.replace(step, reason=Reason.LOCK_REPAIR)
        for instance_id, item in wrong.items()
        # In the profile as it is in the end: the call goes out in its last owner's name.
        for step in locks.plan(profile, instance_id, locked=item.locked, whatever=True)
    ]
