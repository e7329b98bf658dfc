"""What tells items apart on a client's tiles: season, champions, crafting, lost items."""

import pytest

from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.game import Bucket
from tests.sandbox.client import SandboxClient

WEAPON, ARMOR = 3, 2


@pytest.fixture
def marked(client: SandboxClient):
    """The item records with the definition and the instance of each, for weapons and armor."""
    answer = client.read(client.path, "102,201,205,300")
    instances = answer["itemComponents"]["instances"]["data"]
    records = answer["profileInventory"]["data"]["items"]
    for key in ("characterInventories", "characterEquipment"):
        for inventory in answer[key]["data"].values():
            records += inventory["items"]
    return [
        (record, read_row(client, record["itemHash"]), instances[record["itemInstanceId"]])
        for record in records
        if catalog()[record["itemHash"]].item_type in {WEAPON, ARMOR}
    ]


def read_row(client: SandboxClient, item_hash: int) -> dict:
    return client.read(f"/Destiny2/Manifest/DestinyInventoryItemDefinition/{item_hash}/")


def test_the_version_of_an_item_names_its_watermark(marked):
    shown = set()
    for record, row, _ in marked:
        icons = row["quality"]["displayVersionWatermarkIcons"]
        assert len(icons) == len(row["quality"]["versions"])
        assert row.get("iconWatermark", "") == icons[row["quality"]["currentVersion"]]
        shown.add(icons[record["versionNumber"]])
    assert len(shown) > 8
    assert "" in shown
    assert any(record["versionNumber"] for record, _, _ in marked)
    assert any(row["isFeaturedItem"] and row["iconWatermarkFeatured"] for _, row, _ in marked)


def test_a_watermark_is_a_dark_corner_with_a_sign_and_nothing_else(client, marked):
    paths = {row["iconWatermark"] for _, row, _ in marked if "iconWatermark" in row}
    paths |= {row["iconWatermarkFeatured"] for _, row, _ in marked if row["isFeaturedItem"]}
    pictures = {path: client.session.get(client.bungie.root + path, timeout=30) for path in paths}
    assert {picture.status_code for picture in pictures.values()} == {200}
    assert len({picture.text for picture in pictures.values()}) == len(paths)
    assert all(picture.text.count("<path") == 2 for picture in pictures.values())


@pytest.mark.parametrize("season", ["0", "9", "x", "-1", ""])
def test_a_season_that_does_not_exist_has_no_watermark(client, season):
    path = f"/common/destiny2_content/icons/season-{season}.plain.svg"
    assert client.session.get(client.bungie.root + path, timeout=30).status_code == 404


def test_some_weapons_stun_champions_by_definition_and_some_by_instance(marked):
    numbers = {(row["breakerType"], instance.get("breakerType", 0)) for _, row, instance in marked}
    assert (0, 0) in numbers
    assert numbers & {(number, number) for number in (1, 2, 3)}
    assert numbers & {(0, number) for number in (1, 2, 3)}
    assert all("breakerTypeHash" in row for _, row, _ in marked if row["breakerType"])


def test_some_weapons_are_crafted_and_others_enhanced(marked):
    states = [record["state"] for record, _, _ in marked]
    assert any(state & 8 and not state & 32 for state in states)
    assert any(state & 32 for state in states)


def test_gear_tiers_are_on_gear_of_the_latest_seasons_only(marked):
    tiered = [row["iconWatermark"] for _, row, instance in marked if instance.get("gearTier")]
    assert tiered
    assert all("season-7." in path or "season-8." in path for path in tiered)


def test_the_second_character_has_a_postmaster_that_is_nearly_full(client):
    counts = [
        len(client.profile.items_in(character, Bucket.LOST_ITEMS))
        for character in client.characters
    ]
    assert counts[1] == 17
    assert max(counts[0], counts[2]) < 16
