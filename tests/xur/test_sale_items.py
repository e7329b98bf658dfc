"""The status of sale items: Bungie's bit mask and the game's sentences."""

import pytest

from destiny_web.bungie.models import vendors as vendor_models
from destiny_web.domain.account.definitions import StatDefinition, unknown_item
from destiny_web.domain.account.ownership import count_currencies, holding
from destiny_web.domain.xur import from_bungie
from destiny_web.domain.xur.from_bungie import VendorTexts
from destiny_web.domain.xur.stock import Cost, SaleItem
from destiny_web.xur.presenter import build_screens
from tests.builders import (
    HUNTER,
    make_definition,
    make_equipped_weapon,
    make_profile,
    make_stack,
    make_weapon,
)

COIN, GLIMMER = (
    make_definition(item_hash=800069450, name="Strange Coin"),
    make_definition(item_hash=3159615086),
)


def sale(status=None, *failures, **changes):
    defaults = {
        "vendor_hash": vendor_models.XUR,
        "index": 7,
        "definition": make_definition(),
        "look": make_definition(),
    }
    return SaleItem(**defaults, status=status, failures=failures, **changes)


@pytest.mark.parametrize(
    ("status", "failures", "refusals"),
    [
        (None, (), ()),
        (0, (), ()),
        (1, (), ()),  # no room: not a refusal
        (2, (), ()),  # not enough currency: shown with the price
        (3, (), ()),
        (8, ("Reach a higher rank.",), ("Reach a higher rank.",)),
        (9, ("Reach a higher rank.",), ("Reach a higher rank.",)),
        (8, (), ("Not unlocked yet",)),
        (128, (), ("You can carry only one",)),
        (64 | 16, (), ("None left for you", "Not available to you")),
        (1 << 20, (), ("Status 1048576",)),
        (8, ("You have already acquired this.",), ()),
        (9, ("You have already acquired this.",), ()),
        (4096, (), ()),
    ],
)
def test_refusals_are_described_in_words(status, failures, refusals):
    assert sale(status, *failures).refusals == refusals
    assert sale(status, *failures).locked is bool(refusals)


@pytest.mark.parametrize("status", [1, 3, 9])
def test_a_missing_room_is_not_a_refusal(status):
    assert sale(status).no_room


@pytest.mark.parametrize(
    ("status", "failure", "acquired"),
    [
        (8, "Catalyst already acquired.", True),
        (0, "You ALREADY OWN this item.", True),
        (4096, "", True),
        (8, "Complete the quest first.", False),
        (0, "", False),
        (None, "", False),
    ],
)
def test_an_acquired_item_is_recognized_by_the_games_sentence(status, failure, acquired):
    assert sale(status, failure).acquired is acquired


@pytest.mark.parametrize(
    ("costs", "quantities", "times"),
    [
        ([], {}, None),
        ([(COIN, 0)], {}, None),
        ([(COIN, 41)], {COIN.item_hash: 486}, 11),
        ([(COIN, 41)], {COIN.item_hash: 40}, 0),
        ([(COIN, 41)], {}, 0),
        ([(COIN, 10), (GLIMMER, 1000)], {COIN.item_hash: 90, GLIMMER.item_hash: 2500}, 2),
        ([(COIN, 10), (COIN, 10)], {COIN.item_hash: 90}, 4),
    ],
)
def test_the_scarcest_currency_limits_the_quantity(costs, quantities, times):
    all_costs = tuple(Cost(currency=currency, quantity=quantity) for currency, quantity in costs)
    assert sale(costs=all_costs).times(quantities) == times


def test_a_holding_lists_all_places_with_the_best_copy_first():
    profile = make_profile(
        make_weapon("1", power=400),
        make_equipped_weapon("2", HUNTER, power=450),
        make_weapon("3", power=410, item_hash=555),
    )
    owned = holding(profile, 100)
    assert (owned.count, owned.power) == (2, 450)
    assert owned.places == ("worn by the Hunter", "in the vault")
    assert holding(profile, 556) is None


def test_a_currency_is_counted_over_all_stacks_and_is_zero_when_missing():
    assert count_currencies(make_profile(make_stack(10), make_stack(5)), [200, 201]) == {
        200: 15,
        201: 0,
    }


class FakeCatalogue:
    """A catalogue with the definitions that these tests need."""

    def items(self, hashes):
        return {item_hash: unknown_item(item_hash) for item_hash in hashes}

    def stats(self):
        return {1: StatDefinition(stat_hash=1, name="Impact")}

    def vendors(self, hashes):
        return {
            vendor_hash: VendorTexts(name="", failures=("", "Too low.")) for vendor_hash in hashes
        }

    def doors(self, hashes):
        return {item_hash: 99 for item_hash in hashes if item_hash == 9}


@pytest.mark.parametrize(
    ("indexes", "failures"),
    [([1], ("Too low.",)), ([0], ()), ([5, -1, 1, 1], ("Too low.",)), (None, ())],
)
def test_failure_indexes_select_the_vendors_sentences(indexes, failures):
    record = vendor_models.SaleRecord(item_hash=5, sale_status=8, failure_indexes=indexes)
    (screen,) = from_bungie.screens({str(vendor_models.XUR): {"3": record}}, FakeCatalogue())
    assert screen.name == "Xûr"
    assert screen.offers[0].failures == failures


def test_a_screen_is_found_by_the_sale_item_that_opens_it():
    link_set = vendor_models.SaleSet(sale_items={"0": vendor_models.SaleRecord(item_hash=9)})
    linked_set = vendor_models.SaleSet(sale_items={"4": vendor_models.SaleRecord(item_hash=5)})
    unlinked_set = vendor_models.SaleSet(sale_items={"4": vendor_models.SaleRecord(item_hash=6)})
    answer = vendor_models.Vendors(
        sales=vendor_models.Component(
            data={str(vendor_models.XUR): link_set, "99": linked_set, "98": unlinked_set}
        )
    )
    sales = from_bungie.wares(answer, FakeCatalogue())
    assert list(sales) == [str(vendor_models.XUR), "99"]
    first, second = build_screens(from_bungie.screens(sales, FakeCatalogue()), "http://x")
    assert first.screen_links[0].opens_vendor_hash == second.vendor_hash
    assert first.buyable_items == ()


def test_a_sale_item_that_opens_a_missing_screen_is_an_ordinary_offer():
    record = vendor_models.SaleRecord(item_hash=9)
    (screen,) = build_screens(
        from_bungie.screens({str(vendor_models.XUR): {"0": record}}, FakeCatalogue()), "http://x"
    )
    assert screen.screen_links == ()
    assert len(screen.buyable_items) == 1
