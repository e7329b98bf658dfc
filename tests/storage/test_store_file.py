"""The file of the embedded store is deleted, replaced, truncated or overwritten while in use."""

import shutil
import sqlite3
import threading
from contextlib import closing, contextmanager

import pytest

from destiny_web.storage.sqlite import SQLiteStore
from destiny_web.storage.store import Unavailable
from tests.storage import workers


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "store.sqlite3"


@pytest.fixture
def store(path):
    """A store in use: with an idle connection, and with writes that are in its journal only."""
    with closing(SQLiteStore(path)) as store:
        for number in range(50):
            store.put("session", str(number), b"old" * 500)
        yield store


def make_another_store(path):
    """Create another store and close it; return its file."""
    with closing(SQLiteStore(path)) as store:
        store.put("session", "1", b"new")
    return path


def broken_files(path):
    return sorted(path.parent.glob(f"{path.name}.broken-*"))


def is_whole(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def is_usable_by_all(store, path):
    """Return whether another process reads what this one writes."""
    store.put("session", "a", b"1")
    with closing(SQLiteStore(path)) as other_store:
        return other_store.get("session", "a") == b"1" and is_whole(path)


@pytest.mark.parametrize("deleted", ["file", "files", "folder"])
def test_a_deleted_store_is_created_again_and_reports_it_once(store, path, lines, deleted):
    if deleted == "folder":
        shutil.rmtree(path.parent)
    elif deleted == "files":
        for file in path.parent.iterdir():
            file.unlink()
    else:
        path.unlink()
    for number in range(50):
        assert store.get("session", str(number)) is None
    assert is_usable_by_all(store, path)
    assert len(lines) == 1
    assert "gone" in lines[0]
    assert "gone" in store.repair()
    assert str(path.parent) not in store.repair()


def test_the_journal_of_a_file_that_was_deleted_is_kept(store, path, lines):
    journal = path.with_name(f"{path.name}-wal")
    content = journal.read_bytes()
    assert content
    path.unlink()
    assert store.get("session", "1") is None
    assert [file.read_bytes() for file in broken_files(path) if file.name.endswith("-wal")] == [
        content
    ]
    assert broken_files(path)[-1].name in lines[0]


def test_a_journal_without_its_file_is_not_applied_to_a_new_one(path, lines):
    path.parent.mkdir()
    path.with_name(f"{path.name}-wal").write_bytes(b"left")
    with closing(SQLiteStore(path)) as store:
        assert is_usable_by_all(store, path)
    assert [file.read_bytes() for file in broken_files(path)] == [b"left"]
    assert len(lines) == 1


def test_another_file_at_the_path_is_used(store, path, tmp_path, lines):
    make_another_store(tmp_path / "other.sqlite3").rename(path)
    assert store.get("session", "1") == b"new"
    assert store.get("session", "2") is None
    assert is_usable_by_all(store, path)
    assert len(lines) == 1
    assert "replaced" in lines[0]
    assert "replaced" in store.repair()
    assert [file.name[-4:] for file in broken_files(path)] == ["-shm", "-wal"]


def test_another_data_folder_at_the_path_is_used(store, path, tmp_path, lines):
    make_another_store(tmp_path / "data2" / path.name)
    path.parent.rename(tmp_path / "data-old")
    (tmp_path / "data2").rename(path.parent)
    assert store.get("session", "1") == b"new"
    assert is_usable_by_all(store, path)
    assert len(lines) == 1


@pytest.mark.parametrize("suffixes", [("-wal",), ("-shm",), ("-wal", "-shm")])
def test_a_store_whose_journals_were_deleted_keeps_its_values(store, path, lines, suffixes):
    for suffix in suffixes:
        path.with_name(f"{path.name}{suffix}").unlink()
    store.put("session", "after", b"1")
    store.ping()
    assert is_usable_by_all(store, path)
    assert store.get("session", "1") == b"old" * 500
    assert store.get("session", "after") == b"1"
    assert len(lines) == 1
    assert "journal" in store.repair()


def overwrite_with_text(path, _):
    path.write_text("<html>" * 10_000)


def overwrite_with_zeros(path, _):
    path.write_bytes(bytes(path.stat().st_size))


def overwrite_with_another_store(path, tmp_path):
    path.write_bytes(make_another_store(tmp_path / "other.sqlite3").read_bytes())


def truncate(path, _):
    path.write_bytes(b"")


def truncate_half(path, _):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


DAMAGES = [
    overwrite_with_text,
    overwrite_with_zeros,
    overwrite_with_another_store,
    truncate,
    truncate_half,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_overwritten_file_is_renamed_at_the_next_check(store, path, tmp_path, lines, damage):
    checkpoint(path)
    damage(path, tmp_path)
    content = path.read_bytes()
    store.ping()  # checks the header always; other uses check it every few seconds
    assert store.get("session", "1") is None
    assert is_usable_by_all(store, path)
    assert broken_files(path)[0].read_bytes() == content
    assert len(lines) == 1
    assert "damaged" in lines[0]
    assert broken_files(path)[0].name in lines[0]
    assert "damaged" in store.repair()


@pytest.mark.parametrize("damage", [overwrite_with_text, truncate])
def test_a_file_that_is_not_a_store_at_the_start_is_renamed(path, tmp_path, lines, damage):
    path.parent.mkdir()
    path.touch()
    damage(path, tmp_path)
    content = path.read_bytes()
    with closing(SQLiteStore(path)) as store:
        assert is_usable_by_all(store, path)
    assert [file.read_bytes() for file in broken_files(path)] == [content]
    assert len(lines) == 1


def checkpoint(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def damage_pages(path):
    """Overwrite all pages except the first, as a failing disk may do."""
    checkpoint(path)
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))


def test_damage_that_a_use_finds_is_unavailable_once(store, path, lines):
    store.close()
    damage_pages(path)
    with pytest.raises(Unavailable, match="malformed"):
        store.get("session", "1")
    assert store.get("session", "1") is None
    assert is_usable_by_all(store, path)
    assert len(broken_files(path)) >= 1
    repairs = [line for line in lines if "damaged" in line]
    assert len(repairs) == 1


def test_a_file_of_a_newer_release_is_not_moved(store, path):
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    for _ in range(3):
        with pytest.raises(Unavailable, match="newer release"):
            store.get("session", "1")
    assert broken_files(path) == []


def test_a_file_that_became_smaller_by_vacuum_stays(store, path, lines):
    for number in range(50):
        store.delete("session", str(number))
    store.put("session", "a", b"1")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        size = path.stat().st_size
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert path.stat().st_size < max(size, 50_000)
    store.ping()
    assert store.get("session", "a") == b"1"
    assert broken_files(path) == []
    assert lines == []


def test_a_file_of_the_first_release_stays(path, lines):
    with closing(SQLiteStore(path)) as store:
        store.put("session", "a", b"1")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id = 0")
    with closing(SQLiteStore(path)) as store:
        store.ping()
        assert store.get("session", "a") == b"1"
        store.put("session", "a", b"2")
        store.ping()
    assert lines == []


def test_a_connection_to_a_deleted_file_removes_no_journal_of_the_new_one(store, path):
    path.unlink()
    assert workers.run(workers.put_one, str(path), "x", processes=1) == [0]
    with closing(SQLiteStore(path)) as other_store:
        other_store.put("session", "a", b"1")
        journal = path.with_name(f"{path.name}-wal")
        inode = journal.stat().st_ino
        store.close()
        assert journal.stat().st_ino == inode
        assert store.get("session", "a") == b"1"
        assert store.get("n", "x") == b"x"


def test_an_idle_connection_to_a_former_file_has_no_effect(path, lines):
    is_in_use, is_replaced = threading.Event(), threading.Event()
    with closing(SQLiteStore(path)) as store:
        store.put("session", "a", b"1")

        def hold(_):
            is_in_use.set()
            assert is_replaced.wait(30)
            return b"2"

        thread = threading.Thread(target=store.update, args=("session", "a", hold))
        thread.start()
        assert is_in_use.wait(30)
        for file in list(path.parent.iterdir()):
            file.unlink()

        def finish(_):
            is_replaced.set()
            thread.join(30)  # its connection is idle before this one is
            return b"3"

        store.update("session", "a", finish)
        for _ in range(3):
            store.ping()
        assert store.get("session", "a") == b"3"
    assert len(lines) == 1
    assert broken_files(path) == []


def test_a_check_of_the_header_keeps_the_locks_of_sqlite(store, path):
    journal = path.with_name(f"{path.name}-wal")
    inode = journal.stat().st_ino
    store.ping()
    # Without the locks the other process would count as the last one, and remove the journal.
    assert workers.run(workers.put_one, str(path), "x", processes=1) == [0]
    assert journal.stat().st_ino == inode
    assert store.get("n", "x") == b"x"


@contextmanager
def users(path, number):
    """Run a number of processes that use the store until ``collect_reports`` stops them."""
    pipes, processes = [], []
    for _ in range(number):
        pipe, child_pipe = workers.SPAWN.Pipe()
        process = workers.SPAWN.Process(
            target=workers.use_until_stopped, args=(str(path), child_pipe)
        )
        process.start()
        pipes.append(pipe)
        processes.append(process)
    try:
        for pipe in pipes:
            assert pipe.poll(60)
            assert pipe.recv() == "began"
        yield pipes
    finally:
        for process in processes:
            process.join(30)
            process.kill()
            process.join(30)


def collect_reports(pipes):
    for pipe in pipes:
        pipe.send("stop")
    assert all(pipe.poll(60) for pipe in pipes)
    return [pipe.recv() for pipe in pipes]


def test_no_use_by_many_processes_counts_as_damage(path):
    with users(path, 3) as pipes, closing(SQLiteStore(path)) as store:
        for number in range(200):
            store.put("n", str(number), b"x" * 20_000)
            store.ping()
        assert collect_reports(pipes) == [""] * 3
    assert broken_files(path) == []
    assert is_whole(path)


def delete_journals(path, _):
    for suffix in ("-wal", "-shm"):
        path.with_name(f"{path.name}{suffix}").unlink()


@pytest.mark.parametrize("damage", [*DAMAGES, delete_journals, "delete", "replace"])
def test_many_processes_agree_on_one_store_after_the_damage(path, tmp_path, damage):
    with users(path, 3) as pipes:
        if damage == "delete":
            path.unlink()
        elif damage == "replace":
            make_another_store(tmp_path / "other.sqlite3").rename(path)
        else:
            damage(path, tmp_path)
        answers = collect_reports(pipes)
    assert all(answers), answers
    with closing(sqlite3.connect(path)) as connection:
        count = connection.execute("SELECT count(*) FROM entry WHERE namespace = 'pid'")
        assert count.fetchone() == (3,)
    assert is_whole(path)


def test_a_failure_of_every_request_is_logged_once(tmp_path, lines):
    (tmp_path / "file").touch()
    store = SQLiteStore(tmp_path / "file" / "store.sqlite3")

    def use():
        for _ in range(50):
            with pytest.raises(Unavailable):
                store.get("session", "a")

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines) == 1
    assert "store.sqlite3" in lines[0]


def test_a_repair_is_logged_once_by_many_threads(store, path, lines):
    path.unlink()
    barrier = threading.Barrier(8)

    def use():
        barrier.wait(30)
        for _ in range(20):
            store.get("session", "1")

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines) == 1
