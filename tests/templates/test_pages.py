"""Every page, with ordinary and with unusual content."""

import gzip
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import flask_bootstrap
import pytest
from jinja2 import Environment, FileSystemLoader

from destiny_web.config import ROOT
from destiny_web.domain.account.characters import VAULT, Membership
from destiny_web.inventory.board import select_column
from destiny_web.inventory.board_builder import ItemRenderers, build_board
from destiny_web.inventory.detail import DestinationChoice, ItemPage, Perk, StatBar
from destiny_web.inventory.tile_renderer import TileRenderer
from destiny_web.inventory.tiles import TileContext, build_tile
from destiny_web.services.preferences import Preferences
from tests.builders import (
    HUNTER,
    MEMBERSHIP,
    TITAN,
    WARLOCK,
    make_character,
    make_equipped_weapon,
    make_profile,
    make_stack,
    make_weapon,
    make_weapons,
)

IMAGES = "http://127.0.0.1:5055"
HOSTILE_TEXT = "<script>alert(1)</script>\"'&amp;{{ 7 * 7 }}</a>" + "w" * 300
INDEX = "inventory/index.html"
TILES = TileContext(IMAGES, "/inventory/")
RENDERER = TileRenderer(
    Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True), IMAGES
)
ERROR_KINDS = (
    "bad-request",
    "sign-in",
    "forbidden",
    "not-found",
    "slow-down",
    "maintenance",
    "no-answer",
    "error",
)


def inventory_context(*items, shown=HUNTER, trouble="", preferences=None, **changes):
    preferences = preferences or Preferences()
    profile = make_profile(*items, **changes)
    render = RENDERER.for_page("/inventory/", profile.items, None)
    renderers = ItemRenderers(
        character=render("tile"), vault=render("tile"), currency=render("currency")
    )
    board = build_board(profile, renderers, IMAGES, preferences.folds)
    return {
        "board": board,
        "selected_column": select_column(board, shown),
        "preferences": preferences,
        "is_playing": False,
        "detail": None,
        "read_at": datetime(2026, 11, 20, 18, 0, tzinfo=UTC),
        "age": "18 s",
        "is_fresh": not trouble,
        "trouble": trouble,
        "undo": None,
    }


def item_context(item, **changes):
    fields = {
        "tile": build_tile(item, TILES),
        "type_line": "Legendary Hand Cannon",
        "description": "",
        "flavor": "",
        "element": "",
        "ammunition": "Primary",
        "ammo_type": 1,
        "champion": "",
        "is_enhanced": False,
        "location_text": "In the vault",
        "owner": item.owner,
        "place": "cell-vault-1",
        "stat_bars": (),
        "perks": (),
        "move_choices": (
            DestinationChoice(owner=HUNTER, name="Hunter"),
            DestinationChoice(owner=VAULT, name="Vault"),
        ),
        "notes": (),
        "equip_choices": (),
        "is_lockable": True,
        "is_in_postmaster": False,
        "total": item.quantity,
        "is_incomplete": False,
    }
    detail = ItemPage(**(fields | changes))
    return {**inventory_context(), "detail": detail, "back": "/inventory/#i9"}


PLAIN_PAGES = [
    ("home.html", {}),
    ("auth/membership.html", {"choices": [], "next": "/inventory/"}),
    (
        "auth/membership.html",
        {
            "choices": [
                {"value": "3-1", "name": HOSTILE_TEXT, "platform": "Steam", "chosen": True},
                {"value": "1-2", "name": "", "platform": "Xbox", "chosen": False},
            ],
            "next": "/inventory/",
        },
    ),
    (
        "errors/preparing.html",
        {"title": "One moment", "message": "The definitions are being loaded."},
    ),
] + [
    (
        "errors/error.html",
        {
            "title": "Bungie does not answer",
            "message": HOSTILE_TEXT,
            "code": 503,
            "kind": error_kind,
            "ways": [("To the front page", "/")],
            "request_id": "" if error_kind == "error" else "abc",
        },
    )
    for error_kind in ERROR_KINDS
]


@pytest.mark.parametrize(("template", "context"), PLAIN_PAGES)
@pytest.mark.parametrize("player", [None, MEMBERSHIP])
def test_every_plain_page_keeps_the_rules(render, template, context, player):
    assert render(template, player=player, **context)


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


def test_markup_in_a_name_is_shown_as_text(render):
    html_page = render(INDEX, **inventory_context(make_weapon("1", name=HOSTILE_TEXT)))
    assert HOSTILE_TEXT in html_page.only("a", id="i1").text
    assert render("home.html", player=Membership(type=3, membership_id="1", name=HOSTILE_TEXT))


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


def test_practice_mode_is_stated_on_the_page(render):
    assert "Practice mode" in render("home.html", player=None).of_class("practice")[0].text


