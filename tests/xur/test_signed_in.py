"""Xûr's page for a player: rolls, what is owned, what is in the way, and for whom."""

import pytest

from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.manifest.vendor_table import GEAR_OFFERS, XUR
from bungie_sandbox.refusals import Code
from bungie_sandbox.server import running
from bungie_sandbox.world.belongings import VAULT
from destiny_web.app import create_app
from destiny_web.domain.xur.schedule import WEEK
from tests.browsing import Browser
from tests.conftest import SITE, settings_for
from tests.sandbox.picking import fill
from tests.templates.sound import Sound
from tests.xur.conftest import LEFT, ROLL, SUNDAY, THURSDAY
from tests.xur.test_public_page import PAGE, offers


@pytest.fixture
def browser(visitor):
    """The first player, signed in."""
    visitor.sign_in()
    return visitor


def of(page, vendor):
    return [one for one in offers(page) if one.attributes["data-vendor-hash"] == str(vendor)]


def characters(page):
    return page.one("nav", aria_label="Character").all("a")


def test_what_is_on_offer_has_its_perks_and_stats(browser):
    weapon = of(browser.open(PAGE), GEAR_OFFERS)[0]
    perks = weapon.one("ul", aria_label="Perks").all("li")
    assert len(perks) > 3
    assert all(perk.text for perk in perks)
    assert not any("Empty" in perk.text for perk in perks)
    assert "Impact" in weapon.one("dl").text


def test_another_character_is_one_click_away_and_stays_chosen(browser, bungie, asked):
    page = browser.open(PAGE)
    first, second, third = characters(page)
    assert first.attributes["aria-current"] == "page"
    before = asked("GetVendor")
    page = browser.open(second.attributes["href"])
    assert characters(page)[1].attributes["aria-current"] == "page"
    assert {first.text, second.text, third.text} == {one.text for one in characters(page)}
    assert asked("GetVendor") > before
    again = [one.attributes["href"] for one in page.all("a") if one.text == "Look again"]
    assert all("character=" in one for one in again)
    assert bungie.requests


def test_the_armor_of_every_class_of_the_account_is_there(browser):
    page = browser.open(PAGE)
    armor = [one for one in of(page, GEAR_OFFERS) if "Legendary" in one.text]
    told = {name for name in ("Titan", "Hunter", "Warlock") for one in armor if name in one.text}
    assert told == {"Titan", "Hunter", "Warlock"}
    assert any("For your" in one.text for one in armor)
    indexes = [one.attributes["data-vendor-item-index"] for one in of(page, GEAR_OFFERS)]
    assert len(indexes) == len(set(indexes))


def test_the_public_page_gets_what_a_player_was_told(browser, app, bungie):
    stranger = Browser(app, bungie)
    before = len(offers(stranger.open(PAGE)))
    shown = len(offers(browser.open(PAGE)))
    after = offers(stranger.open(PAGE))
    assert before < len(after) == shown
    assert not any("You have" in one.text or "Reach a" in one.text for one in after)


def test_what_is_owned_is_told_with_place_and_best_power(browser, bungie):
    everything = list(bungie.profile().everything())
    told = 0
    for sold in offers(browser.open(PAGE)):
        if not any("power" in one.text for one in sold.all("li", class_="have")):
            continue
        item_hash = int(sold.attributes["data-item-hash"])
        held = [one for one in everything if one.definition.item_hash == item_hash]
        best = max(held, key=lambda one: one.power)
        count = "one" if len(held) == 1 else len(held)
        assert f"You have {count}: " in sold.text
        assert f"power {best.power}" in sold.text
        if best.holder == VAULT:
            assert f"You have {count}: in the vault" in sold.text
        told += 1
    assert told > 5


def test_coins_are_counted_and_what_they_buy(browser):
    page = browser.open(PAGE)
    purse = next(one for one in page.all("p") if one.text.startswith("You have"))
    assert purse.text.endswith("Strange Coin")
    coins = int(purse.text.split()[2].replace(",", ""))
    priced = next(one for one in of(page, XUR) if "41 Strange Coin" in one.text)
    assert f"your coins buy {coins // 41}" in priced.text


def test_a_full_bucket_is_no_refusal_and_a_missing_rank_is_one(browser, bungie):
    account = bungie.profile()
    page = browser.open(PAGE)
    chosen = characters(page)[0].attributes["href"].rpartition("=")[2]
    for bucket in (Bucket.KINETIC, Bucket.ENERGY, Bucket.POWER):
        fill(account, chosen, bucket)
    bungie.clock.advance(200)
    page = browser.open(PAGE)
    full = [one for one in of(page, GEAR_OFFERS) if "No room for it: make some first" in one.text]
    assert full
    assert not any("shut" in one.attributes["class"].split() for one in full)
    locked = [one for one in of(page, XUR) if "Reach a higher rank with Xûr." in one.text]
    assert locked
    assert all("shut" in one.attributes["class"].split() for one in locked)


