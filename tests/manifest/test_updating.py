"""Updates of the definitions on disk, and their failures."""

import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime

import pytest

from destiny_web.bungie.errors import BungieError, Maintenance
from destiny_web.bungie.models.manifest import TABLES, ItemDefinition
from destiny_web.manifest.build import verify
from destiny_web.manifest.errors import ManifestError, NoManifest, StillUpdating, TableBroken
from destiny_web.manifest.store import Manifest, path_of
from destiny_web.manifest.update import Phase, update
from tests.manifest.definitions_server import BUCKETS, ITEMS, KEY, STATS

NEW_TABLES = {ITEMS: {"9": {"hash": 9}}, BUCKETS: {"2": {}}}
MODULE = "destiny_web.manifest"


def run(site, *, before="pass"):
    """Run one update in a process of its own."""
    code = f"import resource, runpy; {before}; runpy.run_module({MODULE!r}, run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-c", code],
        input=site.request,
        capture_output=True,
        timeout=60,
        check=False,
    )


def start():
    """Start one update in a process of its own, which waits for its request."""
    command = [sys.executable, "-m", MODULE]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)


def item_hashes(site):
    """Return the hashes of the items in the manifest."""
    return list(site.manifest.all(ITEMS))


def leftovers(site):
    permanent = {site.path.name, ".manifest-en.lock"}
    return {file.name for file in site.folder.iterdir()} - permanent


class RecordingProgress:
    """Records the progress of an update."""

    def __init__(self):
        self.phases = []
        self.bytes = {}

    def phase(self, phase):
        self.phases.append(phase)

    def downloaded(self, table, done, total):
        self.bytes.setdefault(table, []).append((done, total))


def test_the_first_update_creates_the_manifest(site):
    with pytest.raises(NoManifest):
        item_hashes(site)
    assert site.update()
    assert item_hashes(site) == [1]
    assert leftovers(site) == set()


def test_an_update_without_new_tables_downloads_nothing(site, server):
    site.update()
    server.requests.clear()
    assert not site.update()
    assert server.count_requests("/content/") == 0


def test_new_paths_mean_new_tables_also_with_the_same_version(site, server):
    site.update()
    server.publish(NEW_TABLES, mark="b", version="1")
    assert site.update()
    assert item_hashes(site) == [9]


def test_another_version_of_the_same_files_needs_no_update(site, server):
    tables = {ITEMS: {"1": {}}, BUCKETS: {"2": {}}}
    server.publish(tables, version="1")
    site.update()
    server.publish(tables, version="2")
    assert not site.update()


def test_the_key_is_sent_with_the_manifest_call_and_not_with_the_files(site, server):
    site.update()
    keys = {path: headers.get("X-API-Key") for path, headers in server.requests}
    assert keys.pop("/Platform/Destiny2/Manifest/") == KEY
    assert set(keys.values()) == {None}
    assert {headers["User-Agent"] for _, headers in server.requests} == {"destiny_web/test"}


def test_each_language_has_its_own_file(site, server):
    site.update()
    server.publish(NEW_TABLES, mark="mx", locale="es-mx")
    site.update(locale="es-mx")
    assert item_hashes(site) == [1]
    assert path_of(site.folder, "es-mx").exists()


def test_a_language_that_is_not_offered_is_reported(site):
    with pytest.raises(ManifestError, match="pl"):
        site.update(locale="pl")


@pytest.mark.parametrize("locale", ["", "../en", "en/..", "EN", "en-", "x" * 99, "en\n"])
def test_an_invalid_locale_is_a_programming_error(site, locale):
    with pytest.raises(ValueError, match="locale"):
        site.update(locale=locale)


def test_the_manifest_knows_when_it_was_built(site):
    expected = datetime(2026, 6, 30, 17, tzinfo=UTC)
    site.update(now=lambda: expected)
    assert site.manifest.built_at == expected


