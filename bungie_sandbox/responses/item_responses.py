"""Items as Bungie sends them: DestinyItemComponent, and components 300 to 310.

The JSON is cached: on the item for DestinyItemComponent and for component 300, on the roll for
the other components. The response for a full account consists of cached JSON.
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
    BREAKERS,
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
from bungie_sandbox.responses.roll_responses import COMPONENT_BUILDERS
from bungie_sandbox.world.belongings import Item, Profile

_PRIMARY_STATS: Final = {
    ItemType.WEAPON: ATTACK_STAT,
    ItemType.ARMOR: DEFENSE_STAT,
    ItemType.ENGRAM: POWER_STAT,
}
_ENERGY_TYPES: Final = (0, 1198124803)  # DestinyEnergyType Any, with its hash
_VEHICLE_SPEED: Final = 160
_NO_COMPONENT: Final = msgspec.Raw(b"null")

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


def encode(value: Any) -> msgspec.Raw:
    """Return a value as JSON that can be part of several responses."""
    return msgspec.Raw(msgspec.json.encode(value))


def encode_item(item: Item) -> msgspec.Raw:
    """Return DestinyItemComponent of an item as JSON."""
    if item.encoded_item is None:
        item.encoded_item = encode(build_item_component(item))
    return item.encoded_item


def build_item_component(item: Item) -> dict[str, Any]:
    """Return DestinyItemComponent: the entry of an item in an inventory."""
    definition = item.definition
    status = Transfer.EQUIPPED if item.equipped else Transfer.CAN
    if not definition.transferable:
        status |= Transfer.NOT_TRANSFERRABLE
    item_fields: dict[str, Any] = {"itemHash": definition.item_hash}
    if item.instance_id:
        item_fields["itemInstanceId"] = item.instance_id
    item_fields |= {
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
        item_fields["versionNumber"] = item.roll.version
    if definition.unreleased:
        item_fields |= {"bindStatus": UNKNOWN_NUMBER, "location": UNKNOWN_NUMBER}
        item_fields["state"] |= UNKNOWN_FLAG
        item_fields["transferStatus"] |= UNKNOWN_FLAG
    return item_fields


def cannot_equip_reason(profile: Profile, item: Item) -> CannotEquip:
    """Return why an item cannot be equipped, regardless of the character's place and level."""
    character = profile.characters.get(item.holder)
    definition = item.definition
    if character is None or item.bucket != definition.bucket:
        return CannotEquip.NOT_ON_CHARACTER
    if not definition.equippable:
        return CannotEquip.UNEQUIPPABLE
    if definition.class_type not in {ANY_CLASS, character.class_type}:
        return CannotEquip.UNLOCK
    if definition.unique_label and find_exotic_conflict(profile, item):
        return CannotEquip.UNIQUE
    return CannotEquip.NONE


def find_exotic_conflict(profile: Profile, item: Item) -> Item | None:
    """Return the equipped item of another bucket with the same unique label."""
    for candidate in profile.items_of(item.holder):
        has_same_label = candidate.definition.unique_label == item.definition.unique_label
        if candidate.equipped and has_same_label and candidate.bucket != item.bucket:
            return candidate
    return None


def encode_instance(profile: Profile, item: Item) -> msgspec.Raw:
    """Return component 300 of an item as JSON."""
    if item.encoded_instance is None:
        reason = cannot_equip_reason(profile, item)
        item.encoded_instance = encode(build_instance_component(item, reason))
    return item.encoded_instance


def build_instance_component(item: Item, reason: CannotEquip) -> dict[str, Any]:
    """Return DestinyItemInstanceComponent, with the reason why it cannot be equipped."""
    definition = item.definition
    number, damage_hash = DAMAGE[definition.damage][:2] if definition.damage else (0, 0)
    is_weapon = definition.item_type == ItemType.WEAPON
    item_fields: dict[str, Any] = {"damageType": number if is_weapon else 0}
    if is_weapon and damage_hash:
        item_fields["damageTypeHash"] = damage_hash
    stat = _PRIMARY_STATS.get(definition.item_type)
    if stat:
        item_fields["primaryStat"] = {"statHash": stat, "value": item.power}
    elif definition.item_type == ItemType.VEHICLE:
        item_fields["primaryStat"] = {"statHash": SPEED_STAT, "value": _VEHICLE_SPEED}
    item_fields |= {
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
        item_fields["energy"] = {
            "energyTypeHash": _ENERGY_TYPES[1],
            "energyType": _ENERGY_TYPES[0],
            "energyCapacity": 10,
            "energyUsed": used,
            "energyUnused": 10 - used,
        }
    breaker = item.roll.breaker or definition.breaker
    if breaker:
        item_fields |= {"breakerType": breaker, "breakerTypeHash": BREAKERS[breaker]}
    if item.roll.gear_tier:
        item_fields["gearTier"] = item.roll.gear_tier
    if definition.unreleased:
        item_fields |= {"damageType": UNKNOWN_NUMBER, "breakerType": UNKNOWN_NUMBER}
        item_fields["cannotEquipReason"] |= UNKNOWN_FLAG
    return item_fields


def encode_component(component: int, profile: Profile, item: Item) -> msgspec.Raw | None:
    """Return one component of one instance as JSON; ``None``: the instance does not have it."""
    if component == 300:  # noqa: PLR2004 (DestinyComponentType, as in the tables above)
        return encode_instance(profile, item)
    cache_of_roll = item.roll.encoded_components
    encoded_component = cache_of_roll.get(component)
    if encoded_component is None:
        data = COMPONENT_BUILDERS[component](item)
        encoded_component = encode(data) if data else _NO_COMPONENT
        cache_of_roll[component] = encoded_component
    return None if encoded_component is _NO_COMPONENT else encoded_component


def item_components(
    components: Iterable[int], profile: Profile, items: list[Item]
) -> dict[str, Any]:
    """Return ``itemComponents``: the requested components of the listed instances."""
    instances = [item for item in items if item.instance_id]
    response: dict[str, Any] = {}
    for component in components:
        key = ITEM_COMPONENTS.get(component)
        if key == "plugStates":
            response[key] = {"data": plug_states(), "privacy": 1}
        elif key:
            encoded_components = (
                (item.instance_id, encode_component(component, profile, item)) for item in instances
            )
            data = {
                instance_id: encoded_component
                for instance_id, encoded_component in encoded_components
                if encoded_component
            }
            response[key] = {"data": data, "privacy": 1}
    return response


@cache
def plug_states() -> msgspec.Raw:
    """Return component 308 as JSON: all plugs by hash, encoded once per process."""
    states = {
        str(plug.item_hash): {
            "plugItemHash": plug.item_hash,
            "canInsert": plug.plug_role not in BLOCKED_ROLES,
            "enabled": True,
        }
        for plug in plugs.all_plugs().values()
    }
    return encode(states)
