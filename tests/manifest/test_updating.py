"""Bringing the definitions on disk up to date, and what may go wrong with that."""

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

OTHER = {ITEMS: {"9": {"hash": 9}}, BUCKETS: {"2": {}}}
NAME = "destiny_web.manifest"


def run(site, *, before="pass"):
    """Run one update in a process of its own."""
    code = f"import resource, runpy; {before}; runpy.run_module({NAME!r}, run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-c", code],
        input=site.wanted,
        capture_output=True,
        timeout=60,
        check=False,
    )


def start():
    """Start one update in a process of its own, which waits for what it should do."""
    command = [sys.executable, "-m", NAME]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)


def holds(site):
    """Return the items that a reader finds."""
    return list(site.manifest.all(ITEMS))


def leftovers(site):
    lasting = {site.path.name, ".manifest-en.lock"}
    return {file.name for file in site.folder.iterdir()} - lasting


class Watcher:
    """Writes down what it is told."""

    def __init__(self):
        self.phases = []
        self.bytes = {}

    def phase(self, phase):
        self.phases.append(phase)

    def downloaded(self, table, done, total):
        self.bytes.setdefault(table, []).append((done, total))


def test_the_first_update_makes_the_manifest(site):
    with pytest.raises(NoManifest):
        holds(site)
    assert site.update()
    assert holds(site) == [1]
    assert leftovers(site) == set()


def test_an_update_without_news_downloads_nothing(site, server):
    site.update()
    server.asked.clear()
    assert not site.update()
    assert server.times("/content/") == 0


def test_the_paths_tell_what_is_new_and_not_the_version(site, server):
    site.update()
    server.offer(OTHER, mark="b", version="1")
    assert site.update()
    assert holds(site) == [9]


def test_another_version_of_the_same_files_is_no_news(site, server):
    tables = {ITEMS: {"1": {}}, BUCKETS: {"2": {}}}
    server.offer(tables, version="1")
    site.update()
    server.offer(tables, version="2")
    assert not site.update()


def test_the_key_goes_with_the_question_and_not_with_the_files(site, server):
    site.update()
    keys = {path: headers.get("X-API-Key") for path, headers in server.asked}
    assert keys.pop("/Platform/Destiny2/Manifest/") == KEY
    assert set(keys.values()) == {None}
    assert {headers["User-Agent"] for _, headers in server.asked} == {"destiny_web/test"}


def test_languages_stand_beside_each_other(site, server):
    site.update()
    server.offer(OTHER, mark="mx", locale="es-mx")
    site.update(locale="es-mx")
    assert holds(site) == [1]
    assert path_of(site.folder, "es-mx").exists()


def test_a_language_that_is_not_offered_is_reported(site):
    with pytest.raises(ManifestError, match="pl"):
        site.update(locale="pl")


@pytest.mark.parametrize("locale", ["", "../en", "en/..", "EN", "en-", "x" * 99, "en\n"])
def test_what_is_no_locale_is_a_fault_of_the_program(site, locale):
    with pytest.raises(ValueError, match="locale"):
        site.update(locale=locale)


def test_the_manifest_knows_when_it_was_built(site):
    moment = datetime(2026, 6, 30, 17, tzinfo=UTC)
    site.update(now=lambda: moment)
    assert site.manifest.built_at == moment


def test_progress_is_told_from_the_first_byte_to_the_last(site, server):
    server.offer({ITEMS: {str(one): {"a": "x" * 99} for one in range(9999)}, BUCKETS: {"2": {}}})
    watcher = Watcher()
    site.update(progress=watcher)
    assert watcher.phases == [Phase.ASKING, Phase.DOWNLOADING, Phase.BUILDING, Phase.VERIFYING]
    size = len(server.files[f"/content/{ITEMS}-a.json"])
    told = watcher.bytes[ITEMS]
    assert told[0] == (0, size)
    assert told[-1] == (size, size)
    assert told == sorted(told)
    assert len(told) > 3


@pytest.mark.parametrize("form", ["content/{}", "/content/{}", "{root}/content/{}"])
def test_a_path_is_joined_to_the_root_with_or_without_its_slash(site, server, form):
    server.offer(OTHER, mark="b")
    server.list({name: form.format(f"{name}-b.json", root=server.root) for name in OTHER})
    site.update()
    assert holds(site) == [9]
    assert f"/content/{ITEMS}-b.json" in [path for path, _ in server.asked]


@pytest.mark.parametrize("scheme", ["http:", "", "ftp:"])
def test_no_host_but_the_root_is_ever_asked(site, server, scheme):
    site.update()
    server.asked.clear()
    # Another name for the same machine: were it asked, the server would have heard of it.
    elsewhere = f"{scheme}//localhost:{server.server_port}/content/{ITEMS}-a.json"
    server.list({ITEMS: elsewhere, BUCKETS: f"/content/{BUCKETS}-a.json"})
    with pytest.raises(TableBroken, match="another host"):
        site.update()
    assert server.times("/content/") == 0
    assert holds(site) == [1]


