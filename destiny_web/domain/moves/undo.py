"""Undo: the steps of a job in reverse, as long as every item is where the job moved it."""

from collections.abc import Sequence

import msgspec

from destiny_web.domain.account.characters import VAULT
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves.cleanup import lock_repairs
from destiny_web.domain.moves.errors import AgainstTheRules
from destiny_web.domain.moves.steps import Action, Reason, Step


class MovedOn(AgainstTheRules):
    """The account has changed since the job: the job cannot be undone any more."""


class RecordedStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step that was carried out.

    Attributes:
        step: The step.
        former: For an EQUIP, the instance id of the item that was equipped before.
    """

    step: Step
    former: str | None = None


def recorded_steps(profile: Profile, steps: Sequence[Step]) -> tuple[RecordedStep, ...]:
    """Return *steps* with what an undo needs to know; lock repairs are not undone.

    Args:
        profile: The profile before *steps*.
        steps: The steps that were carried out.
    """
    records: list[RecordedStep] = []
    for step in steps:
        if step.reason is Reason.LOCK_REPAIR:
            continue
        former = None
        item = profile.instance(step.instance_id) if step.instance_id else None
        if step.action is Action.EQUIP and item is not None:
            bucket_items = profile.items_in(item.owner, item.bucket_hash)
            former = next((entry.instance_id for entry in bucket_items if entry.equipped), None)
        records.append(RecordedStep(step=step, former=former))
        profile = profile.after(step)
    return tuple(records)


def plan(profile: Profile, records: Sequence[RecordedStep]) -> tuple[Step, ...]:
    """Return the steps that undo a job, starting with its last step.

    Raises:
        MovedOn: an item is not where the job moved it, or its former owner has no room.
    """
    current = profile
    steps: list[Step] = []
    for record in reversed(records):
        step = _reverse(current, record)
        steps.append(step)
        current = current.after(step)
    return (*steps, *lock_repairs(profile, steps))


def _reverse(profile: Profile, record: RecordedStep) -> Step:
    step = record.step
    item = _find_unchanged(profile, step)
    match step.action:
        case Action.PULL:
            raise MovedOn(f"{item.name} cannot be put back to the postmaster.")
        case Action.LOCK:
            return msgspec.structs.replace(step, locked=not step.locked)
        case Action.EQUIP:
            return _equip_former(profile, item, record)
        case Action.TRANSFER:
            return _transfer_back(profile, item, step)


def _find_unchanged(profile: Profile, step: Step) -> Item:
    """Return the item of *step*, if it is still as the step left it.

    Raises:
        MovedOn: the item is gone, has another owner, or was equipped or replaced since.
    """
    if step.instance_id is not None:
        item = profile.instance(step.instance_id)
    else:
        stacks = profile.stacks(step.item_hash, step.destination)
        has_enough = sum(stack.quantity for stack in stacks) >= step.quantity
        item = stacks[0] if has_enough else None
    if item is None:
        raise MovedOn("It cannot be undone any more: what was moved is gone.")
    if item.owner != step.destination or item.location is Location.POSTMASTER:
        raise MovedOn(
            f"It cannot be undone any more: {item.name} is with"
            f" {profile.owner_name(item.owner)} now."
        )
    if step.action is not Action.LOCK and item.equipped != (step.action is Action.EQUIP):
        state = "equipped" if item.equipped else "no longer equipped"
        raise MovedOn(f"It cannot be undone any more: {item.name} is {state} now.")
    return item


def _equip_former(profile: Profile, item: Item, record: RecordedStep) -> Step:
    former = profile.instance(record.former) if record.former else None
    if former is None or former.owner != item.owner or former.location is not Location.BAG:
        raise MovedOn(
            "It cannot be undone any more: the item that was equipped before is no longer there."
        )
    return msgspec.structs.replace(
        record.step, item_hash=former.item_hash, instance_id=former.instance_id
    )


def _transfer_back(profile: Profile, item: Item, step: Step) -> Step:
    moved = msgspec.structs.replace(item, quantity=step.quantity)
    if profile.room_for(moved, step.source) < step.quantity:
        owner = "The vault" if step.source == VAULT else profile.owner_name(step.source)
        raise MovedOn(f"It cannot be undone any more: {owner} has no room for {item.name}.")
    return msgspec.structs.replace(step, source=step.destination, destination=step.source)
