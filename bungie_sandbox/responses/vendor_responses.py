"""Vendors by the clock: Xûr's coming and going, his stock, and who is shown what."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from bungie_sandbox.clock import NEVER, stamp
from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.definitions import ItemDefinition
from bungie_sandbox.game_data.facts import hash_of
from bungie_sandbox.game_data.game import ANY_CLASS, Bucket
from bungie_sandbox.manifest.vendor_table import (
    DARES_XUR,
    GEAR_OFFERS,
    MORE_OFFERS,
    WEEK,
    XUR,
    XUR_GROUP,
    XUR_OFFSET,
    Shelf,
    costs,
    shelves,
)
from bungie_sandbox.refusals import Code, Refusal
from bungie_sandbox.responses import item_responses
from bungie_sandbox.responses.character_responses import quantities
from bungie_sandbox.world.belongings import VAULT, Character, Item, Profile, home

_OFFSETS: Final = {XUR: XUR_OFFSET, DARES_XUR: 1860}
_CHILDREN: Final = (GEAR_OFFERS, MORE_OFFERS)
_FRIDAY, _TUESDAY, _HOUR = 4, 1, 17  # weekdays from Monday = 0; hours in UTC
_MINUTE: Final = timedelta(minutes=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ROTATING: Final = {XUR: 6, GEAR_OFFERS: 18}
_NO_ROOM, _NO_FUNDS, _NO_UNLOCK = 1, 2, 8  # VendorItemStatus
_UNLOCKED_RANKS: Final = 2
_PUBLIC_CLASS: Final = 1  # it follows one reference account, so shows one class (seen #1656)


def present(moment: datetime) -> bool:
    """Tell whether Xûr is there: Friday 17:00 to Tuesday 17:00 UTC, summer and winter."""
    weekday, hour = moment.weekday(), moment.hour
    if weekday == _FRIDAY:
        return hour >= _HOUR
    return weekday > _FRIDAY or weekday < _TUESDAY or (weekday == _TUESDAY and hour < _HOUR)


def next_refresh(vendor: int, moment: datetime) -> datetime:
    """Return when a weekly vendor's stock changes next: minutes congruent to -offset."""
    minutes = (moment - _EPOCH) / _MINUTE
    passed = (minutes + _OFFSETS[vendor]) % WEEK
    return _EPOCH + timedelta(minutes=round(minutes + WEEK - passed))


def _edition(moment: datetime) -> str:
    """Name the stock of a week: rolled on Friday 09:00, eight hours before he comes."""
    return stamp(next_refresh(XUR, moment))


def stock(vendor: int, class_type: int, moment: datetime) -> dict[int, Shelf]:
    """Return what a vendor offers to a class, by vendorItemIndex.

    His stock is the same for all of a week, and stays listed when he has gone.
    """
    rows = dict(enumerate(shelves(vendor)))
    fitting = {
        index: shelf for index, shelf in rows.items() if shelf.class_type in {ANY_CLASS, class_type}
    }
    rotating = [index for index, shelf in fitting.items() if shelf.kind in {"armor", "weapon"}]
    draw = Random(f"{vendor}/{class_type}/{_edition(moment)}")  # noqa: S311 (no secret)
    chosen = set(draw.sample(rotating, min(_ROTATING.get(vendor, 0), len(rotating))))
    # His main shelf shows the armour of all classes, two each.
    if vendor == XUR:
        chosen = {
            index
            for kind in (0, 1, 2)
            for index in draw.sample(
                [
                    n
                    for n, shelf in rows.items()
                    if shelf.kind == "armor" and shelf.class_type == kind
                ],
                2,
            )
        }
    return {
        index: shelf
        for index, shelf in rows.items()
        if index in chosen or (shelf.kind not in {"armor", "weapon"} and index in fitting)
    }


def sale_status(profile: Profile, character: Character, shelf: Shelf, index: int) -> int:
    """Return VendorItemStatus: 1 bucket full, 2 too few coins, 8 rank not reached."""
    status = 0
    definition = catalog()[shelf.item_hash]
    if shelf.kind == "rank" and index % 8 >= _UNLOCKED_RANKS:
        return _NO_UNLOCK
    if shelf.kind != "door" and profile.room(*home(definition, character.character_id)) < 1:
        status |= _NO_ROOM
    if shelf.cost > quantities(profile).get("800069450", 0):
        status |= _NO_FUNDS
    return status


def _sale(index: int, shelf: Shelf) -> dict[str, Any]:
    return {
        "vendorItemIndex": index,
        "itemHash": shelf.item_hash,
        "quantity": shelf.quantity,
        "costs": costs(shelf),
    }


def _sales(
    vendor: int, profile: Profile, character: Character, moment: datetime
) -> dict[str, dict[str, Any]]:
    made = {}
    for index, shelf in stock(vendor, character.class_type, moment).items():
        status = sale_status(profile, character, shelf, index)
        made[str(index)] = _sale(index, shelf) | {
            "saleStatus": status,
            "failureIndexes": [1] if status & _NO_UNLOCK else [],
            "augments": 0,
            "apiPurchasable": False,
        }
    return made


def _vendor(vendor: int, moment: datetime) -> dict[str, Any]:
    refresh = stamp(next_refresh(vendor, moment)) if vendor in _OFFSETS else NEVER
    made: dict[str, Any] = {
        "vendorHash": vendor,
        "nextRefreshDate": refresh,
        "enabled": True,
        "canPurchase": False,
        "vendorLocationIndex": 0,
    }
    if vendor == XUR:
        made["progression"] = {
            "progressionHash": hash_of("progression", "Xûr"),
            "dailyProgress": 0, "dailyLimit": 0, "weeklyProgress": 0, "weeklyLimit": 0,
            "currentProgress": 450, "level": 4, "levelCap": 16, "stepIndex": 4,
            "progressToNextLevel": 50, "nextLevelAt": 100,
        }  # fmt: skip
    return made


