"""The embedded store: one SQLite file for any number of threads and processes of a machine.

Stored values survive the end of any process at any moment. After a power cut the last writes may
be missing, but no write is stored partly: ``synchronous=NORMAL`` does not wait for the disk at
each commit. A player whose newest tokens are lost in this way signs in again. To wait for the disk
would add milliseconds to each write, and most writes are locks and snapshots.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from destiny_web.clock import Clock, utcnow
from destiny_web.storage.database import Database
from destiny_web.storage.health import Health
from destiny_web.storage.late_release import release_later
from destiny_web.storage.lock_rules import (
    MAX_END_AHEAD,
    is_abandoned,
    new_token,
    validate_ttl,
    wait_for_lock,
)
from destiny_web.storage.store import Change, LockLost, StoreError, seconds

# Seconds that a request thread may wait for the writes of others.
_MAX_WAIT = 5.0

_GET = """
    SELECT value FROM entry
    WHERE namespace = ? AND key = ? AND (expires IS NULL OR expires > ?)
"""
_PUT = """
    INSERT INTO entry (namespace, key, value, expires) VALUES (?, ?, ?, ?)
    ON CONFLICT (namespace, key) DO UPDATE SET value = excluded.value, expires = excluded.expires
"""
_DELETE = "DELETE FROM entry WHERE namespace = ? AND key = ?"
_TAKE = """
    INSERT INTO lock (name, token, expires) VALUES (:name, :token, :expires)
    ON CONFLICT (name) DO UPDATE SET token = excluded.token, expires = excluded.expires
    WHERE lock.expires <= :now OR lock.expires > :now + :furthest OR lock.token = :abandoned
"""
_HOLDER = "SELECT token FROM lock WHERE name = ?"
_RENEW = """
    UPDATE lock SET expires = :expires
    WHERE name = :name AND token = :token AND expires > :now AND expires <= :now + :furthest
"""
_RELEASE = "DELETE FROM lock WHERE name = ? AND token = ?"
_PURGE_LOCKS = "DELETE FROM lock WHERE expires <= :now OR expires > :now + :furthest"


class SQLiteStore:
    """A :class:`destiny_web.storage.store.Store` in a file, created at its first use.

    Args:
        path: The file, readable by its owner only. A missing folder is created.
        now: The clock by which values and locks end.
        max_wait: Seconds that a write waits for the writes of others before it is ``Busy``.
    """

    def __init__(self, path: Path, *, now: Clock = utcnow, max_wait: float = _MAX_WAIT) -> None:
        self._health = Health()
        self._database = Database(path, max_wait, self._health)
        self._now = now

    def get(self, namespace: str, key: str) -> bytes | None:
        """Return the value, or None when there is none or it has expired."""
        with self._database.connection() as connection:
            row = connection.execute(_GET, (namespace, key, self._seconds())).fetchone()
        return None if row is None else row[0]

    def put(self, namespace: str, key: str, value: bytes, expires: datetime | None = None) -> None:
        """Store *value* until *expires* (None: for ever); it replaces the former value."""
        with self._database.writing() as connection:
            connection.execute(_PUT, (namespace, key, value, seconds(expires)))

    def delete(self, namespace: str, key: str) -> None:
        """Delete the value; nothing happens when there is none."""
        with self._database.writing() as connection:
            connection.execute(_DELETE, (namespace, key))

    def update(
        self, namespace: str, key: str, change: Change, expires: datetime | None = None
    ) -> bytes | None:
        """Change the value atomically; *change* must be quick, because all other writers wait."""
        expires_at = seconds(expires)
        with self._database.transaction() as connection:
            row = connection.execute(_GET, (namespace, key, self._seconds())).fetchone()
            value = change(None if row is None else row[0])
            if value is None:
                connection.execute(_DELETE, (namespace, key))
            else:
                connection.execute(_PUT, (namespace, key, value, expires_at))
        return value

    @contextmanager
    def lock(self, name: str, *, ttl: float, wait: float) -> Iterator["SQLiteLease"]:
        """Hold the lock *name* during the block, for *ttl* seconds at most."""
        lease = SQLiteLease(self._database, self._now, name)
        lease.take(ttl, wait)
        try:
            yield lease
        finally:
            lease.release()

    def purge(self) -> int:
        """Delete expired values and locks; return the number of values."""
        now = self._seconds()
        with self._database.writing() as connection:
            connection.execute(_PURGE_LOCKS, {"now": now, "furthest": MAX_END_AHEAD})
            return connection.execute("DELETE FROM entry WHERE expires <= ?", (now,)).rowcount

    def ping(self) -> None:
        """Read a value, and check whether a write can succeed; write nothing."""
        self._database.check_writable()

    def repair(self) -> str:
        """Return a text about the last repair of the store within an hour; else ''."""
        return self._health.last_repair()

    def close(self) -> None:
        """Close files and connections; the next use opens them again."""
        self._database.close()

    def _seconds(self) -> float:
        return self._now().timestamp()


class SQLiteLease:
    """A lock in the file: a row with its holder's token (``storage.lock_rules``)."""

    def __init__(self, database: Database, now: Clock, name: str) -> None:
        self._database = database
        self._now = now
        self._name = name
        self._token = new_token()
        self._ttl = 0.0

    def take(self, ttl: float, wait: float) -> None:
        """Wait for the lock and take it.

        Raises:
            LockTimeout: the lock was not free in time.
        """
        self._ttl = validate_ttl(ttl)
        wait_for_lock(lambda: self._try_take(ttl), self._name, wait)

    def renew(self, ttl: float) -> None:
        """Hold the lock for *ttl* seconds from now; safe for threads.

        Raises:
            LockLost: the lock had ended.
        """
        self._ttl = validate_ttl(ttl)
        with self._database.writing() as connection:
            if connection.execute(_RENEW, self._row(ttl)).rowcount == 0:
                raise LockLost(f"{self._name} had ended")

    def release(self) -> None:
        """Release the lock if it is still ours; later in a thread, if the store fails now."""
        try:
            self._delete_row()
        except StoreError:
            # The work under the lock is done: the caller must not get an error of the release.
            release_later(self._delete_row, self._ttl)

    def _delete_row(self) -> None:
        with self._database.writing() as connection:
            connection.execute(_RELEASE, (self._name, self._token))

    def _try_take(self, ttl: float) -> bool:
        """Take the lock if it is free, has ended, or belongs to a process that has died."""
        with self._database.writing() as connection:
            if connection.execute(_TAKE, self._row(ttl)).rowcount == 1:
                return True
            holder = connection.execute(_HOLDER, (self._name,)).fetchone()
            if holder is None or not is_abandoned(holder[0]):
                return False
            # Only with that token: another process may have taken the lock meanwhile.
            row = self._row(ttl, abandoned=holder[0])
            return connection.execute(_TAKE, row).rowcount == 1

    def _row(self, ttl: float, abandoned: str = "") -> dict[str, str | float]:
        now = self._now().timestamp()
        return {
            "name": self._name,
            "token": self._token,
            "now": now,
            "expires": now + ttl,
            "furthest": MAX_END_AHEAD,
            "abandoned": abandoned,
        }
