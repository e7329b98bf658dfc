"""Xûr's page for a player: rolls, owned items, obstacles, and the selected character."""

import pytest

from bungie_sandbox.errors import Code
from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.manifest.vendor_table import GEAR_OFFERS, STRANGE_COIN
from bungie_sandbox.server import running
from bungie_sandbox.world.belongings import VAULT
from destiny_web.app import create_app
from destiny_web.domain.xur.schedule import WEEK
from tests.browsing import Browser
from tests.conftest import SITE, settings_for
from tests.sandbox.items import add_item, fill_bucket
from tests.templates.checked_page import CheckedPage
from tests.xur.conftest import AFTER_DEPARTURE, STOCK_CHANGE, SUNDAY, THURSDAY, WAIT_SECONDS
from tests.xur.test_public_page import PAGE, chips, offers, rows, sections


@pytest.fixture
def browser(visitor):
    """A browser that is signed in as the first player."""
    visitor.sign_in()
    return visitor


def offers_of(page, vendor_hash):
    return [
        offer for offer in offers(page) if offer.attributes["data-vendor-hash"] == str(vendor_hash)
    ]


def character_links(page):
    return page.one("nav", aria_label="Character").all("a")


def test_an_offer_shows_its_perks_and_stats(browser):
    weapon = offers_of(browser.open(PAGE), GEAR_OFFERS)[0]
    perks = weapon.one("ul", aria_label="Perks").all("li")
    assert len(perks) > 3
    assert all(perk.text for perk in perks)
    assert not any("Empty" in perk.text for perk in perks)
    assert weapon.one("summary").text == "Details of Jurisprudent"
    descriptions, stats = weapon.one("details").all("dl")
    assert len(descriptions.all("dd")) == len(perks)
    assert "Impact" in stats.text


def test_the_total_of_the_stats_of_armor_is_shown(browser):
    boots = next(row for row in rows(browser.open(PAGE)) if "Leg Armor" in row.text)
    values = [int(value.text) for value in boots.all("dl")[-1].all("dd")]
    assert f"Total {sum(values)}" in boots.one("ul", aria_label="Perks").text


def test_a_link_selects_another_character(browser, bungie, count_calls):
    page = browser.open(PAGE)
    first, second, third = character_links(page)
    assert first.attributes["aria-current"] == "page"
    calls_before = count_calls("GetVendor")
    page = browser.open(second.attributes["href"])
    assert character_links(page)[1].attributes["aria-current"] == "page"
    assert {first.text, second.text, third.text} == {link.text for link in character_links(page)}
    assert count_calls("GetVendor") > calls_before
    reload_urls = [link.attributes["href"] for link in page.all("a") if link.text == "Look again"]
    assert all("character=" in url for url in reload_urls)
    assert bungie.requests


def test_the_armor_of_every_class_of_the_account_is_shown(browser):
    page = browser.open(PAGE)
    armor = [offer for offer in offers_of(page, GEAR_OFFERS) if "Legendary" in offer.text]
    class_names = {
        name for name in ("Titan", "Hunter", "Warlock") for offer in armor if name in offer.text
    }
    assert class_names == {"Titan", "Hunter", "Warlock"}
    assert any("For your" in offer.text for offer in armor)
    indexes = [offer.attributes["data-vendor-item-index"] for offer in offers_of(page, GEAR_OFFERS)]
    assert len(indexes) == len(set(indexes))


def test_the_public_page_is_completed_by_a_players_answer(browser, app, bungie):
    public_browser = Browser(app, bungie)
    count_before = len(offers(public_browser.open(PAGE)))
    player_count = len(offers(browser.open(PAGE)))
    public_offers = offers(public_browser.open(PAGE))
    assert count_before < len(public_offers) == player_count
    assert not any("You have" in offer.text or "Reach a" in offer.text for offer in public_offers)


def test_an_owned_item_is_shown_with_its_places_and_best_power(browser, bungie):
    account_items = list(bungie.profile().all_items())
    checked_count = 0
    for offer in offers(browser.open(PAGE)):
        notes = [note.text for note in offer.all("li", class_="offer-owned")]
        if not any("power" in note or "best" in note for note in notes):
            continue
        item_hash = int(offer.attributes["data-item-hash"])
        copies = [item for item in account_items if item.definition.item_hash == item_hash]
        best = max(copies, key=lambda item: item.power)
        power = f"{'power' if len(copies) == 1 else 'best'} {best.power}"
        assert f"You have {len(copies)}, {power}" in offer.text
        if best.holder == VAULT:
            assert f"{power} in the vault" in offer.text
        checked_count += 1
    assert checked_count > 5


def test_the_players_currencies_are_shown_once(browser):
    page = browser.open(PAGE)
    currencies = next(line for line in page.all("p") if line.text.startswith("You have"))
    assert currencies.text.endswith("Strange Coin")
    coin_count = currencies.text.split()[2]
    assert page.one("main").text.count(f"{coin_count} Strange Coin") == 1
    assert "can buy" not in page.one("main").text
    assert "afford it" not in page.one("main").text


