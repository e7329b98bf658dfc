"""The protocol of a store, for every backend."""

import threading
from datetime import datetime
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from destiny_web.storage.store import Busy, LockLost, LockTimeout
from tests.storage import workers


def is_taken(store, name="job"):
    """Return whether the lock is taken, by trying to take it."""
    try:
        with store.lock(name, ttl=1, wait=0):
            return False
    except LockTimeout:
        return True


def test_a_value_that_was_never_put_is_none(store):
    assert store.get("session", "a") is None


def test_a_value_is_visible_to_every_other_process(store, backend):
    store.put("session", "a", b"1")
    assert backend.open().get("session", "a") == b"1"


def test_the_last_put_stays(store):
    store.put("session", "a", b"1")
    store.put("session", "a", b"2")
    assert store.get("session", "a") == b"2"


def test_namespaces_do_not_mix(store):
    store.put("session", "a", b"1")
    store.put("snapshot", "a", b"2")
    store.delete("snapshot", "a")
    assert store.get("session", "a") == b"1"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(namespace=st.text(), key=st.text(), value=st.binary())
def test_any_bytes_under_any_names_come_back(store, namespace, key, value):
    store.put(namespace, key, value)
    assert store.get(namespace, key) == value


def test_a_deleted_value_is_none(store):
    store.put("session", "a", b"1")
    store.delete("session", "a")
    assert store.get("session", "a") is None


def test_deleting_a_missing_value_does_nothing(store):
    store.delete("session", "a")


def test_a_value_that_has_expired_already_is_not_stored(store, clock):
    store.put("session", "a", b"1", clock.after(60))
    store.put("session", "a", b"2", clock.after(-1))
    assert store.get("session", "a") is None
    assert store.update("session", "b", lambda _: b"1", clock.after(-1)) == b"1"
    assert store.get("session", "b") is None


def test_a_value_expires(store, clock):
    store.put("session", "a", b"1", clock.after(60))
    clock.advance(59)
    assert store.get("session", "a") == b"1"
    clock.advance(1)
    assert store.get("session", "a") is None


def test_a_put_without_an_end_removes_an_earlier_end(store, clock):
    store.put("session", "a", b"1", clock.after(60))
    store.put("session", "a", b"2")
    clock.advance(61)
    assert store.get("session", "a") == b"2"


@pytest.mark.parametrize("write", ["put", "update"])
def test_a_moment_without_a_time_zone_is_a_programming_error(store, write):
    value = b"1" if write == "put" else lambda _: b"1"
    with pytest.raises(ValueError, match="time zone"):
        getattr(store, write)("session", "a", value, datetime(2030, 1, 1))  # noqa: DTZ001


def test_a_change_gets_the_present_value_and_returns_the_new_one(store):
    store.put("journal", "a", b"1")
    assert store.update("journal", "a", lambda old: old + b"2") == b"12"
    assert store.get("journal", "a") == b"12"


def test_a_change_gets_none_for_an_expired_value(store, clock):
    store.put("journal", "a", b"old", clock.after(60))
    clock.advance(60)
    old_values = []
    store.update("journal", "a", lambda old: old_values.append(old) or b"new")
    assert old_values == [None]


def test_a_change_to_none_deletes(store):
    store.put("journal", "a", b"1")
    assert store.update("journal", "a", lambda _: None) is None
    assert store.get("journal", "a") is None


def test_a_change_sets_the_end(store, clock):
    store.update("journal", "a", lambda _: b"1", clock.after(60))
    clock.advance(60)
    assert store.get("journal", "a") is None


