"""Tiles are rendered once for each item, and differ where the items do."""

import msgspec
import pytest
from jinja2 import Environment, FileSystemLoader

from destiny_web.config import ROOT
from destiny_web.domain.account.characters import VAULT
from destiny_web.inventory.tile_renderer import TileRenderer
from tests.builders import HUNTER, make_stack, make_weapon
from tests.inventory.worlds import ENERGY, fields, roomy, tiles

PAGE = "/inventory/"


@pytest.fixture
def renderer():
    environment = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True)
    return TileRenderer(environment, "https://images.example")


def render(renderer, items, *, newest_seen=None):
    """Render all items as a page does; return the HTML of each."""
    render_tile = renderer.for_page(PAGE, items, newest_seen)("tile")
    return [render_tile(item) for item in items]


def test_an_equal_item_is_not_rendered_again(renderer):
    item = make_weapon("1", name="Vulpecula")
    first = render(renderer, [item])
    assert render(renderer, [msgspec.structs.replace(item)]) == first
    assert "Vulpecula" in first[0]
    assert renderer.render_count == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"owner": HUNTER},
        {"power": 401},
        {"state": 1},
        {"quantity": 2},
        {"tier": 3},
        {"champion": 1},
    ],
)
def test_a_changed_item_is_rendered_again(renderer, changes):
    item = make_weapon("1", VAULT)
    first = render(renderer, [item])
    assert render(renderer, [msgspec.structs.replace(item, **changes)]) != first
    assert renderer.render_count == 2


def test_two_rolls_of_one_weapon_differ_in_their_labels(renderer):
    rolls = [make_weapon(name) for name in ("1000", "999", "20")] + [make_weapon("5", power=1)]
    pages = render(renderer, rolls)
    for html, text in zip(pages, ("copy 3 of 3", "copy 2 of 3", "copy 1 of 3"), strict=False):
        assert text in html
    assert "copy" not in pages[3]


@pytest.mark.parametrize(
    ("instance_id", "newest_seen", "is_new"),
    [("11", 10, True), ("10", 10, False), ("9", 10, False), ("11", None, False), ("x", 10, False)],
)
def test_an_instance_is_new_when_it_came_after_the_last_visit(
    renderer, instance_id, newest_seen, is_new
):
    (html,) = render(renderer, [make_weapon(instance_id)], newest_seen=newest_seen)
    assert ("tile-new" in html) is is_new
    assert (", new" in html) is is_new


def test_a_stack_is_never_new(renderer):
    (html,) = render(renderer, [make_stack()], newest_seen=1)
    assert "tile-new" not in html


def test_after_a_move_only_the_moved_tile_is_rendered(browser, app):
    renderer = app.extensions["destiny_web.tiles"]
    page = browser.open(PAGE)
    browser.open(PAGE)
    before = renderer.render_count
    browser.open(PAGE)
    assert renderer.render_count == before
    item, destination = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    browser.submit("/inventory/transfer", **fields(item, destination))
    assert 1 <= renderer.render_count - before <= 2
