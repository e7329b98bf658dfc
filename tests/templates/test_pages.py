"""Every plain page, the header and the messages, with ordinary and with unusual content."""

from dataclasses import dataclass

import pytest

from destiny_web.config import ROOT
from destiny_web.domain.account.characters import Membership
from tests.builders import MEMBERSHIP, make_weapon
from tests.templates.contexts import HOSTILE_TEXT, INDEX, inventory_context, item_context

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


def test_markup_in_a_name_is_shown_as_text(render):
    html_page = render(INDEX, **inventory_context(make_weapon("1", name=HOSTILE_TEXT)))
    assert HOSTILE_TEXT in html_page.only("a", id="i1").text
    assert render("home.html", player=Membership(type=3, membership_id="1", name=HOSTILE_TEXT))


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


def test_the_failsafe_page_needs_no_template_engine():
    text = (ROOT / "templates/errors/failsafe.html").read_text()
    assert "{{" not in text
    assert "{%" not in text