def test_a_message_stands_in_the_region_of_its_kind_and_can_be_closed(render, flashed):
    flashed += [("done", HOSTILE_TEXT), ("refused", "No room."), ("refused", "It is locked.")]
    html_page = render(INDEX, **inventory_context())
    for category, texts in (("done", [HOSTILE_TEXT]), ("refused", ["No room.", "It is locked."])):
        region = html_page.only(id=f"notices-{category}")
        notices = [
            element
            for element in html_page.elements
            if "data-notice" in element.attributes and region in element.parents
        ]
        assert [notice.text.strip() for notice in notices] == texts
        for notice in notices:
            (button,) = [
                element for element in html_page.all("button") if notice in element.parents
            ]
            assert button.attributes["aria-label"] == "Close this message"
            assert not [
                element.attributes["role"]
                for element in html_page.elements
                if notice in element.parents and "role" in element.attributes
            ]


@dataclass
class UndoneJob:
    """The last job, as a page gets it."""

    is_undo: bool
    job_id: str = "0" * 16
    message: str = HOSTILE_TEXT


@pytest.mark.parametrize(("is_undo", "label"), [(False, "Undo"), (True, "Redo")])
def test_the_header_offers_to_undo_the_last_job_and_to_redo_an_undone_one(render, is_undo, label):
    html_page = render("home.html", undo=UndoneJob(is_undo=is_undo))
    (button,) = [
        element
        for element in html_page.all("button")
        if html_page.only(id="undo") in element.parents
    ]
    assert " ".join(button.text.split()) == f"{label} : {' '.join(HOSTILE_TEXT.split())}"
    assert html_page.only("input", name="job_id").attributes["value"] == "0" * 16


def test_the_menu_of_a_player_has_the_accounts_and_the_sign_out_without_a_script(render):
    html_page = render("home.html")
    menu = html_page.of_class("account-menu")[0]
    assert menu.tag == "details"
    inside = [element for element in html_page.elements if menu in element.parents]
    assert [element.attributes["href"] for element in inside if element.tag == "a"] == [
        "/auth/membership"
    ]
    buttons = [element for element in inside if element.tag == "button"]
    assert [button.text.strip() for button in buttons if "hidden" not in button.attributes] == [
        "Sign out"
    ]
    assert not render("home.html", player=None).of_class("account-menu")


def test_the_navigation_marks_the_section_of_an_item(render):
    (link,) = [
        element
        for element in render(INDEX, **item_context(make_weapon())).all("a")
        if "aria-current" in element.attributes
    ]
    assert (link.text.strip(), link.attributes["aria-current"]) == ("Inventory", "true")


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


def test_the_failsafe_page_needs_no_template_engine():
    text = (ROOT / "templates/errors/failsafe.html").read_text()
    assert "{{" not in text
    assert "{%" not in text


def test_no_stylesheet_or_script_names_another_site():
    for file in (ROOT / "static").rglob("*.[cj]s*"):
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "//" not in text.replace("// ", "").replace("//\n", ""), file
        assert "@import" not in text
        assert "innerHTML" not in text


def test_a_currency_is_shown_without_a_link(render):
    html_page = render(INDEX, **inventory_context(currencies=(make_stack(247311, name="Glimmer"),)))
    (coin,) = html_page.of_class("currency")
    assert coin.text.split() == ["Glimmer", "247,311"]
    assert coin.attributes["data-quantity"] == "247311"
    assert not html_page.of_class("tile")


@pytest.mark.parametrize(
    ("template", "context", "own_stylesheets"),
    [
        ("home.html", {}, ["home.css"]),
        (INDEX, inventory_context(), ["inventory.css"]),
        (INDEX, item_context(make_weapon()), ["inventory.css"]),
        ("errors/preparing.html", {"title": "One moment", "message": "Wait."}, ["plain-page.css"]),
    ],
)
def test_a_page_loads_the_common_stylesheets_and_its_own(
    render, template, context, own_stylesheets
):
    links = render(template, **context).all("link", rel="stylesheet")
    names = [re.search(r"/css/([\w-]+\.css)", link.attributes["href"]) for link in links[1:]]
    expected = ["tokens.css", "site.css", *own_stylesheets, "no-script.css"]
    assert [name[1] for name in names] == expected
    assert links[-1].inside("noscript")


def classes_of(stylesheet):
    return set(re.findall(r"\.([a-z][\w-]*)", stylesheet.read_text()))


def test_the_stylesheets_of_the_pages_style_different_classes():
    folder = ROOT / "static/css"
    common = {"tokens.css", "site.css", "no-script.css", "failsafe.css"}
    shared = set().union(*(classes_of(folder / name) for name in common))
    shared |= classes_of(
        Path(flask_bootstrap.__file__).parent / "static/bootstrap5/css/bootstrap.min.css"
    )
    pages = [
        classes_of(sheet) - shared for sheet in folder.glob("*.css") if sheet.name not in common
    ]
    assert len(pages) == 4
    for number, page in enumerate(pages):
        assert not page & set().union(*pages[number + 1 :])
