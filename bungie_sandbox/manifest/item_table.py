"""The rows of DestinyInventoryItemDefinition."""

from typing import Any

from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.definitions import ItemDefinition
from bungie_sandbox.game_data.facts import hash_of
from bungie_sandbox.game_data.game import (
    ARMOR,
    ATTACK_STAT,
    BREAKERS,
    CHARACTER_STATS,
    DAMAGE,
    DEFENSE_STAT,
    TIERS,
    UNKNOWN_NUMBER,
    UNSET,
    Bucket,
    ItemType,
)
from bungie_sandbox.manifest.socket_table import plug_block, socket_block
from bungie_sandbox.manifest.table_rows import display_properties
from bungie_sandbox.pictures.images import (
    MISSING,
    emblem_path,
    icon_path,
    screenshot_path,
    watermark_path,
)


def definition_row(item: ItemDefinition, index: int) -> dict[str, Any]:
    """Return one item or plug in the shape of DestinyInventoryItemDefinition."""
    if item.redacted:
        return _classified_row(item, index)
    row: dict[str, Any] = {
        "displayProperties": display_properties(item.name, item.text, icon_path(item)),
        "tooltipNotifications": [],
        "itemTypeDisplayName": item.type_name,
        "flavorText": item.flavor,
        "uiItemDisplayStyle": "",
        "itemTypeAndTierDisplayName": f"{item.tier} {item.type_name}",
        "displaySource": "",
        "tooltipStyle": "",
        "inventory": _inventory(item),
        "acquireRewardSiteHash": 0,
        "acquireUnlockHash": 0,
        "investmentStats": [
            {"statTypeHash": stat, "value": value, "isConditionallyActive": False}
            for stat, value in item.stats
        ],
        "perks": _perks(item),
        "allowActions": True,
        "doesPostmasterPullHaveSideEffects": item.side_effects,
        "nonTransferrable": not item.transferable,
        "itemCategoryHashes": [hash_of("category", item.type_name)],
        "specialItemType": 0,
        "itemType": int(item.item_type),
        "itemSubType": item.sub_type,
        "classType": item.class_type,
        "breakerType": item.breaker,
        "equippable": item.equippable,
        "defaultDamageType": 0,
        "isWrapper": False,
        "isFeaturedItem": item.featured,
        "isHolofoil": False,
        "isAdept": False,
        "hash": item.item_hash,
        "index": index,
        "redacted": False,
        "blacklisted": False,
    }
    row |= _watermarks(item) | _damage(item) | _equipment_blocks(item) | _other_blocks(item)
    if item.unreleased:
        for enum in ("itemType", "itemSubType", "classType", "breakerType", "defaultDamageType"):
            row[enum] = UNKNOWN_NUMBER
        row["inventory"]["tierType"] = UNKNOWN_NUMBER
        row["equippingBlock"]["ammoType"] = UNKNOWN_NUMBER
    return row


def _classified_row(item: ItemDefinition, index: int) -> dict[str, Any]:
    """Return the row of a classified item: Bungie shows few fields, and the class Titan."""
    return {
        "displayProperties": {
            "description": "Keep it secret.  Keep it safe.",
            "name": item.name,
            "icon": MISSING,
            "iconHash": 0,
            "hasIcon": True,
        },
        "inventory": {
            "maxStackSize": 1,
            "bucketTypeHash": item.bucket,
            "recoveryBucketTypeHash": 0,
            "tierTypeHash": 0,
            "isInstanceItem": True,
            "tierType": 0,
        },
        "itemType": 0,
        "itemSubType": 0,
        "classType": 0,
        "equippable": False,
        "nonTransferrable": False,
        "hash": item.item_hash,
        "index": index,
        "redacted": True,
        "blacklisted": False,
    }


def _inventory(item: ItemDefinition) -> dict[str, Any]:
    tier, tier_hash = TIERS[item.tier]
    block: dict[str, Any] = {
        "maxStackSize": item.max_stack,
        "bucketTypeHash": item.bucket,
        "recoveryBucketTypeHash": Bucket.LOST_ITEMS,
        "tierTypeHash": tier_hash,
        "isInstanceItem": item.instanced,
        "nonTransferrableOriginal": not item.transferable,
        "tierTypeName": item.tier,
        "tierType": tier,
        "expirationTooltip": "",
        "expiredInActivityMessage": "",
        "expiredInOrbitMessage": "",
        "suppressExpirationWhenObjectivesComplete": True,
    }
    if item.stack_label:
        block["stackUniqueLabel"] = item.stack_label
    return block


def _perks(item: ItemDefinition) -> list[dict[str, Any]]:
    if item.plug_role not in {"intrinsic", "trait", "origin"}:
        return []
    return [{"requirementDisplayString": "", "perkHash": hash_of("perk", item.name),
             "perkVisibility": 0}]  # fmt: skip


