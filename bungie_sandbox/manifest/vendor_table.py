"""DestinyVendorDefinition and related tables: the vault, Xûr, and Xûr's two child vendors.

Hashes, identifiers, intervals and costs are facts; the index of each item is invented.
"""

from functools import cache
from typing import Any, Final

import msgspec

from bungie_sandbox.game_data.catalog import catalog, in_bucket
from bungie_sandbox.game_data.definitions import ItemDefinition
from bungie_sandbox.game_data.facts import buckets, hash_of
from bungie_sandbox.game_data.game import (
    ANY_CLASS,
    ARMOR,
    UNSET,
    VAULT_VENDOR,
    WEAPONS,
    Bucket,
    ItemType,
)
from bungie_sandbox.pictures.images import emblem_path, plain_icon_path

XUR: Final = 2190858386
GEAR_OFFERS: Final = 3751514131
MORE_OFFERS: Final = 537912098
DARES_XUR: Final = 3442679730
XUR_GROUP: Final = 3227191227
STRANGE_COIN: Final = 800069450
TOWER: Final = hash_of("destination", "Tower")
WEEK: Final = 10080
XUR_OFFSET: Final = -12060


class VendorItem(msgspec.Struct, frozen=True):
    """One row of a vendor's item list.

    ``category``: "armor" and "weapon" rotate weekly, "fixed" is always for sale, "rank" needs a
    rank that the player lacks, "preview" opens another vendor.
    """

    item_hash: int
    category: str
    cost: int = 0
    quantity: int = 1
    class_type: int = ANY_CLASS


@cache
def vendor_items(vendor: int) -> tuple[VendorItem, ...]:
    """Return a vendor's item list; the position is the vendorItemIndex."""
    return {XUR: _xur, GEAR_OFFERS: _gear_offers, MORE_OFFERS: _more_offers}.get(vendor, tuple)()


def _xur() -> tuple[VendorItem, ...]:
    armor = [item for bucket in ARMOR for item in in_bucket(bucket) if item.unique_label]
    items = [VendorItem(item.item_hash, "armor", 41, class_type=item.class_type) for item in armor]
    core, cipher = _find_definition("Enhancement Core"), _find_definition("Exotic Cipher")
    engram = next(item for item in in_bucket(Bucket.ENGRAMS) if item.tier == "Exotic")
    items.append(VendorItem(engram.item_hash, "fixed", 41))
    items += [
        VendorItem(preview_item_hash(vendor), "preview") for vendor in (GEAR_OFFERS, MORE_OFFERS)
    ]
    items += [VendorItem(item.item_hash, "rank", 0, 3) for item in (core, cipher) * 4]
    return tuple(items)


def _gear_offers() -> tuple[VendorItem, ...]:
    weapons = [item for bucket in WEAPONS for item in in_bucket(bucket)]
    items = [
        VendorItem(item.item_hash, "weapon", 23 if item.unique_label else 17) for item in weapons
    ]
    armor = [item for bucket in ARMOR for item in in_bucket(bucket) if item.tier == "Legendary"]
    items += [VendorItem(item.item_hash, "armor", 17, class_type=item.class_type) for item in armor]
    return tuple(items)


def _more_offers() -> tuple[VendorItem, ...]:
    glimmer = _find_definition("Glimmer")
    return (
        VendorItem(glimmer.item_hash, "fixed", 1, 22277),
        VendorItem(glimmer.item_hash, "fixed", 5, 70717),
        VendorItem(_find_definition("Enhancement Core").item_hash, "fixed", 5, 3),
        VendorItem(_find_definition("Enhancement Prism").item_hash, "fixed", 7),
        VendorItem(_find_definition("Ascendant Shard").item_hash, "fixed", 41),
        VendorItem(_find_definition("Deepsight Harmonizer").item_hash, "fixed", 41),
        VendorItem(_find_definition("Exotic Cipher").item_hash, "rank"),
        VendorItem(_find_definition("Reef Tea").item_hash, "fixed", 0),
    )


@cache
def _find_definition(name: str) -> ItemDefinition:
    return next(
        item
        for item in catalog().values()
        if item.name == name and item.item_type != ItemType.MOD and not item.instanced
    )


def preview_item_hash(vendor: int) -> int:
    """Return the hash of the item that opens the preview of another vendor."""
    return hash_of("preview item", str(vendor))


