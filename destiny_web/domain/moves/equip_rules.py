"""Who may equip what."""

from collections.abc import Sequence

from destiny_web.bungie.models.enums import ANY_CLASS, class_name
from destiny_web.domain.account.characters import Character
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves.errors import (
    NotEquippable,
    OtherExotic,
    WrongClass,
)

# EquipFailureReason flags that say "never", and mean it only for an item in a bag: 1 not
# equippable at all, 64 blocklisted, 128 loadout requirement. Class and level are judged by
# ourselves, for vaulted items too; 2 is the one-exotic rule as of the read.
_NEVER = 1 | 64 | 128


def check(profile: Profile, item: Item, character: Character) -> None:
    """Return when *character* may wear *item*, wherever that lies now.

    The one-exotic rule is not looked at: a plan takes the other exotic off.

    Raises:
        WrongClass: it is for another class.
        NotEquippable: it is not to be worn, or the character's level is too low.
    """
    kind = item.definition
    barred = item.location is Location.BAG and item.cannot_equip_reason & _NEVER
    wearable = kind.equippable or (not kind.known and profile.bucket(item.bucket_hash).wearable)
    if item.instance_id is None or not wearable or barred:
        raise NotEquippable(f"{item.name} cannot be equipped.")
    if kind.class_type not in {ANY_CLASS, character.class_type}:
        whose = class_name(kind.class_type) or "another class"
        raise WrongClass(
            f"{item.name} is for a {whose}, and {profile.owner_name(character.character_id)}"
            " cannot equip it."
        )
    if character.level and item.required_level > character.level:
        raise NotEquippable(
            f"{item.name} needs level {item.required_level}, and"
            f" {profile.owner_name(character.character_id)} is at {character.level}."
        )


def other_exotic(
    profile: Profile, item: Item, character: Character, leaving: Item | None = None
) -> Item | None:
    """Find what the one-exotic rule holds against *item*: its like, worn in another slot.

    What is *leaving* its slot at the same time does not count.
    """
    label = item.definition.unique_label
    if not label:
        return None
    return next(
        (
            other
            for (owner, bucket_hash), held in profile.places.items()
            if owner == character.character_id and bucket_hash != item.bucket_hash
            for other in held
            if other.equipped and other is not leaving and other.definition.unique_label == label
        ),
        None,
    )


def check_together(items: Sequence[Item]) -> None:
    """Return when one character can wear all of *items* at once.

    Raises:
        NotEquippable: two of them go into the same slot.
        OtherExotic: two of them are exotics of the same kind.
    """
    slots: dict[int, Item] = {}
    labels: dict[str, Item] = {}
    for item in items:
        other = slots.setdefault(item.bucket_hash, item)
        if other is not item:
            raise NotEquippable(
                f"{other.name} and {item.name} go into the same slot: choose one of them."
            )
        label = item.definition.unique_label
        rival = labels.setdefault(label, item) if label else item
        if rival is not item:
            raise OtherExotic(
                f"{rival.name} and {item.name} cannot be worn together: only one such"
                " exotic can be."
            )
