"""Static files: a browser keeps them for a year, by addresses that change with their content."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import flask_bootstrap
import pytest

from bungie_sandbox.pictures.glyphs import glyphs
from destiny_web.config import ROOT
from destiny_web.web.templating import asset

SVG = "{http://www.w3.org/2000/svg}"
KEPT = "public, max-age=31536000, immutable"


def static_addresses(page):
    addresses = [link.attributes["href"] for link in page.all("link")]
    addresses += [script.attributes["src"] for script in page.all("script")]
    return [address for address in addresses if "/static/" in address]


def test_every_file_of_a_page_has_a_hash_in_its_address_and_is_kept_for_a_year(visitor):
    addresses = static_addresses(visitor.open("/"))
    assert [address for address in addresses if "bootstrap.min.css" in address]
    assert [address for address in addresses if "bootstrap.min.js" in address]
    for address in addresses:
        assert re.search(r"\?v=[0-9a-f]{10}$", address)
        answer = visitor.client.get(address, buffered=True)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, KEPT)


@pytest.mark.parametrize("query", ["", "?v=", "?v=0123456789"])
def test_a_file_without_the_hash_of_its_content_is_asked_for_again(visitor, query):
    for path in ("/static/css/site.css", "/bootstrap/static/css/bootstrap.min.css"):
        answer = visitor.client.get(path + query, buffered=True)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")


def test_a_missing_file_is_not_kept(visitor):
    for path in ("/static/css/none.css?v=0123456789", "/static/css/../../wsgi.py?v=0123456789"):
        answer = visitor.client.get(path, buffered=True)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


def test_a_file_that_did_not_change_is_still_kept(app, visitor):
    with app.test_request_context():
        address = asset("css/site.css")
    tag = visitor.client.get(address, buffered=True).headers["ETag"]
    answer = visitor.client.get(address, headers={"If-None-Match": tag}, buffered=True)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (304, KEPT)


def read_symbols(text):
    return {
        symbol.attrib["id"]: (symbol.attrib["viewBox"], [path.attrib for path in symbol])
        for symbol in ET.fromstring(text).iter(f"{SVG}symbol")  # noqa: S314 (our own files)
    }


def test_the_icons_are_those_of_bootstrap_and_our_mark():
    icons = read_symbols((ROOT / "static/img/icons.svg").read_text())
    folder = Path(flask_bootstrap.__path__[0], "static/bootstrap5/icons")
    bootstrap_icons = read_symbols((folder / "bootstrap-icons.svg").read_text())
    assert icons.pop("brand")
    assert {name: bootstrap_icons.get(name) for name in icons} == icons


def test_every_icon_that_a_template_names_is_in_the_sprite():
    icons = read_symbols((ROOT / "static/img/icons.svg").read_text())
    for file in (ROOT / "templates").rglob("*.html"):
        for arguments in re.findall(r"\bicon\(([^)]*)\)", file.read_text()):
            for name in re.findall(r'"([\w-]+)"', arguments):
                assert name in icons, (file, name)


def test_the_glyphs_of_the_site_are_those_of_the_sandbox():
    symbols = read_symbols((ROOT / "static/img/glyphs.svg").read_text())
    drawings = {name: paths[0]["d"] for name, (_, paths) in symbols.items()}
    assert drawings == glyphs()
    assert {view_box for view_box, _ in symbols.values()} == {"0 0 24 24"}
