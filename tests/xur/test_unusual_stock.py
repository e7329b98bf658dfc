"""Unusual answers about the stock: unknown items, missing costs, passed dates."""

from datetime import timedelta

import pytest

from bungie_sandbox.manifest.vendor_table import GEAR_OFFERS, STRANGE_COIN, XUR
from destiny_web.domain.xur.schedule import WEEK
from tests.browsing import Browser
from tests.xur.conftest import AFTER_ARRIVAL, AFTER_DEPARTURE, STOCK_CHANGE, SUNDAY, THURSDAY
from tests.xur.test_public_page import PAGE, offers

NEXT_WEEK = "2026-07-03T09:00:00Z"
HERE = {str(XUR): {"vendorHash": XUR, "nextRefreshDate": NEXT_WEEK, "enabled": True}}
CORE = 3853748946
GEAR = {str(GEAR_OFFERS): {"saleItems": {"20": {"vendorItemIndex": 20, "itemHash": CORE}}}}


def sale(item_hash=CORE, **changes):
    defaults = {"itemHash": item_hash, "quantity": 1, "costs": [cost()]}
    return defaults | changes


def cost(currency=STRANGE_COIN, quantity=5):
    return {"itemHash": currency, "quantity": quantity}


def answer(*sales, vendors=HERE, **more_sales):
    sale_items = {
        str(index): {"vendorItemIndex": index} | record for index, record in enumerate(sales)
    }
    return {
        "vendors": {"data": vendors, "privacy": 1},
        "sales": {"data": {str(XUR): {"saleItems": sale_items}} | more_sales, "privacy": 1},
    }


@pytest.fixture
def page(build_site, serve_payload, bungie):
    """Open the page of a site whose Bungie sends the given payload."""

    def open_page(response):
        return Browser(build_site(bungie_root=serve_payload(**response)), bungie).open(PAGE)

    return open_page


def test_an_item_without_a_definition_is_shown_as_unknown(page):
    (offer,) = offers(page(answer(sale(4_000_000_001))))
    assert offer.attributes["data-item-hash"] == "4000000001"
    assert "Unknown item 4000000001" in offer.text
    assert "5 Strange Coin" in offer.text


def test_a_currency_without_a_definition_is_shown_as_unknown(page):
    (offer,) = offers(page(answer(sale(costs=[cost(4_000_000_002, 3), cost()]))))
    assert "3 Unknown item 4000000002" in offer.text
    assert "5 Strange Coin" in offer.text


@pytest.mark.parametrize("costs", [{"costs": []}, {"costs": None}, {}])
def test_an_offer_without_costs_is_free(page, costs):
    record = {"itemHash": CORE} | costs
    (offer,) = offers(page(answer(record)))
    assert "Price: Free" in offer.text


def test_each_of_49_offers_is_shown_once(page):
    gear = {str(index): sale(quantity=index) for index in range(20, 49)}
    page_offers = offers(page(answer(*[sale()] * 20, **{str(GEAR_OFFERS): {"saleItems": gear}})))
    assert len(page_offers) == 49
    assert len({tuple(sorted(offer.attributes.items())) for offer in page_offers}) == 49


def test_a_missing_vendors_component_does_not_mean_that_xur_is_away(page):
    shown_page = page(answer(sale()) | {"vendors": {"privacy": 2}})
    assert shown_page.one("h1").text == "Xûr is here"
    assert "Bungie did not send its vendors." in " ".join(shown_page.said)


def test_the_stock_of_a_vendor_that_is_not_listed_is_past(page):
    shown_page = page(answer(sale(), vendors={}))
    assert shown_page.one("h1").text == "Xûr is away"
    assert len(offers(shown_page)) == 1
    assert "It cannot be bought any more." in shown_page.one("main").text


def test_a_vendor_that_is_not_enabled_is_away(page):
    disabled = {str(XUR): HERE[str(XUR)] | {"enabled": False}}
    assert page(answer(sale(), vendors=disabled)).one("h1").text == "Xûr is away"


UNKNOWN_STOCK = "What Xûr sells is not known yet"
DATE_HAS_PASSED = (
    "Bungie's date for the next change of this stock has passed: the stock may change soon."
)
NEXT_ITEM = 4204


def answer_with_refresh_date(moment, *sales, **more_sales):
    vendors = {str(XUR): HERE[str(XUR)] | {"nextRefreshDate": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}}
    return answer(*sales, vendors=vendors, **more_sales)


def item_hashes(page):
    return [int(offer.attributes["data-item-hash"]) for offer in offers(page)]


@pytest.fixture
def browser(build_site, serve_payload, bungie):
    """A browser on a site whose Bungie sends the payload that the test sets."""
    return Browser(build_site(bungie_root=serve_payload()), bungie)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1), timedelta(days=400)])
