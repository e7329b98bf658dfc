"""Reading of the definitions on disk."""

import json
import os
import sqlite3
import threading
import warnings
from contextlib import closing

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from destiny_web.bungie.models.manifest import (
    TABLES,
    ClassDefinition,
    DisplayProperties,
    ItemDefinition,
    ItemInventory,
    StatDefinition,
)
from destiny_web.manifest.build import build
from destiny_web.manifest.errors import NoManifest
from destiny_web.manifest.manifest_file import Facts
from destiny_web.manifest.store import Manifest
from tests.manifest.definitions_server import ITEMS, STATS

HOSTILE = [
    "<script>alert(1)</script>",
    "'; DROP TABLE x; --",
    "\x00\x01\x7f",
    "\u202eright to left\u2066",
    "🔥" * 1000,
    "{{ 7 * 7 }}",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "",
]


def make_item(item_hash, name):
    return {"hash": item_hash, "displayProperties": {"name": name}}


def names(manifest, *hashes):
    return {
        item_hash: row.display_properties.name
        for item_hash, row in manifest.rows(ITEMS, hashes).items()
    }


def test_a_row_is_found_by_its_hash(serve):
    manifest = serve({"7": make_item(7, "Gjallarhorn"), "8": make_item(8, "Thorn")})
    assert names(manifest, 7) == {7: "Gjallarhorn"}


@pytest.mark.parametrize("item_hash", [0, 1, 2**31 - 1, 2**31, 2**32 - 1])
def test_hashes_are_unsigned_numbers_of_32_bits(serve, item_hash):
    manifest = serve({str(item_hash): {"hash": item_hash}})
    assert manifest.rows(ITEMS, [item_hash])[item_hash].hash == item_hash


@pytest.mark.parametrize("key", [2**31, 2**32 - 1])
def test_a_signed_key_means_the_same_hash(serve, key):
    manifest = serve({str(key - 2**32): {}})
    assert manifest.rows(ITEMS, [key])[key].hash == key


def test_a_missing_row_is_left_out(serve):
    manifest = serve({"7": make_item(7, "Gjallarhorn")})
    assert names(manifest, 7, 8, -1, 2**32, 2**70) == {7: "Gjallarhorn"}


def test_no_hashes_give_no_rows(serve):
    assert serve({"7": {}}).rows(ITEMS, []) == {}


def test_thousands_of_rows_are_read_at_once(serve):
    hashes = range(2**31 - 1000, 2**31 + 1500)
    manifest = serve({str(item_hash): {"hash": item_hash} for item_hash in hashes})
    # More than SQLite accepts in one query.
    assert manifest.rows(ITEMS, [*hashes, *range(300_000)]).keys() == set(hashes)
    assert manifest.rows(ITEMS, hashes).keys() == set(hashes)


def test_a_whole_table_is_read_in_the_order_of_its_hashes(serve):
    manifest = serve({"1": {}}, **{STATS: {"3000000000": {"index": 1}, "5": {"index": 2}}})
    assert manifest.all(STATS) == {
        5: StatDefinition(hash=5, index=2),
        3000000000: StatDefinition(hash=3000000000, index=1),
    }
    assert list(manifest.all(STATS)) == [5, 3000000000]


def test_a_caller_cannot_change_the_rows_of_other_callers(serve):
    manifest = serve({"1": {}}, **{STATS: {"5": {}}})
    with pytest.raises(TypeError):
        manifest.all(STATS)[6] = None
    manifest.rows(ITEMS, [1]).clear()
    assert manifest.rows(ITEMS, [1])


@pytest.mark.parametrize("read", ["rows", "all"])
def test_a_table_that_we_do_not_keep_is_a_programming_error(serve, read):
    manifest = serve({"1": {}})
    with pytest.raises(LookupError):
        getattr(manifest, read)(*{"rows": ("DestinyLoreDefinition", [1]), "all": ("Lore",)}[read])


def test_a_classified_item_has_the_fields_that_bungie_sends(serve):
    manifest = serve(
        {"7": {"hash": 7, "redacted": True, "displayProperties": {"name": "Classified"}}}
    )
    row = manifest.rows(ITEMS, [7])[7]
    assert (row.redacted, row.inventory, row.class_type) == (True, None, None)


