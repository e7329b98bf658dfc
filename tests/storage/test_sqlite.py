"""The embedded store: its file, forks, and failures."""

import os
import resource
import sqlite3
import threading
import traceback
import warnings
from contextlib import closing, suppress
from pathlib import Path

import pytest

from destiny_web.storage.sqlite import SQLiteStore
from destiny_web.storage.store import Busy, Unavailable
from tests.storage import workers


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "store.sqlite3"


@pytest.fixture
def store(path):
    store = SQLiteStore(path, max_wait=0.05)
    yield store
    store.close()


def mode(path):
    return path.stat().st_mode & 0o777


def open_files():
    """Return the open files of this process, without the descriptor of the listing itself."""
    links = [str(link) for link in Path("/proc/self/fd").iterdir()]
    return [os.path.realpath(link) for link in links if os.path.lexists(link)]


def in_fork(work):
    """Run *work* in a forked child; return its exit code, which is 0 without an exception."""
    with warnings.catch_warnings():
        # Newer Pythons warn of a fork because pytest has threads; the child needs none of them.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # noqa: BLE001
            with suppress(OSError):  # the child may be one that cannot write
                traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_only_the_owner_of_the_file_can_read_it(store, path):
    store.put("session", "a", b"1")
    assert mode(path.parent) == 0o700
    assert {mode(file) for file in path.parent.iterdir()} == {0o600}


def test_creating_the_file_leaves_no_temporary_file(store, path):
    store.put("session", "a", b"1")
    store.close()
    assert [file.name for file in path.parent.iterdir()] == ["store.sqlite3"]


def test_an_existing_folder_keeps_its_mode(tmp_path):
    tmp_path.chmod(0o755)
    with closing(SQLiteStore(tmp_path / "store.sqlite3")) as store:
        store.ping()
    assert mode(tmp_path) == 0o755


def test_a_store_that_is_not_used_creates_no_file(path):
    SQLiteStore(path).close()
    assert not path.exists()


def test_many_processes_that_start_together_create_one_store(path):
    assert workers.run(workers.put_own, str(path), processes=6) == [0] * 6
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM entry").fetchone() == (6,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_forked_child_uses_the_store_beside_its_parent(store):
    store.put("session", "a", b"parent")

    def work():
        assert store.get("session", "a") == b"parent"
        store.put("session", "a", b"child")

    assert in_fork(work) == 0
    assert store.get("session", "a") == b"child"


def test_no_connection_is_open_across_a_fork(store, path):
    store.put("session", "a", b"1")

    def work():
        assert not [file for file in open_files() if file.startswith(str(path))]

    assert in_fork(work) == 0


def test_a_connection_stays_open_for_the_next_use(store, path):
    store.put("session", "a", b"1")
    assert str(path) in open_files()
    store.close()
    assert str(path) not in open_files()


def test_threads_that_end_leave_no_connection_open(store):
    store.put("session", "a", b"1")
    before = sorted(open_files())
    for _ in range(20):
        thread = threading.Thread(target=store.get, args=("session", "a"))
        thread.start()
        thread.join()
    assert sorted(open_files()) == before


def test_a_write_that_waits_too_long_for_others_is_busy(store, path):
    store.put("session", "a", b"1")
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy):
            store.put("session", "a", b"2")
        assert store.get("session", "a") == b"1", "a read does not wait"
        writer.execute("ROLLBACK")
    store.put("session", "a", b"3")


def test_a_full_disk_is_reported_and_loses_nothing(store):
    store.put("session", "a", b"1")

    def work():
        # A limit for the size of files fails like a full disk, for this child alone.
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024,) * 2)
        with pytest.raises(Unavailable):
            store.put("session", "b", b"x" * 1_000_000)
        with pytest.raises(Unavailable):
            store.update("session", "a", lambda _: b"x" * 1_000_000)
        assert store.get("session", "a") == b"1"

    assert in_fork(work) == 0
    assert store.get("session", "a") == b"1"
    store.ping()


def test_a_successful_block_does_not_fail_when_its_release_fails(store, path):
    store.ping()
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        with store.lock("job", ttl=60, wait=0):
            writer.execute("BEGIN IMMEDIATE")
        writer.execute("ROLLBACK")


def test_a_write_that_failed_fails_the_ping_until_a_write_succeeds(store):
    store.ping()

    def work():
        store.get("session", "a")
        limit = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, limit[1]))
        with pytest.raises(Unavailable):
            store.put("session", "a", b"1")
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        with pytest.raises(Unavailable, match="last write failed"):
            store.ping()
        store.put("session", "a", b"1")
        store.ping()

    assert in_fork(work) == 0


def test_a_ping_writes_nothing(store, path):
    store.put("session", "a", b"1")

    def files():
        # Not -shm: that is memory which the processes share, and readers count themselves there.
        files = [file for file in path.parent.iterdir() if not file.name.endswith("-shm")]
        return {file.name: file.read_bytes() for file in files}

    before = files()
    for _ in range(10):
        store.ping()
    assert files() == before


def test_no_number_of_pings_opens_more_files(store):
    store.put("session", "a", b"1")
    store.ping()
    before = sorted(open_files())
    for _ in range(50):
        store.ping()
    assert sorted(open_files()) == before


def test_a_file_of_a_newer_release_is_not_changed(store, path):
    store.ping()
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(Unavailable, match="newer release"):
        store.get("session", "a")


def test_a_folder_that_cannot_be_created_is_reported(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable):
        SQLiteStore(tmp_path / "file" / "store.sqlite3").ping()


def test_a_purge_deletes_and_counts_expired_values(path, clock):
    with closing(SQLiteStore(path, now=clock)) as store:
        store.put("session", "ended", b"1", clock.after(10))
        store.put("session", "lives", b"2", clock.after(30))
        store.put("session", "for good", b"3")
        clock.advance(20)
        assert store.purge() == 1
        assert store.purge() == 0
        clock.advance(-20)
        keys = ("ended", "lives", "for good")
        assert [store.get("session", key) for key in keys] == [None, b"2", b"3"]
