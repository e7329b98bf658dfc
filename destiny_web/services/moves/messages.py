"""Texts for the player: what a job has done, what it has not done, and why."""

from collections.abc import Iterable, Sequence

from destiny_web.bungie.errors import WrongPlace
from destiny_web.domain.account.characters import ACCOUNT, VAULT, capitalize_first
from destiny_web.domain.account.items import Item
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves.planner import Move, find
from destiny_web.domain.moves.steps import Action, Reason, Step
from destiny_web.services.moves.outcome import Outcome
from destiny_web.storage.store import StoreError


def describe_move(profile: Profile, move: Move, steps: Sequence[Step]) -> str:
    """Say where the item of a finished move is now.

    Args:
        profile: The profile before the move.
        move: The requested move.
        steps: The steps that were carried out.
    """
    item = find(profile, move)
    requested_steps = [step for step in steps if step.reason is Reason.REQUESTED]
    owner = requested_steps[-1].destination if requested_steps else item.owner
    if move.equip:
        result = f"{capitalize_first(profile.owner_name(owner))} now wears {item.name}."
    else:
        has_moved = bool(requested_steps)
        result = f"{_describe_location(profile, item, move.quantity, owner, has_moved=has_moved)}."
    return " ".join([result, *describe_side_effects(profile, steps)])


def describe_equipped(
    profile: Profile, character_id: str, instance_ids: Sequence[str], steps: Sequence[Step]
) -> str:
    """Say which items a character has equipped now."""
    names = _join_names(profile, dict.fromkeys(instance_ids))
    result = f"{capitalize_first(profile.owner_name(character_id))} now wears {names}."
    return " ".join([result, *describe_side_effects(profile, steps)])


def describe_lock(profile: Profile, instance_id: str, *, locked: bool) -> str:
    """Say whether an item is locked now."""
    item = profile.instance(instance_id)
    return f"{item.name if item else 'It'} is now {'locked' if locked else 'unlocked'}."


def describe_side_effects(
    profile: Profile, steps: Sequence[Step], *, ahead: bool = False
) -> list[str]:
    """Name the items that a job moves to make room, or equips in place of an item.

    Args:
        profile: The profile before the job.
        steps: The steps that were carried out; with *ahead* the planned steps.
        ahead: The steps are planned only: say what would happen.
    """
    sentences: list[str] = []
    evictions: dict[str, Step] = {}
    for step in steps:
        if step.reason in {Reason.EVICTION, Reason.RETURN}:
            evictions[step.instance_id or f"stack {step.item_hash}"] = step
        elif step.reason is Reason.REPLACE and step.action is Action.EQUIP:
            name = capitalize_first(profile.owner_name(step.destination))
            verb = "would wear" if ahead else "wears"
            sentences.append(f"{name} {verb} {_item_name(profile, step)} instead.")
    for step in evictions.values():
        if step.reason is Reason.RETURN:
            continue  # the item is back at its former owner
        verb = "would go" if ahead else "went"
        destination = _destination_name(profile, step)
        sentences.append(f"{_item_name(profile, step)} {verb} to {destination} to make room.")
    return sentences


def describe_steps(profile: Profile, steps: Sequence[Step]) -> list[str]:
    """Describe each step of a plan, in order, and its reason."""
    return [f"{_describe_step(profile, step)}{_REASONS.get(step.reason, '')}." for step in steps]


steps = describe_steps  # the former name, which ``inventory/reading.py`` still uses


_REASONS = {
    Reason.EVICTION: ", to make room",
    Reason.REPLACE: ", to replace an item that has to be unequipped",
    Reason.RETURN: ", back to where it was",
    Reason.LOCK_REPAIR: ", as it was before",
}


def _describe_step(profile: Profile, step: Step) -> str:
    name, owner = _item_name(profile, step), profile.owner_name(step.destination)
    if step.instance_id is None and step.quantity > 1:
        name = f"{step.quantity:,} × {name}"
    match step.action:
        case Action.PULL:
            return f"{name} is collected from the postmaster"
        case Action.EQUIP:
            return f"{capitalize_first(owner)} equips {name}"
        case Action.LOCK:
            return f"{name} is {'locked' if step.locked else 'unlocked'}"
        case Action.TRANSFER:
            return f"{name} goes from {profile.owner_name(step.source)} to {owner}"


def describe_failure(outcome: Outcome) -> str:
    """Say what was done before a job failed, and why it failed."""
    profile, carried_out, failure = outcome.before, outcome.carried_out, outcome.failure
    sentences: list[str] = []
    requested_steps = [step for step in carried_out if step.reason is Reason.REQUESTED]
    if requested_steps:
        sentences.append(_describe_progress(profile, requested_steps))
    if isinstance(failure, WrongPlace):
        sentences.append("It could not be equipped:" if carried_out else "That could not be done:")
    sentences.append(_STORE_FAILED if isinstance(failure, StoreError) else str(failure))
    sentences += describe_side_effects(profile, carried_out)
    if any(result.in_doubt for result in outcome.results):
        sentences.append(_IN_DOUBT)
    elif outcome.left_everything_unchanged:
        sentences.append("Nothing was changed.")
    elif not requested_steps:
        sentences.append("What you asked for was not done.")
    return " ".join(sentences)


_STORE_FAILED = "The storage of this site failed, so the job was stopped."
_IN_DOUBT = "It is not known whether the game has done it: refresh, and look where the item is."


def _describe_progress(profile: Profile, steps: Sequence[Step]) -> str:
    """Say what the requested *steps* of a failed job have done."""
    last_step = steps[-1]
    item = _find_item(profile, last_step)
    if item is None:
        return "A part of it is done."
    if last_step.action is Action.EQUIP:
        equipped_ids = (step.instance_id or "" for step in steps if step.action is Action.EQUIP)
        character = capitalize_first(profile.owner_name(last_step.destination))
        return f"{character} now wears {_join_names(profile, equipped_ids)}."
    if last_step.action is Action.LOCK:
        return f"{item.name} is now {'locked' if last_step.locked else 'unlocked'}."
    quantity, owner = last_step.quantity, last_step.destination
    return f"{_describe_location(profile, item, quantity, owner, has_moved=True)}."


def _describe_location(
    profile: Profile, item: Item, quantity: int, owner: str, *, has_moved: bool
) -> str:
    name = item.name if item.instance_id is not None else f"{quantity:,} × {item.name}"
    verb = "are" if item.instance_id is None and quantity > 1 else "is"
    adverb = "now" if has_moved else "already"
    if owner == VAULT:
        return f"{name} {verb} {adverb} in the vault"
    if owner == ACCOUNT:
        return f"{name} {verb} {adverb} carried by all your characters"
    return f"{name} {verb} {adverb} with {profile.owner_name(owner)}"


def _destination_name(profile: Profile, step: Step) -> str:
    return "all characters" if step.destination == ACCOUNT else profile.owner_name(step.destination)


def _find_item(profile: Profile, step: Step) -> Item | None:
    if step.instance_id is not None:
        return profile.instance(step.instance_id)
    stacks = profile.stacks(step.item_hash, step.source)
    return next(iter(stacks), None)


def _item_name(profile: Profile, step: Step) -> str:
    item = _find_item(profile, step)
    return item.name if item else "Something"


def _join_names(profile: Profile, instance_ids: Iterable[str]) -> str:
    items = (profile.instance(instance_id) for instance_id in instance_ids)
    names = [item.name for item in items if item is not None]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