def test_null_means_missing(serve):
    keys = [field.encode_name for field in msgspec.structs.fields(ItemDefinition)]
    row = serve({"7": {key: None for key in keys if key != "hash"}}).rows(ITEMS, [7])[7]
    assert row == ItemDefinition(hash=7)


def test_unknown_numbers_and_keys_are_accepted(serve):
    row = serve({"7": {"itemType": 4711, "newInTheNextSeason": {"a": [1]}}}).rows(ITEMS, [7])[7]
    assert row.item_type == 4711


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_are_not_changed(serve, text):
    assert names(serve({"7": make_item(7, text)}), 7) == {7: text}


def test_the_manifest_has_metadata(serve, site):
    manifest = serve({"1": {}})
    assert (manifest.version, manifest.locale) == ("1", "en")
    assert manifest.size == site.path.stat().st_size
    assert manifest.built_at.tzinfo is not None


def test_a_cached_row_is_not_decoded_again(serve):
    manifest = serve({"7": {}})
    assert manifest.rows(ITEMS, [7])[7] is manifest.rows(ITEMS, [7])[7]


def test_the_number_of_cached_rows_is_limited(serve, site):
    serve({str(number): {} for number in range(100)})
    manifest = Manifest(site.path, keep=10)
    first = manifest.rows(ITEMS, [0])[0]
    assert manifest.rows(ITEMS, range(100)).keys() == set(range(100))
    assert manifest.rows(ITEMS, [0])[0] is not first


def test_a_row_that_is_read_often_stays_cached(serve, site):
    serve({str(number): {} for number in range(100)})
    manifest = Manifest(site.path, keep=10)
    first = manifest.rows(ITEMS, [0])[0]
    for item_hash in range(1, 100):
        manifest.rows(ITEMS, [item_hash])
        assert manifest.rows(ITEMS, [0])[0] is first


def test_a_reader_notices_that_the_file_was_replaced(serve):
    manifest = serve({"7": make_item(7, "old")}, **{STATS: {"5": {"index": 1}}})
    before = manifest.edition
    assert (names(manifest, 7), manifest.all(STATS)[5].index) == ({7: "old"}, 1)
    serve({"7": make_item(7, "new")}, mark="b", **{STATS: {"5": {"index": 2}}})
    assert (names(manifest, 7), manifest.all(STATS)[5].index) == ({7: "new"}, 2)
    assert manifest.edition != before, "though the version is the same"


def test_threads_read_from_one_file_at_a_time_while_files_are_replaced(serve):
    manifest = serve({"7": make_item(7, "0"), "8": make_item(8, "0")})
    stop, read_names, failures = threading.Event(), set(), []

    def read():
        try:
            while not stop.is_set():
                name_by_hash = names(manifest, 7, 8)
                assert len(name_by_hash) == 2
                assert len(set(name_by_hash.values())) == 1, "both from the same file"
                read_names.update(name_by_hash.values())
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for mark in range(1, 6):
        serve({"7": make_item(7, str(mark)), "8": make_item(8, str(mark))}, mark=str(mark))
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(read_names) > 1


def test_a_forked_child_reads_beside_its_parent(serve):
    manifest = serve({"7": make_item(7, "Gjallarhorn"), "8": make_item(8, "Thorn")})
    row = manifest.rows(ITEMS, [7])[7]

    def reads_its_own():
        return (
            names(manifest, 7, 8) == {7: "Gjallarhorn", 8: "Thorn"}
            and manifest.rows(ITEMS, [7])[7] is not row
        )

    with warnings.catch_warnings():
        # Newer Pythons warn of a fork because the server has a thread; the child does not need it.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if reads_its_own() else 2
        finally:
            os._exit(code)
    assert names(manifest, 8) == {8: "Thorn"}
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_replaced_files_are_closed(serve, site):
    manifest = serve({"7": make_item(7, "old")})
    names(manifest, 7)
    for mark in "bcd":
        serve({"7": make_item(7, mark)}, mark=mark)
        names(manifest, 7)
    links = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]  # noqa: PTH208
    opened = [os.path.realpath(link) for link in links if os.path.lexists(link)]
    assert len([path for path in opened if path.startswith(str(site.path))]) == 1


def test_a_missing_file_is_no_manifest(tmp_path):
    with pytest.raises(NoManifest):
        Manifest(tmp_path / "none.sqlite3").rows(ITEMS, [7])


