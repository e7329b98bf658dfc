"""The game's rules for moving, equipping, locking and tracking the items of one membership.

Each function carries out one action on a profile, or raises a refusal and changes nothing.
``bungie_sandbox/README.md`` lists the codes and their sources.
"""

from math import ceil
from typing import Final

from bungie_sandbox.errors import Code, Refusal
from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.definitions import ItemDefinition
from bungie_sandbox.game_data.facts import buckets
from bungie_sandbox.game_data.game import ANY_CLASS, NO_INSTANCE, Bucket, ItemType, State
from bungie_sandbox.responses.item_responses import find_exotic_conflict
from bungie_sandbox.world.action_requests import (
    EquipItemsRequest,
    StackRequest,
    StateRequest,
    TransferRequest,
)
from bungie_sandbox.world.belongings import VAULT, Character, Item, Profile, inventory_location

CHARACTER_LEVEL: Final = 50
MAX_TRACKED_QUESTS: Final = 4  # Bungie has a limit (1659); the number is a guess
_PLACES_WITHOUT_EQUIPPING: Final = {
    "activity": Code.WRONG_LOCATION,
    "locked": Code.UNEQUIPPABLE,
}
_VAULT_LOCATION: Final = (VAULT, int(Bucket.VAULT))


def find_character(profile: Profile, character_id: str) -> Character:
    """Return a character of the profile.

    Raises:
        Refusal: 1620, the profile has no such character.
    """
    character = profile.characters.get(character_id)
    if character is None:
        raise Refusal(Code.CHARACTER_NOT_FOUND)
    return character


def transfer(profile: Profile, request: TransferRequest) -> list[Item]:
    """Move an item or part of a stack between a character and the vault.

    Returns:
        The moved instance, or the stacks that have grown.

    Raises:
        Refusal: 1620, 1622, 1623, 1642, 1646, 1648, 1656, 1660.
    """
    character = find_character(profile, request.character_id)
    source = character.character_id if request.transfer_to_vault else VAULT
    items = _find_source_items(profile, request, source)
    definition = items[0].definition
    if any(item.equipped for item in items):
        raise Refusal(Code.ITEM_IS_EQUIPPED)
    if not definition.transferable:
        raise Refusal(Code.NOT_TRANSFERRABLE)
    if not buckets()[definition.bucket].vaultable:
        raise Refusal(Code.TRANSFER_NOT_FOUND)
    if request.transfer_to_vault:
        destination = _VAULT_LOCATION
    else:
        destination = inventory_location(definition, request.character_id)
    return _move_items(profile, items, request.stack_size, destination)


def pull_from_postmaster(profile: Profile, request: StackRequest) -> list[Item]:
    """Move an item or part of a stack from a character's postmaster into the inventory.

    Raises:
        Refusal: 1620, 1622, 1623, 1642, 1648, 1673.
    """
    character = find_character(profile, request.character_id)
    _require_quantity(request)
    postmaster = profile.items_in(character.character_id, Bucket.LOST_ITEMS)
    items = [item for item in postmaster if _matches(item, request)]
    if not items:
        raise Refusal(Code.ITEM_NOT_FOUND)
    definition = items[0].definition
    if definition.side_effects:
        raise Refusal(Code.HAS_SIDE_EFFECTS)
    destination = inventory_location(definition, request.character_id)
    return _move_items(profile, items, request.stack_size, destination)


def _require_quantity(request: StackRequest) -> None:
    if request.stack_size < 1:
        raise Refusal(Code.INVALID_REQUEST, {"stackSize": str(request.stack_size)})


def _matches(item: Item, request: StackRequest) -> bool:
    """Tell whether an item has both the hash and the instance id of a request."""
    instance_id = "" if request.instance_id == NO_INSTANCE else request.instance_id
    return item.instance_id == instance_id and item.item_hash == request.item_reference_hash


