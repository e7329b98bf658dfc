"""A stock as nobody expects it: unknown things, no prices, no wares, foreign names."""

import pytest

from destiny_web.sandbox.manifest.vendor_table import GEAR_OFFERS, STRANGE_COIN, XUR
from tests.browsing import Browser
from tests.xur.test_public_page import PAGE, offers

NEXT_WEEK = "2026-07-03T09:00:00Z"
HERE = {str(XUR): {"vendorHash": XUR, "nextRefreshDate": NEXT_WEEK, "enabled": True}}
CORE = 3853748946


def sale(item_hash=CORE, **changes):
    given = {"itemHash": item_hash, "quantity": 1, "costs": [cost()]}
    return given | changes


def cost(currency=STRANGE_COIN, quantity=5):
    return {"itemHash": currency, "quantity": quantity}


def answer(*sales, vendors=HERE, **more):
    shelf = {str(index): {"vendorItemIndex": index} | one for index, one in enumerate(sales)}
    return {
        "vendors": {"data": vendors, "privacy": 1},
        "sales": {"data": {str(XUR): {"saleItems": shelf}} | more, "privacy": 1},
    }


@pytest.fixture
def page(site, told, bungie):
    """Open the page of a site whose Bungie answers that."""

    def opened(response):
        return Browser(site(bungie_root=told(**response)), bungie).open(PAGE)

    return opened


def test_an_item_that_no_table_knows_is_shown_as_what_it_is(page):
    (one,) = offers(page(answer(sale(4_000_000_001))))
    assert one.attributes["data-item-hash"] == "4000000001"
    assert "Unknown item 4000000001" in one.text
    assert "5 Strange Coin" in one.text


def test_a_currency_that_no_table_knows_is_a_price_all_the_same(page):
    (one,) = offers(page(answer(sale(costs=[cost(4_000_000_002, 3), cost()]))))
    assert "3 Unknown item 4000000002" in one.text
    assert "5 Strange Coin" in one.text


@pytest.mark.parametrize("costs", [{"costs": []}, {"costs": None}, {}])
def test_an_offer_without_a_price_is_free(page, costs):
    bare = {"itemHash": CORE} | costs
    (one,) = offers(page(answer(bare)))
    assert "Price: Free" in one.text


def test_forty_nine_offers_are_shown_each_once(page):
    shelf = {str(n): sale(quantity=n) for n in range(20, 49)}
    shown = offers(page(answer(*[sale()] * 20, **{str(GEAR_OFFERS): {"saleItems": shelf}})))
    assert len(shown) == 49
    assert len({tuple(sorted(one.attributes.items())) for one in shown}) == 49


def test_a_vendors_component_that_is_missing_is_no_absence(page):
    shown = page(answer(sale()) | {"vendors": {"privacy": 2}})
    assert shown.one("h1").text == "Xûr is here"
    assert "Bungie did not send its vendors." in " ".join(shown.said)


def test_wares_of_a_vendor_who_is_not_listed_are_of_the_past(page):
    shown = page(answer(sale(), vendors={}))
    assert shown.one("h1").text == "Xûr is away"
    assert len(offers(shown)) == 1
    assert "It cannot be bought any more." in shown.one("main").text


def test_a_vendor_who_is_not_enabled_is_not_there(page):
    shut = {str(XUR): HERE[str(XUR)] | {"enabled": False}}
    assert page(answer(sale(), vendors=shut)).one("h1").text == "Xûr is away"


def test_an_answer_from_before_the_reset_is_not_taken_for_his_stock(page):
    old = {str(XUR): HERE[str(XUR)] | {"nextRefreshDate": "2026-06-26T09:00:00Z"}}
    shown = page(answer(sale(), vendors=old))
    assert shown.one("h1").text == "Xûr is here"
    assert offers(shown) == []
    assert "What he sells is not known yet" in shown.one("main").text


@pytest.mark.parametrize(
    "response",
    [
        {},
        {"vendors": None, "sales": None},
        answer(vendors={}),
        answer(sale(None, quantity=None, costs=[{}])),
        {"vendors": {"data": {str(XUR): {}}}, "sales": {"data": {"x": {}, str(XUR): {}}}},
        {"vendors": {"data": HERE}, "sales": {"data": {str(XUR): {"saleItems": {"x": {}}}}}},
    ],
)
def test_whatever_is_missing_the_page_stands(page, response):
    assert page(response).status == 200