def test_a_vendor_that_cannot_be_found_leaves_what_everybody_sees(browser, bungie):
    bungie.refuse_next("GetVendor", Code.VENDOR_NOT_FOUND, times=-1)
    page = browser.open(PAGE)
    assert page.status == 200
    assert page.one("h1").text == "Xûr is here"
    assert len(offers(page)) > 40
    assert "Bungie does not show him to this character at the moment." in " ".join(page.said)


def test_slow_vendors_hold_no_page_up_and_are_filled_in(browser, bungie, parts):
    browser.open(PAGE)
    bungie.clock.advance(200)
    parts.stocks.patience = 0.05
    bungie.fail_next("GetVendor", "slow", times=-1, seconds=0.4)
    page = browser.open(PAGE)
    assert "data-pending" in page.one("main").attributes
    assert len(offers(page)) > 40
    bungie.bungie.faults.clear()
    assert parts.background.settle(20)
    parts.stocks.patience = 5.0
    assert "data-pending" not in browser.open(PAGE).one("main").attributes


def test_when_the_public_answer_fails_a_player_sees_the_stock_all_the_same(browser, bungie, app):
    bungie.fail_next("GetPublicVendors", "maintenance", times=-1)
    page = browser.open(PAGE)
    assert len(offers(page)) > 40
    assert "past" not in page.html.partition("<main")[2].partition("</main>")[0].split('"')
    stranger = offers(Browser(app, bungie).open(PAGE))
    assert len(stranger) > 40
    assert any("Reach a higher rank" in one.text for one in offers(page))
    assert not any("Reach a" in one.text or "No room" in one.text for one in stranger)


def test_when_he_is_away_no_character_asks_for_him(at, browser, asked):
    browser.open(PAGE)
    before = asked("GetVendor")
    at(LEFT)
    browser.sign_in()
    page = browser.open(PAGE)
    assert asked("GetVendor") == before
    assert "It cannot be bought any more." in page.one("main").text
    assert "your coins buy" not in page.one("main").text
    assert characters(page)


def test_what_getvendors_lists_while_he_is_away_is_of_the_past(at, visitor, asked):
    at(THURSDAY)
    visitor.sign_in()
    page = visitor.open(PAGE)
    assert page.one("h1").text == "Xûr is away"
    assert asked("GetVendors") == 1
    assert len(offers(page)) > 40
    assert "he sold on 19 to 23 June 2026" in page.one("main").text
    visitor.open(PAGE)
    assert asked("GetVendors") == 1


def test_the_stock_that_is_rolled_before_he_comes_is_shown_to_nobody(at, visitor, asked):
    at(ROLL)
    visitor.sign_in()
    assert offers(visitor.open(PAGE)) == []
    assert asked("GetVendors") == 0


def test_who_has_no_characters_sees_what_everybody_sees(visitor, bungie):
    visitor.sign_in(bungie.player("Fenchurch#0000").bungie_id)
    page = visitor.open(PAGE)
    assert page.status == 200
    assert len(offers(page)) > 40


def test_a_sign_in_that_bungie_refuses_leaves_the_public_page(browser, bungie):
    bungie.bungie.oauth.invalidate_all()
    bungie.clock.advance(5000)
    page = browser.open(PAGE)
    assert page.status == 200
    assert len(offers(page)) > 40
    assert "sign in again" in " ".join(page.said)


def test_names_with_markup_neither_break_the_page_nor_turn_its_sentences(site, tmp_path):
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil/manifest.looked").touch()
    with running(hostile=True, vault=60) as evil:
        evil.clock.set(SUNDAY)
        evil.redirect_uri = f"{SITE}/auth/callback"
        browser = Browser(site(tmp_path / "evil", bungie_root=evil.root), evil)
        browser.sign_in()
        page = browser.open(PAGE)
    have = [one.text for sold in offers(page) for one in sold.all("li", class_="have")]
    assert any("<script>" in one for one in have)  # as text: the page was read by its tags
    assert not any("\u202e" in one for one in have)
    assert "<script>alert" not in page.html


@pytest.mark.parametrize("moment", [SUNDAY, LEFT, THURSDAY])
def test_the_page_is_sound_for_players_and_for_strangers(at, visitor, moment):
    visitor.open(PAGE)
    at(moment)
    Sound(visitor.open(PAGE).html)
    visitor.sign_in()
    Sound(visitor.open(PAGE).html)


@pytest.fixture
def unusual(bungie, folder):
    """A player's browser on a site for whose calendar Xûr is away, while Bungie lists him."""
    application = create_app(settings_for(bungie, folder), now=lambda: THURSDAY + 2 * WEEK)
    browser = Browser(application, bungie)
    browser.sign_in()
    yield browser
    parts = application.extensions["destiny_web"]
    assert parts.background.settle(20)
    parts.store.close()


def test_on_unusual_days_and_with_a_passed_date_a_player_sees_rolls_and_asks_once(unusual, asked):
    shown = unusual.open(PAGE)
    assert shown.one("h1").text == "Xûr is here"
    assert of(shown, GEAR_OFFERS)[0].one("ul", aria_label="Perks").all("li")
    assert "is not known yet" not in shown.one("main").text
    assert "It cannot be bought any more." not in shown.one("main").text
    times = asked("GetVendor")
    assert times
    unusual.open(PAGE)
    assert asked("GetVendor") == times
