"""The planner: from a profile and a request to the calls that carry it out, or a reason why not.

Pure and deterministic. Bungie knows only two ways: between a character and the vault, and
out of a character's own postmaster. Everything else is made of these.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from destiny_web.domain.account.characters import ACCOUNT, VAULT, opening
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves.cleanup import lock_repairs, put_back
from destiny_web.domain.moves.equip_rules import check as check_equip
from destiny_web.domain.moves.equip_rules import check_together, other_exotic
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
from destiny_web.domain.moves.eviction import NONE_PROTECTED, Candidates, ProtectedItems, job_keys
from destiny_web.domain.moves.search import Draft, Router
from destiny_web.domain.moves.steps import Reason, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a player asks for.

    Attributes:
        instance_id: None for a stack.
        quantity: How many; 1 for an instance.
        source: Who has it, as the player sees it; what lies in a character's postmaster
            has that character as its source.
        destination: A character id, ``vault`` or ``account``.
        equip: Wear it there.
        lost: Take it from the source's postmaster (only a stack leaves that open).
    """

    item_hash: int
    instance_id: str | None
    quantity: int = 1
    source: str
    destination: str
    equip: bool = False
    lost: bool | None = None


def plan(
    profile: Profile, move: Move, protected: ProtectedItems = NONE_PROTECTED
) -> tuple[Step, ...]:
    """Return the calls that carry *move* out, in order; none when it is so already.

    The fewest calls that do it, with whatever has to be moved aside, taken off or fetched;
    then what was moved aside for the way only is put back, as far as there is room.

    Args:
        profile: What the account has.
        move: What is asked for.
        protected: What is not to be moved aside, or only if need be.

    Raises:
        BadRequest: no such item, owner or quantity.
        AgainstTheRules: the game would refuse, and there is no way around it.
    """
    item = find(profile, move)
    destination = _destination(profile, item, move.destination)
    _check(profile, item, destination, equip=move.equip)
    piece = msgspec.structs.replace(item, quantity=move.quantity)
    draft = _routed(profile, [piece], destination, protected, equip=move.equip)
    return _finished(profile, draft)


def plan_equip(
    profile: Profile,
    character_id: str,
    instance_ids: Sequence[str],
    protected: ProtectedItems = NONE_PROTECTED,
) -> tuple[Step, ...]:
    """Return the calls that equip items which the character holds, exotics last.

    Bungie judges each against what the one before has left. What is worn already needs
    no step.

    Raises:
        NoSuchOwner: no such character in this account.
        NoSuchItem: no such instance in this account.
        NotEquippable: one of them is elsewhere, or not for that character, or two of
            them cannot be worn together.
    """
    character = profile.character(character_id)
    if character is None:
        raise NoSuchOwner("There is no such character in this account.")
    items = [_held(profile, character_id, one) for one in dict.fromkeys(instance_ids)]
    for item in items:
        if not item.equipped:
            check_equip(profile, item, character)
    check_together(items)
    items.sort(key=lambda item: bool(item.definition.unique_label))
    return _finished(profile, _routed(profile, items, character_id, protected, equip=True))


def _routed(
    profile: Profile,
    items: Sequence[Item],
    destination: str,
    protected: ProtectedItems,
    *,
    equip: bool,
) -> Draft:
    """Bring items to one place, one after the other; none of them is moved aside."""
    candidates = Candidates(profile, job_keys(items), protected)
    draft = Draft(profile=profile, item=items[0])
    for item in items:
        draft = replace(draft, item=item, placed=frozenset())
        if item.instance_id:
            draft = replace(draft, item=draft.profile.instance(item.instance_id) or item)
        found = Router(candidates, destination, equip=equip).find(draft)
        if found is None:
            raise _obstacle(draft, destination)
        draft = found
    return draft


def _finished(profile: Profile, draft: Draft) -> tuple[Step, ...]:
    """Return a draft's steps with what has to be tidied up after them."""
    steps = [*draft.steps, *put_back(draft.profile, draft.steps)]
    return (*steps, *lock_repairs(profile, steps))


