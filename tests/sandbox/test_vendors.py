"""Xûr by the clock: presence, dates, stock, and what each of three operations tells."""

from datetime import UTC, datetime

import pytest

from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.manifest.vendor_table import GEAR_OFFERS, MORE_OFFERS, XUR, XUR_GROUP
from tests.sandbox.picking import fill

HERE = datetime(2026, 6, 30, 3, 42, tzinfo=UTC)
AWAY = datetime(2026, 6, 10, 6, 20, tzinfo=UTC)
EVERY = "400,401,402,300,304,305,308,310,600"


@pytest.fixture
def at(bungie, guest):
    """Set the clock, and hand a new guest, since tokens run out."""

    def travel(moment):
        bungie.clock.set(moment)
        guest.session.headers["Authorization"] = f"Bearer {bungie.sign_in()['access_token']}"
        return guest

    return travel


def vendors(guest, components="400,401,402", character=0):
    path = f"{guest.path}Character/{guest.characters[character]}/Vendors/"
    return guest.read(path, components)


def vendor(guest, number, components=EVERY, character=0):
    path = f"{guest.path}Character/{guest.characters[character]}/Vendors/{number}/"
    return guest.get(path, components).json()


@pytest.mark.parametrize(
    ("moment", "present"),
    [
        (datetime(2026, 6, 26, 16, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 6, 26, 17, 0, tzinfo=UTC), True),
        (datetime(2026, 6, 28, 12, 0, tzinfo=UTC), True),
        (datetime(2026, 6, 30, 16, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 6, 30, 17, 0, tzinfo=UTC), False),
        # the captures of section 7, and one in winter
        (datetime(2022, 10, 17, 0, 15, tzinfo=UTC), True),
        (datetime(2023, 11, 28, 17, 50, tzinfo=UTC), False),
        (datetime(2024, 6, 14, 6, 0, tzinfo=UTC), False),
        (datetime(2025, 7, 15, 18, 30, tzinfo=UTC), False),
        (datetime(2025, 12, 2, 19, 40, tzinfo=UTC), False),
        (AWAY, False),
        (HERE, True),
    ],
)
def test_he_is_there_from_friday_to_tuesday_17_utc(at, moment, present):
    answer = vendors(at(moment))
    assert (str(XUR) in answer["vendors"]["data"]) is present
    groups = answer["vendorGroups"]["data"]["groups"]
    assert [one["vendorGroupHash"] for one in groups] == ([XUR_GROUP] if present else [])
    assert str(XUR) in answer["sales"]["data"]  # last weekend's stock is no sign of him


@pytest.mark.parametrize(
    ("moment", "refresh"),
    [
        (HERE, "2026-07-03T09:00:00.000Z"),
        (datetime(2022, 10, 17, 0, 15, tzinfo=UTC), "2022-10-21T09:00:00.000Z"),
        (datetime(2026, 6, 26, 17, 0, tzinfo=UTC), "2026-07-03T09:00:00.000Z"),
    ],
)
def test_his_stock_changes_on_friday_at_nine(at, moment, refresh):
    told = vendors(at(moment))["vendors"]["data"]
    assert told[str(XUR)]["nextRefreshDate"] == refresh
    for child in (GEAR_OFFERS, MORE_OFFERS):
        assert told[str(child)]["nextRefreshDate"] == "9999-12-31T23:59:59.999Z"


def test_the_shelves_are_there_all_week(at):
    told = vendors(at(AWAY))["vendors"]["data"]
    assert {str(GEAR_OFFERS), str(MORE_OFFERS)} <= told.keys()
    assert all(one["enabled"] for one in told.values())


def test_asking_for_him_while_he_is_away_finds_nobody(at):
    answer = vendor(at(AWAY), XUR)
    assert answer["ErrorCode"] == 1627
    assert vendor(at(AWAY), GEAR_OFFERS)["ErrorCode"] == 1
    assert vendor(at(AWAY), 5)["ErrorCode"] == 1627


def test_the_stock_is_another_one_each_week_and_the_same_within_one(at):
    def offers(moment):
        sales = vendors(at(moment))["sales"]["data"][str(GEAR_OFFERS)]["saleItems"]
        return {one["itemHash"] for one in sales.values()}

    saturday = datetime(2026, 6, 27, 12, tzinfo=UTC)
    assert offers(saturday) == offers(HERE)
    assert offers(saturday) != offers(datetime(2026, 7, 4, 12, tzinfo=UTC))
    # it rolls before he comes
    assert offers(datetime(2026, 7, 3, 9, 0, tzinfo=UTC)) == offers(
        datetime(2026, 7, 4, 12, tzinfo=UTC)
    )


