"""The file of the embedded store is deleted, replaced, truncated or overwritten while in use."""

import shutil
import sqlite3
import threading
from contextlib import closing, contextmanager

import pytest

from destiny_web.storage.sqlite import SQLiteStore
from destiny_web.storage.store import Unavailable
from tests.storage import crowd


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


def another_store(path):
    """Return a file that is a store too, closed and complete."""
    with closing(SQLiteStore(path)) as other:
        other.put("session", "1", b"new")
    return path


def files_aside(path):
    return sorted(path.parent.glob(f"{path.name}.broken-*"))


def is_whole(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def is_usable_by_all(store, path):
    """Tell whether what one process writes is what another one reads."""
    store.put("session", "a", b"1")
    with closing(SQLiteStore(path)) as other:
        return other.get("session", "a") == b"1" and is_whole(path)


@pytest.mark.parametrize("gone", ["file", "files", "folder"])
def test_a_store_that_was_deleted_begins_anew_and_says_so_once(store, path, lines, gone):
    if gone == "folder":
        shutil.rmtree(path.parent)
    elif gone == "files":
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
    assert [file.read_bytes() for file in files_aside(path) if file.name.endswith("-wal")] == [
        content
    ]
    assert files_aside(path)[-1].name in lines[0]


def test_a_journal_without_its_file_is_not_laid_over_a_new_one(path, lines):
    path.parent.mkdir()
    path.with_name(f"{path.name}-wal").write_bytes(b"left")
    with closing(SQLiteStore(path)) as store:
        assert is_usable_by_all(store, path)
    assert [file.read_bytes() for file in files_aside(path)] == [b"left"]
    assert len(lines) == 1


def test_a_file_in_the_place_of_another_one_is_used(store, path, tmp_path, lines):
    another_store(tmp_path / "other.sqlite3").rename(path)
    assert store.get("session", "1") == b"new"
    assert store.get("session", "2") is None
    assert is_usable_by_all(store, path)
    assert len(lines) == 1
    assert "replaced" in lines[0]
    assert "replaced" in store.repair()
    assert [file.name[-4:] for file in files_aside(path)] == ["-shm", "-wal"]


def test_a_data_folder_in_the_place_of_another_one_is_used(store, path, tmp_path, lines):
    another_store(tmp_path / "data2" / path.name)
    path.parent.rename(tmp_path / "data-old")
    (tmp_path / "data2").rename(path.parent)
    assert store.get("session", "1") == b"new"
    assert is_usable_by_all(store, path)
    assert len(lines) == 1


@pytest.mark.parametrize("suffixes", [("-wal",), ("-shm",), ("-wal", "-shm")])
def test_a_store_whose_journals_were_deleted_keeps_what_it_has(store, path, lines, suffixes):
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
    path.write_bytes(another_store(tmp_path / "other.sqlite3").read_bytes())


def truncate(path, _):
    path.write_bytes(b"")


def truncate_half(path, _):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


HARMS = [
    overwrite_with_text,
    overwrite_with_zeros,
    overwrite_with_another_store,
    truncate,
    truncate_half,
]


@pytest.mark.parametrize("harm", HARMS)
def test_a_file_that_was_overwritten_is_moved_aside_at_the_next_look(
    store, path, tmp_path, lines, harm
):
    checkpoint(path)
    harm(path, tmp_path)
    content = path.read_bytes()
    store.ping()  # looks at the header in any case; a use does so every few seconds
    assert store.get("session", "1") is None
    assert is_usable_by_all(store, path)
    assert files_aside(path)[0].read_bytes() == content
    assert len(lines) == 1
    assert "damaged" in lines[0]
    assert files_aside(path)[0].name in lines[0]
    assert "damaged" in store.repair()


@pytest.mark.parametrize("harm", [overwrite_with_text, truncate])
def test_a_file_that_is_no_store_at_the_start_is_moved_aside(path, tmp_path, lines, harm):
    path.parent.mkdir()
    path.touch()
    harm(path, tmp_path)
    content = path.read_bytes()
    with closing(SQLiteStore(path)) as store:
        assert is_usable_by_all(store, path)
    assert [file.read_bytes() for file in files_aside(path)] == [content]
    assert len(lines) == 1


def checkpoint(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def damage_pages(path):
    """Overwrite everything but the first page, as a failing disk may do."""
    checkpoint(path)
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))


def test_damage_that_shows_in_use_is_unavailable_once(store, path, lines):
    store.close()
    damage_pages(path)
    with pytest.raises(Unavailable, match="malformed"):
        store.get("session", "1")
    assert store.get("session", "1") is None
    assert is_usable_by_all(store, path)
    assert len(files_aside(path)) >= 1
    repairs = [line for line in lines if "damaged" in line]
    assert len(repairs) == 1


