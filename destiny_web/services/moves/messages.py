"""Texts for the player: what a job has done, what it has not done, and why."""

from collections.abc import Iterable, Mapping, Sequence

from destiny_web.bungie.errors import NoRoom, WrongPlace, error_class_of
from destiny_web.domain.account.characters import ACCOUNT, VAULT, capitalize_first
from destiny_web.domain.account.items import Item
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves.collect import ItemKey, LeftOver, Obstacle, key_of
from destiny_web.domain.moves.planner import Move, find
from destiny_web.domain.moves.steps import Action, Reason, Step
from destiny_web.services.moves.outcome import CallResult, Outcome
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


def describe_collected(outcome: Outcome, character_id: str, left_overs: Sequence[LeftOver]) -> str:
    """Say how many items of a postmaster were collected, and which ones stay and why."""
    profile = outcome.before
    pull_count = sum(step.action is Action.PULL for step in outcome.carried_out)
    if not pull_count:
        return f"The postmaster of {profile.owner_name(character_id)} is empty."
    sentences = [_describe_pull_count(pull_count)]
    if left_overs or outcome.refused:
        sentences.append(describe_left_overs(profile, character_id, left_overs, outcome.refused))
    return " ".join(sentences)


def describe_left_overs(
    profile: Profile,
    character_id: str,
    left_overs: Sequence[LeftOver],
    refused: Sequence[CallResult],
) -> str:
    """Name the items that stay in a postmaster, and why; then those that are no longer there.

    Args:
        profile: The profile before the job, or the one of its last plan.
        character_id: The owner of the postmaster.
        left_overs: The items that stay.
        refused: The results of the pulls that Bungie has refused.
    """
    codes = {key_of(result.step): result.code for result in refused}
    sentences: list[str] = []
    if left_overs:
        descriptions = [
            f"{_name_with_quantity(left_over.item)} ({_explain(profile, left_over, codes)})"
            for left_over in left_overs
        ]
        sentences.append(f"Still in the postmaster: {', '.join(descriptions)}.")
    staying_keys = {key_of(left_over.item) for left_over in left_overs}
    gone_names = [
        _item_name(profile, result.step)
        for result in refused
        if key_of(result.step) not in staying_keys
    ]
    if gone_names:
        owner = profile.owner_name(character_id)
        sentences.append(f"No longer in the postmaster of {owner}: {', '.join(gone_names)}.")
    return " ".join(sentences)


def _explain(profile: Profile, left_over: LeftOver, codes: Mapping[ItemKey, int | None]) -> str:
    """Return the reason why an item stays in the postmaster, as a part of a sentence."""
    item, obstacle = left_over.item, left_over.obstacle
    error_class = error_class_of(codes.get(key_of(item)) or 0)
    if obstacle is Obstacle.SIDE_EFFECTS:
        return "acts on pick-up"
    if obstacle is Obstacle.UNIQUE_STACK:
        return "there is a stack of it already, and only one is allowed"
    if obstacle is Obstacle.FULL_BUCKET or error_class is NoRoom:
        return f"{profile.bucket(item.bucket_hash).name} is full"
    text = error_class.player_text.rstrip(".")
    return text[:1].lower() + text[1:]


def _name_with_quantity(item: Item) -> str:
    has_quantity = item.instance_id is None and item.quantity > 1
    return f"{item.quantity:,} × {item.name}" if has_quantity else item.name


def _describe_pull_count(count: int) -> str:
    return f"Collected {count} {'item' if count == 1 else 'items'}."


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
    pull_count = sum(step.action is Action.PULL for step in steps)
    if pull_count > 1:
        return _describe_pull_count(pull_count)
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
