"""How values look on every page."""

import pytest

from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.game import ItemType
from bungie_sandbox.pictures.glyphs import glyphs
from destiny_web.web.presentation import glyph_of
from tests.builders import EMBLEM, HELMET, KINETIC, make_definition

CLASS_ITEM = 1585787867


@pytest.mark.parametrize(
    ("bucket", "sub_type", "class_type", "glyph"),
    [
        (KINETIC, 9, 3, "hand-cannon"),
        (KINETIC, 31, 3, "combat-bow"),
        (KINETIC, 0, 3, ""),
        (KINETIC, 97, 3, ""),
        (HELMET, 26, 1, "helmet"),
        (HELMET, 0, 3, "helmet"),
        (CLASS_ITEM, 30, 0, "titan-mark"),
        (CLASS_ITEM, 30, 1, "hunter-cloak"),
        (CLASS_ITEM, 30, 2, "warlock-bond"),
        (CLASS_ITEM, 0, 3, ""),
        (EMBLEM, 0, 3, ""),
        (0, 0, 3, ""),
    ],
)
def test_a_weapon_type_and_an_armor_slot_have_a_drawing(bucket, sub_type, class_type, glyph):
    definition = make_definition(bucket_hash=bucket, item_sub_type=sub_type, class_type=class_type)
    assert glyph_of(definition) == glyph


def test_every_weapon_and_armor_piece_of_the_game_has_its_drawing():
    gear = [
        item
        for item in catalog().values()
        if item.item_type in {ItemType.WEAPON, ItemType.ARMOR} and item.in_game
    ]
    glyphs_of_gear = {
        item.glyph: glyph_of(
            make_definition(
                bucket_hash=item.bucket, item_sub_type=item.sub_type, class_type=item.class_type
            )
        )
        for item in gear
    }
    assert len(glyphs_of_gear) > 20
    assert all(glyph == drawn for glyph, drawn in glyphs_of_gear.items())
    assert glyphs_of_gear.keys() <= glyphs().keys()