def test_a_change_that_raises_changes_nothing_and_blocks_no_other_change(store, backend):
    store.put("journal", "a", b"1")
    with pytest.raises(ZeroDivisionError):
        store.update("journal", "a", lambda _: 1 // 0)
    assert backend.open().update("journal", "a", lambda old: old + b"2") == b"12"


def test_no_change_of_many_processes_is_lost(store, backend):
    assert workers.run(workers.increment, backend.address, 50, processes=4) == [0] * 4
    assert store.get("n", "k") == b"200"


def test_no_change_of_many_threads_is_lost(store):
    def count():
        for _ in range(25):
            store.update("n", "k", lambda old: b"%d" % (int(old or 0) + 1))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get("n", "k") == b"200"


def test_a_lock_keeps_others_out_until_its_block_ends(store, backend):
    other_store = backend.open()
    with store.lock("job", ttl=60, wait=0):
        assert is_taken(other_store)
        assert is_taken(store), "not reentrant"
    assert not is_taken(other_store)


def test_locks_of_other_names_are_free(store):
    with store.lock("job", ttl=60, wait=0):
        assert not is_taken(store, "another")


def test_a_lock_is_free_after_a_failure_too(store):
    with pytest.raises(ZeroDivisionError), store.lock("job", ttl=60, wait=0):
        _ = 1 // 0
    assert not is_taken(store)


def test_a_lock_that_is_not_free_in_time_raises_busy(store):
    with store.lock("job", ttl=60, wait=0), pytest.raises(Busy):  # noqa: SIM117
        with store.lock("job", ttl=60, wait=0.01):
            pytest.fail("two holders have the lock")


def test_a_lock_expires(store, backend, clock):
    with store.lock("job", ttl=60, wait=0):
        clock.advance(59)
        assert is_taken(backend.open())
        clock.advance(1)
        assert not is_taken(backend.open())


def test_only_its_owner_releases_a_lock(store, backend, clock):
    other_store = backend.open()
    with store.lock("job", ttl=60, wait=0):
        clock.advance(60)
        late_lock = other_store.lock("job", ttl=60, wait=0)
        late_lock.__enter__()
    assert is_taken(store), "the end of the first block must not release the lock of the second"
    late_lock.__exit__(None, None, None)


def test_a_renewed_lock_lasts_longer(store, backend, clock):
    with store.lock("job", ttl=60, wait=0) as lease:
        clock.advance(50)
        lease.renew(60)
        clock.advance(50)
        assert is_taken(backend.open())


def test_a_lock_that_ended_cannot_be_renewed(store, clock):
    with store.lock("job", ttl=60, wait=0) as lease:
        clock.advance(60)
        with pytest.raises(LockLost):
            lease.renew(60)


def test_a_lock_that_another_holder_has_taken_cannot_be_renewed(store, backend, clock):
    with store.lock("job", ttl=60, wait=0) as lease:
        clock.advance(60)
        with backend.open().lock("job", ttl=60, wait=0), pytest.raises(LockLost):
            lease.renew(60)


def test_a_waiting_caller_gets_the_lock_when_it_is_released(store, backend):
    is_waiting, has_lock = threading.Event(), threading.Event()

    def wait():
        other_store = backend.open()
        is_waiting.set()
        with other_store.lock("job", ttl=60, wait=30):
            has_lock.set()

    thread = threading.Thread(target=wait)
    with store.lock("job", ttl=60, wait=0):
        thread.start()
        is_waiting.wait(10)
        assert not has_lock.wait(0.1)
    assert has_lock.wait(10)
    thread.join()


def test_one_process_at_a_time_has_the_lock(store, backend, tmp_path):
    store.ping()
    file = tmp_path / "count"
    file.write_text("0")
    assert workers.run(workers.count_under_lock, backend.address, file, 25, processes=4) == [0] * 4
    assert file.read_text() == "100"


def test_nothing_stored_is_lost_when_its_writer_is_killed(store, backend):
    store.ping()
    pipe, child_pipe = workers.SPAWN.Pipe()
    process = workers.SPAWN.Process(target=workers.put_numbers, args=(backend.address, child_pipe))
    process.start()
    numbers = []
    while len(numbers) < 100 and pipe.poll(30):
        numbers.append(pipe.recv())
    process.kill()
    process.join(30)
    while pipe.poll():
        numbers.append(pipe.recv())
    assert len(numbers) >= 100
    assert [store.get("n", str(number)) for number in numbers] == [b"%d" % n for n in numbers]


def test_a_purge_deletes_no_value_that_has_not_expired(store, clock):
    store.put("session", "lives", b"2", clock.after(30))
    store.put("session", "for good", b"3")
    clock.advance(20)
    assert store.purge() == 0
    assert list(map(partial(store.get, "session"), ("lives", "for good"))) == [b"2", b"3"]


def test_a_purge_frees_no_lock_that_is_held(store, backend, clock):
    with store.lock("job", ttl=60, wait=0):
        clock.advance(30)
        store.purge()
        assert is_taken(backend.open())


def test_a_ping_of_a_usable_store_succeeds(store):
    store.ping()


def test_a_closed_store_opens_again_at_its_next_use(store):
    store.put("session", "a", b"1")
    store.close()
    assert store.get("session", "a") == b"1"