def _find_source_items(profile: Profile, request: TransferRequest, source: str) -> list[Item]:
    """Return the instance, or every stack of the hash, at the source of a transfer."""
    _require_quantity(request)
    if request.instance_id != NO_INSTANCE:
        item = profile.instance(request.instance_id)
        if item is None or item.holder != source or item.bucket == Bucket.LOST_ITEMS:
            raise Refusal(Code.ITEM_NOT_FOUND)
        if not _matches(item, request):
            raise Refusal(Code.ITEM_NOT_FOUND)
        return [item]
    definition = catalog().get(request.item_reference_hash)
    if definition is None:
        raise Refusal(Code.ITEM_NOT_FOUND)
    location = _VAULT_LOCATION if source == VAULT else inventory_location(definition, source)
    items = [item for item in profile.items_in(*location) if _matches(item, request)]
    if not items:
        raise Refusal(Code.ITEM_NOT_FOUND)
    return items


def _move_items(
    profile: Profile, items: list[Item], quantity: int, destination: tuple[str, int]
) -> list[Item]:
    """Move an instance, or a quantity out of several stacks, if the destination has room."""
    definition = items[0].definition
    if quantity > sum(item.quantity for item in items):
        raise Refusal(Code.ITEM_NOT_FOUND, {"stackSize": str(quantity)})
    if items[0].instance_id:
        if profile.free_slots(*destination) < 1:
            raise Refusal(Code.NO_ROOM)
        profile.move(items[0], *destination)
        return items
    stacks = [item for item in profile.items_in(*destination) if item.definition is definition]
    if definition.stack_label and (stacks or quantity != sum(item.quantity for item in items)):
        raise Refusal(Code.UNIQUENESS_VIOLATION)
    overflow = quantity - sum(definition.max_stack - stack.quantity for stack in stacks)
    new_stacks = ceil(max(overflow, 0) / definition.max_stack)
    if new_stacks > max(profile.free_slots(*destination), 0):
        raise Refusal(Code.NO_ROOM)
    _remove_from_stacks(profile, items, quantity)
    return add_to_stacks(profile, definition, quantity, destination)


def _remove_from_stacks(profile: Profile, stacks: list[Item], quantity: int) -> None:
    """Remove a quantity, from the smallest stack first; remove a stack that becomes empty."""
    for stack in sorted(stacks, key=lambda item: item.quantity):
        taken = min(stack.quantity, quantity)
        quantity -= taken
        stack.quantity -= taken
        if stack.quantity:
            profile.note_change(stack)
        else:
            profile.remove(stack)
        if not quantity:
            return


def add_to_stacks(
    profile: Profile, definition: ItemDefinition, quantity: int, destination: tuple[str, int]
) -> list[Item]:
    """Add a quantity to a bucket: to the existing stacks, then as new stacks.

    Returns:
        The stacks that have grown or are new.
    """
    changed_stacks = []
    for stack in profile.items_in(*destination):
        if stack.definition is definition and quantity and stack.quantity < definition.max_stack:
            added = min(definition.max_stack - stack.quantity, quantity)
            stack.quantity += added
            quantity -= added
            profile.note_change(stack)
            changed_stacks.append(stack)
    holder, bucket = destination
    while quantity:
        added = min(definition.max_stack, quantity)
        stack = Item(definition=definition, holder=holder, bucket=bucket, quantity=added)
        profile.add(stack)
        quantity -= added
        changed_stacks.append(stack)
    return changed_stacks


def equip(profile: Profile, character_id: str, instance_id: str) -> Item:
    """Equip an item of the character's inventory; the item equipped before is unequipped.

    Raises:
        Refusal: 1620, 1623, 1638, 1639, 1640, 1641, 1671.
    """
    character = find_character(profile, character_id)
    item = profile.instance(instance_id)
    if item is None or item.holder != character_id or item.bucket != item.definition.bucket:
        raise Refusal(Code.ITEM_NOT_FOUND)
    require_equip_location(character)
    _require_equippable(profile, character, item)
    if not item.equipped:
        equipped_item = profile.equipped(character_id, item.bucket)
        if equipped_item:
            equipped_item.equipped = False
            profile.note_change(equipped_item)
        item.equipped = True
        profile.note_change(item)
        _refresh_exotics(profile, character_id)
    return item


