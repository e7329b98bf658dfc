"""The page of the inventory, with ordinary and with unusual content."""

import gzip

import pytest

from destiny_web.domain.account.characters import VAULT
from tests.builders import (
    HUNTER,
    TITAN,
    WARLOCK,
    make_character,
    make_equipped_weapon,
    make_stack,
    make_weapon,
    make_weapons,
)
from tests.templates.contexts import HOSTILE_TEXT, INDEX, inventory_context


@pytest.mark.parametrize(
    "context",
    [
        inventory_context(),
        inventory_context(
            make_equipped_weapon("1", HUNTER),
            make_weapon("2", HUNTER),
            make_weapon("3"),
            make_stack(),
        ),
        inventory_context(make_weapon("3"), characters=(), shown=VAULT),
        inventory_context(
            make_equipped_weapon("1", HUNTER), characters=(make_character(HUNTER, 1, "Hunter"),)
        ),
        inventory_context(make_equipped_weapon("1", HUNTER), trouble="Bungie does not answer."),
        inventory_context(
            make_weapon("1", HUNTER), missing=frozenset({"vault", "equipment", "currencies"})
        ),
        inventory_context(
            make_equipped_weapon("1", HUNTER), missing=frozenset({"bags", "characters", "news"})
        ),
        inventory_context(
            make_weapon("1", name=HOSTILE_TEXT, icon="/a.png"),
            make_weapon("2", name=""),
            make_stack(2**31),
        ),
        inventory_context(
            characters=(
                make_character(HUNTER, 1, HOSTILE_TEXT, race_name=HOSTILE_TEXT, emblem="/b.png"),
            )
        ),
    ],
)
def test_every_inventory_page_keeps_the_rules(render, context):
    assert render(INDEX, **context)


def test_a_tile_has_the_data_attributes_of_the_contract(render):
    html_page = render(
        INDEX, **inventory_context(make_weapon("77", HUNTER, power=405), make_stack(12))
    )
    assert (
        html_page.only("a", id="i77").attributes.items()
        >= {
            "href": "/inventory/items/77",
            "data-item-hash": "100",
            "data-item-instance-id": "77",
            "data-bucket-hash": "1498876634",
            "data-owner": HUNTER,
            "data-location": "bag",
            "data-quantity": "1",
            "data-power": "405",
        }.items()
    )
    stack = html_page.only("a", data_item_hash="200")
    assert "data-item-instance-id" not in stack.attributes
    assert "Strange Coin" in stack.text
    assert stack.attributes["data-quantity"] == "12"


def test_a_bucket_with_room_shows_its_empty_slots(render):
    html_page = render(
        INDEX, **inventory_context(make_equipped_weapon("1", HUNTER), *make_weapons(HUNTER, 7))
    )
    cell = html_page.only("ul", id=f"cell-{HUNTER}-1498876634")
    assert len([element for element in html_page.of_class("slot") if cell in element.parents]) == 2
    assert "8/10" in cell.inside("div").text


def test_items_that_bungie_did_not_send_are_never_shown_as_empty(render):
    html_page = render(
        INDEX, **inventory_context(make_equipped_weapon("1", HUNTER), missing=frozenset({"vault"}))
    )
    assert "the vault" in html_page.only("p", role="alert").text
    assert "Not sent by Bungie" in html_page.of_class("not-sent")[0].text
    assert not html_page.of_class("vault-gauge")


def test_an_outdated_page_is_marked_as_outdated(render):
    html_page = render(
        INDEX,
        **inventory_context(make_equipped_weapon("1", HUNTER), trouble="Bungie does not answer."),
    )
    assert "Bungie does not answer." in html_page.only("p", role="alert").text
    assert "outdated" in html_page.of_class("freshness-button")[0].classes


@pytest.mark.parametrize(
    ("shown", "column"), [(TITAN, "0"), (HUNTER, "1"), (WARLOCK, "2"), (VAULT, "vault"), ("?", "0")]
)
def test_a_phone_shows_the_requested_owner(render, shown, column):
    html_page = render(INDEX, **inventory_context(make_equipped_weapon("1", HUNTER), shown=shown))
    (selected_tab,) = [
        element for element in html_page.all("input", name="on") if "checked" in element.attributes
    ]
    assert selected_tab.attributes["data-index"] == column
    assert html_page.of_class("board")[0].attributes["data-shown"] == column


def test_a_page_of_1100_tiles_is_small(render):
    items = [
        make_equipped_weapon(str(number), owner)
        for number, owner in enumerate((TITAN, HUNTER, WARLOCK))
    ]
    for start, owner in ((1000, TITAN), (2000, HUNTER), (3000, WARLOCK)):
        items += make_weapons(owner, 9, start=start, icon="/common/destiny2_content/icons/a.jpg")
    items += make_weapons(
        VAULT, 1070, start=6917529000000000000, icon="/common/destiny2_content/icons/b.jpg"
    )
    html_page = render(INDEX, **inventory_context(*items))
    assert len(html_page.of_class("tile")) == 1100
    assert len(gzip.compress(html_page.html.encode(), 6)) < 120_000


def test_a_currency_is_shown_without_a_link(render):
    html_page = render(INDEX, **inventory_context(currencies=(make_stack(247311, name="Glimmer"),)))
    (coin,) = html_page.of_class("currency")
    assert coin.text.split() == ["Glimmer", "247,311"]
    assert coin.attributes["data-quantity"] == "247311"
    assert not html_page.of_class("tile")
