"""The store for several machines, in one Redis that all of them use.

Redis deletes expired values by itself. Each value has a header of sixteen bytes: its end, and a
random mark of its write. By the mark an update notices another write in between. It also notices
when its own write was carried out although the answer was lost: every command here is idempotent.
Locks end by the clock of Redis, so that machines with different clocks agree on their ends.

The durability is that of the Redis: ``docs/operations.md`` says how to set it up.
"""

import random
import secrets
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from logging import getLogger
from math import inf
from typing import Final, NamedTuple, Self
from urllib.parse import quote

from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import NoPermissionError
from redis.retry import Retry

from destiny_web.clock import Clock, utcnow
from destiny_web.storage.health import Health
from destiny_web.storage.redis_errors import ErrorTranslator
from destiny_web.storage.redis_lease import RedisLease
from destiny_web.storage.store import Busy, Change, seconds

log = getLogger(__name__)

PREFIX: Final = "destiny_web"
"""The prefix of all our keys: other programs may use the same Redis."""

_CONNECT_TIMEOUT = 1.0
_COMMAND_TIMEOUT = 2.0
# More than gunicorn has threads: a call without a free connection fails with Busy.
_CONNECTIONS = 100
# Seconds that an update may block a request thread when others change the same value.
_MAX_WAIT = 5.0
_PAUSE = 0.005

_HEADER = struct.Struct(">d8s")
_NO_MARK = b""

# Writes a value if the mark of the present one is as expected, or is that of this write.
_SWAP = """
local mark = redis.call('GETRANGE', KEYS[1], 8, 15)
if mark ~= '' and mark == ARGV[2] then return 1 end
if mark ~= ARGV[1] then return 0 end
if ARGV[4] == '' then redis.call('DEL', KEYS[1])
elseif ARGV[3] == '' then redis.call('SET', KEYS[1], ARGV[4])
else redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[3]) end
return 1
"""


class _Entry(NamedTuple):
    """A value in Redis with its header."""

    expires_at: float
    mark: bytes
    value: bytes

    @classmethod
    def of(cls, value: bytes, expires: float | None) -> Self:
        """Return an entry with a new random mark."""
        return cls(inf if expires is None else expires, secrets.token_bytes(8), value)

    @classmethod
    def read(cls, raw: bytes) -> Self:
        expires_at, mark = _HEADER.unpack_from(raw)
        return cls(expires_at, mark, raw[_HEADER.size :])

    def pack(self) -> bytes:
        return _HEADER.pack(self.expires_at, self.mark) + self.value

    def milliseconds_left(self, now: float) -> int | None:
        """Return the milliseconds until the end; None for an entry without an end."""
        return None if self.expires_at == inf else int((self.expires_at - now) * 1000)


