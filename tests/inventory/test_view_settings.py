"""The form that changes how the page looks, with and without JavaScript."""

import pytest

PAGE = "/inventory/"


def board(page):
    (element,) = page.all("div", class_="board")
    return element.attributes


@pytest.mark.parametrize(
    ("fields", "attribute", "value"),
    [
        ({"density": "names"}, "data-density", "names"),
        ({"density": "table"}, "data-density", "table"),
        ({"columns": "three"}, "data-columns", "three"),
        ({"single_keys": "0"}, "data-single-keys", "off"),
        ({"double_click": "1"}, "data-double-click", "on"),
    ],
)
def test_a_setting_is_kept_for_the_next_page(browser, fields, attribute, value):
    assert board(browser.submit("/inventory/view", **fields))[attribute] == value
    assert board(browser.open(PAGE))[attribute] == value


def test_the_double_click_is_off_until_the_player_switches_it_on_and_can_be_switched_off(browser):
    page = browser.open(PAGE)
    assert board(page)["data-double-click"] == "off"
    values = [
        element.attributes["value"]
        for element in page.one("form", id="view-form").all("input", name_="double_click")
    ]
    page = browser.submit("/inventory/view", double_click=values)
    assert board(page)["data-double-click"] == "on"
    assert "checked" in page.one("input", id="double-click").attributes
    page = browser.submit("/inventory/view", double_click=values[1:])  # the box is not checked
    assert board(page)["data-double-click"] == "off"
    assert "checked" not in page.one("input", id="double-click").attributes


def test_a_section_stays_folded(browser):
    status, answer = browser.json("/inventory/view", fold="kinetic", folded="1")
    assert (status, answer["ok"]) == (200, True)
    section = browser.open(PAGE).one("details", id="vault-kinetic")
    assert "open" not in section.attributes
    browser.json("/inventory/view", fold="kinetic", folded="0")
    assert "open" in browser.open(PAGE).one("details", id="vault-kinetic").attributes


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"density": "huge"}, "density"),
        ({"columns": "7"}, "columns"),
        ({"single_keys": "yes"}, "single_keys"),
        ({"double_click": "yes"}, "double_click"),
        ({"fold": "<script>", "folded": "1"}, "fold"),
        ({"fold": "x" * 61, "folded": "1"}, "fold"),
    ],
)
def test_a_wrong_setting_is_named_and_changes_nothing(browser, fields, word):
    before = board(browser.open(PAGE))
    status, answer = browser.json("/inventory/view", **fields)
    assert status == 422
    assert word in answer["message"]
    assert board(browser.open(PAGE)) == before


def test_the_table_shows_every_item_of_the_vault(browser):
    def vault_items(page):
        return sorted(
            element.attributes.get("data-item-instance-id", "")
            for element in page.all(data_owner="vault")
        )

    icons = vault_items(browser.open(PAGE))
    table = browser.submit("/inventory/view", density="table")
    assert vault_items(table) == icons
    assert [cell.text for cell in table.one("thead").all("th")][:3] == ["Item", "Type", "Power"]
    link = table.one("table").all("a")[0]
    assert browser.open(link.attributes["href"]).status == 200
