"""The game's rules for moving, equipping and marking what one membership owns.

Each function does one action on a profile, or refuses and leaves it as it was. The codes
and their sources stand in ``bungie_sandbox/README.md``.
"""

from math import ceil
from typing import Final

from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.definitions import ItemDefinition
from bungie_sandbox.game_data.facts import buckets
from bungie_sandbox.game_data.game import ANY_CLASS, NO_INSTANCE, Bucket, ItemType, State
from bungie_sandbox.refusals import Code, Refusal
from bungie_sandbox.responses.item_responses import rival
from bungie_sandbox.world.belongings import VAULT, Character, Item, Profile, home
from bungie_sandbox.world.orders import SetOrder, StackOrder, StateOrder, TransferOrder

CHARACTER_LEVEL: Final = 50
TRACKED_AT_MOST: Final = 4  # Bungie has a limit (1659); its number is our guess
_NO_EQUIPPING: Final = {"activity": Code.WRONG_LOCATION, "locked": Code.UNEQUIPPABLE}


def character_of(profile: Profile, character_id: str) -> Character:
    """Return a character of the profile.

    Raises:
        Refusal: 1620, deleted or somebody else's.
    """
    character = profile.characters.get(character_id)
    if character is None:
        raise Refusal(Code.CHARACTER_NOT_FOUND)
    return character


def transfer(profile: Profile, order: TransferOrder) -> list[Item]:
    """Move an item or part of a stack between a character and the vault.

    Returns:
        What moved, or the stacks that took it in.

    Raises:
        Refusal: 1620, 1622, 1623, 1642, 1646, 1648, 1656, 1660.
    """
    character = character_of(profile, order.character)
    source = character.character_id if order.transfer_to_vault else VAULT
    found = _find(profile, order, source)
    definition = found[0].definition
    if any(item.equipped for item in found):
        raise Refusal(Code.ITEM_IS_EQUIPPED)
    if not definition.transferable:
        raise Refusal(Code.NOT_TRANSFERRABLE)
    if not buckets()[definition.bucket].vaultable:
        raise Refusal(Code.TRANSFER_NOT_FOUND)
    to = (
        (VAULT, int(Bucket.VAULT)) if order.transfer_to_vault else home(definition, order.character)
    )
    return _carry(profile, found, order.stack_size, to)


def pull(profile: Profile, order: StackOrder) -> list[Item]:
    """Take an item or part of a stack from a character's postmaster to where it belongs.

    Raises:
        Refusal: 1620, 1622, 1623, 1642, 1648, 1673.
    """
    character = character_of(profile, order.character)
    _positive(order)
    lost = profile.inside(character.character_id, Bucket.LOST_ITEMS)
    found = [item for item in lost if _meant(item, order)]
    if not found:
        raise Refusal(Code.ITEM_NOT_FOUND)
    if found[0].definition.side_effects:
        raise Refusal(Code.HAS_SIDE_EFFECTS)
    return _carry(profile, found, order.stack_size, home(found[0].definition, order.character))


def _positive(order: StackOrder) -> None:
    if order.stack_size < 1:
        raise Refusal(Code.INVALID_REQUEST, {"stackSize": str(order.stack_size)})


def _meant(item: Item, order: StackOrder) -> bool:
    """Tell whether an order means this item: hash and id belong together."""
    wanted = "" if order.instance == NO_INSTANCE else order.instance
    return item.instance_id == wanted and item.item_hash == order.item_reference_hash


def _find(profile: Profile, order: TransferOrder, source: str) -> list[Item]:
    """Return the instance, or every stack of that hash, in the place the order implies."""
    _positive(order)
    if order.instance != NO_INSTANCE:
        item = profile.instance(order.instance)
        here = item is not None and item.holder == source and item.bucket != Bucket.LOST_ITEMS
        if item is None or not here or not _meant(item, order):
            raise Refusal(Code.ITEM_NOT_FOUND)
        return [item]
    definition = catalog().get(order.item_reference_hash)
    if definition is None:
        raise Refusal(Code.ITEM_NOT_FOUND)
    place = (VAULT, int(Bucket.VAULT)) if source == VAULT else home(definition, source)
    found = [item for item in profile.inside(*place) if _meant(item, order)]
    if not found:
        raise Refusal(Code.ITEM_NOT_FOUND)
    return found


def _carry(profile: Profile, found: list[Item], amount: int, to: tuple[str, int]) -> list[Item]:
    """Lay an instance, or an amount out of stacks, into a bucket that has room for it."""
    definition = found[0].definition
    if amount > sum(item.quantity for item in found):
        raise Refusal(Code.ITEM_NOT_FOUND, {"stackSize": str(amount)})
    if found[0].instance_id:
        if profile.room(*to) < 1:
            raise Refusal(Code.NO_ROOM)
        profile.move(found[0], *to)
        return found
    there = [item for item in profile.inside(*to) if item.definition is definition]
    if definition.stack_label and (there or amount != sum(item.quantity for item in found)):
        raise Refusal(Code.UNIQUENESS_VIOLATION)
    beyond = amount - sum(definition.max_stack - item.quantity for item in there)
    if ceil(max(beyond, 0) / definition.max_stack) > max(profile.room(*to), 0):
        raise Refusal(Code.NO_ROOM)
    _take(profile, found, amount)
    return pour(profile, definition, amount, to)


