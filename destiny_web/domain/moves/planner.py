"""The planner: turns a profile and a request into steps, or refuses with a reason.

The planner is pure and deterministic. Bungie can move an item only between a character and the
vault, and from a character's postmaster to that character. Every other move combines these.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from destiny_web.domain.account.characters import ACCOUNT, VAULT, capitalize_first
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves.cleanup import lock_repairs, plan_returns
from destiny_web.domain.moves.equip_rules import check as check_equip
from destiny_web.domain.moves.equip_rules import check_together, find_conflicting_exotic
from destiny_web.domain.moves.errors import (
    AgainstTheRules,
    BadQuantity,
    ItemElsewhere,
    ItemIsEquipped,
    NoRoomLeft,
    NoSuchItem,
    NoSuchOwner,
    NotEquippable,
    NotTransferable,
    OtherExotic,
)
from destiny_web.domain.moves.eviction import (
    NO_PROTECTED_ITEMS,
    Candidates,
    ProtectedItems,
    collect_keys,
)
from destiny_web.domain.moves.search import DraftPlan, MoveSearch
from destiny_web.domain.moves.steps import Reason, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A player's request to move one item or a part of a stack.

    Attributes:
        instance_id: None for a stack.
        quantity: Number of items; 1 for an instance.
        source: The owner that the page showed; the source of an item in a character's
            postmaster is that character.
        destination: A character id, ``vault`` or ``account``.
        equip: Equip the item at the destination.
        lost: For a stack: take it from the source's postmaster (True), from elsewhere
            (False), or from either (None).
    """

    item_hash: int
    instance_id: str | None
    quantity: int = 1
    source: str
    destination: str
    equip: bool = False
    lost: bool | None = None


def plan(
    profile: Profile, move: Move, protected: ProtectedItems = NO_PROTECTED_ITEMS
) -> tuple[Step, ...]:
    """Return the steps that carry *move* out, in order; none when the item is there already.

    The plan has the fewest steps, evictions and replacements included. Items that were evicted
    from the vault only for the time of the move are put back after it, as far as there is room.

    Args:
        profile: The account's items.
        move: The request.
        protected: Items that are not evicted, or evicted last.

    Raises:
        BadRequest: no such item, owner or quantity.
        AgainstTheRules: the game would refuse, and no other sequence of steps helps.
    """
    item = find(profile, move)
    destination = _resolve_destination(profile, item, move.destination)
    _check(profile, item, destination, equip=move.equip)
    requested = msgspec.structs.replace(item, quantity=move.quantity)
    draft = _search(profile, [requested], destination, protected, equip=move.equip)
    return _with_cleanup(profile, draft)


def plan_equip(
    profile: Profile,
    character_id: str,
    instance_ids: Sequence[str],
    protected: ProtectedItems = NO_PROTECTED_ITEMS,
) -> tuple[Step, ...]:
    """Return the steps that equip items which the character has already, exotics last.

    Bungie checks each item against the equipment as the step before has left it. An item that
    is equipped already needs no step.

    Raises:
        NoSuchOwner: no such character in this account.
        NoSuchItem: no such instance in this account.
        NotEquippable: one of them has another owner, or is not for that character, or two of
            them cannot be equipped together.
    """
    character = profile.character(character_id)
    if character is None:
        raise NoSuchOwner("There is no such character in this account.")
    items = [
        _find_on_character(profile, character_id, instance_id)
        for instance_id in dict.fromkeys(instance_ids)
    ]
    for item in items:
        if not item.equipped:
            check_equip(profile, item, character)
    check_together(items)
    items.sort(key=lambda item: bool(item.definition.unique_label))
    return _with_cleanup(profile, _search(profile, items, character_id, protected, equip=True))


def _search(
    profile: Profile,
    items: Sequence[Item],
    destination: str,
    protected: ProtectedItems,
    *,
    equip: bool,
) -> DraftPlan:
    """Return the draft that brings *items* to *destination* in order; none of them is evicted."""
    candidates = Candidates(profile, collect_keys(items), protected)
    draft = DraftPlan(profile=profile, item=items[0])
    for item in items:
        draft = replace(draft, item=item, placed=frozenset())
        if item.instance_id:
            draft = replace(draft, item=draft.profile.instance(item.instance_id) or item)
        solution = MoveSearch(candidates, destination, equip=equip).find(draft)
        if solution is None:
            raise _explain_failure(draft, destination)
        draft = solution
    return draft


def _with_cleanup(profile: Profile, draft: DraftPlan) -> tuple[Step, ...]:
    """Return a draft's steps, followed by the returns of evicted items and the lock repairs."""
    steps = [*draft.steps, *plan_returns(draft.profile, draft.steps)]
    return (*steps, *lock_repairs(profile, steps))


def follow_item(profile: Profile, move: Move, carried_out: Sequence[Step]) -> Move:
    """Return the same request with the present owner of the item as its source.

    Args:
        profile: The profile that was read after the first steps.
        move: The request.
        carried_out: The steps of it that were carried out. A stack has no id, so its new owner
            is found in these.
    """
    if move.instance_id:
        item = profile.instance(move.instance_id)
        return replace(move, source=item.owner) if item is not None else move
    requested_steps = [
        step
        for step in carried_out
        if step.item_hash == move.item_hash and step.reason is Reason.REQUESTED
    ]
    if not requested_steps:
        return move
    return replace(move, source=requested_steps[-1].destination, lost=False)