@pytest.mark.parametrize("now", [AFTER_ARRIVAL, SUNDAY, AFTER_DEPARTURE - timedelta(minutes=2)])
def test_a_stock_with_a_passed_date_is_shown(page, set_clock, now, late):
    set_clock(now)
    shown_page = page(answer_with_refresh_date(now - late, sale()))
    assert shown_page.one("h1").text == "Xûr is here"
    assert item_hashes(shown_page) == [CORE]
    text = shown_page.one("main").text
    assert UNKNOWN_STOCK not in text
    assert "It cannot be bought any more." not in text
    assert DATE_HAS_PASSED in text


def test_a_stock_with_a_future_date_has_no_remark(page):
    assert (
        DATE_HAS_PASSED
        not in page(answer_with_refresh_date(SUNDAY + timedelta(seconds=2), sale()))
        .one("main")
        .text
    )


@pytest.mark.parametrize(("now", "wait"), [(AFTER_ARRIVAL, 60), (SUNDAY, 300)])
def test_a_stock_with_a_passed_date_is_requested_again_soon(
    browser, serve_payload, set_clock, now, wait
):
    set_clock(now)
    serve_payload(**answer_with_refresh_date(now - timedelta(hours=1), sale(), **GEAR))
    assert len(offers(browser.open(PAGE))) == 2
    serve_payload(**answer_with_refresh_date(now + timedelta(days=5), sale(NEXT_ITEM)))
    set_clock(now + timedelta(seconds=wait - 1))
    assert len(offers(browser.open(PAGE))) == 2
    set_clock(now + timedelta(seconds=wait))
    shown_page = browser.open(PAGE)
    assert item_hashes(shown_page) == [NEXT_ITEM], "nothing of the provisional stock is left"
    assert DATE_HAS_PASSED not in shown_page.one("main").text


def test_an_answer_without_sale_items_keeps_the_stock(browser, serve_payload, set_clock):
    serve_payload(**answer_with_refresh_date(SUNDAY - timedelta(hours=1), sale()))
    assert item_hashes(browser.open(PAGE)) == [CORE]
    set_clock(SUNDAY + timedelta(minutes=6))
    serve_payload(vendors={"data": HERE})
    shown_page = browser.open(PAGE)
    assert item_hashes(shown_page) == [CORE]
    assert DATE_HAS_PASSED in shown_page.one("main").text


def test_an_answer_with_a_passed_date_does_not_replace_a_valid_stock(
    browser, serve_payload, set_clock
):
    serve_payload(**answer_with_refresh_date(SUNDAY + timedelta(minutes=1), sale()))
    assert item_hashes(browser.open(PAGE)) == [CORE]
    set_clock(SUNDAY + timedelta(minutes=2))
    serve_payload(**answer_with_refresh_date(SUNDAY, sale(NEXT_ITEM)))
    shown_page = browser.open(PAGE)
    assert item_hashes(shown_page) == [CORE]
    assert DATE_HAS_PASSED not in shown_page.one("main").text


def test_a_stock_with_a_passed_date_is_shown_outside_the_schedule(
    browser, serve_payload, set_clock
):
    set_clock(THURSDAY)
    serve_payload(**answer_with_refresh_date(THURSDAY - timedelta(days=6), sale()))
    shown_page = browser.open(PAGE)
    assert shown_page.one("h1").text == "Xûr is here"
    assert item_hashes(shown_page) == [CORE]
    assert "It cannot be bought any more." not in shown_page.one("main").text


def test_the_stock_of_the_visit_before_is_not_mailed_again(build_site, serve_payload, set_clock):
    application = build_site(
        bungie_root=serve_payload(
            **answer_with_refresh_date(STOCK_CHANGE + WEEK, sale(), sale(quantity=2))
        )
    )
    run = application.test_cli_runner().invoke
    arguments = ["xur", "email", "--dry-run", "--only-if-new", "--to", "one@example.org"]
    assert run(args=arguments).exit_code == 0
    set_clock(AFTER_ARRIVAL + WEEK)
    serve_payload(**answer_with_refresh_date(STOCK_CHANGE + WEEK, sale()))
    result = run(args=arguments)
    assert result.exit_code == 1
    assert "still shows the stock of the visit before" in result.output
    set_clock(AFTER_ARRIVAL + WEEK + timedelta(minutes=2))
    serve_payload(**answer_with_refresh_date(STOCK_CHANGE + WEEK, sale(NEXT_ITEM)))
    assert run(args=arguments).exit_code == 0, "a different stock is new, even with a passed date"


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
def test_the_page_is_shown_when_parts_of_the_answer_are_missing(page, response):
    assert page(response).status == 200
