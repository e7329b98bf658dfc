"""The embedded store: one SQLite file for any number of threads and processes of a machine.

What is stored survives the death of any process at any moment. After a power cut the last
writes may be missing, never half there: ``synchronous=NORMAL`` does not wait for the disk at
each commit. A player whose newest tokens are lost that way signs in again; to wait for the disk
would cost everyone milliseconds at each write, and most writes are locks and snapshots.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from destiny_web.storage.database import Database
from destiny_web.storage.health import Health
from destiny_web.storage.late_release import release_later
from destiny_web.storage.store import (
    Change,
    Clock,
    LockLost,
    StoreError,
    seconds,
    utcnow,
)
from destiny_web.storage.waiting import (
    FURTHEST_END,
    checked_ttl,
    is_abandoned,
    new_token,
    until_taken,
)

# A request thread must not hang for longer, waiting for the writes of others.
_PATIENCE = 5.0

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
    """A :class:`destiny_web.storage.store.Store` in a file, made at its first use.

    Args:
        path: The file, readable by its owner only. Its folder is made where it is missing.
        now: The clock by which values and locks end.
        patience: Seconds that a write waits for the writes of others before it is ``Busy``.
    """

    def __init__(self, path: Path, *, now: Clock = utcnow, patience: float = _PATIENCE) -> None:
        self._health = Health()
        self._database = Database(path, patience, self._health)
        self._now = now

    def get(self, namespace: str, key: str) -> bytes | None:
        """Return the value, or None when there is none or it has ended."""
        with self._database.connection() as connection:
            row = connection.execute(_GET, (namespace, key, self._seconds())).fetchone()
        return None if row is None else row[0]

    def put(self, namespace: str, key: str, value: bytes, expires: datetime | None = None) -> None:
        """Keep *value* until *expires* (None: for good), in place of what was there."""
        with self._database.writing() as connection:
            connection.execute(_PUT, (namespace, key, value, seconds(expires)))

    def delete(self, namespace: str, key: str) -> None:
        """Forget the value; nothing happens when there is none."""
        with self._database.writing() as connection:
            connection.execute(_DELETE, (namespace, key))

    def update(
        self, namespace: str, key: str, change: Change, expires: datetime | None = None
    ) -> bytes | None:
        """Change the value in one step; *change* must be quick, all other writers wait for it."""
        ends = seconds(expires)
        with self._database.transaction() as connection:
            row = connection.execute(_GET, (namespace, key, self._seconds())).fetchone()
            value = change(None if row is None else row[0])
            if value is None:
                connection.execute(_DELETE, (namespace, key))
            else:
                connection.execute(_PUT, (namespace, key, value, ends))
        return value

    @contextmanager
    def lock(self, name: str, *, ttl: float, wait: float) -> Iterator["SQLiteLease"]:
        """Keep everyone else who asks for *name* out, for *ttl* seconds at most."""
        lease = SQLiteLease(self._database, self._now, name)
        lease.take(ttl, wait)
        try:
            yield lease
        finally:
            lease.release()

    def purge(self) -> int:
        """Drop what has ended; return how many values that were."""
        now = self._seconds()
        with self._database.writing() as connection:
            connection.execute(_PURGE_LOCKS, {"now": now, "furthest": FURTHEST_END})
            return connection.execute("DELETE FROM entry WHERE expires <= ?", (now,)).rowcount

    def ping(self) -> None:
        """Read, and look whether a write can succeed; write nothing."""
        self._database.check_writable()

    def repair(self) -> str:
        """Tell what was wrong with the store in the last hour, and was repaired; else ''."""
        return self._health.repair()

    def close(self) -> None:
        """Give back what the operating system lent; the next use opens it anew."""
        self._database.close()

    def _seconds(self) -> float:
        return self._now().timestamp()


class SQLiteLease:
    """A lock in the file: a row that bears its holder's token (``storage.waiting``)."""

    def __init__(self, database: Database, now: Clock, name: str) -> None:
        self._database = database
        self._now = now
        self._name = name
        self._token = new_token()
        self._ttl = 0.0

    def take(self, ttl: float, wait: float) -> None:
        """Wait for the lock and take it.

        Raises:
            LockTimeout: others had it all the while.
        """
        self._ttl = checked_ttl(ttl)
        until_taken(lambda: self._take(ttl), self._name, wait)

    def renew(self, ttl: float) -> None:
        """Hold the lock for *ttl* seconds from now; safe for threads.

        Raises:
            LockLost: it had ended.
        """
        self._ttl = checked_ttl(ttl)
        with self._database.writing() as connection:
            if connection.execute(_RENEW, self._row(ttl)).rowcount == 0:
                raise LockLost(f"{self._name} had ended")

    def release(self) -> None:
        """Free the lock if it is still ours; later, when the store fails now."""
        try:
            self._free()
        except StoreError:
            # What was done under the lock is done, and must not look as if it had failed.
            release_later(self._free, self._ttl)

    def _free(self) -> None:
        with self._database.writing() as connection:
            connection.execute(_RELEASE, (self._name, self._token))

    def _take(self, ttl: float) -> bool:
        """Take the lock if it is free, over, or of a process that has died."""
        with self._database.writing() as connection:
            if connection.execute(_TAKE, self._row(ttl)).rowcount == 1:
                return True
            holder = connection.execute(_HOLDER, (self._name,)).fetchone()
            if holder is None or not is_abandoned(holder[0]):
                return False
            # Only the lock of that very token: another process may have taken it meanwhile.
            row = self._row(ttl, abandoned=holder[0])
            return connection.execute(_TAKE, row).rowcount == 1

    def _row(self, ttl: float, abandoned: str = "") -> dict[str, str | float]:
        now = self._now().timestamp()
        return {
            "name": self._name,
            "token": self._token,
            "now": now,
            "expires": now + ttl,
            "furthest": FURTHEST_END,
            "abandoned": abandoned,
        }
