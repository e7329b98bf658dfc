"""What a sale item's status means: a bit mask and the game's own sentences."""

import pytest

from destiny_web.bungie.models import vendors as vendor_models
from destiny_web.domain.account.definitions import StatDefinition, unknown_item
from destiny_web.domain.account.ownership import count_currencies, holding
from destiny_web.domain.xur import from_bungie
from destiny_web.domain.xur.from_bungie import VendorWords
from destiny_web.domain.xur.stock import Cost, SaleItem
from destiny_web.xur.page import shelves
from tests.builders import HUNTER, coins, gun, held, kind, worn

COIN, GLIMMER = kind(item_hash=800069450, name="Strange Coin"), kind(item_hash=3159615086)


def sale(status=None, *failures, **changes):
    given = {"vendor_hash": vendor_models.XUR, "index": 7, "definition": kind(), "look": kind()}
    return SaleItem(**given, status=status, failures=failures, **changes)


@pytest.mark.parametrize(
    ("status", "failures", "refusals"),
    [
        (None, (), ()),
        (0, (), ()),
        (1, (), ()),  # no room: a matter of making some
        (2, (), ()),  # no coins: told with the price
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
def test_what_is_in_the_way_is_told_in_words(status, failures, refusals):
    assert sale(status, *failures).refusals == refusals
    assert sale(status, *failures).locked is bool(refusals)


@pytest.mark.parametrize("status", [1, 3, 9])
def test_no_room_is_told_apart_from_a_refusal(status):
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
def test_what_was_acquired_is_known_by_the_games_sentence(status, failure, acquired):
    assert sale(status, failure).acquired is acquired


@pytest.mark.parametrize(
    ("costs", "count_currencies", "times"),
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
def test_what_coins_buy_is_limited_by_the_scarcest(costs, count_currencies, times):
    price = tuple(Cost(currency=one, quantity=quantity) for one, quantity in costs)
    assert sale(costs=price).times(count_currencies) == times


def test_what_is_owned_is_found_everywhere_with_the_best_first():
    profile = held(
        gun("1", power=400), worn("2", HUNTER, power=450), gun("3", power=410, item_hash=555)
    )
    found = holding(profile, 100)
    assert (found.count, found.power) == (2, 450)
    assert found.places == ("worn by the Hunter", "in the vault")
    assert holding(profile, 556) is None


def test_a_purse_counts_every_stack_and_says_none_for_what_is_not_there():
    assert count_currencies(held(coins(10), coins(5)), [200, 201]) == {200: 15, 201: 0}


class Lore:
    """A manifest that knows only what a test needs."""

    def items(self, hashes):
        return {one: unknown_item(one) for one in hashes}

    def stats(self):
        return {1: StatDefinition(stat_hash=1, name="Impact")}

    def vendors(self, hashes):
        return {one: VendorWords(name="", failures=("", "Too low.")) for one in hashes}

    def doors(self, hashes):
        return {one: 99 for one in hashes if one == 9}


@pytest.mark.parametrize(
    ("indexes", "failures"),
    [([1], ("Too low.",)), ([0], ()), ([5, -1, 1, 1], ("Too low.",)), (None, ())],
)
def test_failure_indexes_point_to_the_vendors_sentences_or_nowhere(indexes, failures):
    record = vendor_models.SaleRecord(item_hash=5, sale_status=8, failure_indexes=indexes)
    (screen,) = from_bungie.screens({str(vendor_models.XUR): {"3": record}}, Lore())
    assert screen.name == "Xûr"
    assert screen.offers[0].failures == failures


def test_a_further_screen_is_found_by_the_item_that_opens_it():
    door = vendor_models.SaleSet(sale_items={"0": vendor_models.SaleRecord(item_hash=9)})
    behind = vendor_models.SaleSet(sale_items={"4": vendor_models.SaleRecord(item_hash=5)})
    stranger = vendor_models.SaleSet(sale_items={"4": vendor_models.SaleRecord(item_hash=6)})
    answer = vendor_models.Vendors(
        sales=vendor_models.Component(
            data={str(vendor_models.XUR): door, "99": behind, "98": stranger}
        )
    )
    found = from_bungie.wares(answer, Lore())
    assert list(found) == [str(vendor_models.XUR), "99"]
    first, second = shelves(from_bungie.screens(found, Lore()), "http://x")
    assert first.doors[0].door == second.anchor
    assert first.wares == ()


def test_a_door_to_what_is_not_there_is_an_offer_like_any_other():
    record = vendor_models.SaleRecord(item_hash=9)
    (shelf,) = shelves(
        from_bungie.screens({str(vendor_models.XUR): {"0": record}}, Lore()), "http://x"
    )
    assert shelf.doors == ()
    assert len(shelf.wares) == 1