def test_an_offer_that_the_player_cannot_afford_says_so(browser, bungie):
    stacks = [
        item for item in bungie.profile().all_items() if item.definition.item_hash == STRANGE_COIN
    ]
    assert stacks
    for index, stack in enumerate(stacks):
        stack.quantity = 20 if index == 0 else 0
    page = browser.open(PAGE)
    for row in rows(page):
        price = row.one("p", class_="offer-cost").text
        is_dear = any(f" {cost} Strange Coin" in price for cost in (23, 41))
        is_locked = "offer-locked" in row.attributes["class"].split()
        assert ("You cannot afford it" in price) is (is_dear and not is_locked)
    affordable_page = browser.open(f"{PAGE}?show=affordable")
    assert 0 < len(rows(affordable_page)) < len(rows(page))
    assert "You cannot afford it" not in affordable_page.one("main").text


def test_a_missing_rank_locks_an_offer_and_a_full_bucket_does_not(browser, bungie):
    account = bungie.profile()
    page = browser.open(PAGE)
    character_id = character_links(page)[0].attributes["href"].rpartition("=")[2]
    for bucket in (Bucket.KINETIC, Bucket.ENERGY, Bucket.POWER):
        fill_bucket(account, character_id, bucket)
    bungie.clock.advance(200)
    page = browser.open(PAGE)
    without_room = [
        offer for offer in offers_of(page, GEAR_OFFERS) if "10/10: make room" in offer.text
    ]
    assert len(without_room) > 10
    assert not any("offer-locked" in row.attributes["class"].split() for row in without_room)
    locked_section = page.one("details", id="xur-locked")
    assert "Reach a higher rank with Xûr." in locked_section.all("summary")[0].text
    assert rows(locked_section)
    for row in rows(page):
        is_locked = "offer-locked" in row.attributes["class"].split()
        assert is_locked is (row in rows(locked_section))


def test_what_is_new_is_open_and_what_is_owned_or_locked_is_folded(browser):
    page = browser.open(PAGE)
    states = {name.rpartition(" ")[0]: is_open for name, is_open in sections(page).items()}
    assert states == {
        "New to you": True,
        "You own these": False,
        "Materials, engrams and more": False,
        "For other classes": False,
        "Locked": False,
    }
    assert "You have" not in page.one("details", id="xur-new").text
    assert all("You have" in row.text for row in rows(page.one("details", id="xur-owned")))
    owned = page.one("details", id="xur-owned")
    summary = owned.all("summary")[0].text
    assert rows(owned)[0].one("h4").text in summary
    assert summary.endswith(" more")


def test_a_chip_counts_the_offers_that_it_shows_for_the_same_character(browser):
    second = character_links(browser.open(PAGE))[1]
    page = browser.open(second.attributes["href"])
    labels = [label.rpartition(" ")[0] for label in chips(page)]
    assert labels[:4] == ["All", "New to you", "My class", "Can afford"]
    for label, address in chips(page).items():
        shown_page = browser.open(address)
        assert label.endswith(f" {len(rows(shown_page))}")
        assert shown_page.one("a", aria_current="true").text == label
        current = shown_page.one("nav", aria_label="Character").one("a", aria_current="page")
        assert current.text == second.text
        assert chips(shown_page) == chips(page)


def test_my_class_shows_what_only_the_selected_class_can_use(browser):
    for link in character_links(browser.open(PAGE)):
        page = browser.open(f"{link.attributes['href']}&show=class")
        class_names = {row.one("span", class_="offer-class").text for row in rows(page)}
        assert class_names == {link.text.split()[0]}
        # Another character keeps the filter.
        assert all("show=class" in other.attributes["href"] for other in character_links(page))


def test_a_filter_that_leaves_nothing_says_so(browser, bungie):
    new_items = rows(browser.open(f"{PAGE}?show=missing"))
    assert new_items
    for index, row in enumerate(new_items):
        item_hash = int(row.attributes["data-item-hash"])
        instance_id = f"69175999999999990{index:02}"
        add_item(bungie.profile(), item_hash, VAULT, Bucket.VAULT, instance_id=instance_id)
    bungie.clock.advance(200)
    page = browser.open(f"{PAGE}?show=missing")
    assert rows(page) == []
    assert "Of Xûr's stock nothing fits this choice." in page.one("main").text
    assert rows(browser.open(page.one("a", class_="btn btn-primary").attributes["href"]))


def test_the_public_stock_is_shown_when_bungie_does_not_find_the_vendor(browser, bungie):
    bungie.refuse_next("GetVendor", Code.VENDOR_NOT_FOUND, times=-1)
    page = browser.open(PAGE)
    assert page.status == 200
    assert page.one("h1").text == "Xûr is here"
    assert len(offers(page)) > 40
    assert "Bungie does not show Xûr to this character at the moment." in " ".join(page.said)


def test_slow_vendors_do_not_delay_the_page_and_are_shown_later(browser, bungie, services):
    browser.open(PAGE)
    bungie.clock.advance(200)
    services.stocks.patience = 0.05
    bungie.fail_next("GetVendor", "slow", times=-1, seconds=0.4)
    page = browser.open(PAGE)
    assert "data-pending" in page.one("main").attributes
    assert len(offers(page)) > 40
    bungie.bungie.faults.clear()
    assert services.background.wait_until_idle(20)
    services.stocks.patience = WAIT_SECONDS
    assert "data-pending" not in browser.open(PAGE).one("main").attributes