def vendors() -> list[dict[str, Any]]:
    """Return the rows of DestinyVendorDefinition."""
    return [
        _vendor_row(VAULT_VENDOR, "Vault", "VAULT", 0, 0) | {"acceptedItems": _accepted_items()},
        _vendor_row(XUR, "Xûr", "TOWER_NINE", WEEK, XUR_OFFSET),
        _vendor_row(GEAR_OFFERS, "Strange Gear Offers", "TOWER_NINE_GEAR", 0, 0),
        _vendor_row(MORE_OFFERS, "More Strange Offers", "TOWER_NINE_OFFERS", 0, 0),
        _vendor_row(DARES_XUR, "Xûr", "30TH_ANNIVERSARY_XUR", WEEK, 1860),
    ]


def _accepted_items() -> list[dict[str, int]]:
    return [
        {
            "acceptedInventoryBucketHash": bucket.hash,
            "destinationInventoryBucketHash": Bucket.VAULT,
        }
        for bucket in buckets().values()
        if bucket.vaultable
    ]


def _vendor_row(
    vendor: int, name: str, identifier: str, interval: int, offset: int
) -> dict[str, Any]:
    return {
        "displayProperties": {
            "description": "",
            "name": name,
            "icon": plain_icon_path("vendor"),
            "iconHash": 0,
            "hasIcon": True,
            "largeIcon": emblem_path(vendor, "banner"),
            "mapIcon": plain_icon_path("vendor"),
            "subtitle": "Agent of the Nine" if "NINE" in identifier else "",
            "smallTransparentIcon": plain_icon_path("vendor"),
            "largeTransparentIcon": plain_icon_path("vendor"),
        },
        "vendorProgressionType": 0,
        "buyString": "",
        "sellString": "",
        "displayItemHash": 0,
        "inhibitBuying": False,
        "inhibitSelling": True,
        "factionHash": 0,
        "resetIntervalMinutes": interval,
        "resetOffsetMinutes": offset,
        "failureStrings": ["", "Reach a higher rank with Xûr."],
        "unlockRanges": [],
        "vendorIdentifier": identifier,
        "enabled": True,
        "visible": True,
        "consolidateCategories": False,
        "unlockValueHash": 0,
        "actions": [],
        "categories": [],
        "originalCategories": [],
        "displayCategories": [
            {"index": 0, "identifier": "category", "displayCategoryHash": hash_of("category", name),
             "displayProperties": {"name": name, "description": "", "hasIcon": False},
             "displayInBanner": False, "sortOrder": 0, "isHidden": False}
        ],
        "interactions": [],
        "inventoryFlyouts": [],
        "itemList": [_item_row(index, item) for index, item in enumerate(vendor_items(vendor))],
        "services": [],
        "acceptedItems": [],
        "returnWithVendorRequest": False,
        "locations": [
            {"destinationHash": TOWER, "backgroundImagePath": emblem_path(vendor, "banner")}
        ],
        "groups": [{"vendorGroupHash": XUR_GROUP}] if vendor == XUR else [],
        "ignoreSaleItemHashes": [],
        "hash": vendor,
    }  # fmt: skip


def _item_row(index: int, item: VendorItem) -> dict[str, Any]:
    return {
        "vendorItemIndex": index,
        "itemHash": item.item_hash,
        "quantity": item.quantity,
        "failureIndexes": [1] if item.category == "rank" else [],
        "currencies": costs(item),
        "refundPolicy": 0,
        "refundTimeLimit": 0,
        "rewardAdapterHash": UNSET,
        "creationLevels": [],
        "displayCategoryIndex": 0,
        "categoryIndex": 0,
        "originalCategoryIndex": 0,
        "minimumLevel": 0,
        "maximumLevel": 0,
        "displayCategory": "category",
        "inventoryBucketHash": Bucket.CONSUMABLES,
        "visibilityScope": 0,
        "purchasableScope": 0,
        "exclusivity": -1,
        "isOffer": False,
        "isCrm": False,
        "sortValue": 0,
        "expirationTooltip": "",
        "redirectToSaleIndexes": [],
        "socketOverrides": [],
    }


def costs(item: VendorItem) -> list[dict[str, Any]]:
    """Return the costs of a vendor's item, in Bungie's shape."""
    if not item.cost:
        return []
    return [{"itemHash": STRANGE_COIN, "quantity": item.cost, "hasConditionalVisibility": False}]


def vendor_groups() -> list[dict[str, Any]]:
    """Return the rows of DestinyVendorGroupDefinition."""
    return [{"order": 0, "categoryName": "Limited Time", "hash": XUR_GROUP}]


def destinations() -> list[dict[str, Any]]:
    """Return the rows of DestinyDestinationDefinition."""
    return [
        {
            "displayProperties": {"name": "Tower", "description": "", "hasIcon": False},
            "placeHash": 3747705955,
            "defaultFreeroamActivityHash": 0,
            "activityGraphEntries": [],
            "bubbleSettings": [],
            "bubbles": [],
            "hash": TOWER,
        }
    ]