def test_progress_is_reported_from_the_first_byte_to_the_last(site, server):
    server.publish(
        {ITEMS: {str(number): {"a": "x" * 99} for number in range(9999)}, BUCKETS: {"2": {}}}
    )
    progress = RecordingProgress()
    site.update(progress=progress)
    assert progress.phases == [Phase.ASKING, Phase.DOWNLOADING, Phase.BUILDING, Phase.VERIFYING]
    size = len(server.files[f"/content/{ITEMS}-a.json"])
    reports = progress.bytes[ITEMS]
    assert reports[0] == (0, size)
    assert reports[-1] == (size, size)
    assert reports == sorted(reports)
    assert len(reports) > 3


@pytest.mark.parametrize("form", ["content/{}", "/content/{}", "{root}/content/{}"])
def test_a_path_is_joined_to_the_root_with_or_without_its_slash(site, server, form):
    server.publish(NEW_TABLES, mark="b")
    server.list_paths(
        {name: form.format(f"{name}-b.json", root=server.root) for name in NEW_TABLES}
    )
    site.update()
    assert item_hashes(site) == [9]
    assert f"/content/{ITEMS}-b.json" in [path for path, _ in server.requests]


@pytest.mark.parametrize("scheme", ["http:", "", "ftp:"])
def test_no_other_host_than_the_root_gets_a_request(site, server, scheme):
    site.update()
    server.requests.clear()
    # Another name of the same machine: the server would see a request to it.
    elsewhere = f"{scheme}//localhost:{server.server_port}/content/{ITEMS}-a.json"
    server.list_paths({ITEMS: elsewhere, BUCKETS: f"/content/{BUCKETS}-a.json"})
    with pytest.raises(TableBroken, match="another host"):
        site.update()
    assert server.count_requests("/content/") == 0
    assert item_hashes(site) == [1]


def test_an_invalid_address_is_reported(site, server):
    server.list_paths({ITEMS: "http://[", BUCKETS: "/b"})
    with pytest.raises(TableBroken, match=ITEMS):
        site.update()


def test_a_redirect_is_not_followed(site, server):
    paths = server.publish(NEW_TABLES, mark="b")
    server.files[paths[ITEMS]] = (302, f"/content/{ITEMS}-a.json".encode())
    with pytest.raises(TableBroken, match="HTTP 302"):
        site.update()
    assert server.count_requests(f"{ITEMS}-a") == 0


def test_a_404_is_requested_again_at_another_address(site, server):
    paths = server.publish(NEW_TABLES, mark="b")
    server.faults[paths[ITEMS]] = [(404, b"cached")]
    assert site.update()
    first, second = [path for path, _ in server.requests if ITEMS in path]
    assert first != second


def broken(**answers):
    return pytest.mark.parametrize("answer", answers.values(), ids=answers.keys())


@broken(
    not_found=(404, b"not here"),
    server_error=(500, b"<html>"),
    html=b"<!doctype html><title>Error</title>",
    truncated=b'{"1": {"hash": 1}, "2": {"ha',
    empty=b"",
    null=b"null",
    a_list=b"[1, 2]",
    no_rows=b"{}",
    rows_that_are_not_objects=b'{"1": 5, "2": "x"}',
    many_unreadable_rows=b'{"1": {}, "2": {}, "3": 5}',
    rows_of_another_shape=b'{"1": {"inventory": "none"}}',
    keys_that_are_not_hashes=b'{"a": {}, "99999999999": {}}',
    half_a_character=b'{"1": {"flavorText": "\\ud800 "}}',
    too_deep=b'{"1":' + b"[" * 100_000,
)
def test_a_broken_table_is_named_and_the_old_manifest_stays(site, server, answer):
    site.update()
    paths = server.publish(NEW_TABLES, mark="b")
    server.files[paths[ITEMS]] = answer
    with pytest.raises(TableBroken, match=ITEMS) as caught:
        site.update()
    assert caught.value.table == ITEMS
    assert item_hashes(site) == [1]
    assert leftovers(site) == set()


def test_an_update_succeeds_after_the_table_was_repaired(site, server):
    paths = server.publish(NEW_TABLES, mark="b")
    complete_table, server.files[paths[ITEMS]] = server.files[paths[ITEMS]], b"{"
    with pytest.raises(TableBroken):
        site.update()
    server.files[paths[ITEMS]] = complete_table
    assert site.update()


