"""Where an item can go, as JSON: the same rules and the same requests as the panel's buttons."""

from datetime import UTC, datetime, timedelta

import pytest

from destiny_web.app import create_app
from destiny_web.domain.account.characters import ACCOUNT, VAULT
from destiny_web.domain.account.items import Location
from destiny_web.inventory import detail
from destiny_web.inventory.destinations import list_destinations
from tests.browsing import Browser
from tests.builders import (
    HELMET,
    HUNTER,
    TITAN,
    WARLOCK,
    make_equipped_weapon,
    make_profile,
    make_stack,
    make_weapon,
    make_weapons,
)
from tests.conftest import settings_for
from tests.inventory.test_page import owned_items
from tests.inventory.worlds import ARMOR, CONSUMABLES, KINETIC, tiles

PAGE = "/inventory/"
ANSWER = "/inventory/destinations"


def ask(browser, **args):
    """Ask for the destinations of an item; return status and body."""
    answer = browser.client.get(ANSWER, query_string=args, headers={"Accept": "application/json"})
    return answer.status_code, answer.get_json()


def ask_for_tile(browser, tile):
    if "data-item-instance-id" in tile:
        return ask(browser, item_instance_id=tile["data-item-instance-id"])
    return ask(
        browser,
        item_hash=tile["data-item-hash"],
        owner=tile["data-owner"],
        lost="1" if tile["data-location"] == "postmaster" else "0",
    )


def requests_of(panel):
    """Return the request of every enabled button of a panel, without its tokens."""
    for form in panel.all("form"):
        fields = {
            element.attributes["name"]: element.attributes.get("value", "")
            for element in form.all("input")
            if element.attributes["name"] not in {"csrf_token", "idempotency_key"}
        }
        for button in form.all("button"):
            if "disabled" not in button.attributes and "locked" not in fields:
                name = button.attributes.get("name")
                choice = {name: button.attributes["value"]} if name else {}
                yield form.attributes["action"], fields | choice


@pytest.mark.parametrize(
    "attributes",
    [
        {"owner": "vault", "bucket_hash": KINETIC},
        {"owner": "vault", "bucket_hash": ARMOR[0]},
        {"location": "bag", "bucket_hash": KINETIC},
        {"location": "equipped", "bucket_hash": KINETIC},
        {"location": "equipped", "bucket_hash": "3284755031"},
        {"owner": "account", "bucket_hash": CONSUMABLES},
        {"owner": "vault", "bucket_hash": CONSUMABLES},
    ],
)
def test_the_destinations_send_what_the_panels_buttons_send(browser, attributes):
    for tile in tiles(browser.open(PAGE), **attributes)[:3]:
        panel = browser.open(f"{tile['href'].split('#')[0]}?part=panel")
        status, answer = ask_for_tile(browser, tile)
        assert status == 200
        sent = [
            (destination["action"], destination["fields"])
            for destination in answer["equip"] + answer["move"]
            if destination["is_available"]
        ]
        assert sent == list(requests_of(panel))


def test_an_item_in_the_postmaster_is_collected_to_its_own_character(browser):
    for tile in tiles(browser.open(PAGE), location="postmaster"):
        url = tile["href"].split("#")[0]
        panel = browser.open(f"{url}{'&' if '?' in url else '?'}part=panel")
        by_button = list(requests_of(panel))
        _, answer = ask_for_tile(browser, tile)
        for destination in answer["equip"] + answer["move"]:
            if destination["is_available"]:
                assert (destination["action"], destination["fields"]) in by_button
        own = [
            destination
            for destination in answer["move"]
            if destination["owner"] in {tile["data-owner"], "account"}
        ]
        assert [destination["action"] for destination in own] == ["/inventory/pull"]


