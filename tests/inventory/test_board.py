"""The view model of the board: columns, groups of the vault, folds, and labels of tiles."""

import pytest
from markupsafe import escape

from destiny_web.bungie.models.enums import ItemState
from destiny_web.domain.account.characters import ACCOUNT, VAULT
from destiny_web.domain.account.items import Location
from destiny_web.inventory.board import select_column
from destiny_web.inventory.board_builder import ItemRenderers, build_board, cell_id_of
from destiny_web.inventory.tiles import TileContext, build_tile
from tests.builders import (
    CONSUMABLES,
    ENERGY,
    GHOST,
    HUNTER,
    KINETIC,
    POSTMASTER,
    TITAN,
    make_definition,
    make_equipped_weapon,
    make_profile,
    make_stack,
    make_weapon,
)

CONTEXT = TileContext("https://images.example", "/inventory/")


def render_id(item):
    """Render an item as its id, or as its hash if it is a stack."""
    return escape(item.instance_id or item.item_hash)


RENDERERS = ItemRenderers(character=render_id, vault=render_id, currency=render_id)


def board_of(*items, folds=None, **changes):
    return build_board(make_profile(*items, **changes), RENDERERS, "", folds)


def in_bucket(bucket_hash, instance_id, owner=VAULT, **changes):
    definition = make_definition(bucket_hash=bucket_hash, item_hash=300, **changes)
    return make_weapon(instance_id, owner, definition=definition)


def column_of(board, owner):
    return next(column for column in board.columns if column.owner == owner)


def test_weapons_of_the_vault_are_grouped_by_type():
    board = board_of(
        make_weapon("1", type_name="Sidearm"),
        make_weapon("2", type_name="Auto Rifle"),
        make_weapon("3", type_name="Sidearm"),
    )
    (kinetic,) = board.weapons
    assert [(group.key, len(group.cell.tiles)) for group in kinetic.groups] == [
        ("kinetic/auto-rifle", 1),
        ("kinetic/sidearm", 2),
    ]
    assert kinetic.count == 3
    assert (kinetic.name, kinetic.short_name) == ("Kinetic Weapons", "Kinetic")


def test_ghosts_are_folded_at_first_and_weapons_are_open():
    board = board_of(make_weapon("1"), in_bucket(GHOST, "2"))
    assert [(section.key, section.is_open) for section in board.vault_sections] == [
        ("kinetic", True),
        ("general", False),
    ]


def test_the_player_decides_what_is_folded():
    board = board_of(
        make_weapon("1"),
        in_bucket(GHOST, "2"),
        folds={"kinetic": True, "general": False, "kinetic/hand-cannon": True},
    )
    assert [section.is_open for section in board.vault_sections] == [False, True]
    assert not board.weapons[0].groups[0].is_open


def test_what_all_characters_share_stands_below_the_vault():
    board = board_of(make_stack(10), make_stack(5, VAULT))
    (section,) = board.other_sections
    assert [group.name for group in section.groups] == ["Consumables", "Consumables in the vault"]


def test_a_character_shows_its_equipped_item_first_and_its_free_places():
    board = board_of(
        make_weapon("1", HUNTER, power=500), make_equipped_weapon("2", HUNTER, power=10)
    )
    kinetic = column_of(board, HUNTER).buckets[0]
    assert [str(tile) for tile in kinetic.cell.tiles] == ["2", "1"]
    assert (kinetic.used, kinetic.capacity, kinetic.cell.free_slots) == (2, 10, 8)


def test_items_that_were_not_sent_are_not_shown_as_free_places():
    board = board_of(make_equipped_weapon("2", HUNTER), missing=frozenset({"bags"}))
    kinetic = column_of(board, HUNTER).buckets[0]
    assert kinetic.is_missing
    assert (kinetic.capacity, kinetic.cell.free_slots) == (0, 0)
    assert column_of(board, HUNTER).head.is_postmaster_missing


@pytest.mark.parametrize(("count", "is_crowded"), [(15, False), (16, True), (21, True)])
def test_a_postmaster_with_sixteen_items_is_crowded(count, is_crowded):
    items = [
        make_weapon(str(number), TITAN, location=Location.POSTMASTER) for number in range(count)
    ]
    head = column_of(board_of(*items), TITAN).head
    assert (head.postmaster_used, head.postmaster_capacity) == (count, 21)
    assert head.is_postmaster_crowded is is_crowded


@pytest.mark.parametrize(
    ("item", "cell_id"),
    [
        (make_weapon("1"), f"cell-vault-{KINETIC}-hand-cannon"),
        (make_weapon("1", HUNTER), f"cell-{HUNTER}-{KINETIC}"),
        (make_weapon("1", HUNTER, location=Location.POSTMASTER), f"cell-{HUNTER}-{POSTMASTER}"),
        (make_stack(), f"cell-{ACCOUNT}-{CONSUMABLES}"),
        (make_stack(1, VAULT), f"cell-{VAULT}-{CONSUMABLES}"),
        (in_bucket(GHOST, "2"), f"cell-{VAULT}-{GHOST}"),
        (in_bucket(ENERGY, "2", type_name=""), f"cell-{VAULT}-{ENERGY}-other"),
    ],
)
def test_a_tile_is_in_the_cell_that_its_forms_return_to(item, cell_id):
    board = board_of(item)
    cells = [group.cell for section in board.vault_sections for group in section.groups]
    for column in board.columns:
        cells += [bucket.cell for bucket in column.buckets]
        cells += [bucket.cell for group in column.bucket_groups for bucket in group.buckets]
        cells += [column.postmaster.cell] if column.postmaster else []
    assert [cell.cell_id for cell in cells if cell.tiles] == [cell_id]
    assert cell_id_of(item) == cell_id


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ["Legendary Hand Cannon", "power 400"]),
        ({"damage_type": 3}, ["solar"]),
        ({"ammo_type": 2}, ["special ammo"]),
        ({"tier": 5}, ["tier 5"]),
        ({"champion": 2}, ["stops Overload champions"]),
        ({"state": ItemState.CRAFTED}, ["crafted"]),
        ({"state": ItemState.ENHANCED | ItemState.CRAFTED}, ["enhanced"]),
        ({"state": ItemState.LOCKED | ItemState.MASTERWORK}, ["locked", "masterwork"]),
        ({"known": False}, ["not in the game's definitions"]),
    ],
)
def test_every_mark_of_a_tile_is_also_a_word_of_its_label(changes, words):
    definition_changes = {name: changes[name] for name in ("ammo_type", "known") if name in changes}
    item_changes = {
        name: value for name, value in changes.items() if name not in definition_changes
    }
    item = make_weapon("1", definition=make_definition(**definition_changes), **item_changes)
    facts = build_tile(item, CONTEXT).facts
    assert facts.startswith(", ")
    assert set(words) <= set(facts.split(", "))


def test_a_board_without_characters_shows_the_vault():
    board = board_of(make_weapon("1"), characters=())
    assert select_column(board, HUNTER) == VAULT
    assert board.has_no_characters