def _watermarks(item: ItemDefinition) -> dict[str, Any]:
    """Return the overlays that name the season of an item, and the breaker's hash.

    ``iconWatermark`` belongs to the current version, which is the last one.
    """
    row: dict[str, Any] = {}
    if item.seasons and item.seasons[-1]:
        row["iconWatermark"] = watermark_path(item.seasons[-1])
    if item.featured:
        row["iconWatermarkFeatured"] = watermark_path(item.seasons[-1], is_featured=True)
    if item.breaker:
        row["breakerTypeHash"] = BREAKERS[item.breaker]
    return row


def _damage(item: ItemDefinition) -> dict[str, Any]:
    if item.item_type != ItemType.WEAPON or not item.damage:
        return {}
    number, damage_hash, _ = DAMAGE[item.damage]
    return {
        "defaultDamageType": number,
        "defaultDamageTypeHash": damage_hash,
        "damageTypeHashes": [damage_hash],
        "damageTypes": [number],
    }


def _equipment_blocks(item: ItemDefinition) -> dict[str, Any]:
    """Return the blocks of an item that can be equipped."""
    row: dict[str, Any] = {}
    if item.equippable:
        row["equippingBlock"] = {
            "uniqueLabelHash": hash_of(item.unique_label) if item.unique_label else UNSET,
            "equipmentSlotTypeHash": item.bucket,
            "attributes": 0,
            "ammoType": item.ammo,
            "displayStrings": [""],
        } | ({"uniqueLabel": item.unique_label} if item.unique_label else {})
    if item.item_type not in {ItemType.WEAPON, ItemType.ARMOR}:
        return row
    armor = item.item_type == ItemType.ARMOR
    stats = dict.fromkeys(CHARACTER_STATS.values(), 0) if armor else dict(item.stats)
    seasons = item.seasons or (0,)
    row["screenshot"] = screenshot_path(item)
    row["quality"] = {
        "itemLevels": [],
        "qualityLevel": 0,
        "infusionCategoryName": item.type_name,
        "infusionCategoryHash": hash_of("infusion", item.type_name),
        "progressionLevelRequirementHash": 0,
        "currentVersion": len(seasons) - 1,
        "versions": [{"powerCapHash": hash_of("power cap")} for _ in seasons],
        "displayVersionWatermarkIcons": [
            watermark_path(season) if season else "" for season in seasons
        ],
    }
    row["stats"] = {
        "disablePrimaryStatDisplay": False,
        "statGroupHash": stat_group(item),
        "stats": {
            str(stat): {"statHash": stat, "value": value, "minimum": 0, "maximum": 100,
                        "displayMaximum": 100}
            for stat, value in stats.items()
        },
        "hasDisplayableStats": True,
        "primaryBaseStatHash": DEFENSE_STAT if armor else ATTACK_STAT,
    }  # fmt: skip
    return row


def stat_group(item: ItemDefinition) -> int:
    """Return the hash of the stat group of a weapon type, or of armor."""
    group_name = "Armor" if item.bucket in ARMOR else item.type_name
    return hash_of("stat group", group_name)


def _other_blocks(item: ItemDefinition) -> dict[str, Any]:
    row: dict[str, Any] = {}
    if item.sockets:
        row["sockets"] = socket_block(item)
    if item.preview_vendor:
        row["preview"] = {"screenStyle": "", "previewVendorHash": item.preview_vendor,
                           "previewActionString": ""}  # fmt: skip
    if item.plug_category:
        row["plug"] = plug_block(item)
    if item.objectives:
        row["objectives"] = {
            "objectiveHashes": list(item.objectives),
            "displayActivityHashes": [0] * len(item.objectives),
            "requireFullObjectiveCompletion": True,
            "questlineItemHash": item.item_hash,
            "narrative": "",
            "objectiveVerbName": "",
            "questTypeIdentifier": "",
            "questTypeHash": 0,
            "perObjectiveDisplayProperties": [],
            "displayAsStatTracker": False,
        }
        row["setData"] = {"itemList": [{"trackingValue": 0, "itemHash": item.item_hash}]}
    if item.item_type == ItemType.EMBLEM:
        row |= {
            "secondaryIcon": emblem_path(item.item_hash, "banner"),
            "secondaryOverlay": emblem_path(item.item_hash, "overlay"),
            "secondarySpecial": emblem_path(item.item_hash, "banner"),
            "backgroundColor": emblem_color(item.item_hash),
        }
        row["displayProperties"] = display_properties(
            item.name, item.text, emblem_path(item.item_hash, "icon")
        )
    return row


def emblem_color(item_hash: int) -> dict[str, int]:
    """Return DestinyColor of an emblem; channels from 0 to 255."""
    channels = (item_hash & 63, item_hash >> 8 & 63, item_hash >> 16 & 63)
    return dict(zip(("red", "green", "blue"), channels, strict=True)) | {"alpha": 255}


def items_with_definition() -> list[ItemDefinition]:
    """Return the items and plugs that have a definition in the manifest."""
    return [item for item in catalog().values() if item.listed]
