"""Find in the sandbox's world what a test is about, or lay it there."""

from collections.abc import Iterable

from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.game import ANY_CLASS, Bucket
from bungie_sandbox.world.belongings import ACCOUNT, VAULT, Item, Profile


def first(items: Iterable[Item], **wanted) -> Item:
    """The first item whose own or whose definition's fields are as wanted."""
    for item in items:
        if all(
            getattr(item, name, getattr(item.definition, name, None)) == value
            for name, value in wanted.items()
        ):
            return item
    raise LookupError(wanted)


def stored(profile: Profile, **wanted) -> Item:
    return first(profile.inside(VAULT, Bucket.VAULT), **wanted)


def stack(profile: Profile, name: str) -> Item:
    """The first account-wide stack of that name."""
    items = (item for item in profile.held_by(ACCOUNT) if item.definition.name == name)
    return next(items)


def named(name: str) -> int:
    """The hash of an item that is no plug."""
    return next(
        one.item_hash for one in catalog().values() if one.name == name and not one.plug_category
    )


def bagged(profile: Profile, character: str, bucket: int, **wanted) -> Item:
    """Something in a bag that the character could wear at once."""
    fitting = {ANY_CLASS, profile.characters[character].class_type}
    items = (
        item
        for item in profile.inside(character, bucket)
        if not item.equipped
        and item.definition.class_type in fitting
        and ("unique_label" in wanted or not item.definition.unique_label)
    )
    return first(items, **wanted)


def put(profile: Profile, item_hash: int, holder: str, bucket: int, **fields) -> Item:
    """Lay a new item somewhere, past all rules."""
    definition = catalog()[item_hash]
    item = Item(definition=definition, holder=holder, bucket=bucket)
    if definition.instanced:
        item.instance_id = fields.pop("instance_id", "6917599999999999999")
        item.roll = definition.rolls[0]
    for name, value in fields.items():
        setattr(item, name, value)
    profile.add(item)
    return item


def empty(profile: Profile, holder: str, bucket: int, *, keep: int = 0) -> None:
    """Take out of a bucket what is not worn, but for *keep*."""
    loose = [item for item in profile.inside(holder, bucket) if not item.equipped]
    for item in loose[keep:]:
        profile.remove(item)


def fill(profile: Profile, holder: str, bucket: int) -> None:
    """Fill a bucket to the last place."""
    among = [one for one in catalog().values() if one.bucket == bucket and one.instanced]
    if bucket in {Bucket.VAULT, Bucket.LOST_ITEMS}:
        among = [one for one in catalog().values() if one.bucket == Bucket.KINETIC and one.listed]
    number = 0
    while profile.room(holder, bucket) > 0:
        number += 1
        put(
            profile,
            among[0].item_hash,
            holder,
            bucket,
            instance_id=f"69176{bucket:010}{number:04}",
        )