def test_a_player_sees_the_stock_when_the_public_request_fails(browser, bungie, app):
    bungie.fail_next("GetPublicVendors", "maintenance", times=-1)
    page = browser.open(PAGE)
    assert len(offers(page)) > 40
    assert "xur-past" not in page.html.partition("<main")[2].partition("</main>")[0]
    public_offers = offers(Browser(app, bungie).open(PAGE))
    assert len(public_offers) > 40
    assert "Reach a higher rank" in page.one("main").text
    assert not any("Reach a" in offer.text or "No room" in offer.text for offer in public_offers)


def test_no_character_requests_the_vendor_while_xur_is_away(set_clock, browser, count_calls):
    browser.open(PAGE)
    calls_before = count_calls("GetVendor")
    set_clock(AFTER_DEPARTURE)
    browser.sign_in()
    page = browser.open(PAGE)
    assert count_calls("GetVendor") == calls_before
    assert "It cannot be bought any more." in page.one("main").text
    assert "make room" not in page.one("main").text
    assert character_links(page)
    assert not any("afford" in label or "New" in label for label in chips(page))
    assert len(page.all("details", class_="xur-section xur-compact xur-past")) == 3


def test_the_stock_of_getvendors_is_past_while_xur_is_away(set_clock, visitor, count_calls):
    set_clock(THURSDAY)
    visitor.sign_in()
    page = visitor.open(PAGE)
    assert page.one("h1").text == "Xûr is away"
    assert count_calls("GetVendors") == 1
    assert len(offers(page)) > 40
    assert "the stock of 19 to 23 June 2026" in page.one("main").text
    visitor.open(PAGE)
    assert count_calls("GetVendors") == 1


def test_the_next_stock_is_not_shown_before_the_arrival(set_clock, visitor, count_calls):
    set_clock(STOCK_CHANGE)
    visitor.sign_in()
    assert offers(visitor.open(PAGE)) == []
    assert count_calls("GetVendors") == 0


def test_a_player_without_characters_sees_the_public_stock(visitor, bungie):
    visitor.sign_in(bungie.player("Fenchurch#0000").bungie_id)
    page = visitor.open(PAGE)
    assert page.status == 200
    assert len(offers(page)) > 40


def test_the_public_stock_is_shown_when_bungie_refuses_the_sign_in(browser, bungie):
    bungie.bungie.oauth.invalidate_all()
    bungie.clock.advance(5000)
    page = browser.open(PAGE)
    assert page.status == 200
    assert len(offers(page)) > 40
    assert "sign in again" in " ".join(page.said)


def test_markup_and_control_characters_in_names_do_not_change_the_page(build_site, tmp_path):
    (tmp_path / "hostile").mkdir()
    (tmp_path / "hostile/manifest.looked").touch()
    with running(hostile=True, vault=60) as hostile:
        hostile.clock.set(SUNDAY)
        hostile.redirect_uri = f"{SITE}/auth/callback"
        browser = Browser(build_site(tmp_path / "hostile", bungie_root=hostile.root), hostile)
        browser.sign_in()
        page = browser.open(PAGE)
    notes = [note.text for offer in offers(page) for note in offer.all("li", class_="offer-owned")]
    assert any("<script>" in note for note in notes)  # as text: the page was parsed
    assert not any("\u202e" in note for note in notes)
    assert "<script>alert" not in page.html


@pytest.mark.parametrize("moment", [SUNDAY, AFTER_DEPARTURE, THURSDAY])
def test_the_page_is_valid_with_and_without_a_player(set_clock, visitor, moment):
    visitor.open(PAGE)
    set_clock(moment)
    CheckedPage(visitor.open(PAGE).html)
    visitor.sign_in()
    CheckedPage(visitor.open(PAGE).html)


@pytest.fixture
def browser_outside_schedule(bungie, folder):
    """A signed-in browser; by the site's clock Xûr is away, but Bungie lists Xûr."""
    application = create_app(settings_for(bungie, folder), now=lambda: THURSDAY + 2 * WEEK)
    browser = Browser(application, bungie)
    browser.sign_in()
    yield browser
    services = application.extensions["destiny_web"]
    assert services.background.wait_until_idle(20)
    services.store.close()


def test_a_player_sees_rolls_outside_the_schedule_after_one_request(
    browser_outside_schedule, count_calls
):
    page = browser_outside_schedule.open(PAGE)
    assert page.one("h1").text == "Xûr is here"
    assert offers_of(page, GEAR_OFFERS)[0].one("ul", aria_label="Perks").all("li")
    assert "is not known yet" not in page.one("main").text
    assert "It cannot be bought any more." not in page.one("main").text
    call_count = count_calls("GetVendor")
    assert call_count
    browser_outside_schedule.open(PAGE)
    assert count_calls("GetVendor") == call_count