def test_an_address_that_is_none_is_reported(site, server):
    server.list({ITEMS: "http://[", BUCKETS: "/b"})
    with pytest.raises(TableBroken, match=ITEMS):
        site.update()


def test_a_redirect_is_not_followed(site, server):
    paths = server.offer(OTHER, mark="b")
    server.files[paths[ITEMS]] = (302, f"/content/{ITEMS}-a.json".encode())
    with pytest.raises(TableBroken, match="HTTP 302"):
        site.update()
    assert server.times(f"{ITEMS}-a") == 0


def test_a_404_is_asked_again_under_another_address(site, server):
    paths = server.offer(OTHER, mark="b")
    server.faults[paths[ITEMS]] = [(404, b"cached")]
    assert site.update()
    first, again = [path for path, _ in server.asked if ITEMS in path]
    assert first != again


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
    rows_that_are_none=b'{"1": 5, "2": "x"}',
    many_odd_rows=b'{"1": {}, "2": {}, "3": 5}',
    rows_of_another_shape=b'{"1": {"inventory": "none"}}',
    keys_that_are_no_hashes=b'{"a": {}, "99999999999": {}}',
    half_a_character=b'{"1": {"flavorText": "\\ud800 "}}',
    too_deep=b'{"1":' + b"[" * 100_000,
)
def test_a_broken_table_is_named_and_the_old_manifest_stays(site, server, answer):
    site.update()
    paths = server.offer(OTHER, mark="b")
    server.files[paths[ITEMS]] = answer
    with pytest.raises(TableBroken, match=ITEMS) as caught:
        site.update()
    assert caught.value.table == ITEMS
    assert holds(site) == [1]
    assert leftovers(site) == set()


def test_an_update_succeeds_as_soon_as_the_table_is_whole(site, server):
    paths = server.offer(OTHER, mark="b")
    whole, server.files[paths[ITEMS]] = server.files[paths[ITEMS]], b"{"
    with pytest.raises(TableBroken):
        site.update()
    server.files[paths[ITEMS]] = whole
    assert site.update()


def test_a_few_odd_rows_are_left_out_and_counted(site, server):
    items = {str(one): {"hash": one} for one in range(20)}
    odd = {"7": {"itemType": "weapon"}, "99999999999": {}}
    server.offer({ITEMS: items | odd, BUCKETS: {"2": {}}})
    site.update()
    assert holds(site) == [one for one in range(20) if one != 7]
    assert site.manifest.facts.unread == {ITEMS: 2}


def test_one_row_that_comes_twice_is_there_once(site, server):
    server.offer({ITEMS: {"-1": {}, "4294967295": {"itemType": 3}}, BUCKETS: {"2": {}}})
    site.update()
    assert holds(site) == [4294967295]


@pytest.mark.parametrize("value", [b'"\xff"', b"1" * 400])
def test_a_text_that_is_none_spoils_its_row_only(site, server, value):
    rows = b'{"hash": 1}, '.join(b'"%d": ' % one for one in range(20))
    server.offer({ITEMS: b'{%s{"flavorText": %s}}' % (rows, value), BUCKETS: {"2": {}}})
    site.update()
    assert holds(site) == list(range(19))


def test_a_new_file_is_trusted_only_when_it_reads_as_it_was_written(site, server):
    server.offer({ITEMS: {str(one): {} for one in range(500)}, BUCKETS: {"2": {}}})
    site.update()
    good = site.manifest.rows(ITEMS, range(9))
    verify(site.path, {ITEMS: good})
    with pytest.raises(ManifestError, match="read back"):
        verify(site.path, {ITEMS: good | {0: ItemDefinition(hash=0, item_type=3)}})
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
    server.offer({name: rows for name, rows in OTHER.items() if name != table})
    with pytest.raises(TableBroken, match=table):
        site.update()


def test_maintenance_leaves_the_old_manifest(site, server):
    site.update()
    server.answer({"ErrorCode": 5, "ErrorStatus": "SystemDisabled", "Message": "Later."}, 503)
    with pytest.raises(Maintenance):
        site.update()
    assert holds(site) == [1]
    assert leftovers(site) == set()


def test_a_server_that_is_not_there_leaves_the_old_manifest(site):
    site.update()
    with pytest.raises(BungieError):
        site.update(root="http://127.0.0.1:1")
    assert holds(site) == [1]


