"""Taking a job back: its calls in reverse, as long as everything is where it left it."""

from collections.abc import Sequence

import msgspec

from destiny_web.domain.account.characters import VAULT
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves.cleanup import lock_repairs
from destiny_web.domain.moves.errors import AgainstTheRules
from destiny_web.domain.moves.steps import Action, Reason, Step


class MovedOn(AgainstTheRules):
    """The game has moved on since: it cannot be taken back any more."""


class RecordedStep(msgspec.Struct, frozen=True, kw_only=True):
    """A call that was carried out, and what was worn before it, for an EQUIP."""

    step: Step
    former: str | None = None


def recorded_steps(profile: Profile, steps: Sequence[Step]) -> tuple[RecordedStep, ...]:
    """Return what has to be known to take *steps* back.

    Args:
        profile: As it was before them.
        steps: What was carried out.
    """
    found: list[RecordedStep] = []
    for step in steps:
        if step.reason is Reason.LOCK_REPAIR:
            continue
        former = None
        item = profile.instance(step.instance_id) if step.instance_id else None
        if step.action is Action.EQUIP and item is not None:
            held = profile.at(item.owner, item.bucket_hash)
            equipped_item = next((one for one in held if one.equipped), None)
            former = equipped_item.instance_id if equipped_item else None
        found.append(RecordedStep(step=step, former=former))
        profile = profile.after(step)
    return tuple(found)


def plan(profile: Profile, done: Sequence[RecordedStep]) -> tuple[Step, ...]:
    """Return the calls that take a job back, the last deed first.

    Raises:
        MovedOn: something is not where the job left it, or there is no room any more.
    """
    now = profile
    steps: list[Step] = []
    for deed in reversed(done):
        step = _reverse(now, deed)
        steps.append(step)
        now = now.after(step)
    return (*steps, *lock_repairs(profile, steps))


def _reverse(profile: Profile, deed: RecordedStep) -> Step:
    step = deed.step
    item = _where_it_was_left(profile, step)
    match step.action:
        case Action.PULL:
            raise MovedOn(f"{item.name} cannot be put back to the postmaster.")
        case Action.LOCK:
            return msgspec.structs.replace(step, locked=not step.locked)
        case Action.EQUIP:
            return _wear_again(profile, item, deed)
        case Action.TRANSFER:
            return _send_back(profile, item, step)


def _where_it_was_left(profile: Profile, step: Step) -> Item:
    """Return what a step has moved, if it is still there."""
    if step.instance_id is not None:
        item = profile.instance(step.instance_id)
    else:
        stacks = profile.stacks(step.item_hash, step.destination)
        enough = sum(stack.quantity for stack in stacks) >= step.quantity
        item = stacks[0] if enough else None
    if item is None:
        raise MovedOn("It cannot be undone any more: what was moved is gone.")
    equipped_item = step.action is Action.EQUIP
    if item.owner != step.destination or item.location is Location.POSTMASTER:
        raise MovedOn(
            f"It cannot be undone any more: {item.name} is with"
            f" {profile.owner_name(item.owner)} now."
        )
    if step.action is not Action.LOCK and item.equipped != equipped_item:
        state = "worn" if item.equipped else "no longer worn"
        raise MovedOn(f"It cannot be undone any more: {item.name} is {state} now.")
    return item


def _wear_again(profile: Profile, item: Item, deed: RecordedStep) -> Step:
    former = profile.instance(deed.former) if deed.former else None
    if former is None or former.owner != item.owner or former.location is not Location.BAG:
        raise MovedOn("It cannot be undone any more: what was worn before is no longer there.")
    return msgspec.structs.replace(
        deed.step, item_hash=former.item_hash, instance_id=former.instance_id
    )


def _send_back(profile: Profile, item: Item, step: Step) -> Step:
    piece = msgspec.structs.replace(item, quantity=step.quantity)
    if profile.room_for(piece, step.source) < step.quantity:
        place = "The vault" if step.source == VAULT else profile.owner_name(step.source)
        raise MovedOn(f"It cannot be undone any more: {place} has no room for {item.name}.")
    return msgspec.structs.replace(step, source=step.destination, destination=step.source)