ITEMS = {
    "a weapon in the vault": make_weapon("9"),
    "a weapon with a character": make_weapon("9", TITAN),
    "an equipped weapon": make_equipped_weapon("9", TITAN),
    "a weapon in the postmaster": make_weapon("9", TITAN, location=Location.POSTMASTER),
    "an item that cannot be transferred": make_weapon("9", TITAN, transferable=False),
    "armor of one class": make_weapon("9", class_type=1, bucket_hash=HELMET),
    "a stack": make_stack(7),
    "a stack in the vault": make_stack(7, VAULT),
    "a stack in the postmaster": make_stack(7, TITAN, location=Location.POSTMASTER),
    "a stack that moves as a whole": make_stack(7, unique_stack=True),
}


@pytest.mark.parametrize("others", [(), make_weapons(HUNTER, 10)], ids=["room", "hunter is full"])
@pytest.mark.parametrize("item", ITEMS.values(), ids=ITEMS.keys())
def test_the_rules_are_those_of_the_panel(app, item, others):
    profile = make_profile(item, *others)
    quantity = item.quantity if item.definition.unique_stack else 1
    panel = {
        "move": detail.build_move_choices(profile, item, quantity, ""),
        "equip": detail.build_equip_choices(profile, item, ""),
    }
    with app.test_request_context():
        answer = list_destinations(profile, item)
    for key, choices in panel.items():
        assert [
            (destination["owner"], destination["is_available"], destination["reason"])
            for destination in answer[key]
        ] == [(choice.owner, choice.is_available, choice.reason) for choice in choices]


def test_a_stack_that_fits_only_in_part_is_refused_as_a_whole(app):
    stack = make_stack(90, VAULT)
    others = [make_stack(60, item_hash=number, transferable=False) for number in (201, 202)]
    profile = make_profile(stack, make_stack(50), *others)
    (choice, _) = detail.build_move_choices(profile, stack, 1, "")
    assert choice.is_available
    with app.test_request_context():
        (destination, _) = list_destinations(profile, stack)["move"]
    assert destination["owner"] == ACCOUNT
    assert not destination["is_available"]
    assert destination["reason"]
    assert destination["fields"]["quantity"] == "90"


def test_armor_is_equipped_by_its_class_only(app):
    helmet = make_weapon("9", class_type=2, bucket_hash=HELMET)
    with app.test_request_context():
        answer = list_destinations(make_profile(helmet), helmet)
    assert [destination["owner"] for destination in answer["equip"]] == [WARLOCK]


def test_bungie_is_not_asked(browser, bungie):
    tile = tiles(browser.open(PAGE), owner="vault", bucket_hash=KINETIC)[0]
    before = len(bungie.requests)
    assert ask_for_tile(browser, tile)[0] == 200
    assert len(bungie.requests) == before


def test_an_old_snapshot_answers_without_bungie(bungie, folder):
    now = datetime.now(UTC)
    app = create_app(settings_for(bungie, folder), now=lambda: now)
    browser = Browser(app, bungie)
    browser.sign_in()
    tile = tiles(browser.open(PAGE), owner="vault", bucket_hash=KINETIC)[0]
    now += timedelta(minutes=30)
    before = len(bungie.requests)
    assert ask_for_tile(browser, tile)[0] == 200
    assert len(bungie.requests) == before
    app.extensions["destiny_web"].store.close()


def test_an_item_of_another_player_is_not_found(browser, bungie):
    records = owned_items(bungie, "20006002")
    instance_id = next(record["itemInstanceId"] for record in records if "itemInstanceId" in record)
    assert ask(browser, item_instance_id=instance_id)[0] == 404


@pytest.mark.parametrize(
    "args",
    [
        {},
        {"item_instance_id": "1"},
        {"item_instance_id": "\0"},
        {"item_hash": "1", "owner": "vault"},
        {"item_hash": "x", "owner": "vault"},
        {"item_hash": "9" * 5000, "owner": "account"},
        {"item_hash": "9", "owner": "x", "lost": "1"},
    ],
)
def test_an_item_that_the_player_does_not_own_is_not_found(browser, args):
    browser.open(PAGE)
    assert ask(browser, **args)[0] == 404


def test_a_visitor_has_to_sign_in_first(visitor):
    assert ask(visitor, item_instance_id="1")[0] == 401