def find(profile: Profile, move: Move) -> Item:
    """Return the instance or the stack that a request names.

    Raises:
        NoSuchItem: the account has no such item.
        NoSuchOwner: the source is not an owner of this account.
        ItemElsewhere: the instance has another owner by now.
        BadQuantity: less than one, or more than the source has.
    """
    if move.source not in {VAULT, ACCOUNT} and profile.character(move.source) is None:
        raise NoSuchOwner("There is no such owner in this account.")
    if move.instance_id is not None:
        return _find_instance(profile, move)
    stacks = [
        stack
        for stack in profile.stacks(move.item_hash, move.source)
        if move.lost is None or (stack.location is Location.POSTMASTER) == move.lost
    ]
    if not stacks:
        raise NoSuchItem("There is no such item in this account, or no longer.")
    first = stacks[0]
    # One call takes either from the postmaster or from the bag of an owner, not from both.
    total = sum(stack.quantity for stack in stacks if stack.location is first.location)
    if move.quantity < 1 or move.quantity > total:
        raise BadQuantity(
            f"{first.name}: the quantity must be from 1 to {total}, not {move.quantity}."
        )
    if first.definition.unique_stack and move.quantity != total:
        raise BadQuantity(f"{first.name} moves only as a whole stack, all {total} at once.")
    return first


def _find_instance(profile: Profile, move: Move) -> Item:
    item = profile.instance(move.instance_id or "")
    if item is None or item.item_hash != move.item_hash:
        raise NoSuchItem("There is no such item in this account, or no longer.")
    if move.quantity != 1:
        raise BadQuantity(f"{item.name} is a single item: the quantity must be 1.")
    if item.owner not in {move.source, move.destination}:
        raise ItemElsewhere(
            f"{item.name} is no longer there: it is with {profile.owner_name(item.owner)} now."
        )
    return item


def _resolve_destination(profile: Profile, item: Item, requested: str) -> str:
    """Return the destination of *item*: the account instead of a character for shared items."""
    if requested == VAULT:
        return VAULT
    if requested != ACCOUNT and profile.character(requested) is None:
        raise NoSuchOwner("There is no such destination in this account.")
    if profile.bucket(item.bucket_hash).account_wide:
        return ACCOUNT
    if requested == ACCOUNT:
        raise NotTransferable(f"{item.name} belongs to one character, not to the whole account.")
    return requested


def _find_on_character(profile: Profile, owner: str, instance_id: str) -> Item:
    item = profile.instance(instance_id)
    if item is None:
        raise NoSuchItem("There is no such item in this account, or no longer.")
    if item.owner != owner or item.location is Location.POSTMASTER:
        raise NotEquippable(
            f"{item.name} is not with {profile.owner_name(owner)}: move it there first."
        )
    return item


def _check(profile: Profile, item: Item, destination: str, *, equip: bool) -> None:
    """Refuse requests that no sequence of steps can carry out."""
    if equip:
        character = profile.character(destination)
        if character is None:
            raise NoSuchOwner("Only a character can equip something.")
        if not (item.equipped and item.owner == destination):
            check_equip(profile, item, character)
    in_postmaster = item.location is Location.POSTMASTER
    if in_postmaster and item.definition.pull_has_side_effects:
        raise NotTransferable(f"{item.name} can only be collected in the game.")
    if item.owner == destination or (in_postmaster and destination == ACCOUNT):
        return
    bucket = profile.buckets.get(item.bucket_hash)
    if not item.transferable or (bucket is not None and not bucket.vaultable):
        raise NotTransferable(f"{item.name} cannot leave {profile.owner_name(item.owner)}.")
    if not profile.characters:
        raise NoSuchOwner("This account has no character to do that.")


def _explain_failure(draft: DraftPlan, destination: str) -> AgainstTheRules:
    """Return the refusal that names the obstacle of a draft for which the search found no plan."""
    item, profile = draft.item, draft.profile
    character = profile.character(destination)
    exotic = character and find_conflicting_exotic(profile, item, character)
    if item.equipped:
        name = capitalize_first(profile.owner_name(item.owner))
        return ItemIsEquipped(
            f"{name} has {item.name} equipped, and nothing else to equip in its place."
        )
    if VAULT not in {item.owner, destination} and profile.room_for(item, VAULT) < item.quantity:
        return _vault_full(profile)
    if item.owner != destination and profile.room_for(item, destination) < item.quantity:
        if destination == VAULT:
            return _vault_full(profile)
        name = capitalize_first(profile.owner_name(destination))
        bucket = profile.bucket(item.bucket_hash)
        return NoRoomLeft(
            f"{name} has no room for {item.name}: {bucket.name} is full, and nothing there"
            " can be moved away."
        )
    if exotic is not None and character is not None:
        name = capitalize_first(profile.owner_name(character.character_id))
        return OtherExotic(
            f"{name} has {exotic.name} equipped, and only one such exotic can be; there is"
            " nothing else to equip in its place."
        )
    return NoRoomLeft(f"There is no way to bring {item.name} there: everything is full.")


def _vault_full(profile: Profile) -> NoRoomLeft:
    capacity = profile.capacity(VAULT, 0)
    return NoRoomLeft(f"The vault is full ({capacity} items), and no character has room for more.")
