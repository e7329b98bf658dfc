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
from tests.sandbox.guest import Guest

ITEMS = "DestinyInventoryItemDefinition"


def manifest(guest):
    return guest.read("/Destiny2/Manifest/")


def tables(guest):
    return manifest(guest)["jsonWorldComponentContentPaths"]["en"]


def download(guest, path):
    return requests.get(guest.bungie.root + path, timeout=10)


def test_the_manifest_names_thirteen_locales(stranger):
    told = manifest(stranger)
    for kind in ("jsonWorldComponentContentPaths", "mobileWorldContentPaths",
                 "jsonWorldContentPaths"):  # fmt: skip
        assert len(told[kind]) == 13


def test_a_table_needs_no_key_and_is_keyed_by_hash(stranger):
    for path in tables(stranger).values():
        table = download(stranger, path).json()
        assert table
        assert all(str(row["hash"]) == key for key, row in table.items())
        assert all({"hash", "index", "redacted"} <= row.keys() for row in table.values())


def test_the_aggregate_holds_every_table(stranger):
    told = download(stranger, manifest(stranger)["jsonWorldContentPaths"]["en"]).json()
    assert told.keys() == tables(stranger).keys()


def test_the_sqlite_file_says_the_same_with_signed_ids(stranger, tmp_path):
    path = manifest(stranger)["mobileWorldContentPaths"]["en"]
    archive = zipfile.ZipFile(io.BytesIO(download(stranger, path).content))
    assert archive.namelist() == [path.rpartition("/")[2]]
    database = sqlite3.connect(archive.extract(archive.namelist()[0], tmp_path))
    try:
        for name, json_path in tables(stranger).items():
            rows = dict(database.execute(f"SELECT id, json FROM {name}"))  # noqa: S608 (a name of ours)
            table = download(stranger, json_path).json()
            assert {str(key % 2**32): json.loads(row) for key, row in rows.items()} == table
        assert min(dict(database.execute(f"SELECT id, 1 FROM {ITEMS}"))) < 0  # noqa: S608
    finally:
        database.close()


def test_sixty_buckets_and_the_vaults_ways_in(stranger):
    buckets = download(stranger, tables(stranger)["DestinyInventoryBucketDefinition"]).json()
    assert len(buckets) == 60
    vault = stranger.read("/Destiny2/Manifest/DestinyVendorDefinition/1037843411/")
    accepted = {one["acceptedInventoryBucketHash"] for one in vault["acceptedItems"]}
    assert len(accepted) == 13
    assert {one["destinationInventoryBucketHash"] for one in vault["acceptedItems"]} == {138197802}
    assert accepted == {int(key) for key, row in buckets.items() if row["hasTransferDestination"]}


def test_what_a_profile_names_is_in_the_tables(guest):
    items = download(guest, tables(guest)[ITEMS]).json()
    answer = guest.read(guest.path, "102,103,201,205,302,305,310")
    perks = download(guest, tables(guest)["DestinySandboxPerkDefinition"]).json()
    lists = [answer["profileInventory"]["data"], answer["profileCurrencies"]["data"]]
    for key in ("characterInventories", "characterEquipment"):
        lists += answer[key]["data"].values()
    hashes = {str(item["itemHash"]) for one in lists for item in one["items"]}
    parts = answer["itemComponents"]
    for one in parts["sockets"]["data"].values():
        hashes |= {str(socket["plugHash"]) for socket in one["sockets"]}
    for one in parts["reusablePlugs"]["data"].values():
        hashes |= {str(plug["plugItemHash"]) for row in one["plugs"].values() for plug in row}
    assert hashes <= items.keys()
    told = {str(perk["perkHash"]) for one in parts["perks"]["data"].values()
            for perk in one["perks"]}  # fmt: skip
    assert told <= perks.keys()


def test_an_item_points_at_rows_that_are_there(stranger):
    items = download(stranger, tables(stranger)[ITEMS]).json()

    def rows(name):
        return download(stranger, tables(stranger)[name]).json().keys()

    sets, kinds = rows("DestinyPlugSetDefinition"), rows("DestinySocketTypeDefinition")
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
            assert str(key) in sets
            assert str(entry["socketTypeHash"]) in kinds
            assert str(entry["singleInitialItemHash"]) in items
        for one in row.get("sockets", {}).get("socketCategories", []):
            assert str(one["socketCategoryHash"]) in categories