def _take(profile: Profile, stacks: list[Item], amount: int) -> None:
    """Take an amount away, from the smallest stack first; an empty stack is gone."""
    for stack in sorted(stacks, key=lambda item: item.quantity):
        taken = min(stack.quantity, amount)
        amount -= taken
        stack.quantity -= taken
        if stack.quantity:
            profile.changed(stack)
        else:
            profile.remove(stack)
        if not amount:
            return


def pour(
    profile: Profile, definition: ItemDefinition, amount: int, to: tuple[str, int]
) -> list[Item]:
    """Add an amount to a bucket: into the stacks that are there, then into new ones."""
    touched = []
    for stack in profile.inside(*to):
        if stack.definition is definition and amount and stack.quantity < definition.max_stack:
            added = min(definition.max_stack - stack.quantity, amount)
            stack.quantity += added
            amount -= added
            profile.changed(stack)
            touched.append(stack)
    while amount:
        part = min(definition.max_stack, amount)
        stack = Item(definition=definition, holder=to[0], bucket=to[1], quantity=part)
        profile.add(stack)
        amount -= part
        touched.append(stack)
    return touched


def equip(profile: Profile, character_id: str, instance_id: str) -> Item:
    """Put on what the character carries; what was worn goes to the bag.

    Raises:
        Refusal: 1620, 1623, 1638, 1639, 1640, 1641, 1671.
    """
    character = character_of(profile, character_id)
    item = profile.instance(instance_id)
    if item is None or item.holder != character_id or item.bucket != item.definition.bucket:
        raise Refusal(Code.ITEM_NOT_FOUND)
    may_equip_here(character)
    _may_wear(profile, character, item)
    if not item.equipped:
        worn = profile.equipped(character_id, item.bucket)
        if worn:
            worn.equipped = False
            profile.changed(worn)
        item.equipped = True
        profile.changed(item)
        _judge_exotics(profile, character_id)
    return item


def may_equip_here(character: Character) -> None:
    """See to it that a character is where things can be put on.

    Raises:
        Refusal: 1671 in an activity; 1640 in one with locked equipment.
    """
    if code := _NO_EQUIPPING.get(character.place):
        raise Refusal(code)


def _may_wear(profile: Profile, character: Character, item: Item) -> None:
    definition = item.definition
    if not definition.equippable:
        raise Refusal(Code.UNEQUIPPABLE)
    if definition.class_type not in {ANY_CLASS, character.class_type}:
        raise Refusal(Code.FAILED_UNLOCK_CHECK)
    if definition.level > CHARACTER_LEVEL:
        raise Refusal(Code.FAILED_LEVEL_CHECK)
    if definition.unique_label and rival(profile, item):
        raise Refusal(Code.UNIQUE_EQUIP_RESTRICTED)


def _judge_exotics(profile: Profile, character_id: str) -> None:
    """Let the answers about exotics be made anew: whether they can be worn has changed."""
    for item in profile.held_by(character_id):
        if item.definition.unique_label:
            profile.changed(item)


def equip_many(profile: Profile, order: SetOrder) -> list[dict[str, object]]:
    """Equip one after the other, each judged against what the one before left.

    Returns:
        ``equipResults``: an ErrorCode per item, 1 for what was equipped.
    """
    character_of(profile, order.character)
    results: list[dict[str, object]] = []
    for instance_id in map(str, order.item_ids):
        code = try_equip(profile, order.character, instance_id)
        results.append({"itemInstanceId": instance_id, "equipStatus": code})
    return results


def try_equip(profile: Profile, character_id: str, instance_id: str) -> int:
    """Equip, and return the ErrorCode instead of raising it; 1 when it is done."""
    try:
        equip(profile, character_id, instance_id)
    except Refusal as refusal:
        return refusal.code
    return int(Code.SUCCESS)


def owned(profile: Profile, character_id: str, instance_id: str) -> Item:
    """Return an item of that character, or one in the vault, for which any character will do.

    Raises:
        Refusal: 1620, 1623.
    """
    character_of(profile, character_id)
    item = profile.instance(instance_id)
    if item is None or item.holder not in {character_id, VAULT}:
        raise Refusal(Code.ITEM_NOT_FOUND)
    return item


def set_lock(profile: Profile, order: StateOrder) -> None:
    """Lock or unlock an item.

    Raises:
        Refusal: 1620, 1623, 1663.
    """
    item = owned(profile, order.character, order.instance)
    if not item.definition.lockable:
        raise Refusal(Code.ACTION_FORBIDDEN)
    item.state = item.state | State.LOCKED if order.state else item.state & ~State.LOCKED
    profile.changed(item)


def set_tracked(profile: Profile, order: StateOrder) -> None:
    """Track a quest, or no longer.

    Raises:
        Refusal: 1620, 1623, 1658, 1659, 1663.
    """
    item = owned(profile, order.character, order.instance)
    if item.definition.item_type != ItemType.QUEST:
        raise Refusal(Code.ACTION_FORBIDDEN)
    if order.state and item.state & State.TRACKED:
        raise Refusal(Code.QUEST_ALREADY_TRACKED)
    quests = profile.inside(item.holder, item.bucket)
    if order.state and sum(bool(q.state & State.TRACKED) for q in quests) >= TRACKED_AT_MOST:
        raise Refusal(Code.TRACKABLE_QUESTS_FULL)
    item.state = item.state | State.TRACKED if order.state else item.state & ~State.TRACKED
    profile.changed(item)
