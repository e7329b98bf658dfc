"""Items as Bungie sends them: the line in a list, and components 300 to 310.

What does not change is encoded once: per item for the line and the instance, per roll
for the rest. A full account is then put together from ready pieces.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import msgspec

from bungie_sandbox.game_data import plugs
from bungie_sandbox.game_data.definitions import BLOCKED_ROLES
from bungie_sandbox.game_data.game import (
    ANY_CLASS,
    ATTACK_STAT,
    DAMAGE,
    DEFENSE_STAT,
    POWER_STAT,
    SPEED_STAT,
    UNKNOWN_FLAG,
    UNKNOWN_NUMBER,
    CannotEquip,
    ItemType,
    Transfer,
)
from bungie_sandbox.responses.roll_responses import MAKERS
from bungie_sandbox.world.belongings import Item, Profile

_PRIMARY_STATS: Final = {
    ItemType.WEAPON: ATTACK_STAT,
    ItemType.ARMOR: DEFENSE_STAT,
    ItemType.ENGRAM: POWER_STAT,
}
_ENERGY_TYPES: Final = (0, 1198124803)  # DestinyEnergyType Any, with its hash
_VEHICLE_SPEED: Final = 160
_NOTHING: Final = msgspec.Raw(b"null")

# DestinyComponentType -> the key in itemComponents
ITEM_COMPONENTS: Final = {
    300: "instances",
    301: "objectives",
    302: "perks",
    303: "renderData",
    304: "stats",
    305: "sockets",
    306: "talentGrids",
    308: "plugStates",
    309: "plugObjectives",
    310: "reusablePlugs",
}


def encoded(value: Any) -> msgspec.Raw:
    """Encode once, to be put into any number of answers."""
    return msgspec.Raw(msgspec.json.encode(value))


def line(item: Item) -> msgspec.Raw:
    """Return the item's entry in an inventory, encoded."""
    if item.line is None:
        item.line = encoded(line_of(item))
    return item.line


def line_of(item: Item) -> dict[str, Any]:
    """Return the item's entry in an inventory: DestinyItemComponent."""
    definition = item.definition
    status = Transfer.EQUIPPED if item.equipped else Transfer.CAN
    if not definition.transferable:
        status |= Transfer.NOT_TRANSFERRABLE
    entry: dict[str, Any] = {"itemHash": definition.item_hash}
    if item.instance_id:
        entry["itemInstanceId"] = item.instance_id
    entry |= {
        "quantity": item.quantity,
        "bindStatus": 0,
        "location": int(item.location),
        "bucketHash": item.bucket,
        "transferStatus": int(status),
        "lockable": definition.lockable,
        "state": int(item.state),
        "dismantlePermission": 2 if definition.transferable else 1,
        "isWrapper": False,
        "tooltipNotificationIndexes": [],
    }
    if definition.item_type in {ItemType.WEAPON, ItemType.ARMOR}:
        entry["versionNumber"] = 0
    if definition.coming:
        entry |= {"bindStatus": UNKNOWN_NUMBER, "location": UNKNOWN_NUMBER}
        entry["state"] |= UNKNOWN_FLAG
        entry["transferStatus"] |= UNKNOWN_FLAG
    return entry


def obstacle(profile: Profile, item: Item) -> CannotEquip:
    """Return why the item cannot be put on where it is, place and level aside."""
    character = profile.characters.get(item.holder)
    definition = item.definition
    if character is None or item.bucket != definition.bucket:
        return CannotEquip.NOT_ON_CHARACTER
    if not definition.equippable:
        return CannotEquip.UNEQUIPPABLE
    if definition.class_type not in {ANY_CLASS, character.class_type}:
        return CannotEquip.UNLOCK
    if definition.unique_label and rival(profile, item):
        return CannotEquip.UNIQUE
    return CannotEquip.NONE


def rival(profile: Profile, item: Item) -> Item | None:
    """Return what is worn in another slot and lets no second of its label be worn."""
    for other in profile.held_by(item.holder):
        same = other.definition.unique_label == item.definition.unique_label
        if other.equipped and same and other.bucket != item.bucket:
            return other
    return None


def instance(profile: Profile, item: Item) -> msgspec.Raw:
    """Return component 300 of an item, encoded."""
    if item.instance is None:
        item.instance = encoded(instance_of(item, obstacle(profile, item)))
    return item.instance


def instance_of(item: Item, reason: CannotEquip) -> dict[str, Any]:
    """Return DestinyItemInstanceComponent, with the reason why it cannot be equipped."""
    definition = item.definition
    number, damage_hash = DAMAGE[definition.damage][:2] if definition.damage else (0, 0)
    weapon = definition.item_type == ItemType.WEAPON
    entry: dict[str, Any] = {"damageType": number if weapon else 0}
    if weapon and damage_hash:
        entry["damageTypeHash"] = damage_hash
    stat = _PRIMARY_STATS.get(definition.item_type)
    if stat:
        entry["primaryStat"] = {"statHash": stat, "value": item.power}
    elif definition.item_type == ItemType.VEHICLE:
        entry["primaryStat"] = {"statHash": SPEED_STAT, "value": _VEHICLE_SPEED}
    entry |= {
        "itemLevel": item.power // 10,
        "quality": item.power % 10,
        "isEquipped": item.equipped,
        "canEquip": reason == CannotEquip.NONE,
        "equipRequiredLevel": definition.level,
        "unlockHashesRequiredToEquip": [],
        "cannotEquipReason": int(reason),
    }
    if definition.item_type == ItemType.ARMOR:
        used = 3 if item.roll.masterwork else 1
        entry["energy"] = {
            "energyTypeHash": _ENERGY_TYPES[1],
            "energyType": _ENERGY_TYPES[0],
            "energyCapacity": 10,
            "energyUsed": used,
            "energyUnused": 10 - used,
        }
    if item.roll.gear_tier:
        entry["gearTier"] = item.roll.gear_tier
    if definition.coming:
        entry |= {"damageType": UNKNOWN_NUMBER, "breakerType": UNKNOWN_NUMBER}
        entry["cannotEquipReason"] |= UNKNOWN_FLAG
    return entry


def part(component: int, profile: Profile, item: Item) -> msgspec.Raw | None:
    """Return one component of one instance, encoded; ``None`` where it has none."""
    if component == 300:  # noqa: PLR2004 (DestinyComponentType, as in the tables above)
        return instance(profile, item)
    answers = item.roll.answers
    ready = answers.get(component)
    if ready is None:
        made = MAKERS[component](item)
        ready = answers[component] = encoded(made) if made else _NOTHING
    return None if ready is _NOTHING else ready


def item_components(
    components: Iterable[int], profile: Profile, items: list[Item]
) -> dict[str, Any]:
    """Return ``itemComponents``: what was asked for, of the items that were shown."""
    instances = [item for item in items if item.instance_id]
    answer: dict[str, Any] = {}
    for component in components:
        key = ITEM_COMPONENTS.get(component)
        if key == "plugStates":
            answer[key] = {"data": plug_states(), "privacy": 1}
        elif key:
            parts = ((item.instance_id, part(component, profile, item)) for item in instances)
            answer[key] = {"data": {held: data for held, data in parts if data}, "privacy": 1}
    return answer


@cache
def plug_states() -> msgspec.Raw:
    """Return component 308: every plug, keyed by its hash, encoded once per process."""
    states = {
        str(plug.item_hash): {
            "plugItemHash": plug.item_hash,
            "canInsert": plug.plug_role not in BLOCKED_ROLES,
            "enabled": True,
        }
        for plug in plugs.all_plugs().values()
    }
    return encoded(states)
