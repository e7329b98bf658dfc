"""Collect all from a character's postmaster: what is pulled, in which order, and what stays."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum, auto

from destiny_web.bungie.models.enums import POSTMASTER_BUCKET
from destiny_web.domain.account.items import Item
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves.cleanup import lock_repairs
from destiny_web.domain.moves.errors import AgainstTheRules, NoSuchOwner
from destiny_web.domain.moves.search import has_room, make_step, owner_after_pull
from destiny_web.domain.moves.steps import Action, Step

ItemKey = tuple[int, str | None]
"""Item hash and instance id; without an instance id, every stack of that hash."""


class NothingCollected(AgainstTheRules):
    """Every item of the postmaster stays there."""


class Obstacle(Enum):
    """Why an item stays in the postmaster."""

    SIDE_EFFECTS = auto()
    """The item acts on pick-up: Bungie lets a player take it in the game only."""

    FULL_BUCKET = auto()
    UNIQUE_STACK = auto()
    """An owner may have only one stack of the item, and has it."""

    REFUSED = auto()
    """Bungie has refused to pull the item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOver:
    """An item that stays in the postmaster, and why."""

    item: Item
    obstacle: Obstacle


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectPlan:
    """What becomes of the items in a postmaster.

    Attributes:
        steps: The steps in order.
        left_overs: The items that stay, the oldest first.
    """

    steps: tuple[Step, ...]
    left_overs: tuple[LeftOver, ...]


def plan(
    profile: Profile, character_id: str, refused: AbstractSet[ItemKey] = frozenset()
) -> CollectPlan:
    """Plan to pull every item for which there is room; nothing is evicted for it.

    Args:
        profile: The account's items.
        character_id: The owner of the postmaster.
        refused: The items that Bungie has refused to pull: they stay.

    Raises:
        NoSuchOwner: no such character in this account.
    """
    if profile.character(character_id) is None:
        raise NoSuchOwner("There is no such character in this account.")
    current = profile
    steps: list[Step] = []
    left_overs: list[LeftOver] = []
    for item in _sort_by_age(profile.items_in(character_id, POSTMASTER_BUCKET)):
        obstacle = _find_obstacle(current, item, refused)
        if obstacle is not None:
            left_overs.append(LeftOver(item=item, obstacle=obstacle))
            continue
        destination = owner_after_pull(current, item)
        step = make_step(item, Action.PULL, destination, character_id)
        # A repair follows its pull at once: a later plan of the job would not know of it.
        steps += [step, *lock_repairs(current, [step])]
        current = current.after(step, item)
    return CollectPlan(steps=tuple(steps), left_overs=tuple(left_overs))


def key_of(entry: Item | Step) -> ItemKey:
    """Return the key of an item, or of the item of a step."""
    return entry.item_hash, entry.instance_id


def _sort_by_age(items: tuple[Item, ...]) -> list[Item]:
    """Sort the oldest instances first; after them the stacks, whose age is unknown."""
    return sorted(items, key=lambda item: (item.instance_id is None, item.sequence_number))


def _find_obstacle(profile: Profile, item: Item, refused: AbstractSet[ItemKey]) -> Obstacle | None:
    if item.definition.pull_has_side_effects:
        return Obstacle.SIDE_EFFECTS
    if key_of(item) in refused:
        return Obstacle.REFUSED
    owner = owner_after_pull(profile, item)
    if has_room(profile, item, owner):
        return None
    has_stack = item.instance_id is None and any(
        stack.item_hash == item.item_hash for stack in profile.items_in(owner, item.bucket_hash)
    )
    return (
        Obstacle.UNIQUE_STACK
        if item.definition.unique_stack and has_stack
        else (Obstacle.FULL_BUCKET)
    )
