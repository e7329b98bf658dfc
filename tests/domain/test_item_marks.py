"""What an item's tile marks: season, champions, power, crafting."""

import msgspec
import pytest

from destiny_web.bungie.models import manifest as manifest_models
from destiny_web.bungie.models import profile as profile_models
from destiny_web.bungie.models.enums import champion_name
from destiny_web.domain.account.definitions import item_definition, unknown_item
from destiny_web.domain.account.from_bungie import build_profile
from tests.builders import BUCKETS, ENERGY, MEMBERSHIP, make_weapon

ATTACK, DEFENSE, POWER, SPEED = 1480404414, 3897883278, 1935470627, 1501155019
WEAPON, ARMOR, ENGRAM, SUBCLASS, VEHICLE, GHOST, ARTIFACT = 3, 2, 8, 16, 22, 24, 28
ITEM_HASH = 77


class OneDefinition:
    """Definitions with one item."""

    def __init__(self, definition):
        self.definition = definition

    def items(self, hashes):
        return dict.fromkeys(hashes, self.definition)

    def buckets(self):
        return BUCKETS

    def stats(self):
        return {}

    def class_names(self):
        return {}

    def race_names(self):
        return {}


def read_definition(**row):
    """Read a row of the manifest, as Bungie writes it."""
    return item_definition(ITEM_HASH, msgspec.convert(row, manifest_models.ItemDefinition))


def read_item(definition=None, instance=None, **record):
    """Read an item record and its instance, as Bungie writes them, from the vault."""
    record = {
        "itemHash": ITEM_HASH,
        "itemInstanceId": "9",
        "bucketHash": 138197802,
        "quantity": 1,
    } | record
    body = {
        "profileInventory": {"data": {"items": [record]}},
        "itemComponents": {"instances": {"data": {"9": instance or {}}}},
    }
    answer = msgspec.convert(body, profile_models.Profile)
    definitions = OneDefinition(definition or read_definition(itemType=WEAPON))
    (item,) = build_profile(answer, definitions, MEMBERSHIP).items
    return item


def versions(*icons):
    return {"quality": {"displayVersionWatermarkIcons": list(icons)}}


@pytest.mark.parametrize(
    ("row", "version_number", "watermark"),
    [
        ({}, 0, ""),
        ({"iconWatermark": "/a"}, None, "/a"),
        ({"iconWatermark": "/a", **versions("/a", "/b")}, 0, "/a"),
        ({"iconWatermark": "/a", **versions("/a", "/b")}, 1, "/b"),
        ({"iconWatermark": "/a", **versions("/b", "/a")}, None, "/a"),
        ({"iconWatermark": "/a", **versions("/a", "/b")}, 2, "/a"),
        ({"iconWatermark": "/a", **versions("/a", "/b")}, -1, "/a"),
        ({"iconWatermark": "/a", **versions("", None, "/b")}, 1, "/a"),
        ({"iconWatermark": "/a", **versions()}, 0, "/a"),
        (versions("/b"), 0, "/b"),
        ({"iconWatermarkShelved": "/s"}, 0, "/s"),
        ({"iconWatermark": "/a", "iconWatermarkShelved": "/s"}, 0, "/a"),
        ({"iconWatermarkFeatured": "/f", "isFeaturedItem": True, **versions("/a", "/b")}, 1, "/f"),
        ({"iconWatermarkFeatured": "/f", "iconWatermark": "/a"}, None, "/a"),
        ({"iconWatermark": "/a", "isFeaturedItem": True}, None, "/a"),
    ],
)
def test_the_watermark_is_that_of_the_items_version(row, version_number, watermark):
    record = {} if version_number is None else {"versionNumber": version_number}
    assert read_item(read_definition(itemType=WEAPON, **row), **record).watermark == watermark


def test_a_definition_keeps_no_list_of_equal_watermarks():
    definition = read_definition(iconWatermark="/a", **versions("/a", "", "/a"))
    assert (definition.watermark, definition.version_watermarks) == ("/a", ())


@pytest.mark.parametrize(
    ("of_definition", "of_instance", "champion", "name"),
    [
        (None, None, 0, ""),
        (0, 0, 0, ""),
        (1, None, 1, "Barrier"),
        (2, 0, 2, "Overload"),
        (0, 3, 3, "Unstoppable"),
        (1, 3, 3, "Unstoppable"),
        (97, None, 97, ""),
    ],
)
def test_an_instance_stuns_its_own_champions_or_those_of_its_definition(
    of_definition, of_instance, champion, name
):
    item = read_item(read_definition(breakerType=of_definition), {"breakerType": of_instance})
    assert item.champion == champion
    assert champion_name(item.champion) == name


@pytest.mark.parametrize(
    ("item_type", "stat", "row", "power"),
    [
        (WEAPON, (ATTACK, 412), {}, 412),
        (ARMOR, (DEFENSE, 412), {}, 412),
        (ENGRAM, (POWER, 412), {}, 412),
        (ENGRAM, None, {}, 405),
        (97, (ATTACK, 412), {}, 412),
        (0, None, {"redacted": True}, 405),
        (WEAPON, None, {}, 0),
        (WEAPON, (ATTACK, 412), {"stats": {"disablePrimaryStatDisplay": True}}, 0),
        (VEHICLE, (SPEED, 160), {}, 0),
        (GHOST, None, {}, 0),
        (GHOST, (DEFENSE, 412), {}, 0),
        (SUBCLASS, (POWER, 412), {}, 0),
        (ARTIFACT, (POWER, 412), {}, 0),
    ],
)
def test_an_item_has_power_only_where_the_game_shows_it(item_type, stat, row, power):
    instance: dict[str, object] = {"itemLevel": 40, "quality": 5}
    if stat:
        instance["primaryStat"] = {"statHash": stat[0], "value": stat[1]}
    assert read_item(read_definition(itemType=item_type, **row), instance).power == power


@pytest.mark.parametrize(("stat_hash", "power"), [(ATTACK, 412), (SPEED, 0)])
def test_an_item_without_a_definition_has_the_power_of_its_primary_stat(stat_hash, power):
    instance = {"primaryStat": {"statHash": stat_hash, "value": 412}, "itemLevel": 40}
    assert read_item(unknown_item(ITEM_HASH), instance).power == power


@pytest.mark.parametrize(
    ("state", "crafted", "enhanced"),
    [
        (0, False, False),
        (1 | 4 | 16, False, False),
        (8 | 1, True, False),
        (32, False, True),
        (8 | 32 | 4, False, True),
    ],
)
def test_an_item_is_crafted_or_enhanced_but_not_both(state, crafted, enhanced):
    item = make_weapon(state=state)
    assert (item.crafted, item.enhanced) == (crafted, enhanced)


def test_a_subclass_is_no_masterwork():
    assert make_weapon(state=4, item_type=WEAPON).masterwork
    assert not make_weapon(state=4, item_type=SUBCLASS).masterwork


@pytest.mark.parametrize(
    ("ammo_type", "ammunition"),
    [(0, ""), (1, "Primary"), (2, "Special"), (3, "Heavy"), (97, "")],
)
def test_a_weapon_has_its_ammunition_as_number_and_name(ammo_type, ammunition):
    definition = read_definition(
        inventory={"bucketTypeHash": ENERGY}, equippingBlock={"ammoType": ammo_type}
    )
    assert (definition.ammo_type, definition.ammunition) == (ammo_type, ammunition)
