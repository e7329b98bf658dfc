"""The tabs of a phone: one owner at a time, each at its own place."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, sign_in

pytestmark = pytest.mark.xdist_group("browser")  # one browser at a time: two cores

SELECTORS = """() => {
    const selectorsOf = (rules) => [...rules].flatMap((rule) =>
        rule.selectorText ? [rule.selectorText] : rule.cssRules ? selectorsOf(rule.cssRules) : []);
    return [...document.styleSheets].flatMap((sheet) => selectorsOf(sheet.cssRules));
}"""


@pytest.fixture
def vault(open_window, collector):
    """A phone that shows the vault of a player with 700 items in it."""
    window = open_window(PHONE)
    sign_in(window, collector, "/inventory/?on=vault")
    return window


def test_each_tab_keeps_its_scroll_position(vault):
    vault.evaluate("window.scrollTo(0, 1000)")
    vault.locator("label[for=on-0]").click()
    expect(vault.locator(".column-0")).to_be_visible()
    assert vault.evaluate("window.scrollY") == 0
    vault.evaluate("window.scrollTo(0, 200)")
    vault.locator("label[for=on-vault]").click()
    expect(vault.locator(".vault")).to_be_visible()
    assert vault.evaluate("window.scrollY") == 1000
    vault.locator("label[for=on-0]").click()
    assert vault.evaluate("window.scrollY") == 200


def test_a_tab_changes_one_attribute_of_the_page(vault):
    vault.evaluate(
        """() => {
            window.changes = [];
            new MutationObserver((records) => {
                for (const { type, attributeName, target } of records)
                    window.changes.push(`${type} ${attributeName} ${target.className}`);
            }).observe(
                document.querySelector("[data-inventory]"),
                { subtree: true, attributes: true, childList: true },
            );
        }"""
    )
    vault.locator("label[for=on-1]").click()
    expect(vault.locator(".column-1")).to_be_visible()
    assert vault.evaluate("window.changes") == ["attributes data-shown board"]


def test_no_selector_depends_on_the_checked_tab_where_scripts_run(vault):
    selectors = vault.evaluate(SELECTORS)
    assert len(selectors) > 500
    assert not [selector for selector in selectors if ":has(" in selector and "check" in selector]


def test_the_chosen_tab_is_there_again_after_a_reload(vault):
    vault.locator("label[for=on-2]").click()
    vault.reload()
    expect(vault.locator(".column-2")).to_be_visible()
    expect(vault.locator("#on-2")).to_be_checked()
    expect(vault.locator(".vault")).to_be_hidden()
