"""DestinyVendorDefinition and its company: the vault, and Xûr with his two shelves.

Hashes, identifiers, intervals and costs are facts; which item stands at which index is ours.
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
from bungie_sandbox.pictures.images import emblem_path, sign_path

XUR: Final = 2190858386
GEAR_OFFERS: Final = 3751514131
MORE_OFFERS: Final = 537912098
DARES_XUR: Final = 3442679730
XUR_GROUP: Final = 3227191227
STRANGE_COIN: Final = 800069450
TOWER: Final = hash_of("destination", "Tower")
WEEK: Final = 10080
XUR_OFFSET: Final = -12060


class Shelf(msgspec.Struct, frozen=True):
    """One row of a vendor's item list.

    ``kind``: "armor" and "weapon" rotate, "fixed" is always there, "rank" is shown but
    locked, "door" opens another vendor.
    """

    item_hash: int
    kind: str
    cost: int = 0
    quantity: int = 1
    class_type: int = ANY_CLASS


@cache
def shelves(vendor: int) -> tuple[Shelf, ...]:
    """Return a vendor's item list; the position is the vendorItemIndex."""
    return {XUR: _xur, GEAR_OFFERS: _gear_offers, MORE_OFFERS: _more_offers}.get(vendor, tuple)()


def _xur() -> tuple[Shelf, ...]:
    armor = [item for bucket in ARMOR for item in in_bucket(bucket) if item.unique_label]
    made = [Shelf(item.item_hash, "armor", 41, class_type=item.class_type) for item in armor]
    core, cipher = _named("Enhancement Core"), _named("Exotic Cipher")
    engram = next(item for item in in_bucket(Bucket.ENGRAMS) if item.tier == "Exotic")
    made.append(Shelf(engram.item_hash, "fixed", 41))
    made += [Shelf(door(GEAR_OFFERS), "door"), Shelf(door(MORE_OFFERS), "door")]
    made += [Shelf(item.item_hash, "rank", 0, 3) for item in (core, cipher) * 4]
    return tuple(made)


def _gear_offers() -> tuple[Shelf, ...]:
    weapons = [item for bucket in WEAPONS for item in in_bucket(bucket)]
    made = [Shelf(item.item_hash, "weapon", 23 if item.unique_label else 17) for item in weapons]
    plain = [item for bucket in ARMOR for item in in_bucket(bucket) if item.tier == "Legendary"]
    made += [Shelf(item.item_hash, "armor", 17, class_type=item.class_type) for item in plain]
    return tuple(made)


def _more_offers() -> tuple[Shelf, ...]:
    glimmer = _named("Glimmer")
    return (
        Shelf(glimmer.item_hash, "fixed", 1, 22277),
        Shelf(glimmer.item_hash, "fixed", 5, 70717),
        Shelf(_named("Enhancement Core").item_hash, "fixed", 5, 3),
        Shelf(_named("Enhancement Prism").item_hash, "fixed", 7),
        Shelf(_named("Ascendant Shard").item_hash, "fixed", 41),
        Shelf(_named("Deepsight Harmonizer").item_hash, "fixed", 41),
        Shelf(_named("Exotic Cipher").item_hash, "rank"),
        Shelf(_named("Reef Tea").item_hash, "fixed", 0),
    )


@cache
def _named(name: str) -> ItemDefinition:
    return next(
        item
        for item in catalog().values()
        if item.name == name and item.item_type != ItemType.MOD and not item.instanced
    )


def door(vendor: int) -> int:
    """Return the hash of the item that opens the preview of another vendor."""
    return hash_of("door", str(vendor))


def vendors() -> list[dict[str, Any]]:
    """Return the rows of DestinyVendorDefinition."""
    return [
        _vendor(VAULT_VENDOR, "Vault", "VAULT", 0, 0) | {"acceptedItems": _accepted()},
        _vendor(XUR, "Xûr", "TOWER_NINE", WEEK, XUR_OFFSET),
        _vendor(GEAR_OFFERS, "Strange Gear Offers", "TOWER_NINE_GEAR", 0, 0),
        _vendor(MORE_OFFERS, "More Strange Offers", "TOWER_NINE_OFFERS", 0, 0),
        _vendor(DARES_XUR, "Xûr", "30TH_ANNIVERSARY_XUR", WEEK, 1860),
    ]


def _accepted() -> list[dict[str, int]]:
    return [
        {
            "acceptedInventoryBucketHash": bucket.hash,
            "destinationInventoryBucketHash": Bucket.VAULT,
        }
        for bucket in buckets().values()
        if bucket.vaultable
    ]


def _vendor(vendor: int, name: str, identifier: str, interval: int, offset: int) -> dict[str, Any]:
    return {
        "displayProperties": {
            "description": "",
            "name": name,
            "icon": sign_path("vendor"),
            "iconHash": 0,
            "hasIcon": True,
            "largeIcon": emblem_path(vendor, "banner"),
            "mapIcon": sign_path("vendor"),
            "subtitle": "Agent of the Nine" if "NINE" in identifier else "",
            "smallTransparentIcon": sign_path("vendor"),
            "largeTransparentIcon": sign_path("vendor"),
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
        "itemList": [_row(index, shelf) for index, shelf in enumerate(shelves(vendor))],
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


def _row(index: int, shelf: Shelf) -> dict[str, Any]:
    return {
        "vendorItemIndex": index,
        "itemHash": shelf.item_hash,
        "quantity": shelf.quantity,
        "failureIndexes": [1] if shelf.kind == "rank" else [],
        "currencies": costs(shelf),
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


def costs(shelf: Shelf) -> list[dict[str, Any]]:
    """Return what a row costs, in Bungie's shape."""
    if not shelf.cost:
        return []
    return [{"itemHash": STRANGE_COIN, "quantity": shelf.cost, "hasConditionalVisibility": False}]


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