def test_a_new_manifest_has_new_paths_and_the_old_ones_live_on(bungie, stranger):
    before = manifest(stranger)
    bungie.bungie.change_manifest()
    after = manifest(stranger)
    assert before["version"] != after["version"]
    old, new = (one["jsonWorldComponentContentPaths"]["en"][ITEMS] for one in (before, after))
    assert old != new
    assert [download(stranger, path).status_code for path in (old, new)] == [200, 200]
    bungie.bungie.change_manifest()
    assert download(stranger, old).status_code == 404


def test_while_a_manifest_is_coming_old_and_new_take_turns(bungie, stranger):
    old = manifest(stranger)["version"]
    bungie.bungie.change_manifest(flips=4)
    told = [manifest(stranger)["version"] for _ in range(6)]
    assert told[0] == told[2] == old
    assert len(set(told)) == 2
    assert len(set(told[3:])) == 1


def test_a_file_of_the_manifest_may_vanish_for_a_while(bungie, stranger):
    path = tables(stranger)[ITEMS]
    bungie.fail_next("Content", "not-found")
    assert [download(stranger, path).status_code for _ in range(2)] == [404, 200]


def test_names_may_be_hostile():
    with running(vault=0, hostile=True) as bungie, Guest(bungie, None) as guest:
        for table in ("DestinyInventoryItemDefinition", "DestinyClassDefinition"):
            rows = download(guest, tables(guest)[table]).json().values()
            names = [row["displayProperties"]["name"] for row in rows]
            assert all("<script>" in name for name in names if name)
        told = guest.read(f"/Destiny2/254/Profile/{guest.player.bungie_id}/LinkedProfiles/")
        card = told["profiles"][0]
        assert "<script>" in card["displayName"]
        assert "<script>" in card["bungieGlobalDisplayName"]
        page = requests.get(f"{bungie.root}/sandbox/", timeout=30).text
        assert "<script" not in page


def test_a_search_finds_items_by_part_of_their_name(stranger):
    found = stranger.read(f"/Destiny2/Armory/Search/{ITEMS}/gjallar/")
    assert {one["displayProperties"]["name"] for one in found["results"]["results"]} == {
        "Gjallarhorn"
    }
    page = stranger.read(f"/Destiny2/Armory/Search/{ITEMS}/a/", page=1)["results"]
    assert page["hasMore"]
    assert len(page["results"]) == 25


class TestPictures:
    """Every picture that a definition names is there."""

    def paths(self, value):
        if isinstance(value, dict):
            for one in value.values():
                yield from self.paths(one)
        elif isinstance(value, list):
            for one in value:
                yield from self.paths(one)
        elif isinstance(value, str) and value.startswith(("/common/", "/img/")):
            yield value

    def test_all_of_them_are_drawn(self, guest):
        every = set()
        for path in tables(guest).values():
            every |= set(self.paths(download(guest, path).json()))
        every |= set(self.paths(guest.read(guest.path, "100,200,302")))
        every |= set(self.paths(guest.read("/User/GetMembershipsForCurrentUser/")))
        assert len(every) > 1000
        for path in every:
            answer = guest.session.get(guest.bungie.root + path, timeout=30)
            assert answer.status_code == 200, path
            if path.endswith(".svg"):
                assert answer.headers["Content-Type"].startswith("image/svg+xml")
                assert ET.fromstring(answer.content).tag.endswith("svg")  # noqa: S314 (our own)
            else:
                assert answer.content.startswith(b"\x89PNG")

    def test_two_of_a_kind_differ(self, bungie):
        guns = [one for one in catalog().values() if one.type_name == "Hand Cannon"]
        icons = {
            requests.get(
                f"{bungie.root}/common/destiny2_content/icons/hand-cannon.exotic.{gun.item_hash:x}.svg",
                timeout=30,
            ).content
            for gun in guns[:8]
        }
        assert len(icons) == 8

    def test_a_picture_may_be_kept_for_ever(self, bungie):
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
    def test_what_is_not_drawn_is_not_found(self, bungie, path):
        assert requests.get(bungie.root + path, timeout=30).status_code == 404
