"""Xûr's presence, refresh dates and stock, in the three operations about vendors."""

from datetime import UTC, datetime

import pytest

from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.manifest.vendor_table import GEAR_OFFERS, MORE_OFFERS, XUR, XUR_GROUP
from tests.sandbox.items import fill_bucket

XUR_PRESENT = datetime(2026, 6, 30, 3, 42, tzinfo=UTC)
XUR_AWAY = datetime(2026, 6, 10, 6, 20, tzinfo=UTC)
ALL_COMPONENTS = "400,401,402,300,304,305,308,310,600"


@pytest.fixture
def client_at(bungie, client):
    """Set the clock, and return the client with a new token, since tokens expire."""

    def set_clock(now):
        bungie.clock.set(now)
        client.session.headers["Authorization"] = f"Bearer {bungie.sign_in()['access_token']}"
        return client

    return set_clock


def read_vendors(client, components="400,401,402", character=0):
    path = f"{client.path}Character/{client.characters[character]}/Vendors/"
    return client.read(path, components)


def read_vendor(client, number, components=ALL_COMPONENTS, character=0):
    path = f"{client.path}Character/{client.characters[character]}/Vendors/{number}/"
    return client.get(path, components).json()


@pytest.mark.parametrize(
    ("now", "is_present"),
    [
        (datetime(2026, 6, 26, 16, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 6, 26, 17, 0, tzinfo=UTC), True),
        (datetime(2026, 6, 28, 12, 0, tzinfo=UTC), True),
        (datetime(2026, 6, 30, 16, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 6, 30, 17, 0, tzinfo=UTC), False),
        # moments of captured answers, and one in winter
        (datetime(2022, 10, 17, 0, 15, tzinfo=UTC), True),
        (datetime(2023, 11, 28, 17, 50, tzinfo=UTC), False),
        (datetime(2024, 6, 14, 6, 0, tzinfo=UTC), False),
        (datetime(2025, 7, 15, 18, 30, tzinfo=UTC), False),
        (datetime(2025, 12, 2, 19, 40, tzinfo=UTC), False),
        (XUR_AWAY, False),
        (XUR_PRESENT, True),
    ],
)
def test_xur_is_present_from_friday_to_tuesday_17_utc(client_at, now, is_present):
    answer = read_vendors(client_at(now))
    assert (str(XUR) in answer["vendors"]["data"]) is is_present
    groups = answer["vendorGroups"]["data"]["groups"]
    assert [group["vendorGroupHash"] for group in groups] == ([XUR_GROUP] if is_present else [])
    assert str(XUR) in answer["sales"]["data"]  # the stock stays in sales while Xûr is away


@pytest.mark.parametrize(
    ("now", "refresh"),
    [
        (XUR_PRESENT, "2026-07-03T09:00:00.000Z"),
        (datetime(2022, 10, 17, 0, 15, tzinfo=UTC), "2022-10-21T09:00:00.000Z"),
        (datetime(2026, 6, 26, 17, 0, tzinfo=UTC), "2026-07-03T09:00:00.000Z"),
    ],
)
def test_the_stock_of_xur_changes_on_friday_at_nine(client_at, now, refresh):
    vendors_data = read_vendors(client_at(now))["vendors"]["data"]
    assert vendors_data[str(XUR)]["nextRefreshDate"] == refresh
    for child in (GEAR_OFFERS, MORE_OFFERS):
        assert vendors_data[str(child)]["nextRefreshDate"] == "9999-12-31T23:59:59.999Z"


def test_the_child_vendors_are_present_all_week(client_at):
    vendors_data = read_vendors(client_at(XUR_AWAY))["vendors"]["data"]
    assert {str(GEAR_OFFERS), str(MORE_OFFERS)} <= vendors_data.keys()
    assert all(vendor["enabled"] for vendor in vendors_data.values())


def test_xur_is_not_found_while_away(client_at):
    answer = read_vendor(client_at(XUR_AWAY), XUR)
    assert answer["ErrorCode"] == 1627
    assert read_vendor(client_at(XUR_AWAY), GEAR_OFFERS)["ErrorCode"] == 1
    assert read_vendor(client_at(XUR_AWAY), 5)["ErrorCode"] == 1627


def test_the_stock_changes_each_week_and_stays_during_a_week(client_at):
    def offers(now):
        sales = read_vendors(client_at(now))["sales"]["data"][str(GEAR_OFFERS)]["saleItems"]
        return {sale["itemHash"] for sale in sales.values()}

    saturday = datetime(2026, 6, 27, 12, tzinfo=UTC)
    assert offers(saturday) == offers(XUR_PRESENT)
    assert offers(saturday) != offers(datetime(2026, 7, 4, 12, tzinfo=UTC))
    # the stock changes before Xûr comes
    assert offers(datetime(2026, 7, 3, 9, 0, tzinfo=UTC)) == offers(
        datetime(2026, 7, 4, 12, tzinfo=UTC)
    )


