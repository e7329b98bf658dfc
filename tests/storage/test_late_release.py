"""A lock whose release failed, or whose taking was not answered, blocks nobody until it ends."""

import sqlite3
from contextlib import closing

import pytest

from destiny_web.storage.redis import RedisStore
from destiny_web.storage.sqlite import SQLiteStore
from destiny_web.storage.store import StoreError, Unavailable

TTL, WAIT = 100.0, 20.0


def test_a_lock_that_a_stuck_redis_could_not_release_is_released_later(lasting):
    with closing(RedisStore(lasting.url)) as store, closing(RedisStore(lasting.url)) as rival:
        held = store.lock("account", ttl=TTL, wait=0)
        held.__enter__()
        with lasting.stuck():
            held.__exit__(None, None, None)
        with rival.lock("account", ttl=TTL, wait=WAIT):
            pass


def test_a_lock_that_a_stuck_redis_gave_without_an_answer_is_released_later(lasting):
    with closing(RedisStore(lasting.url)) as store, closing(RedisStore(lasting.url)) as rival:
        with store.lock("another", ttl=TTL, wait=0):
            pass  # Redis knows the scripts now
        with lasting.stuck(), pytest.raises(Unavailable), store.lock("account", ttl=TTL, wait=0):
            pass
        with rival.lock("account", ttl=TTL, wait=WAIT):
            pass


def test_a_lock_that_a_busy_file_could_not_release_is_released_later(tmp_path):
    path = tmp_path / "store.sqlite"
    with closing(SQLiteStore(path, max_wait=0.1)) as store, closing(SQLiteStore(path)) as rival:
        held = store.lock("account", ttl=TTL, wait=0)
        held.__enter__()
        with closing(sqlite3.connect(path, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            held.__exit__(None, None, None)
        with rival.lock("account", ttl=TTL, wait=WAIT):
            pass


def test_a_failed_block_still_tells_its_own_failure(lasting):
    with (
        closing(RedisStore(lasting.url)) as store,
        pytest.raises(StoreError),
        store.lock("account", ttl=TTL, wait=0),
        lasting.stuck(),
    ):
        store.get("namespace", "key")
