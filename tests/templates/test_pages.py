"""Every page, with what is ordinary and with what is not."""

import gzip
from datetime import UTC, datetime

import pytest

from destiny_web.config import ROOT
from destiny_web.domain.account.characters import VAULT, Membership
from destiny_web.inventory.detail import DestinationChoice, ItemPage, Perk, StatBar
from destiny_web.inventory.presenter import build_page
from destiny_web.inventory.tiles import build_tile
from tests.builders import (
    HUNTER,
    MEMBERSHIP,
    TITAN,
    WARLOCK,
    character,
    coins,
    full,
    gun,
    held,
    worn,
)

IMAGES = "http://127.0.0.1:5055"
EVIL = "<script>alert(1)</script>\"'&amp;{{ 7 * 7 }}</a>" + "w" * 300
INDEX, ITEM = "inventory/index.html", "inventory/item.html"
KINDS = (
    "bad-request",
    "sign-in",
    "forbidden",
    "not-found",
    "slow-down",
    "maintenance",
    "no-answer",
    "error",
)


def seen(*items, shown=HUNTER, trouble="", **changes):
    return {
        "page": build_page(held(*items, **changes), image_root=IMAGES, base_url="/inventory/"),
        "shown": shown,
        "read_at": datetime(2026, 11, 20, 18, 0, tzinfo=UTC),
        "age": "18 s",
        "fresh": not trouble,
        "trouble": trouble,
    }


def detail(item, **changes):
    given = {
        "tile": build_tile(item, image_root=IMAGES, base_url=""),
        "type_line": "Legendary Hand Cannon",
        "description": "",
        "flavor": "",
        "screenshot": "",
        "element": "",
        "ammunition": "Primary",
        "where": "In the vault",
        "source": item.owner,
        "figures": (),
        "perks": (),
        "moves": (
            DestinationChoice(owner=HUNTER, name="Hunter"),
            DestinationChoice(owner=VAULT, name="Vault"),
        ),
        "move_notes": (),
        "equip_notes": (),
        "equips": (),
        "lockable": True,
        "lost": False,
        "total": item.quantity,
        "partial": False,
    }
    shown = ItemPage(**(given | changes))
    return {"detail": shown, "back": "/inventory/#i9", **seen()}


PLAIN = [
    ("home.html", {}),
    ("auth/membership.html", {"choices": [], "next": "/inventory/"}),
    (
        "auth/membership.html",
        {
            "choices": [
                {"value": "3-1", "name": EVIL, "platform": "Steam", "chosen": True},
                {"value": "1-2", "name": "", "platform": "Xbox", "chosen": False},
            ],
            "next": "/inventory/",
        },
    ),
    ("errors/preparing.html", {"title": "One moment", "message": "Nearly there."}),
] + [
    (
        "errors/error.html",
        {
            "title": "Too bad",
            "message": EVIL,
            "code": 503,
            "kind": kind,
            "ways": [("To the front page", "/")],
            "request_id": "" if kind == "error" else "abc",
        },
    )
    for kind in KINDS
]


@pytest.mark.parametrize(("template", "words"), PLAIN)
@pytest.mark.parametrize("player", [None, MEMBERSHIP])
def test_every_plain_page_is_sound(render, template, words, player):
    assert render(template, player=player, **words)


@pytest.mark.parametrize(
    "words",
    [
        seen(),
        seen(worn("1", HUNTER), gun("2", HUNTER), gun("3"), coins()),
        seen(gun("3"), characters=(), shown=VAULT),
        seen(worn("1", HUNTER), characters=(character(HUNTER, 1, "Hunter"),)),
        seen(worn("1", HUNTER), trouble="Bungie does not answer."),
        seen(gun("1", HUNTER), missing=frozenset({"vault", "equipment", "currencies"})),
        seen(worn("1", HUNTER), missing=frozenset({"bags", "characters", "news"})),
        seen(gun("1", name=EVIL, icon="/a.png"), gun("2", name=""), coins(2**31)),
        seen(characters=(character(HUNTER, 1, EVIL, race_name=EVIL, emblem="/b.png"),)),
    ],
)
def test_every_inventory_is_sound(render, words):
    assert render(INDEX, **words)


@pytest.mark.parametrize(
    "words",
    [
        detail(gun()),
        detail(coins(12)),
        detail(coins(12, known=False, name="")),
        detail(gun(name=EVIL, icon="/a.png"), type_line=EVIL, screenshot="/s.png"),
        detail(gun("9", HUNTER), lost=True),
        detail(gun(), partial=True, moves=(), lockable=False),
        detail(
            gun(),
            figures=(StatBar(name=EVIL, value=120, maximum=100),),
            perks=(Perk(name=EVIL, description=EVIL, icon=""),),
            description=EVIL,
            flavor=EVIL,
        ),
    ],
)
def test_every_item_page_is_sound(render, words):
    assert render(ITEM, **words)


def test_a_name_with_markup_is_nothing_but_text(render):
    read = render(INDEX, **seen(gun("1", name=EVIL)))
    assert EVIL in read.one("a", id="i1").text
    assert render("home.html", player=Membership(type=3, membership_id="1", name=EVIL))