def follow_item(profile: Profile, move: Move, carried_out: Sequence[Step]) -> Move:
    """Return the same request with the present owner of the item as its source.

    Args:
        profile: As it was read after the first calls.
        move: What was asked for.
        carried_out: What was done of it: that is how a stack is followed, which has no id.
    """
    if move.instance_id:
        item = profile.instance(move.instance_id)
        return replace(move, source=item.owner) if item is not None else move
    moved = [
        step
        for step in carried_out
        if step.item_hash == move.item_hash and step.reason is Reason.ASKED
    ]
    return replace(move, source=moved[-1].destination, lost=False) if moved else move


def find(profile: Profile, move: Move) -> Item:
    """Return the instance, or the stack, that a request means.

    Raises:
        NoSuchItem: the account has no such thing.
        NoSuchOwner: the source is nobody of this account.
        Elsewhere: the instance is with somebody else by now.
        BadQuantity: fewer than one, or more than the source has.
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
    # Postmaster and bag of one owner are two places: a call takes from one of them.
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


def _destination(profile: Profile, item: Item, asked: str) -> str:
    """Return where *item* goes when *asked* is meant: what all share goes to the account."""
    if asked == VAULT:
        return VAULT
    if asked != ACCOUNT and profile.character(asked) is None:
        raise NoSuchOwner("There is no such destination in this account.")
    if profile.bucket(item.bucket_hash).account_wide:
        return ACCOUNT
    if asked == ACCOUNT:
        raise NotTransferable(f"{item.name} belongs to one character, not to the whole account.")
    return asked


def _held(profile: Profile, owner: str, instance_id: str) -> Item:
    item = profile.instance(instance_id)
    if item is None:
        raise NoSuchItem("There is no such item in this account, or no longer.")
    if item.owner != owner or item.location is Location.POSTMASTER:
        raise NotEquippable(
            f"{item.name} is not with {profile.owner_name(owner)}: move it there first."
        )
    return item


def _check(profile: Profile, item: Item, destination: str, *, equip: bool) -> None:
    """Refuse what no detour can help."""
    if equip:
        character = profile.character(destination)
        if character is None:
            raise NoSuchOwner("Only a character can equip something.")
        if not (item.equipped and item.owner == destination):
            check_equip(profile, item, character)
    lost = item.location is Location.POSTMASTER
    if lost and item.definition.pull_has_side_effects:
        raise NotTransferable(f"{item.name} can only be collected in the game.")
    if item.owner == destination or (lost and destination == ACCOUNT):
        return
    known = item.bucket_hash in profile.buckets
    if not item.transferable or (known and not profile.bucket(item.bucket_hash).vaultable):
        raise NotTransferable(f"{item.name} cannot leave {profile.owner_name(item.owner)}.")
    if not profile.characters:
        raise NoSuchOwner("This account has no character to do that.")


def _obstacle(draft: Draft, destination: str) -> AgainstTheRules:
    """Say what is in the way of a draft that leads nowhere."""
    item, profile = draft.item, draft.profile
    character = profile.character(destination)
    rival = character and other_exotic(profile, item, character)
    if item.equipped:
        name = opening(profile.owner_name(item.owner))
        return ItemIsEquipped(
            f"{name} wears {item.name} and has nothing else to wear in its place."
        )
    if VAULT not in {item.owner, destination} and profile.room_for(item, VAULT) < item.quantity:
        return _vault_full(profile)
    if item.owner != destination and profile.room_for(item, destination) < item.quantity:
        if destination == VAULT:
            return _vault_full(profile)
        name = opening(profile.owner_name(destination))
        bucket = profile.bucket(item.bucket_hash)
        return NoRoomLeft(
            f"{name} has no room for {item.name}: {bucket.name} is full, and nothing there"
            " can be moved aside."
        )
    if rival is not None and character is not None:
        name = opening(profile.owner_name(character.character_id))
        return OtherExotic(
            f"{name} wears {rival.name}, and only one such exotic can be worn; there is"
            " nothing else to wear in its place."
        )
    return NoRoomLeft(f"There is no way to bring {item.name} there: everything is full.")


def _vault_full(profile: Profile) -> NoRoomLeft:
    places = profile.capacity(VAULT, 0)
    return NoRoomLeft(f"The vault is full ({places} places), and nobody has room for more.")
