"""The manifest, its files, and the pictures."""

import io
import json
import sqlite3
import zipfile
from xml.etree import ElementTree as ET

import pytest
import requests

from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.server import running
from tests.sandbox.client import SandboxClient

ITEMS = "DestinyInventoryItemDefinition"


def read_manifest(client):
    return client.read("/Destiny2/Manifest/")


def read_table_paths(client):
    return read_manifest(client)["jsonWorldComponentContentPaths"]["en"]


def download(client, path):
    return requests.get(client.bungie.root + path, timeout=10)


def test_the_manifest_names_thirteen_locales(anonymous_client):
    manifest = read_manifest(anonymous_client)
    for kind in ("jsonWorldComponentContentPaths", "mobileWorldContentPaths",
                 "jsonWorldContentPaths"):  # fmt: skip
        assert len(manifest[kind]) == 13


def test_a_table_needs_no_key_and_is_keyed_by_hash(anonymous_client):
    for path in read_table_paths(anonymous_client).values():
        table = download(anonymous_client, path).json()
        assert table
        assert all(str(row["hash"]) == key for key, row in table.items())
        assert all({"hash", "index", "redacted"} <= row.keys() for row in table.values())


def test_the_aggregate_holds_every_table(anonymous_client):
    tables = download(
        anonymous_client, read_manifest(anonymous_client)["jsonWorldContentPaths"]["en"]
    ).json()
    assert tables.keys() == read_table_paths(anonymous_client).keys()


def test_the_sqlite_file_has_the_same_rows_with_signed_ids(anonymous_client, tmp_path):
    path = read_manifest(anonymous_client)["mobileWorldContentPaths"]["en"]
    archive = zipfile.ZipFile(io.BytesIO(download(anonymous_client, path).content))
    assert archive.namelist() == [path.rpartition("/")[2]]
    database = sqlite3.connect(archive.extract(archive.namelist()[0], tmp_path))
    try:
        for name, json_path in read_table_paths(anonymous_client).items():
            rows = dict(database.execute(f"SELECT id, json FROM {name}"))  # noqa: S608 (a name of ours)
            table = download(anonymous_client, json_path).json()
            assert {str(key % 2**32): json.loads(row) for key, row in rows.items()} == table
        assert min(dict(database.execute(f"SELECT id, 1 FROM {ITEMS}"))) < 0  # noqa: S608
    finally:
        database.close()


def test_there_are_sixty_buckets_and_the_vault_accepts_thirteen(anonymous_client):
    buckets = download(
        anonymous_client, read_table_paths(anonymous_client)["DestinyInventoryBucketDefinition"]
    ).json()
    assert len(buckets) == 60
    vault = anonymous_client.read("/Destiny2/Manifest/DestinyVendorDefinition/1037843411/")
    accepted = {
        accepted_item["acceptedInventoryBucketHash"] for accepted_item in vault["acceptedItems"]
    }
    assert len(accepted) == 13
    assert {
        accepted_item["destinationInventoryBucketHash"] for accepted_item in vault["acceptedItems"]
    } == {138197802}
    assert accepted == {int(key) for key, row in buckets.items() if row["hasTransferDestination"]}


def test_every_hash_in_a_profile_is_in_the_tables(client):
    items = download(client, read_table_paths(client)[ITEMS]).json()
    answer = client.read(client.path, "102,103,201,205,302,305,310")
    perks = download(client, read_table_paths(client)["DestinySandboxPerkDefinition"]).json()
    lists = [answer["profileInventory"]["data"], answer["profileCurrencies"]["data"]]
    for key in ("characterInventories", "characterEquipment"):
        lists += answer[key]["data"].values()
    hashes = {str(item["itemHash"]) for inventory in lists for item in inventory["items"]}
    components = answer["itemComponents"]
    for item_sockets in components["sockets"]["data"].values():
        hashes |= {str(socket["plugHash"]) for socket in item_sockets["sockets"]}
    for item_plugs in components["reusablePlugs"]["data"].values():
        hashes |= {
            str(plug["plugItemHash"]) for row in item_plugs["plugs"].values() for plug in row
        }
    assert hashes <= items.keys()
    perk_hashes = {str(perk["perkHash"]) for item_perks in components["perks"]["data"].values()
            for perk in item_perks["perks"]}  # fmt: skip
    assert perk_hashes <= perks.keys()


def test_every_hash_in_an_item_definition_is_in_the_tables(anonymous_client):
    items = download(anonymous_client, read_table_paths(anonymous_client)[ITEMS]).json()

    def rows(name):
        return download(anonymous_client, read_table_paths(anonymous_client)[name]).json().keys()

    plug_sets, socket_types = rows("DestinyPlugSetDefinition"), rows("DestinySocketTypeDefinition")
    categories, groups = rows("DestinySocketCategoryDefinition"), rows("DestinyStatGroupDefinition")
    buckets, tiers = rows("DestinyInventoryBucketDefinition"), rows("DestinyItemTierTypeDefinition")
    stats, damage = rows("DestinyStatDefinition"), rows("DestinyDamageTypeDefinition")
    for row in items.values():
        if row["redacted"]:
            continue
        assert str(row["inventory"]["bucketTypeHash"]) in buckets
        assert str(row["inventory"]["tierTypeHash"]) in tiers
        if row["itemType"] == 3:
            assert str(row["stats"]["statGroupHash"]) in groups
            assert row["stats"]["stats"].keys() <= stats
            # Ergo Sum has no element of its own: each copy brings one.
            assert str(row.get("defaultDamageTypeHash", 3373582085)) in damage
        for entry in row.get("sockets", {}).get("socketEntries", []):
            key = entry.get("randomizedPlugSetHash", entry.get("reusablePlugSetHash"))
            assert str(key) in plug_sets
            assert str(entry["socketTypeHash"]) in socket_types
            assert str(entry["singleInitialItemHash"]) in items
        for category in row.get("sockets", {}).get("socketCategories", []):
            assert str(category["socketCategoryHash"]) in categories


