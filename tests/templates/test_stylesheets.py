"""Each page loads its own stylesheet beside the common ones, and nothing from elsewhere."""

import re
from pathlib import Path

import flask_bootstrap
import pytest

from destiny_web.config import ROOT
from tests.builders import make_weapon
from tests.templates.contexts import INDEX, inventory_context, item_context


def test_no_stylesheet_or_script_names_another_site():
    for file in (ROOT / "static").rglob("*.[cj]s*"):
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "//" not in text.replace("// ", "").replace("//\n", ""), file
        assert "@import" not in text
        assert "innerHTML" not in text


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
    names = [re.findall(r"/css/([\w-]+\.css)", link.attributes["href"]) for link in links[1:]]
    expected = ["tokens.css", "site.css", *own_stylesheets, "no-script.css"]
    assert names == [[name] for name in expected]
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