def test_a_tile_carries_what_is_promised(render):
    read = render(INDEX, **seen(gun("77", HUNTER, power=405), coins(12)))
    assert (
        read.one("a", id="i77").attributes.items()
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
    stack = read.one("a", data_item_hash="200")
    assert "data-item-instance-id" not in stack.attributes
    assert "Strange Coin" in stack.text
    assert stack.attributes["data-quantity"] == "12"


def test_a_bucket_with_room_shows_its_free_places(render):
    read = render(INDEX, **seen(worn("1", HUNTER), *full(HUNTER, 7)))
    (cell,) = [one for one in read.of_class("cell") if one.attributes.get("role") == "group"]
    assert cell.attributes["aria-label"] == "Hunter, Kinetic Weapons"
    assert len([one for one in read.of_class("slot") if cell in one.parents]) == 9


def test_what_bungie_did_not_send_is_never_shown_as_empty(render):
    read = render(INDEX, **seen(worn("1", HUNTER), missing=frozenset({"vault"})))
    assert "the vault" in read.one(role="alert").text
    assert "Not sent by Bungie" in read.of_class("not-sent")[0].text
    assert not read.all("meter")


def test_old_figures_say_that_they_are_old(render):
    read = render(INDEX, **seen(worn("1", HUNTER), trouble="Bungie does not answer."))
    assert "Bungie does not answer." in read.one(role="alert").text
    assert "outdated" in read.of_class("freshness-button")[0].attributes["class"].split()


@pytest.mark.parametrize("shown", [TITAN, WARLOCK, VAULT])
def test_a_phone_shows_the_owner_that_was_asked_for(render, shown):
    read = render(INDEX, **seen(worn("1", HUNTER), shown=shown))
    (chosen,) = [one for one in read.all("input", name="on") if "checked" in one.attributes]
    assert chosen.attributes["value"] == shown


def test_a_closed_button_points_to_its_reason_and_no_reason_is_said_twice(render):
    why = "The vault is full: make room there first."
    closed = (
        DestinationChoice(owner=HUNTER, name="Hunter", reason=why),
        DestinationChoice(owner=TITAN, name="Titan", reason=why),
        DestinationChoice(owner=VAULT, name="Vault", here=True),
    )
    read = render(ITEM, **detail(gun(), moves=closed, equips=closed[:2]))
    assert read.one("main").text.count(why) == 1
    (reason,) = [one for one in read.of_class("panel-reason") if why in one.text]
    shut = [one for one in read.all("button", name="destination") if "Vault" not in one.text]
    assert len(shut) == 4
    for button in shut:
        assert "disabled" in button.attributes
        assert button.attributes["aria-describedby"] == reason.attributes["id"]


def test_the_first_open_choice_to_wear_something_stands_out(render):
    equips = (
        DestinationChoice(owner=HUNTER, name="Hunter", reason="No."),
        DestinationChoice(owner=TITAN, name="Titan"),
        DestinationChoice(owner=WARLOCK, name="Warlock"),
    )
    read = render(ITEM, **detail(gun(), equips=equips))
    assert [one.text for one in read.of_class("btn-primary")] == ["Titan"]


def test_a_stack_asks_how_many_and_an_instance_does_not(render):
    field = render(ITEM, **detail(coins(12))).one("input", name="quantity")
    assert (field.attributes["min"], field.attributes["max"]) == ("1", "12")
    field = render(ITEM, **detail(gun())).one("input", name="quantity")
    assert (field.attributes["type"], field.attributes["value"]) == ("hidden", "1")


def test_what_cannot_be_collected_says_why(render):
    moves = (DestinationChoice(owner=HUNTER, name="Hunter", reason="It is full."),)
    read = render(ITEM, **detail(gun("9", HUNTER), lost=True, moves=moves))
    (collect,) = [one for one in read.all("button") if "Collect" in one.text]
    assert "disabled" in collect.attributes
    assert collect.attributes["aria-describedby"]


def test_practice_is_said_on_every_page(render):
    assert "Practice mode" in render("home.html", player=None).of_class("practice")[0].text


def test_a_page_of_1100_tiles_is_small(render):
    items = [worn(str(number), owner) for number, owner in enumerate((TITAN, HUNTER, WARLOCK))]
    for start, owner in ((1000, TITAN), (2000, HUNTER), (3000, WARLOCK)):
        items += full(owner, 9, start=start, icon="/common/destiny2_content/icons/a.jpg")
    items += full(
        VAULT, 1070, start=6917529000000000000, icon="/common/destiny2_content/icons/b.jpg"
    )
    read = render(INDEX, **seen(*items))
    assert len(read.of_class("tile")) == 1100
    assert len(gzip.compress(read.source.encode(), 6)) < 120_000


def test_the_page_that_cannot_fail_needs_no_template_engine():
    text = (ROOT / "templates/errors/failsafe.html").read_text()
    assert "{{" not in text
    assert "{%" not in text


def test_no_style_or_script_reaches_outside():
    for file in (ROOT / "static").rglob("*.[cj]s*"):
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "//" not in text.replace("// ", "").replace("//\n", ""), file
        assert "@import" not in text
        assert "innerHTML" not in text


def test_a_currency_is_shown_but_leads_nowhere(render):
    read = render(INDEX, **seen(currencies=(coins(247311, name="Glimmer"),)))
    (coin,) = [one for one in read.of_class("tile") if "Glimmer" in one.text]
    assert coin.attributes["data-quantity"] == "247311"
    assert "href" not in coin.attributes