def test_a_new_manifest_has_new_paths_and_the_old_ones_stay_valid(bungie, anonymous_client):
    before = read_manifest(anonymous_client)
    bungie.bungie.change_manifest()
    after = read_manifest(anonymous_client)
    assert before["version"] != after["version"]
    old, new = (
        manifest["jsonWorldComponentContentPaths"]["en"][ITEMS] for manifest in (before, after)
    )
    assert old != new
    assert [download(anonymous_client, path).status_code for path in (old, new)] == [200, 200]
    bungie.bungie.change_manifest()
    assert download(anonymous_client, old).status_code == 404


def test_old_and_new_manifest_can_alternate(bungie, anonymous_client):
    old = read_manifest(anonymous_client)["version"]
    bungie.bungie.change_manifest(flips=4)
    versions = [read_manifest(anonymous_client)["version"] for _ in range(6)]
    assert versions[0] == versions[2] == old
    assert len(set(versions)) == 2
    assert len(set(versions[3:])) == 1


def test_a_file_of_the_manifest_may_be_missing_once(bungie, anonymous_client):
    path = read_table_paths(anonymous_client)[ITEMS]
    bungie.fail_next("Content", "not-found")
    assert [download(anonymous_client, path).status_code for _ in range(2)] == [404, 200]


def test_names_may_contain_markup():
    with running(vault=0, hostile=True) as bungie, SandboxClient(bungie, None) as client:
        for table in ("DestinyInventoryItemDefinition", "DestinyClassDefinition"):
            rows = download(client, read_table_paths(client)[table]).json().values()
            names = [row["displayProperties"]["name"] for row in rows]
            assert all("<script>" in name for name in names if name)
        linked_profiles = client.read(
            f"/Destiny2/254/Profile/{client.player.bungie_id}/LinkedProfiles/"
        )
        card = linked_profiles["profiles"][0]
        assert "<script>" in card["displayName"]
        assert "<script>" in card["bungieGlobalDisplayName"]
        page = requests.get(f"{bungie.root}/sandbox/", timeout=30).text
        assert "<script" not in page


def test_a_search_finds_items_by_part_of_their_name(anonymous_client):
    search_result = anonymous_client.read(f"/Destiny2/Armory/Search/{ITEMS}/gjallar/")
    assert {
        result["displayProperties"]["name"] for result in search_result["results"]["results"]
    } == {"Gjallarhorn"}
    page = anonymous_client.read(f"/Destiny2/Armory/Search/{ITEMS}/a/", page=1)["results"]
    assert page["hasMore"]
    assert len(page["results"]) == 25


def find_image_paths(value):
    if isinstance(value, dict):
        for element in value.values():
            yield from find_image_paths(element)
    elif isinstance(value, list):
        for element in value:
            yield from find_image_paths(element)
    elif isinstance(value, str) and value.startswith(("/common/", "/img/")):
        yield value


def test_every_picture_that_a_definition_names_exists(client):
    image_paths = set()
    for path in read_table_paths(client).values():
        image_paths |= set(find_image_paths(download(client, path).json()))
    image_paths |= set(find_image_paths(client.read(client.path, "100,200,302")))
    image_paths |= set(find_image_paths(client.read("/User/GetMembershipsForCurrentUser/")))
    assert len(image_paths) > 1000
    for path in image_paths:
        answer = client.session.get(client.bungie.root + path, timeout=30)
        assert answer.status_code == 200, path
        if path.endswith(".svg"):
            assert answer.headers["Content-Type"].startswith("image/svg+xml")
            assert ET.fromstring(answer.content).tag.endswith("svg")  # noqa: S314 (our own)
        else:
            assert answer.content.startswith(b"\x89PNG")


def test_icons_of_one_item_type_differ(bungie):
    hand_cannons = [
        definition for definition in catalog().values() if definition.type_name == "Hand Cannon"
    ]
    icons = {
        requests.get(
            f"{bungie.root}/common/destiny2_content/icons/hand-cannon.exotic.{hand_cannon.item_hash:x}.svg",
            timeout=30,
        ).content
        for hand_cannon in hand_cannons[:8]
    }
    assert len(icons) == 8


def test_a_picture_may_be_cached_forever(bungie):
    path = "/common/destiny2_content/icons/sign-arc.79dff0.svg"
    answer = requests.get(bungie.root + path, timeout=30)
    assert "immutable" in answer.headers["Cache-Control"]
    again = requests.get(
        bungie.root + path, headers={"If-None-Match": answer.headers["ETag"]}, timeout=30
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/common/destiny2_content/icons/nothing.svg",
        "/common/destiny2_content/icons/sign-arc.<script>.svg",
        "/common/destiny2_content/icons/hand-cannon.mythic.1.svg",
        "/img/other.png",
        "/favicon.ico",
    ],
)
def test_an_unknown_picture_is_not_found(bungie, path):
    assert requests.get(bungie.root + path, timeout=30).status_code == 404
