"""The page of an item, with ordinary and with unusual content."""

import pytest

from destiny_web.domain.account.characters import VAULT
from destiny_web.inventory.detail import DestinationChoice, Perk, StatBar
from tests.builders import HUNTER, TITAN, WARLOCK, make_stack, make_weapon
from tests.templates.contexts import HOSTILE_TEXT, INDEX, item_context


@pytest.mark.parametrize(
    "context",
    [
        item_context(make_weapon()),
        item_context(make_stack(12)),
        item_context(make_stack(12, known=False, name="")),
        item_context(
            make_weapon(name=HOSTILE_TEXT, icon="/a.png"),
            type_line=HOSTILE_TEXT,
        ),
        item_context(make_weapon("9", HUNTER), is_in_postmaster=True),
        item_context(make_weapon(), is_incomplete=True, move_choices=(), is_lockable=False),
        item_context(
            make_weapon(),
            stat_bars=(StatBar(name=HOSTILE_TEXT, value=120, maximum=100),),
            perks=(Perk(name=HOSTILE_TEXT, description=HOSTILE_TEXT, icon=""),),
            description=HOSTILE_TEXT,
            flavor=HOSTILE_TEXT,
        ),
    ],
)
def test_every_item_page_keeps_the_rules(render, context):
    assert render(INDEX, **context)


def test_a_disabled_button_points_to_its_reason_and_each_reason_stands_once(render):
    message = "The vault is full: make room there first."
    choices = (
        DestinationChoice(owner=HUNTER, name="Hunter", reason=message),
        DestinationChoice(owner=TITAN, name="Titan", reason=message),
        DestinationChoice(owner=VAULT, name="Vault", is_current=True),
    )
    html_page = render(
        INDEX, **item_context(make_weapon(), move_choices=choices, equip_choices=choices[:2])
    )
    assert html_page.only("main").text.count(message) == 1
    (reason,) = [element for element in html_page.all("p") if message in element.text]
    disabled_buttons = [
        element
        for element in html_page.all("button", name="destination")
        if "Vault" not in element.text
    ]
    assert len(disabled_buttons) == 4
    for button in disabled_buttons:
        assert "disabled" in button.attributes
        assert button.attributes["aria-describedby"] == reason.attributes["id"]


def test_the_first_enabled_equip_button_stands_out(render):
    equips = (
        DestinationChoice(owner=HUNTER, name="Hunter", reason="No."),
        DestinationChoice(owner=TITAN, name="Titan"),
        DestinationChoice(owner=WARLOCK, name="Warlock"),
    )
    html_page = render(INDEX, **item_context(make_weapon(), equip_choices=equips))
    buttons = html_page.all("button", name="destination")
    assert [button.text for button in buttons if "btn-primary" in button.classes] == ["Titan"]


def test_a_stack_asks_for_a_quantity_and_an_instance_does_not(render):
    field = render(INDEX, **item_context(make_stack(12))).only("input", name="quantity")
    assert (field.attributes["min"], field.attributes["max"]) == ("1", "12")
    field = render(INDEX, **item_context(make_weapon())).only("input", name="quantity")
    assert (field.attributes["type"], field.attributes["value"]) == ("hidden", "1")


def test_a_disabled_collect_button_points_to_its_reason(render):
    moves = (DestinationChoice(owner=HUNTER, name="Hunter", reason="It is full."),)
    html_page = render(
        INDEX, **item_context(make_weapon("9", HUNTER), is_in_postmaster=True, move_choices=moves)
    )
    (collect,) = [element for element in html_page.all("button") if "Collect" in element.text]
    assert "disabled" in collect.attributes
    assert collect.attributes["aria-describedby"]
