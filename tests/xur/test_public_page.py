"""Xûr's page for everybody: what he sells, whether he is there, and what bad weather does."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bungie_sandbox.manifest.vendor_table import GEAR_OFFERS, MORE_OFFERS, XUR
from bungie_sandbox.refusals import Code
from bungie_sandbox.server import running
from destiny_web.app import create_app
from destiny_web.domain.xur.schedule import WEEK
from tests.browsing import Browser
from tests.conftest import settings_for
from tests.xur.conftest import ARRIVED, JUST_BEFORE, LEFT, ROLL, SUNDAY, THURSDAY, WEEK_ON

PAGE = "/xur/"


def offers(page):
    return [one for one in page.all("li") if "data-vendor-item-index" in one.attributes]


def wares(page):
    return [(one.attributes["data-vendor-hash"], one.one("h3").text) for one in offers(page)]


def test_his_three_screens_are_open_to_everybody(visitor, bungie):
    page = visitor.open(PAGE)
    assert page.one("h1").text == "Xûr is here"
    found = {one.attributes["data-vendor-hash"] for one in offers(page)}
    assert found == {str(XUR), str(GEAR_OFFERS), str(MORE_OFFERS)}
    assert [one.text for one in page.all("h2")] == [
        "Xûr", "Strange Gear Offers", "More Strange Offers",
    ]  # fmt: skip
    assert "Set-Cookie" not in page.response.headers
    assert bungie.requests[-1].operation == "GetPublicVendors"


def test_an_offer_has_picture_name_type_rarity_class_and_price(visitor):
    page = visitor.open(PAGE)
    mask = next(one for one in offers(page) if "Exotic Helmet" in one.text)
    assert mask.all("img")[0].attributes["src"].startswith("http://127.0.0.1")
    assert "exotic" in mask.attributes["class"].split()
    assert any(name in mask.text for name in ("Titan", "Hunter", "Warlock"))
    assert "41 Strange Coin" in mask.text
    assert len(mask.all("img")) == 2  # its own, and the currency's


def test_the_elements_of_weapons_are_named(visitor):
    text = visitor.open(PAGE).one("main").text
    assert any(element in text for element in ("Solar", "Arc", "Void", "Stasis", "Strand"))


def test_when_he_leaves_is_told_in_words_and_for_machines(visitor):
    page = visitor.open(PAGE)
    time = page.all("time")[0]
    assert time.attributes["datetime"] == "2026-06-30T17:00:00+00:00"
    assert time.text == "2 days 5 hours"
    assert "Leaves in 2 days 5 hours Tuesday 30 June, 17:00 UTC" in page.one("main").text
    assert "Going by his usual days" not in page.one("main").text


@pytest.mark.parametrize(
    ("moment", "title", "turn"),
    [
        (THURSDAY, "Xûr is away", "Comes back in 1 day 5 hours Friday 26 June, 17:00 UTC"),
        (ROLL, "Xûr is away", "Comes back in 7 hours 59 minutes"),
        (JUST_BEFORE, "Xûr is away", "Comes back in 1 minute"),
        (ARRIVED, "Xûr is here", "Leaves in 3 days 23 hours"),
        (LEFT, "Xûr is away", "Comes back in 2 days 23 hours Friday 3 July, 17:00 UTC"),
        (WEEK_ON, "Xûr is here", "Leaves in 2 days 5 hours Tuesday 7 July, 17:00 UTC"),
    ],
)
def test_he_comes_and_goes_by_the_clock(at, visitor, moment, title, turn):
    at(moment)
    page = visitor.open(PAGE)
    assert page.one("h1").text == title
    assert turn in page.one("main").text


def test_while_he_is_away_his_last_stock_is_marked_as_past(at, visitor):
    here = wares(visitor.open(PAGE))
    at(LEFT)
    page = visitor.open(PAGE)
    assert wares(page) == here
    text = page.one("main").text
    assert "Gone since Tuesday 30 June, 17:00 UTC." in text
    assert "This is what he sold on 26 to 30 June 2026 . It cannot be bought any more." in text
    at(ROLL + WEEK)  # the game has rolled the next stock, and nobody is to see it yet
    assert wares(visitor.open(PAGE)) == here


def test_a_week_on_he_sells_something_else(at, visitor):
    before = wares(visitor.open(PAGE))
    at(WEEK_ON)
    after = wares(visitor.open(PAGE))
    assert after != before
    assert len(after) == len(before)


def test_who_never_saw_him_is_told_so(at, visitor):
    at(THURSDAY)
    page = visitor.open(PAGE)
    assert offers(page) == []
    assert "His last stock was not seen" in page.one("main").text


def test_the_stock_is_asked_for_once_and_kept_until_he_leaves(at, visitor, asked, site, bungie):
    for _ in range(3):
        visitor.open(PAGE)
    Browser(site(), bungie).open(PAGE)  # another process
    at(LEFT - WEEK / 28)
    visitor.open(PAGE)
    assert asked("GetPublicVendors") == 1
    at(LEFT)
    visitor.open(PAGE)
    assert asked("GetPublicVendors") == 2


def test_of_many_who_come_at_once_one_asks_and_the_others_wait(site, bungie, asked):
    sites = [site(), site()]  # as two processes: they share nothing but what is kept
    bungie.fail_next("GetPublicVendors", "slow", seconds=0.5)
    with ThreadPoolExecutor(8) as crowd:
        pages = list(crowd.map(lambda n: Browser(sites[n % 2], bungie).open(PAGE), range(8)))
    assert [len(offers(page)) for page in pages] == [len(offers(pages[0]))] * 8
    assert offers(pages[0])
    assert asked("GetPublicVendors") == 1


def test_a_slow_answer_holds_no_page_up_and_is_filled_in(visitor, bungie, parts):
    parts.stocks.patience = 0.05
    bungie.fail_next("GetPublicVendors", "slow", seconds=1.0)
    page = visitor.open(PAGE)
    assert "data-pending" in page.one("main").attributes
    assert "Bungie is taking its time." in page.said[0]
    assert page.one("h1").text == "Xûr is here"
    assert parts.background.settle(10)
    page = visitor.open(PAGE)
    assert "data-pending" not in page.one("main").attributes
    assert offers(page)


@pytest.mark.parametrize("kind", ["maintenance", "html", "drop", "truncated"])
def test_when_bungie_fails_the_page_shows_what_is_known_with_its_age(at, visitor, bungie, kind):
    visitor.open(PAGE)
    at(WEEK_ON)
    bungie.fail_next("GetPublicVendors", kind, times=-1)
    page = visitor.open(PAGE)
    assert page.status == 200
    assert page.one("h1").text == "Xûr is here"
    assert "What he sells now is not known yet." in page.one("main").text
    assert "Going by his usual days: Bungie has not said so yet." in page.one("main").text
    assert "This is what was known 7 d ago." in " ".join(page.said)
    assert offers(page)


def test_a_failing_bungie_is_left_alone_for_a_while_and_then_asked_again(visitor, bungie, asked):
    bungie.refuse_next("GetPublicVendors", 217)
    visitor.open(PAGE)
    visitor.open(PAGE)
    assert asked("GetPublicVendors") == 1
    bungie.clock.advance(31)
    assert offers(visitor.open(PAGE))
    assert asked("GetPublicVendors") == 2


def test_bungies_word_counts_when_it_is_not_what_the_calendar_says(bungie, folder):
    bungie.clock.set(THURSDAY)
    application = create_app(settings_for(bungie, folder), now=lambda: SUNDAY)
    page = Browser(application, bungie).open(PAGE)
    assert page.one("h1").text == "Xûr is away"
    assert "Bungie does not list him at the moment" in page.one("main").text
    application.extensions["destiny_web"].store.close()
    bungie.clock.set(SUNDAY)
    (folder / "store.sqlite").unlink()
    application = create_app(settings_for(bungie, folder), now=lambda: THURSDAY)
    page = Browser(application, bungie).open(PAGE)
    assert page.one("h1").text == "Xûr is here"
    assert "nobody knows when he leaves" in page.one("main").text
    application.extensions["destiny_web"].store.close()


def test_every_page_says_in_its_frame_that_he_is_here(at, visitor):
    assert "Xûr is here until Tue" in visitor.open("/").one("header").text
    assert visitor.open("/nowhere").one("header")
    at(LEFT)
    assert "until" not in visitor.open("/").one("header").text


def test_names_with_markup_are_text(tmp_path):
    with running(hostile=True, vault=5) as evil:
        evil.clock.set(SUNDAY)
        (tmp_path / "manifest.looked").touch()
        application = create_app(settings_for(evil, tmp_path), now=evil.clock.now)
        page = Browser(application, evil).open(PAGE)
        assert len(offers(page)) > 40
        assert "<script>alert" not in page.html
        application.extensions["destiny_web"].store.close()


def test_a_hidden_vendor_is_not_there(visitor, bungie):
    bungie.refuse_next("GetPublicVendors", Code.VENDOR_NOT_FOUND)
    page = visitor.open(PAGE)
    assert page.status == 200
    assert "That vendor is not here now." in " ".join(page.said)