def test_armour_on_the_shelf_is_for_the_class_that_asks(at):
    guest = at(HERE)
    classes = set()
    for number, class_type in enumerate((1, 0, 2)):
        sales = vendor(guest, GEAR_OFFERS, character=number)["Response"]["sales"]["data"]
        hashes = {one["itemHash"] for one in sales.values()}
        items = [
            guest.read(f"/Destiny2/Manifest/DestinyInventoryItemDefinition/{one}/")
            for one in hashes
        ]
        armour = {item["classType"] for item in items if item["itemType"] == 2}
        assert armour <= {class_type}
        classes |= armour
    assert classes == {0, 1, 2}


def test_one_vendor_comes_with_rolls_and_all_of_them_without(at):
    guest = at(HERE)
    assert vendors(guest, EVERY)["itemComponents"] == {}
    answer = vendor(guest, GEAR_OFFERS)["Response"]
    sales = answer["sales"]["data"]
    sockets = answer["itemComponents"]["sockets"]["data"]
    assert sockets.keys() <= sales.keys()
    assert len(sockets) > 10
    assert answer["itemComponents"]["instances"]["data"].keys() == sockets.keys()


def test_what_was_not_asked_for_is_a_shell(at):
    answer = vendor(at(HERE), XUR, "400")["Response"]
    assert answer["sales"] == {"privacy": 2}
    assert answer["currencyLookups"] == {"privacy": 2}


def test_two_items_open_the_other_shelves(at):
    guest = at(HERE)
    sales = vendor(guest, XUR)["Response"]["sales"]["data"]
    doors = set()
    for one in sales.values():
        table = f"/Destiny2/Manifest/DestinyInventoryItemDefinition/{one['itemHash']}/"
        doors.add(guest.read(table).get("preview", {}).get("previewVendorHash"))
    assert doors == {None, GEAR_OFFERS, MORE_OFFERS}


def test_prices_are_strange_coins_and_the_askers_are_counted(at):
    answer = vendor(at(HERE), XUR)["Response"]
    costs = [cost for one in answer["sales"]["data"].values() for cost in one["costs"]]
    assert {cost["itemHash"] for cost in costs} == {800069450}
    assert answer["currencyLookups"]["data"]["itemQuantities"]["800069450"] > 0


def test_a_sale_says_when_there_is_no_room_and_when_a_rank_is_missing(at):
    guest = at(HERE)
    for bucket in (Bucket.KINETIC, Bucket.ENERGY, Bucket.POWER):
        fill(guest.profile, guest.characters[0], bucket)
    shelf = vendor(guest, GEAR_OFFERS)["Response"]["sales"]["data"]
    assert any(one["saleStatus"] & 1 for one in shelf.values())
    main = vendor(guest, XUR)["Response"]["sales"]["data"]
    locked = [one for one in main.values() if one["saleStatus"] == 8]
    assert locked
    assert {tuple(one["failureIndexes"]) for one in locked} == {(1,)}


def test_what_is_public_is_thinner(bungie, stranger):
    bungie.clock.set(HERE)
    answer = stranger.read("/Destiny2/Vendors/", "400,401,402")
    assert answer["vendors"]["data"][str(XUR)].keys() == {
        "vendorHash", "nextRefreshDate", "enabled",
    }  # fmt: skip
    sale = next(iter(answer["sales"]["data"][str(XUR)]["saleItems"].values()))
    assert sale.keys() == {"vendorItemIndex", "itemHash", "quantity", "costs"}
    bungie.clock.set(AWAY)
    away = stranger.read("/Destiny2/Vendors/", "400,401,402")
    assert str(XUR) not in away["vendors"]["data"]


def test_the_clock_and_the_definition_agree(stranger):
    row = stranger.read(f"/Destiny2/Manifest/DestinyVendorDefinition/{XUR}/")
    assert (row["resetIntervalMinutes"], row["resetOffsetMinutes"]) == (10080, -12060)
    index = {one["vendorItemIndex"] for one in row["itemList"]}
    assert index == set(range(len(row["itemList"])))