def require_equip_location(character: Character) -> None:
    """Check that a character is at a place where it can equip items.

    Raises:
        Refusal: 1671 in an activity; 1640 in an activity with locked equipment.
    """
    if code := _PLACES_WITHOUT_EQUIPPING.get(character.place):
        raise Refusal(code)


def _require_equippable(profile: Profile, character: Character, item: Item) -> None:
    definition = item.definition
    if not definition.equippable:
        raise Refusal(Code.UNEQUIPPABLE)
    if definition.class_type not in {ANY_CLASS, character.class_type}:
        raise Refusal(Code.FAILED_UNLOCK_CHECK)
    if definition.level > CHARACTER_LEVEL:
        raise Refusal(Code.FAILED_LEVEL_CHECK)
    if definition.unique_label and find_exotic_conflict(profile, item):
        raise Refusal(Code.UNIQUE_EQUIP_RESTRICTED)


def _refresh_exotics(profile: Profile, character_id: str) -> None:
    """Note a change of all exotics of a character: whether they can be equipped has changed."""
    for item in profile.items_of(character_id):
        if item.definition.unique_label:
            profile.note_change(item)


def equip_many(profile: Profile, request: EquipItemsRequest) -> list[dict[str, object]]:
    """Equip one item after the other; each is checked against the result of the one before.

    Returns:
        ``equipResults``: an ErrorCode per item, 1 for an equipped item.
    """
    find_character(profile, request.character_id)
    results: list[dict[str, object]] = []
    for instance_id in map(str, request.item_ids):
        code = try_equip(profile, request.character_id, instance_id)
        results.append({"itemInstanceId": instance_id, "equipStatus": code})
    return results


def try_equip(profile: Profile, character_id: str, instance_id: str) -> int:
    """Equip an item, and return the ErrorCode instead of raising a refusal; 1: equipped."""
    try:
        equip(profile, character_id, instance_id)
    except Refusal as refusal:
        return refusal.code
    return int(Code.SUCCESS)


def find_reachable_item(profile: Profile, character_id: str, instance_id: str) -> Item:
    """Return an item that is with a character or in the vault, which all characters reach.

    Raises:
        Refusal: 1620, 1623.
    """
    find_character(profile, character_id)
    item = profile.instance(instance_id)
    if item is None or item.holder not in {character_id, VAULT}:
        raise Refusal(Code.ITEM_NOT_FOUND)
    return item


def set_lock(profile: Profile, request: StateRequest) -> None:
    """Lock or unlock an item.

    Raises:
        Refusal: 1620, 1623, 1663.
    """
    item = find_reachable_item(profile, request.character_id, request.instance_id)
    if not item.definition.lockable:
        raise Refusal(Code.ACTION_FORBIDDEN)
    item.state = item.state | State.LOCKED if request.state else item.state & ~State.LOCKED
    profile.note_change(item)


def set_tracked(profile: Profile, request: StateRequest) -> None:
    """Track a quest, or stop tracking it.

    Raises:
        Refusal: 1620, 1623, 1658, 1659, 1663.
    """
    item = find_reachable_item(profile, request.character_id, request.instance_id)
    if item.definition.item_type != ItemType.QUEST:
        raise Refusal(Code.ACTION_FORBIDDEN)
    if request.state and item.state & State.TRACKED:
        raise Refusal(Code.QUEST_ALREADY_TRACKED)
    quests = profile.items_in(item.holder, item.bucket)
    tracked_count = sum(bool(quest.state & State.TRACKED) for quest in quests)
    if request.state and tracked_count >= MAX_TRACKED_QUESTS:
        raise Refusal(Code.TRACKABLE_QUESTS_FULL)
    item.state = item.state | State.TRACKED if request.state else item.state & ~State.TRACKED
    profile.note_change(item)
