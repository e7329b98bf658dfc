"""In which section a sale item stands, and which chips select it."""

from dataclasses import replace

import msgspec
import pytest

from destiny_web.domain.account.profile import Profile
from destiny_web.domain.xur.stock import Cost, SaleItem, Screen
from destiny_web.xur.ownership import PlayerBelongings, describe_owned_copies, measure_rooms
from destiny_web.xur.presenter import build_screens
from destiny_web.xur.sections import Buyer, arrange_offers
from tests.builders import (
    GENERAL,
    HUNTER,
    KINETIC,
    make_definition,
    make_profile,
    make_stack,
    make_weapon,
)

TITAN_CLASS, HUNTER_CLASS = 0, 1
WEAPON_TYPE, ARMOR_TYPE = 3, 2
COIN = make_definition(item_hash=200, name="Strange Coin", equippable=False)
BUYER = Buyer(class_type=HUNTER_CLASS, class_name="Hunter")


def make_sale_item(definition=None, **changes):
    definition = definition or make_definition(item_type=WEAPON_TYPE)
    defaults = {"vendor_hash": 1, "index": 7, "definition": definition, "look": definition}
    return SaleItem(**(defaults | changes))


def make_screen(*sale_items, vendor_hash=1):
    return Screen(vendor_hash=vendor_hash, name=f"Screen {vendor_hash}", offers=sale_items)


def belongings_of(profile: Profile, *sale_items):
    return PlayerBelongings(
        copies=describe_owned_copies(profile, sale_items),
        currencies={200: 20},
        rooms=measure_rooms(profile, HUNTER, sale_items),
    )


def arrange(*sale_items, profile=None, show="", buyer=BUYER):
    belongings = belongings_of(profile or make_profile(), *sale_items)
    screens = build_screens([make_screen(*sale_items)], "http://x", belongings)
    return arrange_offers(screens, show, buyer)


@pytest.mark.parametrize(
    ("sale_item", "for_buyer", "for_visitor"),
    [
        (make_sale_item(), "new", "weapon"),
        (make_sale_item(status=1), "new", "weapon"),  # no room
        (make_sale_item(status=2), "new", "weapon"),  # not enough currency
        (make_sale_item(status=8), "locked", "weapon"),
        (make_sale_item(status=4096), "owned", "weapon"),
        (
            make_sale_item(make_definition(item_type=ARMOR_TYPE, class_type=HUNTER_CLASS)),
            "new",
            "armor",
        ),
        (
            make_sale_item(make_definition(item_type=ARMOR_TYPE, class_type=TITAN_CLASS)),
            "classes",
            "armor",
        ),
        (
            make_sale_item(make_definition(class_type=TITAN_CLASS), status=8),
            "locked",
            "other",
        ),
        (make_sale_item(COIN), "materials", "other"),
        (make_sale_item(make_definition(known=False, equippable=False)), "materials", "other"),
        (
            make_sale_item(make_definition(equippable=False, plug_category="catalysts")),
            "new",
            "other",
        ),
        (
            make_sale_item(
                make_definition(equippable=False, plug_category="catalysts"),
                status=8,
                failures=("Catalyst already acquired.",),
            ),
            "owned",
            "other",
        ),
    ],
)
def test_an_item_stands_in_the_section_that_says_what_to_do_with_it(
    sale_item, for_buyer, for_visitor
):
    assert [section.anchor for section in arrange(sale_item).sections] == [for_buyer]
    (section,) = arrange(sale_item, buyer=None).sections
    assert section.anchor == for_visitor


def test_an_owned_weapon_is_not_new_and_an_owned_material_is_no_reason_to_fold():
    profile = make_profile(make_weapon("1"), make_stack(20))
    weapon, material = make_sale_item(), make_sale_item(COIN, index=8)
    offers = arrange(weapon, material, profile=profile)
    assert [section.anchor for section in offers.sections] == ["owned", "materials"]
    assert [section.is_open for section in offers.sections] == [True, False]


def test_one_section_is_always_open():
    assert [section.is_open for section in arrange(make_sale_item(status=8)).sections] == [True]


def test_a_long_section_is_folded_for_a_visitor_unless_it_is_the_first():
    weapons = [make_sale_item(index=index) for index in range(25)]
    materials = [make_sale_item(COIN, index=index) for index in range(25, 50)]
    few = arrange(*weapons, *materials[:24], buyer=None)
    assert [section.is_open for section in few.sections] == [True, True]
    many = arrange(*weapons, *materials, buyer=None)
    assert [section.is_open for section in many.sections] == [True, False]


def test_only_the_first_section_of_a_past_stock_is_open():
    screens = build_screens([make_screen(make_sale_item(), make_sale_item(COIN))], "http://x")
    for buyer in (None, BUYER):
        offers = arrange_offers(screens, "missing", buyer, is_past=True)
        assert [section.anchor for section in offers.sections] == ["weapon", "other"]
        assert [section.is_open for section in offers.sections] == [True, False]


