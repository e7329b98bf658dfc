"""A stock as nobody expects it: unknown things, no prices, no wares, foreign names."""

from datetime import timedelta

import pytest

from bungie_sandbox.manifest.vendor_table import GEAR_OFFERS, STRANGE_COIN, XUR
from destiny_web.domain.xur.schedule import WEEK
from tests.browsing import Browser
from tests.xur.conftest import ARRIVED, LEFT, ROLL, SUNDAY, THURSDAY
from tests.xur.test_public_page import PAGE, offers

NEXT_WEEK = "2026-07-03T09:00:00Z"
HERE = {str(XUR): {"vendorHash": XUR, "nextRefreshDate": NEXT_WEEK, "enabled": True}}
CORE = 3853748946
GEAR = {str(GEAR_OFFERS): {"saleItems": {"20": {"vendorItemIndex": 20, "itemHash": CORE}}}}


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


UNKNOWN = "What he sells is not known yet"
PASSED = "Bungie's date for the next change of this stock has passed: it may change soon."
NEXT = 4204


def dated(moment, *sales, **more):
    here = {str(XUR): HERE[str(XUR)] | {"nextRefreshDate": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}}
    return answer(*sales, vendors=here, **more)


def hashes(page):
    return [int(one.attributes["data-item-hash"]) for one in offers(page)]


@pytest.fixture
def browser(site, told, bungie):
    """A browser on a site whose Bungie answers what the test tells it."""
    return Browser(site(bungie_root=told()), bungie)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1), timedelta(days=400)])
@pytest.mark.parametrize("now", [ARRIVED, SUNDAY, LEFT - timedelta(minutes=2)])
def test_a_stock_whose_date_has_passed_is_shown_as_read(page, at, now, late):
    at(now)
    shown = page(dated(now - late, sale()))
    assert shown.one("h1").text == "Xûr is here"
    assert hashes(shown) == [CORE]
    text = shown.one("main").text
    assert UNKNOWN not in text
    assert "It cannot be bought any more." not in text
    assert PASSED in text


def test_a_stock_whose_date_is_to_come_needs_no_remark(page):
    assert PASSED not in page(dated(SUNDAY + timedelta(seconds=2), sale())).one("main").text


@pytest.mark.parametrize(("now", "wait"), [(ARRIVED, 60), (SUNDAY, 300)])
def test_a_stock_whose_date_has_passed_is_soon_asked_for_again(browser, told, at, now, wait):
    at(now)
    told(**dated(now - timedelta(hours=1), sale(), **GEAR))
    assert len(offers(browser.open(PAGE))) == 2
    told(**dated(now + timedelta(days=5), sale(NEXT)))
    at(now + timedelta(seconds=wait - 1))
    assert len(offers(browser.open(PAGE))) == 2
    at(now + timedelta(seconds=wait))
    shown = browser.open(PAGE)
    assert hashes(shown) == [NEXT], "nothing of the provisional stock is left"
    assert PASSED not in shown.one("main").text


def test_an_answer_without_sale_items_takes_nothing_away(browser, told, at):
    told(**dated(SUNDAY - timedelta(hours=1), sale()))
    assert hashes(browser.open(PAGE)) == [CORE]
    at(SUNDAY + timedelta(minutes=6))
    told(vendors={"data": HERE})
    shown = browser.open(PAGE)
    assert hashes(shown) == [CORE]
    assert PASSED in shown.one("main").text


def test_an_old_answer_does_not_replace_a_stock_that_is_known(browser, told, at):
    told(**dated(SUNDAY + timedelta(minutes=1), sale()))
    assert hashes(browser.open(PAGE)) == [CORE]
    at(SUNDAY + timedelta(minutes=2))
    told(**dated(SUNDAY, sale(NEXT)))
    shown = browser.open(PAGE)
    assert hashes(shown) == [CORE]
    assert PASSED not in shown.one("main").text


def test_a_passed_date_on_unusual_days_hides_nothing(browser, told, at):
    at(THURSDAY)
    told(**dated(THURSDAY - timedelta(days=6), sale()))
    shown = browser.open(PAGE)
    assert shown.one("h1").text == "Xûr is here"
    assert hashes(shown) == [CORE]
    assert "It cannot be bought any more." not in shown.one("main").text


def test_the_stock_of_the_visit_before_is_not_mailed_as_a_new_one(site, told, at):
    application = site(bungie_root=told(**dated(ROLL + WEEK, sale(), sale(quantity=2))))
    run = application.test_cli_runner().invoke
    words = ["xur", "email", "--dry-run", "--only-if-new", "--to", "one@example.org"]
    assert run(args=words).exit_code == 0
    at(ARRIVED + WEEK)
    told(**dated(ROLL + WEEK, sale()))
    ended = run(args=words)
    assert ended.exit_code == 1
    assert "still shows the stock of the visit before" in ended.output
    at(ARRIVED + WEEK + timedelta(minutes=2))
    told(**dated(ROLL + WEEK, sale(NEXT)))
    assert run(args=words).exit_code == 0, "another stock is new, whatever its date"


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