def test_a_few_unreadable_rows_are_left_out_and_counted(site, server):
    items = {str(number): {"hash": number} for number in range(20)}
    unreadable = {"7": {"itemType": "weapon"}, "99999999999": {}}
    server.publish({ITEMS: items | unreadable, BUCKETS: {"2": {}}})
    site.update()
    assert item_hashes(site) == [number for number in range(20) if number != 7]
    assert site.manifest.facts.unread == {ITEMS: 2}


def test_a_row_that_is_listed_twice_is_stored_once(site, server):
    server.publish({ITEMS: {"-1": {}, "4294967295": {"itemType": 3}}, BUCKETS: {"2": {}}})
    site.update()
    assert item_hashes(site) == [4294967295]


@pytest.mark.parametrize("value", [b'"\xff"', b"1" * 400])
def test_an_invalid_text_makes_only_its_row_unreadable(site, server, value):
    rows = b'{"hash": 1}, '.join(b'"%d": ' % number for number in range(20))
    server.publish({ITEMS: b'{%s{"flavorText": %s}}' % (rows, value), BUCKETS: {"2": {}}})
    site.update()
    assert item_hashes(site) == list(range(19))


def test_verify_refuses_a_file_that_differs_from_what_was_written(site, server):
    server.publish({ITEMS: {str(number): {} for number in range(500)}, BUCKETS: {"2": {}}})
    site.update()
    rows = site.manifest.rows(ITEMS, range(9))
    verify(site.path, {ITEMS: rows})
    with pytest.raises(ManifestError, match="read back"):
        verify(site.path, {ITEMS: rows | {0: ItemDefinition(hash=0, item_type=3)}})
    with site.path.open("r+b") as file:
        file.seek(site.path.stat().st_size - 4096)
        file.write(b"\xff" * 600)
    with pytest.raises(ManifestError):
        verify(site.path, {})


def test_a_table_that_is_not_listed_is_noted_and_empty(site):
    site.update()
    assert STATS in site.manifest.facts.missing
    assert site.manifest.all(STATS) == {}


@pytest.mark.parametrize("table", [ITEMS, BUCKETS])
def test_nothing_is_built_without_the_tables_that_the_site_needs(site, server, table):
    server.publish({name: rows for name, rows in NEW_TABLES.items() if name != table})
    with pytest.raises(TableBroken, match=table):
        site.update()


def test_maintenance_leaves_the_old_manifest(site, server):
    site.update()
    server.set_manifest_answer(
        {"ErrorCode": 5, "ErrorStatus": "SystemDisabled", "Message": "Later."}, 503
    )
    with pytest.raises(Maintenance):
        site.update()
    assert item_hashes(site) == [1]
    assert leftovers(site) == set()


def test_a_server_that_does_not_exist_leaves_the_old_manifest(site):
    site.update()
    with pytest.raises(BungieError):
        site.update(root="http://127.0.0.1:1")
    assert item_hashes(site) == [1]


def test_a_damaged_manifest_is_built_again(site):
    site.update()
    with site.path.open("r+b") as file:
        file.seek(4096)  # the items; the metadata of the file is intact
        file.write(b"\xff" * 600)
    assert site.update()
    assert item_hashes(site) == [1]


def test_the_manifest_of_another_release_is_built_again(site):
    site.update()
    with closing(sqlite3.connect(site.path)) as connection, connection:
        connection.execute("UPDATE fact SET value = 'others' WHERE name = 'shapes'")
    assert site.update()
    assert item_hashes(site) == [1]


def test_a_folder_that_cannot_be_used_is_reported(site):
    site.folder.write_text("a file")
    with pytest.raises(ManifestError):
        site.update()


