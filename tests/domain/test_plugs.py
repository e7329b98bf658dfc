"""Which plugs stand for an empty socket."""

import pytest

from destiny_web.domain.account.plugs import is_empty_plug
from tests.builders import make_definition


@pytest.mark.parametrize(
    ("item_hash", "name", "category", "is_empty"),
    [
        (1980618587, "Leere Mod-Fassung", "enhancements.v2_general", True),
        (2600899007, "Empty Mod Socket", "enhancements.universal", True),
        (4248210736, "Default Shader", "shader", True),
        (1, "Leere Mod-Fassung", "v400.weapon.mod_empty", True),
        (1, "Leere Fassung", "v400.empty.exotic.masterwork", True),
        (1, "Leere Fassung", "crafting.recipes.empty_socket", True),
        (1, "Standardornament", "armor_skins_empty", True),
        (1, "Empty Mod Socket", "enhancements.raid_of_a_coming_season", True),
        (1, "Empty Traits Socket", "", True),
        (1, "Empty Vessel", "frames", False),
        (1, "The Empty Socket Song", "frames", False),
        (1, "Empty Mod Socket Song", "frames", False),
        (1, "Emptying Socket", "frames", False),
        (1, "Outlaw", "frames", False),
        (1, "Nonempty", "frames.nonempty", False),
        (1, "", "", False),
    ],
)
def test_an_empty_socket_is_told_by_hash_category_or_name(item_hash, name, category, is_empty):
    definition = make_definition(item_hash=item_hash, name=name, plug_category=category)
    assert is_empty_plug(definition) is is_empty
