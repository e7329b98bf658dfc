"""A lock is released later when its release failed or the answer to its request was lost."""

import sqlite3
from contextlib import closing

import pytest

from destiny_web.storage.redis import RedisStore
from destiny_web.storage.sqlite import SQLiteStore
from destiny_web.storage.store import StoreError, Unavailable

TTL, WAIT = 100.0, 20.0


def test_a_lock_that_a_stuck_redis_could_not_release_is_released_later(lasting):
    with closing(RedisStore(lasting.url)) as store, closing(RedisStore(lasting.url)) as other_store:
        lock = store.lock("account", ttl=TTL, wait=0)
        lock.__enter__()
        with lasting.stuck():
            lock.__exit__(None, None, None)
        with other_store.lock("account", ttl=TTL, wait=WAIT):
            pass


def test_a_lock_that_a_stuck_redis_gave_without_an_answer_is_released_later(lasting):
    with closing(RedisStore(lasting.url)) as store, closing(RedisStore(lasting.url)) as other_store:
        with store.lock("another", ttl=TTL, wait=0):
            pass  # Redis knows the scripts now
        with lasting.stuck(), pytest.raises(Unavailable), store.lock("account", ttl=TTL, wait=0):
            pass
        with other_store.lock("account", ttl=TTL, wait=WAIT):
            pass


def test_a_lock_that_a_busy_file_could_not_release_is_released_later(tmp_path):
    path = tmp_path / "store.sqlite"
    with (
        closing(SQLiteStore(path, max_wait=0.1)) as store,
        closing(SQLiteStore(path)) as other_store,
    ):
        lock = store.lock("account", ttl=TTL, wait=0)
        lock.__enter__()
        with closing(sqlite3.connect(path, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            lock.__exit__(None, None, None)
        with other_store.lock("account", ttl=TTL, wait=WAIT):
            pass


def test_the_failure_of_a_block_is_raised_and_not_that_of_its_release(lasting):
    with (
        closing(RedisStore(lasting.url)) as store,
        pytest.raises(StoreError),
        store.lock("account", ttl=TTL, wait=0),
        lasting.stuck(),
    ):
        store.get("namespace", "key")