def test_a_file_of_a_newer_release_is_not_moved(store, path):
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    for _ in range(3):
        with pytest.raises(Unavailable, match="newer release"):
            store.get("session", "1")
    assert files_aside(path) == []


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
    assert files_aside(path) == []
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


def test_a_connection_to_a_file_that_is_gone_takes_no_journal_of_the_new_one(store, path):
    path.unlink()
    assert crowd.run(crowd.put_one, str(path), "x", processes=1) == [0]
    with closing(SQLiteStore(path)) as other:
        other.put("session", "a", b"1")
        journal = path.with_name(f"{path.name}-wal")
        inode = journal.stat().st_ino
        store.close()
        assert journal.stat().st_ino == inode
        assert store.get("session", "a") == b"1"
        assert store.get("n", "x") == b"x"


def test_a_connection_to_a_former_file_that_is_idle_disturbs_nobody(path, lines):
    is_lent, is_replaced = threading.Event(), threading.Event()
    with closing(SQLiteStore(path)) as store:
        store.put("session", "a", b"1")

        def keep(_):
            is_lent.set()
            assert is_replaced.wait(30)
            return b"2"

        thread = threading.Thread(target=store.update, args=("session", "a", keep))
        thread.start()
        assert is_lent.wait(30)
        for file in list(path.parent.iterdir()):
            file.unlink()

        def come_back(_):
            is_replaced.set()
            thread.join(30)  # its connection is idle before this one is
            return b"3"

        store.update("session", "a", come_back)
        for _ in range(3):
            store.ping()
        assert store.get("session", "a") == b"3"
    assert len(lines) == 1
    assert files_aside(path) == []


def test_a_look_at_the_header_keeps_the_locks_of_sqlite(store, path):
    journal = path.with_name(f"{path.name}-wal")
    inode = journal.stat().st_ino
    store.ping()
    # Were the locks lost, the other process would believe to be the last, and remove the journal.
    assert crowd.run(crowd.put_one, str(path), "x", processes=1) == [0]
    assert journal.stat().st_ino == inode
    assert store.get("n", "x") == b"x"


@contextmanager
def users(path, number):
    """So many processes that use the store until the block asks for their reports."""
    pipes, processes = [], []
    for _ in range(number):
        ours, theirs = crowd.SPAWN.Pipe()
        process = crowd.SPAWN.Process(target=crowd.use_until_told, args=(str(path), theirs))
        process.start()
        pipes.append(ours)
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


def reports(pipes):
    for pipe in pipes:
        pipe.send("stop")
    assert all(pipe.poll(60) for pipe in pipes)
    return [pipe.recv() for pipe in pipes]


def test_no_use_by_many_processes_looks_like_damage(path):
    with users(path, 3) as pipes, closing(SQLiteStore(path)) as store:
        for number in range(200):
            store.put("n", str(number), b"x" * 20_000)
            store.ping()
        assert reports(pipes) == [""] * 3
    assert files_aside(path) == []
    assert is_whole(path)


def delete_journals(path, _):
    for suffix in ("-wal", "-shm"):
        path.with_name(f"{path.name}{suffix}").unlink()


@pytest.mark.parametrize("harm", [*HARMS, delete_journals, "delete", "replace"])
def test_many_processes_agree_on_one_store_after_the_harm(path, tmp_path, harm):
    with users(path, 3) as pipes:
        if harm == "delete":
            path.unlink()
        elif harm == "replace":
            another_store(tmp_path / "other.sqlite3").rename(path)
        else:
            harm(path, tmp_path)
        answers = reports(pipes)
    assert all(answers), answers
    with closing(sqlite3.connect(path)) as connection:
        count = connection.execute("SELECT count(*) FROM entry WHERE namespace = 'pid'")
        assert count.fetchone() == (3,)
    assert is_whole(path)


def test_a_failure_of_every_request_is_logged_once(tmp_path, lines):
    (tmp_path / "file").touch()
    store = SQLiteStore(tmp_path / "file" / "store.sqlite3")

    def ask():
        for _ in range(50):
            with pytest.raises(Unavailable):
                store.get("session", "a")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines) == 1
    assert "store.sqlite3" in lines[0]


def test_a_repair_is_logged_once_by_many_threads(store, path, lines):
    path.unlink()
    barrier = threading.Barrier(8)

    def ask():
        barrier.wait(30)
        for _ in range(20):
            store.get("session", "1")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines) == 1
