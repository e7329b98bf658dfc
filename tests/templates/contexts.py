"""What the templates of the inventory get, built from items."""

from datetime import UTC, datetime

from jinja2 import Environment, FileSystemLoader

from destiny_web.config import ROOT
from destiny_web.domain.account.characters import VAULT
from destiny_web.inventory.board import select_column
from destiny_web.inventory.board_builder import ItemRenderers, build_board
from destiny_web.inventory.detail import DestinationChoice, ItemPage
from destiny_web.inventory.tile_renderer import TileRenderer
from destiny_web.inventory.tiles import TileContext, build_tile
from destiny_web.services.preferences import Preferences
from tests.builders import HUNTER, make_profile

IMAGES = "http://127.0.0.1:5055"
HOSTILE_TEXT = "<script>alert(1)</script>\"'&amp;{{ 7 * 7 }}</a>" + "w" * 300
INDEX = "inventory/index.html"
TILES = TileContext(IMAGES, "/inventory/")
RENDERER = TileRenderer(
    Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True), IMAGES
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