@pytest.mark.parametrize("content", [b"", b"<html>" * 1000, b"SQLite format 3\x00" * 500])
def test_another_kind_of_file_is_no_manifest(tmp_path, content):
    path = tmp_path / "other.sqlite3"
    path.write_bytes(content)
    with pytest.raises(NoManifest):
        _ = Manifest(path).version


def test_the_file_of_another_release_is_no_manifest(serve, site):
    serve({"7": {}})
    with closing(sqlite3.connect(site.path)) as connection, connection:
        connection.execute("UPDATE fact SET value = 'others' WHERE name = 'shapes'")
    with pytest.raises(NoManifest, match="another release"):
        Manifest(site.path).rows(ITEMS, [7])


def test_a_reader_keeps_its_file_when_the_next_one_is_of_another_release(serve, site):
    manifest = serve({"7": make_item(7, "old")})
    assert names(manifest, 7) == {7: "old"}
    new_file = site.folder / "other"
    new_file.write_bytes(site.path.read_bytes())
    with closing(sqlite3.connect(new_file)) as connection, connection:
        connection.execute("UPDATE fact SET value = 'others' WHERE name = 'shapes'")
    new_file.replace(site.path)
    for _ in range(2):
        assert names(manifest, 7) == {7: "old"}
    with pytest.raises(NoManifest):
        Manifest(site.path).rows(ITEMS, [7])
    serve({"7": make_item(7, "new")}, mark="b")
    assert names(manifest, 7) == {7: "new"}


def test_a_removed_file_is_no_manifest(serve, site):
    manifest = serve({"7": {}})
    assert manifest.rows(ITEMS, [7])
    site.path.unlink()
    with pytest.raises(NoManifest):
        manifest.rows(ITEMS, [7])


def test_damage_is_reported_when_it_is_read(serve, site):
    serve({str(number): make_item(number, "x" * 200) for number in range(500)})
    with site.path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (site.path.stat().st_size - 8192))
    with pytest.raises(NoManifest):
        Manifest(site.path).rows(ITEMS, range(500))
    with pytest.raises(NoManifest):
        Manifest(site.path).check()


TEXTS = st.none() | st.text()
NUMBERS = st.none() | st.integers(-(2**63), 2**63 - 1)
DISPLAY = st.none() | st.builds(DisplayProperties, name=TEXTS, description=TEXTS, icon=TEXTS)
ROWS = st.builds(
    ItemDefinition,
    display_properties=DISPLAY,
    flavor_text=TEXTS,
    class_type=NUMBERS,
    equippable=st.none() | st.booleans(),
    inventory=st.none()
    | st.builds(ItemInventory, bucket_type_hash=NUMBERS, stack_unique_label=TEXTS),
)
CLASSES = st.builds(
    ClassDefinition,
    display_properties=DISPLAY,
)
HASHES = st.integers(0, 2**32 - 1)


@settings(deadline=None, max_examples=50, suppress_health_check=list(HealthCheck))
@given(
    items=st.dictionaries(HASHES, ROWS, min_size=1, max_size=10),
    classes=st.dictionaries(HASHES, CLASSES, max_size=3),
)
def test_every_row_that_bungie_can_send_is_read_back_unchanged(tmp_path_factory, items, classes):
    folder = tmp_path_factory.mktemp("round")
    sent = {ITEMS: items, "DestinyClassDefinition": classes}
    for table, rows in sent.items():
        table_json = {
            str(row_hash): json.loads(msgspec.json.encode(row)) for row_hash, row in rows.items()
        }
        (folder / table).write_text(json.dumps(table_json))
    build(folder / "new", {table: folder / table for table in sent}, make_facts())
    manifest = Manifest(folder / "new")
    for table, rows in sent.items():
        expected = {
            row_hash: msgspec.structs.replace(row, hash=row_hash) for row_hash, row in rows.items()
        }
        assert manifest.rows(table, rows) == manifest.all(table) == expected


def make_facts():
    built_at = msgspec.json.decode(
        b'"2026-06-30T17:00:00Z"', type=Facts.__annotations__["built_at"]
    )
    return Facts(version="1", locale="en", built_at=built_at, sources={})


def test_every_table_that_we_keep_can_be_read_completely(serve):
    manifest = serve({"1": {}}, **{name: {"1": {}} for name in TABLES})
    assert {name: list(manifest.all(name)) for name in TABLES} == {name: [1] for name in TABLES}