class RedisStore:
    """A :class:`destiny_web.storage.store.Store` in a Redis (5 or later).

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``; never logged or shown, since it may
            contain a password.
        now: For tests: a clock instead of this machine's and, for locks, of Redis.
        max_wait: Seconds that an update is repeated when others change the same value.
    """

    def __init__(self, url: str, *, now: Clock | None = None, max_wait: float = _MAX_WAIT) -> None:
        # One immediate retry: a restart of Redis may have closed the connection.
        retry = Retry(NoBackoff(), 1, supported_errors=(NoConnection,))
        self._pool = ConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            socket_connect_timeout=_CONNECT_TIMEOUT,
            socket_timeout=_COMMAND_TIMEOUT,
            retry=retry,
            protocol=2,
        )
        self._redis = Redis(connection_pool=self._pool)
        self._swap = self._redis.register_script(_SWAP)
        self._health = Health()
        self._translator = ErrorTranslator(self._health)
        self._own_clock = now
        self._now = now or utcnow
        self._max_wait = max_wait

    def get(self, namespace: str, key: str) -> bytes | None:
        """Return the value, or None when there is none or it has expired."""
        with self._translator.reading():
            entry = self._read(_name(namespace, key))
        return self._live_value(entry)

    def put(self, namespace: str, key: str, value: bytes, expires: datetime | None = None) -> None:
        """Store *value* until *expires* (None: for ever); it replaces the former value."""
        name = _name(namespace, key)
        entry = _Entry.of(value, seconds(expires))
        milliseconds = entry.milliseconds_left(self._seconds())
        with self._translator.writing():
            if milliseconds is not None and milliseconds <= 0:
                self._redis.delete(name)
            else:
                self._redis.set(name, entry.pack(), px=milliseconds)

    def delete(self, namespace: str, key: str) -> None:
        """Delete the value; nothing happens when there is none."""
        with self._translator.writing():
            self._redis.delete(_name(namespace, key))

    def update(
        self, namespace: str, key: str, change: Change, expires: datetime | None = None
    ) -> bytes | None:
        """Change the value atomically; *change* is called again after another write in between."""
        name, expires_at = _name(namespace, key), seconds(expires)
        deadline = time.monotonic() + self._max_wait
        while True:
            with self._translator.reading():
                current = self._read(name)
            value = change(self._live_value(current))
            if self._write_if_unchanged(name, current, value, expires_at):
                return value
            if time.monotonic() > deadline:
                raise Busy(f"{namespace}: others kept changing it")
            # Another write came in between: a random pause keeps the writers apart.
            time.sleep(random.uniform(0, _PAUSE))  # noqa: S311 (no secret)

    @contextmanager
    def lock(self, name: str, *, ttl: float, wait: float) -> Iterator[RedisLease]:
        """Hold the lock *name* during the block, for *ttl* seconds at most."""
        lease = RedisLease(self._redis, self._translator, self._own_clock, f"{PREFIX}:lock:{name}")
        lease.take(ttl, wait)
        try:
            yield lease
        finally:
            lease.release()

    def purge(self) -> int:
        """Return 0: Redis deletes expired values by itself."""
        return 0

    def ping(self) -> None:
        """Check that Redis answers, and accepts writes as far as it tells; write nothing.

        Raises:
            Unavailable: Redis does not answer, is a replica, is full, or refused the last write.
        """
        with self._translator.reading():
            self._redis.ping()
            try:
                info = {**self._redis.info("replication"), **self._redis.info("memory")}
            except NoPermissionError:
                info = {}  # this Redis user may not call INFO: only the last write tells
        if info.get("role", "master") != "master":
            raise self._health.make_failure("Redis is a replica, which takes no writes")
        limit = info.get("maxmemory", 0)
        is_evicting = info.get("maxmemory_policy", "noeviction") != "noeviction"
        if limit and not is_evicting and info.get("used_memory", 0) >= limit:
            raise self._health.make_failure("Redis is full")
        self._health.check_writes()

    def repair(self) -> str:
        """Return an empty string: this class never repairs a Redis."""
        return self._health.last_repair()

    def close(self) -> None:
        """Close the idle connections; the next use opens new ones."""
        self._pool.disconnect(inuse_connections=False)

    def _read(self, name: str) -> _Entry | None:
        raw = self._redis.get(name)
        return _Entry.read(raw) if isinstance(raw, bytes) else None

    def _live_value(self, entry: _Entry | None) -> bytes | None:
        return entry.value if entry is not None and entry.expires_at > self._seconds() else None

    def _write_if_unchanged(
        self, name: str, current: _Entry | None, value: bytes | None, expires_at: float | None
    ) -> bool:
        entry = _Entry.of(value or b"", expires_at)
        milliseconds = entry.milliseconds_left(self._seconds())
        is_deleted = value is None or (milliseconds is not None and milliseconds <= 0)
        expected_mark = current.mark if current else _NO_MARK
        arguments = (
            expected_mark,
            entry.mark,
            "" if milliseconds is None else milliseconds,
            b"" if is_deleted else entry.pack(),
        )
        with self._translator.writing():
            return bool(self._swap(keys=[name], args=arguments))

    def _seconds(self) -> float:
        return self._now().timestamp()


def _name(namespace: str, key: str) -> str:
    # The namespace is quoted: a colon in it must not end it.
    return f"{PREFIX}:entry:{quote(namespace, safe='')}:{key}"
