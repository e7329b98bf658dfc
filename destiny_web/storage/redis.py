"""The store for several machines: one Redis that all of them reach.

Redis drops what has ended by itself. Each value bears its end and the mark of the write that
made it: sixteen bytes before the value. By the mark an update knows whether another write came
in between, and, when the answer to its own write was lost, that it was carried out: every
command here can be sent a second time and does no more than once. Locks end by the clock of
the Redis, so that machines whose clocks differ agree on whose a lock is.

What is stored is as safe as that Redis keeps it: ``docs/operations.md`` says how to set it up.
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

from destiny_web.storage.health import Health
from destiny_web.storage.redis_errors import Translation
from destiny_web.storage.redis_lease import RedisLease
from destiny_web.storage.store import (
    Busy,
    Change,
    Clock,
    seconds,
    utcnow,
)

log = getLogger(__name__)

PREFIX: Final = "destiny_web"
"""What the name of everything of ours begins with: a Redis may hold more than us."""

_CONNECT_TIMEOUT = 1.0
_COMMAND_TIMEOUT = 2.0
# More than gunicorn has threads for: who finds none left would be Busy.
_CONNECTIONS = 100
# A request thread must not hang for longer, changing what others keep changing.
_PATIENCE = 5.0
_PAUSE = 0.005

_HEAD = struct.Struct(">d8s")
_NO_MARK = b""

# Keep a value if the write that made what is there is the one we know, or is this very one.
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
    """A value as Redis has it."""

    ends: float
    mark: bytes
    value: bytes

    @classmethod
    def of(cls, value: bytes, expires: float | None) -> Self:
        """Make an entry with a mark of its own."""
        return cls(inf if expires is None else expires, secrets.token_bytes(8), value)

    @classmethod
    def read(cls, raw: bytes) -> Self:
        ends, mark = _HEAD.unpack_from(raw)
        return cls(ends, mark, raw[_HEAD.size :])

    def packed(self) -> bytes:
        return _HEAD.pack(self.ends, self.mark) + self.value

    def left(self, now: float) -> int | None:
        """Milliseconds that it has to live; None for good."""
        return None if self.ends == inf else int((self.ends - now) * 1000)


class RedisStore:
    """A :class:`destiny_web.storage.store.Store` in a Redis (5 or later).

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``; never shown, it may hold a password.
        now: A clock in place of this machine's, and, for locks, of the Redis's: for tests.
        patience: Seconds that an update tries against the updates of others.
    """

    def __init__(self, url: str, *, now: Clock | None = None, patience: float = _PATIENCE) -> None:
        # Once more and at once: the connection may be one that a restart has cut.
        again = Retry(NoBackoff(), 1, supported_errors=(NoConnection,))
        self._pool = ConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            socket_connect_timeout=_CONNECT_TIMEOUT,
            socket_timeout=_COMMAND_TIMEOUT,
            retry=again,
            protocol=2,
        )
        self._redis = Redis(connection_pool=self._pool)
        self._swap = self._redis.register_script(_SWAP)
        self._health = Health()
        self._translation = Translation(self._health)
        self._own_clock = now
        self._now = now or utcnow
        self._patience = patience

    def get(self, namespace: str, key: str) -> bytes | None:
        """Return the value, or None when there is none or it has ended."""
        with self._translation.reading():
            entry = self._read(_name(namespace, key))
        return self._living(entry)

    def put(self, namespace: str, key: str, value: bytes, expires: datetime | None = None) -> None:
        """Keep *value* until *expires* (None: for good), in place of what was there."""
        name = _name(namespace, key)
        entry = _Entry.of(value, seconds(expires))
        left = entry.left(self._seconds())
        with self._translation.writing():
            if left is not None and left <= 0:
                self._redis.delete(name)
            else:
                self._redis.set(name, entry.packed(), px=left)

    def delete(self, namespace: str, key: str) -> None:
        """Forget the value; nothing happens when there is none."""
        with self._translation.writing():
            self._redis.delete(_name(namespace, key))

    def update(
        self, namespace: str, key: str, change: Change, expires: datetime | None = None
    ) -> bytes | None:
        """Change the value in one step; *change* is asked again if another write came between."""
        name, ends = _name(namespace, key), seconds(expires)
        deadline = time.monotonic() + self._patience
        while True:
            with self._translation.reading():
                held = self._read(name)
            value = change(self._living(held))
            if self._swapped(name, held, value, ends):
                return value
            if time.monotonic() > deadline:
                raise Busy(f"{namespace}: others kept changing it")
            # Somebody else's write went through: whoever lost draws a lot for the next turn.
            time.sleep(random.uniform(0, _PAUSE))  # noqa: S311 (no secret)

    @contextmanager
    def lock(self, name: str, *, ttl: float, wait: float) -> Iterator[RedisLease]:
        """Keep everyone else who asks for *name* out, for *ttl* seconds at most."""
        lease = RedisLease(self._redis, self._translation, self._own_clock, f"{PREFIX}:lock:{name}")
        lease.take(ttl, wait)
        try:
            yield lease
        finally:
            lease.release()

    def purge(self) -> int:
        """Return 0: Redis drops by itself what has ended."""
        return 0

    def ping(self) -> None:
        """Ask whether Redis answers, and takes writes as far as it tells; write nothing.

        Raises:
            Unavailable: Redis does not answer, is a replica, is full, or refused the last write.
        """
        with self._translation.reading():
            self._redis.ping()
            try:
                facts = {**self._redis.info("replication"), **self._redis.info("memory")}
            except NoPermissionError:
                facts = {}  # this user may not ask: the last write tells
        if facts.get("role", "master") != "master":
            raise self._health.make_failure("Redis is a replica, which takes no writes")
        limit = facts.get("maxmemory", 0)
        is_evicting = facts.get("maxmemory_policy", "noeviction") != "noeviction"
        if limit and not is_evicting and facts.get("used_memory", 0) >= limit:
            raise self._health.make_failure("Redis is full")
        self._health.check_writes()

    def repair(self) -> str:
        """Return an empty string: nothing is repaired from here."""
        return self._health.repair()

    def close(self) -> None:
        """Give back the connections that nobody uses; the next use opens them anew."""
        self._pool.disconnect(inuse_connections=False)

    def _read(self, name: str) -> _Entry | None:
        raw = self._redis.get(name)
        return _Entry.read(raw) if isinstance(raw, bytes) else None

    def _living(self, entry: _Entry | None) -> bytes | None:
        return entry.value if entry is not None and entry.ends > self._seconds() else None

    def _swapped(
        self, name: str, held: _Entry | None, value: bytes | None, ends: float | None
    ) -> bool:
        entry = _Entry.of(value or b"", ends)
        left = entry.left(self._seconds())
        gone = value is None or (left is not None and left <= 0)
        known = held.mark if held else _NO_MARK
        args = (known, entry.mark, "" if left is None else left, b"" if gone else entry.packed())
        with self._translation.writing():
            return bool(self._swap(keys=[name], args=args))

    def _seconds(self) -> float:
        return self._now().timestamp()


def _name(namespace: str, key: str) -> str:
    # Quoted, so that no namespace can reach into another by a colon of its own.
    return f"{PREFIX}:entry:{quote(namespace, safe='')}:{key}"
