"""The responses about vendors: presence and stock of Xûr depend on the sandbox's clock."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from bungie_sandbox.clock import NEVER, format_timestamp
from bungie_sandbox.errors import Code, Refusal
from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.definitions import ItemDefinition
from bungie_sandbox.game_data.facts import hash_of
from bungie_sandbox.game_data.game import ANY_CLASS, Bucket
from bungie_sandbox.manifest.vendor_table import (
    DARES_XUR,
    GEAR_OFFERS,
    MORE_OFFERS,
    STRANGE_COIN,
    WEEK,
    XUR,
    XUR_GROUP,
    XUR_OFFSET,
    VendorItem,
    costs,
    vendor_items,
)
from bungie_sandbox.responses import item_responses
from bungie_sandbox.responses.character_responses import count_stackables
from bungie_sandbox.world.belongings import VAULT, Character, Item, Profile, inventory_location

_OFFSETS: Final = {XUR: XUR_OFFSET, DARES_XUR: 1860}
_CHILD_VENDORS: Final = (GEAR_OFFERS, MORE_OFFERS)
_FRIDAY, _TUESDAY, _HOUR = 4, 1, 17  # weekdays from Monday = 0; hours in UTC
_MINUTE: Final = timedelta(minutes=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ROTATING_COUNTS: Final = {XUR: 6, GEAR_OFFERS: 18}
_ROTATING_CATEGORIES: Final = frozenset({"armor", "weapon"})
_NO_ROOM, _NO_FUNDS, _NO_UNLOCK = 1, 2, 8  # VendorItemStatus
_UNLOCKED_RANKS: Final = 2
_PUBLIC_CLASS: Final = 1  # GetPublicVendors shows the stock for one class only (seen #1656)


def is_xur_present(now: datetime) -> bool:
    """Tell whether Xûr is in the game: Friday 17:00 to Tuesday 17:00 UTC, all year."""
    weekday, hour = now.weekday(), now.hour
    if weekday == _FRIDAY:
        return hour >= _HOUR
    return weekday > _FRIDAY or weekday < _TUESDAY or (weekday == _TUESDAY and hour < _HOUR)


def next_refresh(vendor: int, now: datetime) -> datetime:
    """Return when a weekly vendor's stock changes next.

    The minute since 1970, plus the offset, is then a multiple of a week.
    """
    minutes = (now - _EPOCH) / _MINUTE
    passed = (minutes + _OFFSETS[vendor]) % WEEK
    return _EPOCH + timedelta(minutes=round(minutes + WEEK - passed))


def _week_of(now: datetime) -> str:
    """Return a text that identifies the week; it begins on Friday 09:00, before Xûr comes."""
    return format_timestamp(next_refresh(XUR, now))


def select_stock(vendor: int, class_type: int, now: datetime) -> dict[int, VendorItem]:
    """Return the stock of a vendor for a class, by vendorItemIndex.

    The stock is the same during a week, also while Xûr is away.
    """
    items = dict(enumerate(vendor_items(vendor)))
    class_types = {ANY_CLASS, class_type}
    class_items = {
        index: vendor_item
        for index, vendor_item in items.items()
        if vendor_item.class_type in class_types
    }
    rotating = [
        index
        for index, vendor_item in class_items.items()
        if vendor_item.category in _ROTATING_CATEGORIES
    ]
    random = Random(f"{vendor}/{class_type}/{_week_of(now)}")  # noqa: S311 (no secret)
    selected = set(random.sample(rotating, min(_ROTATING_COUNTS.get(vendor, 0), len(rotating))))
    # The main vendor sells two armor pieces for each class, to every class.
    if vendor == XUR:
        selected = {
            index
            for armor_class in (0, 1, 2)
            for index in random.sample(_armor_indexes(items, armor_class), 2)
        }
    return {
        index: vendor_item
        for index, vendor_item in items.items()
        if index in selected
        or (vendor_item.category not in _ROTATING_CATEGORIES and index in class_items)
    }


def _armor_indexes(items: dict[int, VendorItem], class_type: int) -> list[int]:
    return [
        index
        for index, vendor_item in items.items()
        if vendor_item.category == "armor" and vendor_item.class_type == class_type
    ]


def sale_status(profile: Profile, character: Character, vendor_item: VendorItem, index: int) -> int:
    """Return VendorItemStatus: 1 bucket full, 2 too few coins, 8 rank not reached."""
    status = 0
    definition = catalog()[vendor_item.item_hash]
    if vendor_item.category == "rank" and index % 8 >= _UNLOCKED_RANKS:
        return _NO_UNLOCK
    location = inventory_location(definition, character.character_id)
    if vendor_item.category != "preview" and profile.free_slots(*location) < 1:
        status |= _NO_ROOM
    if vendor_item.cost > count_stackables(profile).get(str(STRANGE_COIN), 0):
        status |= _NO_FUNDS
    return status


def _describe_sale(index: int, vendor_item: VendorItem) -> dict[str, Any]:
    return {
        "vendorItemIndex": index,
        "itemHash": vendor_item.item_hash,
        "quantity": vendor_item.quantity,
        "costs": costs(vendor_item),
    }


def _describe_sales(
    vendor: int, profile: Profile, character: Character, now: datetime
) -> dict[str, dict[str, Any]]:
    sales = {}
    for index, vendor_item in select_stock(vendor, character.class_type, now).items():
        status = sale_status(profile, character, vendor_item, index)
        sales[str(index)] = _describe_sale(index, vendor_item) | {
            "saleStatus": status,
            "failureIndexes": [1] if status & _NO_UNLOCK else [],
            "augments": 0,
            "apiPurchasable": False,
        }
    return sales


def _describe_vendor(vendor: int, now: datetime) -> dict[str, Any]:
    refresh = format_timestamp(next_refresh(vendor, now)) if vendor in _OFFSETS else NEVER
    vendor_fields: dict[str, Any] = {
        "vendorHash": vendor,
        "nextRefreshDate": refresh,
        "enabled": True,
        "canPurchase": False,
        "vendorLocationIndex": 0,
    }
    if vendor == XUR:
        vendor_fields["progression"] = {
            "progressionHash": hash_of("progression", "Xûr"),
            "dailyProgress": 0, "dailyLimit": 0, "weeklyProgress": 0, "weeklyLimit": 0,
            "currentProgress": 450, "level": 4, "levelCap": 16, "stepIndex": 4,
            "progressToNextLevel": 50, "nextLevelAt": 100,
        }  # fmt: skip
    return vendor_fields


def _listed_vendors(now: datetime) -> list[int]:
    """Return the vendors in ``vendors.data``: the child vendors always, Xûr when present."""
    xur = [XUR] if is_xur_present(now) else []
    return [*xur, *_CHILD_VENDORS, DARES_XUR]


def _wrap_component(requested: frozenset[int], component: int, data: Any) -> dict[str, Any]:
    return {"data": data, "privacy": 2} if component in requested else {"privacy": 2}


def _describe_categories(sales: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "categories": [{"displayCategoryIndex": 0, "itemIndexes": [int(index) for index in sales]}]
    }


def vendors_response(
    profile: Profile, character: Character, requested: frozenset[int], now: datetime
) -> dict[str, Any]:
    """Return the Response of GetVendors; it has no item components since May 2024."""
    sales = {
        vendor: _describe_sales(vendor, profile, character, now)
        for vendor in (XUR, *_CHILD_VENDORS, DARES_XUR)
    }
    groups = [{"vendorGroupHash": XUR_GROUP, "vendorHashes": [XUR]}] if is_xur_present(now) else []
    vendor_data = {str(vendor): _describe_vendor(vendor, now) for vendor in _listed_vendors(now)}
    return {
        "vendorGroups": _wrap_component(requested, 400, {"groups": groups}),
        "vendors": _wrap_component(requested, 400, vendor_data),
        "categories": _wrap_component(
            requested,
            401,
            {str(vendor): _describe_categories(rows) for vendor, rows in sales.items()},
        ),
        "sales": _wrap_component(
            requested, 402, {str(vendor): {"saleItems": rows} for vendor, rows in sales.items()}
        ),
        "itemComponents": {},
        "currencyLookups": _wrap_component(
            requested, 600, {"itemQuantities": count_stackables(profile)}
        ),
        "stringVariables": _wrap_component(requested, 1200, {"integerValuesByHash": {}}),
    }


def vendor_response(
    profile: Profile,
    character: Character,
    vendor: int,
    requested: frozenset[int],
    now: datetime,
) -> dict[str, Any]:
    """Return the Response of GetVendor, with the rolls of the sale items.

    Raises:
        Refusal: 1627, there is no such vendor, or the vendor is away.
    """
    if vendor not in _listed_vendors(now):
        raise Refusal(Code.VENDOR_NOT_FOUND)
    sales = _describe_sales(vendor, profile, character, now)
    return {
        "vendor": _wrap_component(requested, 400, _describe_vendor(vendor, now)),
        "categories": _wrap_component(requested, 401, _describe_categories(sales)),
        "sales": _wrap_component(requested, 402, sales),
        "itemComponents": _item_components(vendor, sales, requested, now),
        "currencyLookups": _wrap_component(
            requested, 600, {"itemQuantities": count_stackables(profile)}
        ),
        "stringVariables": _wrap_component(requested, 1200, {"integerValuesByHash": {}}),
    }


def _item_components(
    vendor: int, sales: dict[str, dict[str, Any]], requested: frozenset[int], now: datetime
) -> dict[str, Any]:
    empty_profile = Profile()
    items: list[Item] = []
    for index, sale in sales.items():
        definition = catalog()[sale["itemHash"]]
        if definition.instanced:
            items.append(_create_sale_instance(definition, vendor, index, now))
    response = item_responses.item_components(sorted(requested), empty_profile, items)
    if 307 in requested:  # noqa: PLR2004 (DestinyComponentType: ItemCommonData)
        components = {item.instance_id: item_responses.build_item_component(item) for item in items}
        for component in components.values():
            component.pop("itemInstanceId")
        response["itemComponents"] = {"data": components, "privacy": 1}
    return response


def _create_sale_instance(
    definition: ItemDefinition, vendor: int, index: str, now: datetime
) -> Item:
    """Return a sale item as an instance; the week determines the roll."""
    random = Random(f"{vendor}/{index}/{_week_of(now)}")  # noqa: S311 (no secret)
    return Item(
        definition=definition,
        holder=VAULT,
        bucket=int(Bucket.VAULT),
        instance_id=index,
        power=200,
        roll=random.choice(definition.rolls),
    )


def public_vendors_response(requested: frozenset[int], now: datetime) -> dict[str, Any]:
    """Return the Response of GetPublicVendors: equal for all players, and with fewer fields."""
    vendor_data = {
        str(vendor): {key: value for key, value in _describe_vendor(vendor, now).items()
                      if key in {"vendorHash", "nextRefreshDate", "enabled"}}
        for vendor in _listed_vendors(now)
    }  # fmt: skip
    vendors = (XUR, *_CHILD_VENDORS) if is_xur_present(now) else _CHILD_VENDORS
    sales = {
        vendor: {
            str(index): _describe_sale(index, vendor_item)
            for index, vendor_item in select_stock(vendor, _PUBLIC_CLASS, now).items()
        }
        for vendor in vendors
    }
    groups = [{"vendorGroupHash": XUR_GROUP, "vendorHashes": [XUR]}] if is_xur_present(now) else []
    return {
        "vendorGroups": _wrap_component(requested, 400, {"groups": groups}),
        "vendors": _wrap_component(requested, 400, vendor_data),
        "categories": _wrap_component(
            requested,
            401,
            {str(vendor): _describe_categories(rows) for vendor, rows in sales.items()},
        ),
        "sales": _wrap_component(
            requested, 402, {str(vendor): {"saleItems": rows} for vendor, rows in sales.items()}
        ),
        "stringVariables": _wrap_component(requested, 1200, {"integerValuesByHash": {}}),
    }
