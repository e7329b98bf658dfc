"""The store in Redis: time-outs, restarts, forks, and key names."""

import os
import signal
import socket
import socketserver
import threading
import time
from contextlib import closing, contextmanager

import pytest
from redis import Redis

from destiny_web.clock import utcnow
from destiny_web.storage.redis import PREFIX, RedisStore
from destiny_web.storage.store import Busy, LockLost, Unavailable
from tests import redis_server
from tests.storage.test_sqlite import in_fork


@pytest.fixture
def store(redis):
    with closing(RedisStore(redis.url)) as store:
        yield store


@pytest.fixture
def raw(redis):
    """A plain client of the same Redis."""
    with Redis.from_url(redis.url) as client:
        yield client


@pytest.fixture
def lossy(redis):
    """A store that does not get the answer to its first change or lock."""
    with (
        losing_answers(redis.port, b"EVALSHA") as port,
        closing(RedisStore(f"redis://127.0.0.1:{port}")) as store,
    ):
        yield store


@contextmanager
def losing_answers(port, command):
    """Run a proxy that closes the connection instead of the first answer to a command."""
    answers_to_lose = threading.Semaphore(1)

    class Proxy(socketserver.BaseRequestHandler):
        def handle(self):
            with socket.create_connection(("127.0.0.1", port)) as redis:
                while request := self.request.recv(65536):
                    redis.sendall(request)
                    answer = redis.recv(65536)
                    if (
                        command in request
                        and b"NOSCRIPT" not in answer
                        and answers_to_lose.acquire(blocking=False)
                    ):
                        return
                    self.request.sendall(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()
        assert not answers_to_lose.acquire(blocking=False), "no answer was lost"


def test_every_key_has_our_prefix(store, raw):
    store.put("session", "a", b"1")
    with store.lock("job", ttl=60, wait=0):
        names = raw.keys()
    assert len(names) == 2
    assert all(name.startswith(PREFIX.encode() + b":") for name in names)


def test_a_namespace_with_a_colon_is_not_part_of_another(store):
    store.put("a:b", "c", b"1")
    assert store.get("a", "b:c") is None


def test_redis_itself_deletes_expired_values_and_locks(store, raw):
    now = utcnow()
    store.put("session", "put", b"1", now.replace(year=now.year + 1))
    store.update("session", "updated", lambda _: b"1", now.replace(year=now.year + 1))
    with store.lock("job", ttl=60, wait=0) as lease:
        lease.renew(90)
        milliseconds = {name: raw.pttl(name) for name in raw.keys("*")}
    year = 366 * 86_400_000
    assert 89_000 < milliseconds.pop(f"{PREFIX}:lock:job".encode()) <= 90_000
    assert len(milliseconds) == 2
    assert all(year - 2 * 86_400_000 < duration <= year for duration in milliseconds.values())


def test_a_lock_ends_by_the_clock_of_the_redis(redis, store):
    with (
        closing(RedisStore(redis.url)) as other_store,
        store.lock("job", ttl=0.2, wait=0) as lease,
        other_store.lock("job", ttl=60, wait=30),
        pytest.raises(LockLost),
    ):
        lease.renew(60)


def test_a_value_of_a_megabyte_and_an_empty_one_come_back(store):
    large = os.urandom(1_000_000)
    store.put("snapshot", "large", large)
    store.update("snapshot", "empty", lambda _: b"")
    assert store.get("snapshot", "large") == large
    assert store.get("snapshot", "empty") == b""


def test_a_change_that_other_writes_always_precede_is_busy(redis):
    with closing(RedisStore(redis.url, max_wait=0)) as store:

        def change(_):
            store.put("n", "k", os.urandom(8))  # another request, which is faster each time
            return b"own"

        with pytest.raises(Busy):
            store.update("n", "k", change)
        assert store.get("n", "k") != b"own"


def test_a_change_is_repeated_when_the_value_was_written_twice_and_is_equal_again(store):
    store.put("n", "k", b"same")
    old_values = []

    def change(old):
        if not old_values:
            store.put("n", "k", b"other")
            store.put("n", "k", b"same")
        old_values.append(old)
        return b"new"

    store.update("n", "k", change)
    assert len(old_values) == 2, "the same bytes, but another write: the change is repeated"


def test_a_script_that_redis_has_forgotten_is_loaded_again(store, raw):
    store.update("n", "k", lambda _: b"1")
    raw.script_flush()
    assert store.update("n", "k", lambda old: old + b"2") == b"12"


def test_a_redis_that_does_not_exist_is_unavailable():
    with closing(RedisStore(f"redis://127.0.0.1:{redis_server.free_port()}")) as store:
        for use in (
            lambda: store.get("session", "a"),
            lambda: store.put("session", "a", b"1"),
            lambda: store.delete("session", "a"),
            lambda: store.update("session", "a", lambda _: b"1"),
            lambda: store.lock("job", ttl=1, wait=60).__enter__(),
            store.ping,
        ):
            started_at = time.monotonic()
            with pytest.raises(Unavailable):
                use()
            assert time.monotonic() - started_at < 2


def test_no_error_contains_the_password():
    url = f"redis://somebody:geheim@127.0.0.1:{redis_server.free_port()}"
    with closing(RedisStore(url)) as store, pytest.raises(Unavailable) as caught:
        store.ping()
    assert "geheim" not in str(caught.value)


def test_a_redis_that_hangs_is_unavailable_within_a_few_seconds(lasting):
    with closing(RedisStore(lasting.url)) as store:
        store.put("session", "a", b"1")
        with lasting.stuck():
            started_at = time.monotonic()
            with pytest.raises(Unavailable):
                store.get("session", "a")
            assert time.monotonic() - started_at < 4
        assert store.get("session", "a") == b"1"


def test_a_redis_that_is_killed_and_restarted_works_again_and_loses_nothing(lasting):
    with closing(RedisStore(lasting.url)) as store:
        for number in range(50):
            store.put("session", str(number), b"%d" % number)
        lasting.stop(signal.SIGKILL)
        with pytest.raises(Unavailable):
            store.get("session", "1")
        with pytest.raises(Unavailable):
            store.update("session", "1", lambda _: b"x")
        lasting.start()
        values = [store.get("session", str(number)) for number in range(50)]
        assert values == [b"%d" % number for number in range(50)]


def test_a_change_whose_answer_is_lost_is_made_once(lossy):
    lossy.put("n", "k", b"1")
    assert lossy.update("n", "k", lambda old: old + b"2") == b"12"
    assert lossy.get("n", "k") == b"12"


def test_a_lock_whose_answer_is_lost_is_held(lossy):
    with lossy.lock("job", ttl=60, wait=0) as lease:
        lease.renew(60)


def test_a_restart_between_two_uses_goes_unnoticed(lasting):
    with closing(RedisStore(lasting.url)) as store:
        store.put("n", "k", b"1")
        lasting.stop()
        lasting.start()
        assert store.update("n", "k", lambda old: old + b"2") == b"12"


def test_the_end_of_a_block_does_not_fail_when_its_redis_has_stopped(lasting):
    with closing(RedisStore(lasting.url)) as store, store.lock("job", ttl=60, wait=0):
        lasting.stop()


def test_a_full_redis_is_unavailable_and_loses_nothing(tmp_path):
    with (
        redis_server.running(tmp_path, "--maxmemory", "8mb") as full,
        closing(RedisStore(full.url)) as store,
    ):
        store.put("session", "a", b"1")
        with pytest.raises(Unavailable):  # noqa: PT012 (it may take several)
            for number in range(64):
                store.put("snapshot", str(number), os.urandom(1_000_000))
        assert store.get("session", "a") == b"1"


def test_a_replica_that_cannot_be_written_fails_the_ping(store, raw, lines):
    raw.replicaof("127.0.0.1", redis_server.free_port())
    try:
        for _ in range(3):
            with pytest.raises(Unavailable, match="replica"):
                store.ping()
        assert len(lines) == 1
        with pytest.raises(Unavailable):
            store.put("session", "a", b"1")
        with pytest.raises(Unavailable):
            store.lock("job", ttl=60, wait=60).__enter__()
    finally:
        raw.replicaof("NO", "ONE")
    store.put("session", "a", b"1")
    store.ping()


def test_a_ping_writes_nothing(store, raw):
    raw.config_resetstat()
    store.ping()
    commands = {name for name in raw.info("commandstats") if not name.startswith("cmdstat_client")}
    assert commands <= {"cmdstat_ping", "cmdstat_info", "cmdstat_config|resetstat"}
    assert raw.keys() == []


def test_a_full_redis_fails_the_ping_until_it_has_room(store, raw):
    raw.config_set("maxmemory", 1)
    try:
        with pytest.raises(Unavailable, match="full"):
            store.ping()
        with pytest.raises(Unavailable):
            store.put("session", "a", b"1")
    finally:
        raw.config_set("maxmemory", 0)
    with pytest.raises(Unavailable, match="last write failed"):
        store.ping()
    store.put("session", "a", b"1")
    store.ping()


def test_a_redis_that_cannot_save_is_unavailable_and_fails_the_ping(tmp_path):
    with (
        redis_server.running(tmp_path) as server,
        closing(RedisStore(server.url)) as store,
        Redis.from_url(server.url) as raw,
    ):
        (tmp_path / "dump.rdb").mkdir()  # a snapshot cannot be renamed to this
        raw.config_set("save", "3600 1000000")
        raw.bgsave()
        deadline = time.monotonic() + 20
        while raw.info("persistence")["rdb_last_bgsave_status"] != "err":
            assert time.monotonic() < deadline
        with pytest.raises(Unavailable, match="MISCONF"):
            store.put("session", "a", b"1")
        with pytest.raises(Unavailable, match="MISCONF"):
            store.ping()
        raw.config_set("save", "")
        store.put("session", "a", b"1")
        store.ping()


def test_a_redis_user_without_the_info_command_can_ping(raw, redis):
    raw.execute_command("ACL", "SETUSER", "site", "on", ">geheim", "~*", "&*", "+@all", "-info")
    try:
        url = redis.url.replace("redis://", "redis://site:geheim@")
        with closing(RedisStore(url)) as limited:
            limited.ping()
    finally:
        raw.execute_command("ACL", "DELUSER", "site")


def test_a_redis_that_lost_its_data_is_used_as_an_empty_one(tmp_path):
    with redis_server.running(tmp_path) as server, closing(RedisStore(server.url)) as store:
        store.put("session", "a", b"1")
        with store.lock("job", ttl=60, wait=0) as lease:
            server.stop(signal.SIGKILL)
            server.start()
            with pytest.raises(LockLost):
                lease.renew(60)
        assert store.get("session", "a") is None
        assert store.update("session", "a", lambda old: (old or b"") + b"2") == b"2"
        store.ping()


def test_a_failure_of_every_request_is_logged_once_for_each_kind(lines):
    with closing(RedisStore(f"redis://127.0.0.1:{redis_server.free_port()}")) as store:
        for _ in range(20):
            with pytest.raises(Unavailable):
                store.get("session", "a")
    assert len(lines) == 1
    assert "Redis" in lines[0]


def test_a_forked_child_uses_the_store_beside_its_parent(store):
    store.put("session", "a", b"parent")

    def work():
        for number in range(200):
            store.put("child", str(number), b"%d" % number)
            assert store.get("child", str(number)) == b"%d" % number

    def use_in_parent():
        for number in range(200):
            store.put("parent", str(number), b"%d" % number)
            assert store.get("parent", str(number)) == b"%d" % number

    failures = []

    def record_failure():
        try:
            use_in_parent()
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    thread = threading.Thread(target=record_failure)
    thread.start()
    assert in_fork(work) == 0
    thread.join()
    assert not failures
    assert store.get("session", "a") == b"parent"