def test_a_damaged_manifest_is_built_anew(site):
    site.update()
    with site.path.open("r+b") as file:
        file.seek(4096)  # the items; what the file says of itself is still right
        file.write(b"\xff" * 600)
    assert site.update()
    assert holds(site) == [1]


def test_the_manifest_of_another_release_is_built_anew(site):
    site.update()
    with closing(sqlite3.connect(site.path)) as connection, connection:
        connection.execute("UPDATE fact SET value = 'others' WHERE name = 'shapes'")
    assert site.update()
    assert holds(site) == [1]


def test_a_folder_that_cannot_be_used_is_reported(site):
    site.folder.write_text("a file")
    with pytest.raises(ManifestError):
        site.update()


def test_a_full_disk_is_reported_and_the_old_manifest_stays(site, server):
    site.update()
    large = {str(one): {"flavorText": "x" * 500} for one in range(1000)}
    server.offer({ITEMS: large, BUCKETS: {"2": {}}}, mark="b")
    # A limit for the size of files fails like a full disk, for that process alone.
    for limit in (100_000, 580_000):  # in the download, in the build
        done = run(site, before=f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit},) * 2)")
        assert done.returncode == 1
        assert done.stderr.count(b"\n") == 1
        assert holds(site) == [1]
        assert leftovers(site) == set()


def test_many_processes_that_want_it_at_once_do_it_once(site, server):
    crowd = [start() for _ in range(4)]
    server.stop_at = f"/content/{ITEMS}-a.json"
    for process in crowd:
        process.stdin.write(site.wanted)
        process.stdin.close()
    assert server.stopped.wait(30)
    server.go_on.set()
    codes = [process.wait(60) for process in crowd]
    errors = [process.stderr.read() for process in crowd]
    for process in crowd:
        process.stderr.close()
    assert (codes, errors) == ([0] * 4, [b""] * 4)
    assert server.times(ITEMS) == 1
    assert holds(site) == [1]


def test_an_update_that_is_killed_leaves_the_old_manifest_and_the_next_one_cleans_up(site, server):
    site.update()
    server.stop_at = server.offer(OTHER, mark="b")[ITEMS]
    with start() as process:
        process.stdin.write(site.wanted)
        process.stdin.close()
        assert server.stopped.wait(30)
        process.send_signal(signal.SIGKILL)
    assert leftovers(site) != set(), "killed in the middle of it"
    assert holds(site) == [1]
    server.stop_at = None
    assert site.update()
    assert holds(site) == [9]
    assert leftovers(site) == set()


def test_whoever_waits_for_another_too_long_gives_up(site, server):
    server.stop_at = f"/content/{ITEMS}-a.json"
    thread = threading.Thread(target=site.update)
    thread.start()
    assert server.stopped.wait(30)
    watcher = Watcher()
    with pytest.raises(StillUpdating):
        site.update(max_wait=0.1, progress=watcher)
    assert watcher.phases == [Phase.WAITING]
    server.go_on.set()
    thread.join()
    assert holds(site) == [1]


def test_a_connection_that_breaks_in_the_middle_is_reported(site, server):
    server.break_at = f"/content/{ITEMS}-a.json"
    with pytest.raises(TableBroken, match=f"{ITEMS}: .* while downloading"):
        site.update()


def test_the_process_says_in_one_line_why_it_failed_and_keeps_the_key_to_itself(site, server):
    server.answer(b"<html>\n<h1>down</h1>", 502)
    done = run(site)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"The manifest was not updated: ")
    assert done.stderr.count(b"\n") == 1
    assert KEY.encode() not in done.stderr


@pytest.mark.parametrize("wanted", [b"", b"{}", b'{"root": 5}', b"\xff", b"[]"])
def test_the_process_needs_to_know_what_is_wanted(site, wanted):
    site.wanted = wanted
    done = run(site)
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1


def test_a_whole_bungie_net_comes_over_and_then_only_its_news(bungie, tmp_path):
    wanted = {
        "root": bungie.root,
        "api_key": bungie.api_key,
        "user_agent": "tests",
        "folder": tmp_path,
    }
    assert update(**wanted)
    assert not update(**wanted)
    manifest = Manifest(path_of(tmp_path, "en"))
    assert (manifest.facts.missing, manifest.facts.unread) == ((), {})
    assert [name for name in TABLES if not manifest.all(name)] == []
    bungie.bungie.change_manifest()
    assert update(**wanted)
    assert not update(**wanted)


def test_an_open_reader_reads_on_while_another_file_is_put_in_place(site, server):
    site.update()
    with closing(sqlite3.connect(f"file:{site.path}?mode=ro", uri=True)) as reader:
        server.offer(OTHER, mark="b")
        site.update()
        assert reader.execute(f'SELECT hash FROM "{ITEMS}"').fetchall() == [(1,)]  # noqa: S608