def test_a_short_choice_is_all_open_and_a_long_one_is_folded():
    cheap = [make_sale_item(index=index) for index in range(20)]
    materials = [make_sale_item(COIN, index=index) for index in range(20, 24)]
    short = arrange(*cheap, *materials, show="affordable")
    assert [section.is_open for section in short.sections] == [True, True]
    long = arrange(*cheap, *materials, make_sale_item(index=30), show="affordable")
    assert [section.is_open for section in long.sections] == [True, False]


def test_what_the_coins_do_not_buy_is_not_affordable():
    prices = [(), (20,), (21,), (15, 15)]
    sale_items = [
        make_sale_item(
            index=index,
            costs=tuple(Cost(currency=COIN, quantity=quantity) for quantity in price),
        )
        for index, price in enumerate(prices)
    ]
    locked = msgspec.structs.replace(sale_items[0], status=8)
    offers = arrange(*sale_items, locked, show="affordable")
    assert [item.index for item in rows_of(offers)] == [0, 1]


@pytest.mark.parametrize(
    ("show", "indexes"),
    [
        ("", [1, 2, 3, 4]),
        ("missing", [1, 3]),
        ("class", [3]),
        ("affordable", [1, 3, 4]),
        ("1", [1, 2]),
        ("2", [3, 4]),
    ],
)
def test_a_chip_shows_a_part_of_the_stock_and_counts_it(show, indexes):
    hunter_definition = make_definition(class_type=HUNTER_CLASS)
    first = make_screen(make_sale_item(index=1), make_sale_item(COIN, index=2, status=8))
    second = make_screen(
        make_sale_item(hunter_definition, vendor_hash=2, index=3),
        make_sale_item(COIN, vendor_hash=2, index=4),
        vendor_hash=2,
    )
    offers = arrange_offers(build_screens([first, second], "http://x"), show, BUYER)
    assert sorted(item.index for item in rows_of(offers)) == indexes
    (current,) = [chip for chip in offers.chips if chip.is_current]
    assert current.show == offers.show == show
    assert current.count == len(indexes)


@pytest.mark.parametrize("show", ["nonsense", "MISSING", "1", "99"])
def test_an_unknown_choice_shows_everything(show):
    assert arrange(make_sale_item(), show=show).show == ""


def test_a_stock_without_screens_has_no_sections():
    offers = arrange_offers((), "missing", BUYER)
    assert not offers.is_known
    assert offers.sections == ()


def test_the_heading_says_what_the_rows_share():
    shared = [make_sale_item(COIN, index=i, status=8, failures=("Too low.",)) for i in range(2)]
    (section,) = arrange(*shared).sections
    assert section.note == "Too low."
    (section,) = arrange(*shared, make_sale_item(COIN, index=3, status=16)).sections
    assert section.note == ""


@pytest.mark.parametrize(
    ("count", "names"),
    [(1, "A"), (4, "A, B, C, D"), (5, "A, B, C, D and 1 more"), (6, "A, B, C, D and 2 more")],
)
def test_the_heading_of_a_fold_names_the_first_items(count, names):
    sale_items = [
        make_sale_item(make_definition(item_hash=index, name=name), index=index)
        for index, name in enumerate("ABCDEF"[:count])
    ]
    assert arrange(*sale_items, sale_items[0]).sections[0].names == names


def test_a_control_character_in_a_name_does_not_turn_the_heading():
    sale_item = make_sale_item(make_definition(name="Old\u202e Faithful"))
    assert arrange(sale_item).sections[0].names == "Old Faithful"


def test_room_is_that_of_the_selected_character_and_a_full_bucket_is_a_warning():
    weapon = make_sale_item()
    few = make_profile(make_weapon("1", HUNTER), make_weapon("2"))
    (item,) = rows_of(arrange(weapon, profile=few))
    assert (item.room, item.lacks_room) == ("Kinetic Weapons 1/10", False)
    full = make_profile(*(make_weapon(str(index), HUNTER) for index in range(10)))
    (item,) = rows_of(arrange(weapon, profile=full))
    assert (item.room, item.lacks_room) == ("Kinetic Weapons 10/10", True)


@pytest.mark.parametrize(
    "sale_item",
    [
        make_sale_item(COIN),
        make_sale_item(offered_to="Titan"),
        make_sale_item(make_definition(bucket_hash=GENERAL)),
        make_sale_item(make_definition(bucket_hash=12345)),
    ],
)
def test_room_is_left_out_where_it_does_not_matter_or_is_not_known(sale_item):
    (item,) = rows_of(arrange(sale_item))
    assert (item.room, item.lacks_room) == ("", False)


@pytest.mark.parametrize("missing", ["bags", "equipment"])
def test_room_is_unknown_when_bungie_left_out_the_characters_items(missing):
    profile = replace(make_profile(), missing=frozenset({missing}))
    assert measure_rooms(profile, HUNTER, [make_sale_item()]) == {}
    assert KINETIC in measure_rooms(make_profile(), HUNTER, [make_sale_item()])


def rows_of(offers):
    return [
        item for section in offers.sections for group in section.groups for item in group.sale_items
    ]
