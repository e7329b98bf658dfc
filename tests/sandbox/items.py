"""Find items in the sandbox's profiles, and add or remove some, past all rules."""

from collections.abc import Iterable

from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.game import ANY_CLASS, Bucket
from bungie_sandbox.world.belongings import ACCOUNT, VAULT, Item, Profile


def find_item(items: Iterable[Item], **expected) -> Item:
    """The first item with the expected fields, of the item or of the definition."""
    for item in items:
        if all(
            getattr(item, name, getattr(item.definition, name, None)) == value
            for name, value in expected.items()
        ):
            return item
    raise LookupError(expected)


def find_in_vault(profile: Profile, **expected) -> Item:
    return find_item(profile.items_in(VAULT, Bucket.VAULT), **expected)


def find_stack(profile: Profile, name: str) -> Item:
    """The first account-wide stack of that name."""
    items = (item for item in profile.items_of(ACCOUNT) if item.definition.name == name)
    return next(items)


def hash_of_item(name: str) -> int:
    """The hash of an item by name; plugs are excluded."""
    return next(
        definition.item_hash
        for definition in catalog().values()
        if definition.name == name and not definition.plug_category
    )


def find_unequipped(profile: Profile, character: str, bucket: int, **expected) -> Item:
    """An unequipped item that the character can equip."""
    class_types = {ANY_CLASS, profile.characters[character].class_type}
    items = (
        item
        for item in profile.items_in(character, bucket)
        if not item.equipped
        and item.definition.class_type in class_types
        and ("unique_label" in expected or not item.definition.unique_label)
    )
    return find_item(items, **expected)


def add_item(profile: Profile, item_hash: int, holder: str, bucket: int, **fields) -> Item:
    """Add a new item to a profile without checking any rule."""
    definition = catalog()[item_hash]
    item = Item(definition=definition, holder=holder, bucket=bucket)
    if definition.instanced:
        item.instance_id = fields.pop("instance_id", "6917599999999999999")
        item.roll = definition.rolls[0]
    for name, value in fields.items():
        setattr(item, name, value)
    profile.add(item)
    return item


def empty_bucket(profile: Profile, holder: str, bucket: int, *, keep: int = 0) -> None:
    """Remove the unequipped items of a bucket, except for the first *keep*."""
    unequipped = [item for item in profile.items_in(holder, bucket) if not item.equipped]
    for item in unequipped[keep:]:
        profile.remove(item)


def fill_bucket(profile: Profile, holder: str, bucket: int) -> None:
    """Fill all slots of a bucket."""
    definitions = [
        definition
        for definition in catalog().values()
        if definition.bucket == bucket and definition.instanced
    ]
    if bucket in {Bucket.VAULT, Bucket.LOST_ITEMS}:
        definitions = [
            definition
            for definition in catalog().values()
            if definition.bucket == Bucket.KINETIC and definition.listed
        ]
    number = 0
    while profile.free_slots(holder, bucket) > 0:
        number += 1
        add_item(
            profile,
            definitions[0].item_hash,
            holder,
            bucket,
            instance_id=f"69176{bucket:010}{number:04}",
        )
