"""Xûr's public page: the stock, the presence, and what happens when Bungie fails."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bungie_sandbox.errors import Code
from bungie_sandbox.manifest.vendor_table import GEAR_OFFERS, MORE_OFFERS, XUR
from bungie_sandbox.server import running
from destiny_web.app import create_app
from destiny_web.domain.xur.schedule import WEEK
from tests.browsing import Browser
from tests.conftest import settings_for
from tests.xur.conftest import (
    AFTER_ARRIVAL,
    AFTER_DEPARTURE,
    BEFORE_ARRIVAL,
    NEXT_SUNDAY,
    STOCK_CHANGE,
    SUNDAY,
    THURSDAY,
    WAIT_SECONDS,
)

PAGE = "/xur/"
HEADER = "xur-header d-flex flex-wrap align-items-baseline"


def offers(page):
    return [element for element in page.all("li") if "data-vendor-item-index" in element.attributes]


def rows(page):
    """The offers that can be bought: all but those that are links to a screen."""
    return [offer for offer in offers(page) if offer.all("h4")]


def offer_names(page):
    return [(row.attributes["data-vendor-hash"], row.one("h4").text) for row in rows(page)]


def chips(page):
    """The links that show a part of the stock: the label with its count, and the address."""
    (bar,) = page.all("nav", aria_label="Show")
    return {link.text: link.attributes["href"] for link in bar.all("a")}


def sections(page):
    """The headings of the sections with their counts, and whether each is open."""
    return {
        f"{section.one('h2').text} {len(rows(section))}": "open" in section.attributes
        for section in page.one("main").all("details")
        if section.all("h2")
    }


def test_the_three_screens_are_shown_without_a_sign_in(visitor, bungie):
    page = visitor.open(PAGE)
    assert page.one("h1").text == "Xûr is here"
    vendor_hashes = {offer.attributes["data-vendor-hash"] for offer in offers(page)}
    assert vendor_hashes == {str(XUR), str(GEAR_OFFERS), str(MORE_OFFERS)}
    # Two offers are links to the other screens; they are offers as well.
    assert len(offers(page)) == len(rows(page)) + 2
    assert all(int(offer.attributes["data-item-hash"]) for offer in offers(page))
    assert {heading.text for heading in page.all("h3")} == {
        "Xûr",
        "Strange Gear Offers",
        "More Strange Offers",
    }
    assert "Set-Cookie" not in page.response.headers
    assert bungie.requests[-1].operation == "GetPublicVendors"


def test_a_visitor_sees_the_stock_by_kind_and_all_of_it_open(visitor):
    page = visitor.open(PAGE)
    names = [name.rpartition(" ")[0] for name in sections(page)]
    assert names == ["Weapons", "Armor", "Materials, engrams and more"]
    assert all(sections(page).values())
    assert "You have" not in page.one("main").text
    assert "Prices in Strange Coin" in page.one("header", class_=HEADER).text


def test_a_link_shows_the_offers_of_one_screen(visitor):
    page = visitor.open(PAGE)
    labels = [label.rpartition(" ")[0] for label in chips(page)]
    assert labels == ["All", "Xûr", "Strange Gear Offers", "More Strange Offers"]
    assert next(iter(chips(page))) == f"All {len(rows(page))}"
    for vendor_hash, (label, address) in zip(
        (XUR, GEAR_OFFERS, MORE_OFFERS), list(chips(page).items())[1:], strict=True
    ):
        screen_page = visitor.open(address)
        assert label.endswith(f" {len(rows(screen_page))}")
        assert {row.attributes["data-vendor-hash"] for row in rows(screen_page)} == {
            str(vendor_hash)
        }
        assert screen_page.one("a", aria_current="true").text == label


@pytest.mark.parametrize("show", ["missing", "class", "affordable", "17", "<b>", "xur"])
def test_an_unknown_filter_shows_the_whole_stock(visitor, show):
    page = visitor.open(f"{PAGE}?show={show}")
    assert page.one("a", aria_current="true").text == f"All {len(rows(page))}"
    assert len(rows(page)) > 30


def test_an_offer_shows_icon_name_type_rarity_class_and_price(visitor):
    page = visitor.open(PAGE)
    mask = next(row for row in rows(page) if "Exotic Helmet" in row.text)
    assert mask.all("img")[0].attributes["src"].startswith("http://127.0.0.1")
    assert "exotic" in mask.attributes["class"].split()
    assert any(name in mask.text for name in ("Titan", "Hunter", "Warlock"))
    assert "41 Strange Coin" in mask.text
    assert len(mask.all("img")) == 2  # the icons of the item and of the currency


def test_the_elements_of_weapons_are_shown(visitor):
    text = visitor.open(PAGE).one("main").text
    assert any(element in text for element in ("Solar", "Arc", "Void", "Stasis", "Strand"))


def test_the_departure_is_shown_in_words_and_as_a_datetime_attribute(visitor):
    page = visitor.open(PAGE)
    time = page.all("time")[0]
    assert time.attributes["datetime"] == "2026-06-30T17:00:00+00:00"
    assert time.text == "2 days 5 hours"
    assert "Leaves in 2 days 5 hours Tuesday 30 June, 17:00 UTC" in page.one("main").text
    assert "According to the usual schedule" not in page.one("main").text


@pytest.mark.parametrize(
    ("moment", "title", "turn"),
    [
        (THURSDAY, "Xûr is away", "Comes back in 1 day 5 hours Friday 26 June, 17:00 UTC"),
        (STOCK_CHANGE, "Xûr is away", "Comes back in 7 hours 59 minutes"),
        (BEFORE_ARRIVAL, "Xûr is away", "Comes back in 1 minute"),
        (AFTER_ARRIVAL, "Xûr is here", "Leaves in 3 days 23 hours"),
        (AFTER_DEPARTURE, "Xûr is away", "Comes back in 2 days 23 hours Friday 3 July, 17:00 UTC"),
        (NEXT_SUNDAY, "Xûr is here", "Leaves in 2 days 5 hours Tuesday 7 July, 17:00 UTC"),
    ],
)
def test_presence_follows_the_schedule(set_clock, visitor, moment, title, turn):
    set_clock(moment)
    page = visitor.open(PAGE)
    assert page.one("h1").text == title
    assert turn in page.one("main").text


def test_the_last_stock_is_marked_as_past_while_xur_is_away(set_clock, visitor):
    names_before = offer_names(visitor.open(PAGE))
    set_clock(AFTER_DEPARTURE)
    page = visitor.open(PAGE)
    assert offer_names(page) == names_before
    text = page.one("main").text
    assert "Gone since Tuesday 30 June, 17:00 UTC." in text
    assert "This is the stock of 26 to 30 June 2026 . It cannot be bought any more." in text
    # The game holds the next stock already, but it must not be shown before the arrival.
    set_clock(STOCK_CHANGE + WEEK)
    assert offer_names(visitor.open(PAGE)) == names_before


def test_the_stock_of_the_next_visit_differs(set_clock, visitor):
    names_before = offer_names(visitor.open(PAGE))
    set_clock(NEXT_SUNDAY)
    names_after = offer_names(visitor.open(PAGE))
    assert names_after != names_before
    assert len(names_after) == len(names_before)


def test_a_site_that_never_saw_a_stock_says_so(set_clock, visitor):
    set_clock(THURSDAY)
    page = visitor.open(PAGE)
    assert offers(page) == []
    assert "Xûr's last stock is not known" in page.one("main").text


def test_the_stock_is_requested_once_and_kept_until_the_departure(
    set_clock, visitor, count_calls, build_site, bungie
):
    for _ in range(3):
        visitor.open(PAGE)
    Browser(build_site(), bungie).open(PAGE)  # as a second process
    set_clock(AFTER_DEPARTURE - WEEK / 28)
    visitor.open(PAGE)
    assert count_calls("GetPublicVendors") == 1
    set_clock(AFTER_DEPARTURE)
    visitor.open(PAGE)
    assert count_calls("GetPublicVendors") == 2


def test_simultaneous_visitors_cause_one_request_to_bungie(build_site, bungie, count_calls):
    sites = [build_site(), build_site()]  # as two processes: only the store is shared
    bungie.fail_next("GetPublicVendors", "slow", seconds=0.5)
    with ThreadPoolExecutor(8) as executor:
        pages = list(executor.map(lambda n: Browser(sites[n % 2], bungie).open(PAGE), range(8)))
    assert [len(offers(page)) for page in pages] == [len(offers(pages[0]))] * 8
    assert offers(pages[0])
    assert count_calls("GetPublicVendors") == 1


def test_a_slow_answer_does_not_delay_the_page_and_is_shown_later(visitor, bungie, services):
    services.stocks.patience = 0.05
    bungie.fail_next("GetPublicVendors", "slow", seconds=1.0)
    page = visitor.open(PAGE)
    assert "data-pending" in page.one("main").attributes
    assert "Bungie has not sent everything yet." in page.said[0]
    assert page.one("h1").text == "Xûr is here"
    assert services.background.wait_until_idle(10)
    page = visitor.open(PAGE)
    assert "data-pending" not in page.one("main").attributes
    assert offers(page)


@pytest.mark.parametrize("fault", ["maintenance", "html", "drop", "truncated"])
def test_the_page_shows_the_last_stock_and_its_age_when_bungie_fails(
    set_clock, visitor, bungie, fault
):
    visitor.open(PAGE)
    set_clock(NEXT_SUNDAY)
    bungie.fail_next("GetPublicVendors", fault, times=-1)
    page = visitor.open(PAGE)
    assert page.status == 200
    assert page.one("h1").text == "Xûr is here"
    assert "What Xûr sells now is not known yet." in page.one("main").text
    remark = "According to the usual schedule: Bungie has not confirmed it yet."
    assert remark in page.one("main").text
    assert "This is the data from 7 d ago." in " ".join(page.said)
    assert offers(page)


def test_after_a_failure_bungie_is_asked_again_after_half_a_minute(visitor, bungie, count_calls):
    bungie.refuse_next("GetPublicVendors", 217)
    visitor.open(PAGE)
    visitor.open(PAGE)
    assert count_calls("GetPublicVendors") == 1
    bungie.clock.advance(31)
    assert offers(visitor.open(PAGE))
    assert count_calls("GetPublicVendors") == 2


def test_bungies_answer_counts_when_it_differs_from_the_schedule(bungie, folder):
    bungie.clock.set(THURSDAY)
    application = create_app(settings_for(bungie, folder), now=lambda: SUNDAY)
    page = Browser(application, bungie).open(PAGE)
    assert page.one("h1").text == "Xûr is away"
    assert "Bungie does not list Xûr at the moment" in page.one("main").text
    application.extensions["destiny_web"].store.close()
    bungie.clock.set(SUNDAY)
    (folder / "store.sqlite").unlink()
    application = create_app(settings_for(bungie, folder), now=lambda: THURSDAY)
    page = Browser(application, bungie).open(PAGE)
    assert page.one("h1").text == "Xûr is here"
    assert "it is not known when Xûr leaves" in page.one("main").text
    application.extensions["destiny_web"].store.close()


def test_the_header_of_every_page_says_until_when_xur_is_here(set_clock, visitor):
    assert "Xûr is here until Tue" in visitor.open("/").one("header").text
    assert visitor.open("/nowhere").one("header")
    set_clock(AFTER_DEPARTURE)
    assert "until" not in visitor.open("/").one("header").text


def test_markup_in_names_is_shown_as_text(tmp_path):
    with running(hostile=True, vault=5) as hostile:
        hostile.clock.set(SUNDAY)
        (tmp_path / "manifest.looked").touch()
        application = create_app(settings_for(hostile, tmp_path), now=hostile.clock.now)
        application.extensions["destiny_web"].stocks.patience = WAIT_SECONDS
        page = Browser(application, hostile).open(PAGE)
        assert len(offers(page)) > 40
        assert "<script>alert" not in page.html
        application.extensions["destiny_web"].store.close()


def test_a_missing_vendor_is_reported(visitor, bungie):
    bungie.refuse_next("GetPublicVendors", Code.VENDOR_NOT_FOUND)
    page = visitor.open(PAGE)
    assert page.status == 200
    assert "That vendor is not here now." in " ".join(page.said)
