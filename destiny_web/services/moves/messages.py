"""What a job has done, and what not and why, in a sentence or two for the player."""

from collections.abc import Iterable, Sequence

from destiny_web.bungie.errors import WrongPlace
from destiny_web.domain.account.characters import ACCOUNT, VAULT, opening
from destiny_web.domain.account.items import Item
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves.planner import Move, find
from destiny_web.domain.moves.steps import Action, Reason, Step
from destiny_web.services.moves.outcome import Outcome
from destiny_web.storage.store import StoreError


def moved(profile: Profile, move: Move, steps: Sequence[Step]) -> str:
    """Tell that everything asked for is done.

    Args:
        profile: As it was before.
        move: What was asked for.
        steps: What was done.
    """
    item = find(profile, move)
    asked = [step for step in steps if step.reason is Reason.ASKED]
    owner = asked[-1].destination if asked else item.owner
    if move.equip:
        main = f"{opening(profile.owner_name(owner))} now wears {item.name}."
    else:
        main = f"{_lies(profile, item, move.quantity, owner, now=bool(asked))}."
    return " ".join([main, *describe_side_effects(profile, steps)])


def equipped(
    profile: Profile, character_id: str, instance_ids: Sequence[str], steps: Sequence[Step]
) -> str:
    """Tell what a character wears now."""
    names = _names(profile, dict.fromkeys(instance_ids))
    main = f"{opening(profile.owner_name(character_id))} now wears {names}."
    return " ".join([main, *describe_side_effects(profile, steps)])


def locked(profile: Profile, instance_id: str, *, locked: bool) -> str:
    """Tell that an item's lock is as it was asked for."""
    item = profile.instance(instance_id)
    return f"{item.name if item else 'It'} is now {'locked' if locked else 'unlocked'}."


def describe_side_effects(
    profile: Profile, steps: Sequence[Step], *, ahead: bool = False
) -> list[str]:
    """Tell what else is moved or worn for a job: made room with, or put on in place.

    Args:
        profile: As it was before.
        steps: What was done, or with *ahead* what would be.
        ahead: Speak of what would be.
    """
    told: list[str] = []
    moved: dict[str, Step] = {}
    for step in steps:
        if step.reason in {Reason.ROOM, Reason.BACK}:
            moved[step.instance_id or f"stack {step.item_hash}"] = step
        elif step.reason is Reason.REPLACE and step.action is Action.EQUIP:
            name = opening(profile.owner_name(step.destination))
            will = "would wear" if ahead else "wears"
            told.append(f"{name} {will} {_name(profile, step)} instead.")
    for step in moved.values():
        if step.reason is Reason.BACK:
            continue  # it is where it was
        went = "would go" if ahead else "went"
        told.append(f"{_name(profile, step)} {went} to {_place(profile, step)} to make room.")
    return told


def steps(profile: Profile, planned: Sequence[Step]) -> list[str]:
    """Tell each step of a plan, in order, and why it is there."""
    return [f"{_what(profile, step)}{_WHY.get(step.reason, '')}." for step in planned]


_WHY = {
    Reason.ROOM: ", to make room",
    Reason.REPLACE: ", in place of what has to come off",
    Reason.BACK: ", back to where it was",
    Reason.LOCK_REPAIR: ", as it was before",
}


def _what(profile: Profile, step: Step) -> str:
    name, owner = _name(profile, step), profile.owner_name(step.destination)
    if step.instance_id is None and step.quantity > 1:
        name = f"{step.quantity:,} × {name}"
    match step.action:
        case Action.PULL:
            return f"{name} is collected from the postmaster"
        case Action.EQUIP:
            return f"{opening(owner)} puts on {name}"
        case Action.LOCK:
            return f"{name} is {'locked' if step.locked else 'unlocked'}"
        case Action.TRANSFER:
            return f"{name} goes from {profile.owner_name(step.source)} to {owner}"


def stopped(outcome: Outcome) -> str:
    """Tell what was done before a job stopped, and why it stopped."""
    profile, carried_out, failure = outcome.before, outcome.carried_out, outcome.failure
    sentences: list[str] = []
    asked = [step for step in carried_out if step.reason is Reason.ASKED]
    if asked:
        sentences.append(_so_far(profile, asked))
    if isinstance(failure, WrongPlace):
        sentences.append("It could not be equipped:" if carried_out else "That could not be done:")
    sentences.append(_STORE_FAILED if isinstance(failure, StoreError) else str(failure))
    sentences += describe_side_effects(profile, carried_out)
    if any(result.in_doubt for result in outcome.results):
        sentences.append(_IN_DOUBT)
    elif outcome.left_everything_unchanged:
        sentences.append("Nothing was changed.")
    elif not asked:
        sentences.append("What you asked for was not done.")
    return " ".join(sentences)


_STORE_FAILED = "The storage of this site failed, so the job was stopped."
_IN_DOUBT = "Whether the game has done it is not known: refresh, and look where the item is."


def _so_far(profile: Profile, asked: Sequence[Step]) -> str:
    last = asked[-1]
    item = _item(profile, last)
    if item is None:
        return "A part of it is done."
    if last.action is Action.EQUIP:
        worn = (step.instance_id or "" for step in asked if step.action is Action.EQUIP)
        return f"{opening(profile.owner_name(last.destination))} now wears {_names(profile, worn)}."
    if last.action is Action.LOCK:
        return f"{item.name} is now {'locked' if last.locked else 'unlocked'}."
    return f"{_lies(profile, item, last.quantity, last.destination, now=True)}."


def _lies(profile: Profile, item: Item, quantity: int, owner: str, *, now: bool) -> str:
    what = item.name if item.instance_id is not None else f"{quantity:,} × {item.name}"
    verb = "are" if item.instance_id is None and quantity > 1 else "is"
    when = "now" if now else "already"
    if owner == VAULT:
        return f"{what} {verb} {when} in the vault"
    if owner == ACCOUNT:
        return f"{what} {verb} {when} carried by all your characters"
    return f"{what} {verb} {when} with {profile.owner_name(owner)}"


def _place(profile: Profile, step: Step) -> str:
    return "all characters" if step.destination == ACCOUNT else profile.owner_name(step.destination)


def _item(profile: Profile, step: Step) -> Item | None:
    if step.instance_id is not None:
        return profile.instance(step.instance_id)
    stacks = profile.stacks(step.item_hash, step.source)
    return next(iter(stacks), None)


def _name(profile: Profile, step: Step) -> str:
    item = _item(profile, step)
    return item.name if item else "Something"


def _names(profile: Profile, instance_ids: Iterable[str]) -> str:
    found = (profile.instance(one) for one in instance_ids)
    names = [item.name for item in found if item is not None]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
