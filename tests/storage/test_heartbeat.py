"""A heartbeat renews a lock until its block ends."""

import sqlite3
import threading
from contextlib import closing

import pytest

from destiny_web.storage.heartbeat import renewing
from destiny_web.storage.redis import RedisStore
from destiny_web.storage.sqlite import SQLiteStore
from destiny_web.storage.store import LockLost, LockTimeout, StoreError, Unavailable
from tests import redis_server

# Long enough for a slow machine: Redis drops a lock by its real clock too.
TTL = 1.0


class CountingLease:
    """A lease that counts its renewals and failures."""

    def __init__(self, lease):
        self._lease = lease
        self.renewals = threading.Semaphore(0)
        self.failures = threading.Semaphore(0)

    def renew(self, ttl):
        try:
            self._lease.renew(ttl)
        except StoreError:
            self.failures.release()
            raise
        self.renewals.release()

    def wait_for_renewal(self):
        assert self.renewals.acquire(timeout=30), "the heartbeat does not renew"


def is_taken(store):
    try:
        with store.lock("job", ttl=TTL, wait=0):
            return False
    except LockTimeout:
        return True


def heartbeats():
    return [thread for thread in threading.enumerate() if thread.name == "heartbeat"]


def test_a_block_that_lasts_five_times_the_ttl_keeps_its_lock(store, backend, clock):
    other_store = backend.open()
    with store.lock("job", ttl=TTL, wait=0) as lease:
        counting = CountingLease(lease)
        with renewing(counting, TTL) as heartbeat:
            for _ in range(10):
                counting.wait_for_renewal()
                # The clock of the store moves only here, so a slow machine does not fail the test.
                clock.advance(TTL / 2)
                assert is_taken(other_store)
            heartbeat.check()


def test_a_heartbeat_that_was_stopped_lets_the_lock_end(store, backend, clock):
    with store.lock("job", ttl=TTL, wait=0) as lease:
        with renewing(lease, TTL):
            assert len(heartbeats()) == 1
        assert heartbeats() == []
        assert is_taken(backend.open())
        clock.advance(TTL)
        assert not is_taken(backend.open())


def test_a_heartbeat_ends_at_once_with_a_block_that_fails(store):
    with store.lock("job", ttl=60, wait=0) as lease:
        with pytest.raises(ZeroDivisionError), renewing(lease, 60):
            _ = 1 // 0
        assert heartbeats() == []


def test_a_lock_that_another_process_has_taken_is_lost_in_every_check(store, backend, clock):
    with store.lock("job", ttl=60, wait=0) as lease, renewing(lease, 60) as heartbeat:
        clock.advance(60)
        with backend.open().lock("job", ttl=60, wait=0):
            for _ in range(2):
                with pytest.raises(LockLost):
                    heartbeat.check()
        with pytest.raises(LockLost):
            heartbeat.check()


def test_a_check_reports_a_loss_that_the_thread_has_noticed(store, clock):
    with store.lock("job", ttl=TTL, wait=0) as lease, renewing(lease, TTL) as heartbeat:
        (thread,) = heartbeats()
        clock.advance(TTL)
        thread.join(30)
        assert not thread.is_alive()
        clock.advance(-TTL)
        with pytest.raises(LockLost):
            heartbeat.check()


def test_no_block_begins_with_a_lock_that_has_ended(store, clock):
    with store.lock("job", ttl=60, wait=0) as lease:
        clock.advance(60)
        with pytest.raises(LockLost), renewing(lease, 60):
            pytest.fail("the block has begun")


def test_threads_may_check_while_the_heartbeat_renews(store):
    failed = []
    with store.lock("job", ttl=60, wait=0) as lease, renewing(lease, 60) as heartbeat:

        def check():
            try:
                for _ in range(50):
                    heartbeat.check()
                    lease.renew(60)
            except StoreError as error:
                failed.append(error)

        threads = [threading.Thread(target=check) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store.sqlite3"


@pytest.fixture
def short_wait_store(path):
    with closing(SQLiteStore(path, max_wait=0.01)) as store:
        yield store


@pytest.fixture
def writer(short_wait_store, path):
    """Another program that can keep every other writer out."""
    short_wait_store.put("n", "k", b"1")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def test_a_store_that_fails_for_less_than_the_ttl_loses_no_lock(short_wait_store, writer):
    with short_wait_store.lock("job", ttl=60, wait=0) as lease, renewing(lease, 60) as heartbeat:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as caught:
            heartbeat.check()
        assert not isinstance(caught.value, LockLost)
        writer.execute("ROLLBACK")
        heartbeat.check()


def test_a_store_that_fails_for_the_whole_ttl_loses_the_lock(short_wait_store, writer):
    with (
        short_wait_store.lock("job", ttl=TTL, wait=0) as lease,
        renewing(lease, TTL) as heartbeat,
    ):
        (thread,) = heartbeats()
        writer.execute("BEGIN IMMEDIATE")
        thread.join(30)
        assert not thread.is_alive()
        writer.execute("ROLLBACK")
        with pytest.raises(LockLost):
            heartbeat.check()


def test_a_redis_that_restarts_in_time_loses_no_lock(tmp_path):
    options = ("--appendonly", "yes", "--appendfsync", "always")
    with (
        redis_server.running(tmp_path, *options) as server,
        closing(RedisStore(server.url)) as store,
        store.lock("job", ttl=60, wait=0) as lease,
        renewing(lease, 60) as heartbeat,
    ):
        server.stop()
        with pytest.raises(Unavailable):
            heartbeat.check()
        server.start()
        heartbeat.check()


def test_a_heartbeat_goes_on_after_the_store_has_failed(short_wait_store, writer):
    with short_wait_store.lock("job", ttl=30, wait=0) as lease:
        counting = CountingLease(lease)
        with renewing(counting, 3):
            counting.wait_for_renewal()
            writer.execute("BEGIN IMMEDIATE")
            assert counting.failures.acquire(timeout=30)
            writer.execute("ROLLBACK")
            counting.wait_for_renewal()
