"""The rules for equipping: class, level, and the one-exotic rule."""

from collections.abc import Sequence

from destiny_web.bungie.models.enums import class_name
from destiny_web.domain.account.characters import Character
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves.errors import (
    NotEquippable,
    OtherExotic,
    WrongClass,
)

# EquipFailureReason flags that forbid equipping for good: 1 not equippable at all, 64
# blocklisted, 128 loadout requirement. They are reliable only for an item in a character's bag.
# Class and level are checked by our own code, which works for items in the vault too; flag 2 is
# the one-exotic rule at the time of the read.
_NEVER_EQUIPPABLE = 1 | 64 | 128


def check(profile: Profile, item: Item, character: Character) -> None:
    """Return when *character* may equip *item*, wherever the item is now.

    The one-exotic rule is not checked here: a plan replaces the conflicting exotic.

    Raises:
        WrongClass: the item is for another class.
        NotEquippable: the item cannot be equipped, or the character's level is too low.
    """
    definition = item.definition
    is_barred = item.location is Location.BAG and item.cannot_equip_reason & _NEVER_EQUIPPABLE
    is_equippable = definition.equippable or (
        not definition.known and profile.bucket(item.bucket_hash).wearable
    )
    if item.instance_id is None or not is_equippable or is_barred:
        raise NotEquippable(f"{item.name} cannot be equipped.")
    if not definition.fits_class(character.class_type):
        item_class = class_name(definition.class_type) or "another class"
        raise WrongClass(
            f"{item.name} is for a {item_class}, and {profile.owner_name(character.character_id)}"
            " cannot equip it."
        )
    if character.level and item.required_level > character.level:
        raise NotEquippable(
            f"{item.name} needs level {item.required_level}, and"
            f" {profile.owner_name(character.character_id)} is at {character.level}."
        )


def find_conflicting_exotic(
    profile: Profile, item: Item, character: Character, leaving: Item | None = None
) -> Item | None:
    """Find the equipped exotic that forbids equipping *item* by the one-exotic rule.

    Args:
        profile: The account's items.
        item: The item to equip.
        character: The character that equips *item*.
        leaving: An item that leaves its slot at the same time, and so does not conflict.
    """
    label = item.definition.unique_label
    if not label:
        return None
    return next(
        (
            candidate
            for (owner, bucket_hash), items in profile.places.items()
            if owner == character.character_id and bucket_hash != item.bucket_hash
            for candidate in items
            if candidate.equipped
            and candidate is not leaving
            and candidate.definition.unique_label == label
        ),
        None,
    )


def check_together(items: Sequence[Item]) -> None:
    """Return when one character can have all of *items* equipped at once.

    Raises:
        NotEquippable: two of them go into the same slot.
        OtherExotic: two of them are exotics of the same kind.
    """
    by_bucket: dict[int, Item] = {}
    by_label: dict[str, Item] = {}
    for item in items:
        first = by_bucket.setdefault(item.bucket_hash, item)
        if first is not item:
            raise NotEquippable(
                f"{first.name} and {item.name} go into the same slot: choose one of them."
            )
        label = item.definition.unique_label
        exotic = by_label.setdefault(label, item) if label else item
        if exotic is not item:
            raise OtherExotic(
                f"{exotic.name} and {item.name} cannot be equipped together: only one such"
                " exotic can be."
            )