def test_a_full_disk_is_reported_and_the_old_manifest_stays(site, server):
    site.update()
    large = {str(number): {"flavorText": "x" * 500} for number in range(1000)}
    server.publish({ITEMS: large, BUCKETS: {"2": {}}}, mark="b")
    # A limit for the size of files fails like a full disk, for that process alone.
    for limit in (100_000, 580_000):  # in the download, in the build
        process = run(site, before=f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit},) * 2)")
        assert process.returncode == 1
        assert process.stderr.count(b"\n") == 1
        assert item_hashes(site) == [1]
        assert leftovers(site) == set()


def test_of_many_processes_that_start_together_one_does_the_update(site, server):
    processes = [start() for _ in range(4)]
    server.stop_at = f"/content/{ITEMS}-a.json"
    for process in processes:
        process.stdin.write(site.request)
        process.stdin.close()
    assert server.stopped.wait(30)
    server.go_on.set()
    codes = [process.wait(60) for process in processes]
    errors = [process.stderr.read() for process in processes]
    for process in processes:
        process.stderr.close()
    assert (codes, errors) == ([0] * 4, [b""] * 4)
    assert server.count_requests(ITEMS) == 1
    assert item_hashes(site) == [1]


def test_an_update_that_is_killed_leaves_the_old_manifest_and_the_next_one_cleans_up(site, server):
    site.update()
    server.stop_at = server.publish(NEW_TABLES, mark="b")[ITEMS]
    with start() as process:
        process.stdin.write(site.request)
        process.stdin.close()
        assert server.stopped.wait(30)
        process.send_signal(signal.SIGKILL)
    assert leftovers(site) != set(), "killed during the download"
    assert item_hashes(site) == [1]
    server.stop_at = None
    assert site.update()
    assert item_hashes(site) == [9]
    assert leftovers(site) == set()


def test_an_update_that_waits_too_long_for_another_process_gives_up(site, server):
    server.stop_at = f"/content/{ITEMS}-a.json"
    thread = threading.Thread(target=site.update)
    thread.start()
    assert server.stopped.wait(30)
    progress = RecordingProgress()
    with pytest.raises(StillUpdating):
        site.update(max_wait=0.1, progress=progress)
    assert progress.phases == [Phase.WAITING]
    server.go_on.set()
    thread.join()
    assert item_hashes(site) == [1]


def test_a_connection_that_breaks_in_the_middle_is_reported(site, server):
    server.break_at = f"/content/{ITEMS}-a.json"
    with pytest.raises(TableBroken, match=f"{ITEMS}: .* while downloading"):
        site.update()


def test_the_process_reports_its_failure_in_one_line_without_the_key(site, server):
    server.set_manifest_answer(b"<html>\n<h1>down</h1>", 502)
    process = run(site)
    assert (process.returncode, process.stdout) == (1, b"")
    assert process.stderr.startswith(b"The manifest was not updated: ")
    assert process.stderr.count(b"\n") == 1
    assert KEY.encode() not in process.stderr


@pytest.mark.parametrize("request_body", [b"", b"{}", b'{"root": 5}', b"\xff", b"[]"])
def test_an_invalid_request_of_the_process_is_reported(site, request_body):
    site.request = request_body
    process = run(site)
    assert process.returncode == 1
    assert process.stderr.count(b"\n") == 1


def test_the_manifest_of_the_sandbox_is_downloaded_once_for_each_change(bungie, tmp_path):
    arguments = {
        "root": bungie.root,
        "api_key": bungie.api_key,
        "user_agent": "tests",
        "folder": tmp_path,
    }
    assert update(**arguments)
    assert not update(**arguments)
    manifest = Manifest(path_of(tmp_path, "en"))
    assert (manifest.facts.missing, manifest.facts.unread) == ((), {})
    assert [name for name in TABLES if not manifest.all(name)] == []
    bungie.bungie.change_manifest()
    assert update(**arguments)
    assert not update(**arguments)


def test_an_open_reader_continues_while_the_file_is_replaced(site, server):
    site.update()
    with closing(sqlite3.connect(f"file:{site.path}?mode=ro", uri=True)) as reader:
        server.publish(NEW_TABLES, mark="b")
        site.update()
        assert reader.execute(f'SELECT hash FROM "{ITEMS}"').fetchall() == [(1,)]  # noqa: S608