def _shown(moment: datetime) -> list[int]:
    """Return who is in ``vendors.data``: the children all week, the parent only when there."""
    here = [XUR] if present(moment) else []
    return [*here, *_CHILDREN, DARES_XUR]


def _wrap(asked: frozenset[int], component: int, data: Any) -> dict[str, Any]:
    return {"data": data, "privacy": 2} if component in asked else {"privacy": 2}


def _categories(sales: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "categories": [{"displayCategoryIndex": 0, "itemIndexes": [int(index) for index in sales]}]
    }


def vendors_answer(
    profile: Profile, character: Character, asked: frozenset[int], moment: datetime
) -> dict[str, Any]:
    """Return the Response of GetVendors: no item components since May 2024."""
    sales = {
        vendor: _sales(vendor, profile, character, moment)
        for vendor in (XUR, *_CHILDREN, DARES_XUR)
    }
    groups = [{"vendorGroupHash": XUR_GROUP, "vendorHashes": [XUR]}] if present(moment) else []
    shown = {str(vendor): _vendor(vendor, moment) for vendor in _shown(moment)}
    return {
        "vendorGroups": _wrap(asked, 400, {"groups": groups}),
        "vendors": _wrap(asked, 400, shown),
        "categories": _wrap(
            asked, 401, {str(vendor): _categories(rows) for vendor, rows in sales.items()}
        ),
        "sales": _wrap(
            asked, 402, {str(vendor): {"saleItems": rows} for vendor, rows in sales.items()}
        ),
        "itemComponents": {},
        "currencyLookups": _wrap(asked, 600, {"itemQuantities": quantities(profile)}),
        "stringVariables": _wrap(asked, 1200, {"integerValuesByHash": {}}),
    }


def vendor_answer(
    profile: Profile,
    character: Character,
    vendor: int,
    asked: frozenset[int],
    moment: datetime,
) -> dict[str, Any]:
    """Return the Response of GetVendor, with the rolls of what is sold.

    Raises:
        Refusal: 1627, no such vendor, or not there now.
    """
    if vendor not in _shown(moment):
        raise Refusal(Code.VENDOR_NOT_FOUND)
    sales = _sales(vendor, profile, character, moment)
    return {
        "vendor": _wrap(asked, 400, _vendor(vendor, moment)),
        "categories": _wrap(asked, 401, _categories(sales)),
        "sales": _wrap(asked, 402, sales),
        "itemComponents": _item_components(vendor, sales, asked, moment),
        "currencyLookups": _wrap(asked, 600, {"itemQuantities": quantities(profile)}),
        "stringVariables": _wrap(asked, 1200, {"integerValuesByHash": {}}),
    }


def _item_components(
    vendor: int, sales: dict[str, dict[str, Any]], asked: frozenset[int], moment: datetime
) -> dict[str, Any]:
    counter = Profile()
    items: list[Item] = []
    for index, sale in sales.items():
        definition = catalog()[sale["itemHash"]]
        if definition.instanced:
            items.append(_offered(definition, vendor, index, moment))
    answer = item_responses.item_components(sorted(asked), counter, items)
    if 307 in asked:  # noqa: PLR2004 (DestinyComponentType: ItemCommonData)
        lines = {item.instance_id: item_responses.line_of(item) for item in items}
        for entry in lines.values():
            entry.pop("itemInstanceId")
        answer["itemComponents"] = {"data": lines, "privacy": 1}
    return answer


def _offered(definition: ItemDefinition, vendor: int, index: str, moment: datetime) -> Item:
    """Return the copy on the shelf; its roll follows from the week."""
    draw = Random(f"{vendor}/{index}/{_edition(moment)}")  # noqa: S311 (no secret)
    return Item(
        definition=definition,
        holder=VAULT,
        bucket=int(Bucket.VAULT),
        instance_id=index,
        power=200,
        roll=draw.choice(definition.rolls),
    )


def public_vendors_answer(asked: frozenset[int], moment: datetime) -> dict[str, Any]:
    """Return the Response of GetPublicVendors: the same for everybody, and thinner."""
    shown = {
        str(vendor): {key: value for key, value in _vendor(vendor, moment).items()
                      if key in {"vendorHash", "nextRefreshDate", "enabled"}}
        for vendor in _shown(moment)
    }  # fmt: skip
    here = (XUR, *_CHILDREN) if present(moment) else _CHILDREN
    sales = {
        vendor: {
            str(index): _sale(index, shelf)
            for index, shelf in stock(vendor, _PUBLIC_CLASS, moment).items()
        }
        for vendor in here
    }
    groups = [{"vendorGroupHash": XUR_GROUP, "vendorHashes": [XUR]}] if present(moment) else []
    return {
        "vendorGroups": _wrap(asked, 400, {"groups": groups}),
        "vendors": _wrap(asked, 400, shown),
        "categories": _wrap(
            asked, 401, {str(vendor): _categories(rows) for vendor, rows in sales.items()}
        ),
        "sales": _wrap(
            asked, 402, {str(vendor): {"saleItems": rows} for vendor, rows in sales.items()}
        ),
        "stringVariables": _wrap(asked, 1200, {"integerValuesByHash": {}}),
    }