def test_armor_for_sale_is_for_the_class_of_the_character(client_at):
    client = client_at(XUR_PRESENT)
    classes = set()
    for number, class_type in enumerate((1, 0, 2)):
        sales = read_vendor(client, GEAR_OFFERS, character=number)["Response"]["sales"]["data"]
        hashes = {sale["itemHash"] for sale in sales.values()}
        items = [
            client.read(f"/Destiny2/Manifest/DestinyInventoryItemDefinition/{item_hash}/")
            for item_hash in hashes
        ]
        armor_classes = {item["classType"] for item in items if item["itemType"] == 2}
        assert armor_classes <= {class_type}
        classes |= armor_classes
    assert classes == {0, 1, 2}


def test_get_vendor_has_rolls_and_get_vendors_has_none(client_at):
    client = client_at(XUR_PRESENT)
    assert read_vendors(client, ALL_COMPONENTS)["itemComponents"] == {}
    answer = read_vendor(client, GEAR_OFFERS)["Response"]
    sales = answer["sales"]["data"]
    sockets = answer["itemComponents"]["sockets"]["data"]
    assert sockets.keys() <= sales.keys()
    assert len(sockets) > 10
    assert answer["itemComponents"]["instances"]["data"].keys() == sockets.keys()


def test_a_component_that_was_not_requested_has_no_data(client_at):
    answer = read_vendor(client_at(XUR_PRESENT), XUR, "400")["Response"]
    assert answer["sales"] == {"privacy": 2}
    assert answer["currencyLookups"] == {"privacy": 2}


def test_two_items_preview_the_child_vendors(client_at):
    client = client_at(XUR_PRESENT)
    sales = read_vendor(client, XUR)["Response"]["sales"]["data"]
    preview_vendors = set()
    for sale in sales.values():
        table = f"/Destiny2/Manifest/DestinyInventoryItemDefinition/{sale['itemHash']}/"
        preview_vendors.add(client.read(table).get("preview", {}).get("previewVendorHash"))
    assert preview_vendors == {None, GEAR_OFFERS, MORE_OFFERS}


def test_costs_are_strange_coins_and_the_players_coins_are_counted(client_at):
    answer = read_vendor(client_at(XUR_PRESENT), XUR)["Response"]
    costs = [cost for sale in answer["sales"]["data"].values() for cost in sale["costs"]]
    assert {cost["itemHash"] for cost in costs} == {800069450}
    assert answer["currencyLookups"]["data"]["itemQuantities"]["800069450"] > 0


def test_a_sale_status_says_no_room_or_rank_missing(client_at):
    client = client_at(XUR_PRESENT)
    for bucket in (Bucket.KINETIC, Bucket.ENERGY, Bucket.POWER):
        fill_bucket(client.profile, client.characters[0], bucket)
    sales = read_vendor(client, GEAR_OFFERS)["Response"]["sales"]["data"]
    assert any(sale["saleStatus"] & 1 for sale in sales.values())
    main = read_vendor(client, XUR)["Response"]["sales"]["data"]
    locked = [sale for sale in main.values() if sale["saleStatus"] == 8]
    assert locked
    assert {tuple(sale["failureIndexes"]) for sale in locked} == {(1,)}


def test_the_public_vendors_have_fewer_fields(bungie, anonymous_client):
    bungie.clock.set(XUR_PRESENT)
    answer = anonymous_client.read("/Destiny2/Vendors/", "400,401,402")
    assert answer["vendors"]["data"][str(XUR)].keys() == {
        "vendorHash", "nextRefreshDate", "enabled",
    }  # fmt: skip
    sale = next(iter(answer["sales"]["data"][str(XUR)]["saleItems"].values()))
    assert sale.keys() == {"vendorItemIndex", "itemHash", "quantity", "costs"}
    bungie.clock.set(XUR_AWAY)
    response_away = anonymous_client.read("/Destiny2/Vendors/", "400,401,402")
    assert str(XUR) not in response_away["vendors"]["data"]


def test_the_clock_and_the_definition_agree(anonymous_client):
    row = anonymous_client.read(f"/Destiny2/Manifest/DestinyVendorDefinition/{XUR}/")
    assert (row["resetIntervalMinutes"], row["resetOffsetMinutes"]) == (10080, -12060)
    index = {item["vendorItemIndex"] for item in row["itemList"]}
    assert index == set(range(len(row["itemList"])))
