"""The SQLite file below the embedded store: made, opened, lent to threads, kept across forks."""

import os
import sqlite3
import tempfile
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from destiny_web.storage.store import Busy, StoreError, Unavailable

# Each entry brings the file from the version of its position to the next.
_MIGRATIONS = (
    (
        """
        CREATE TABLE entry (
            namespace TEXT NOT NULL,
            key TEXT NOT NULL,
            value BLOB NOT NULL,
            expires REAL,
            PRIMARY KEY (namespace, key)
        )
        """,
        "CREATE INDEX entry_expires ON entry (expires) WHERE expires IS NOT NULL",
        """
        CREATE TABLE lock (
            name TEXT NOT NULL PRIMARY KEY,
            token TEXT NOT NULL,
            expires REAL NOT NULL
        ) WITHOUT ROWID
        """,
    ),
)


class Database:
    """One file and its idle connections; each is lent to one thread at a time.

    Args:
        path: The file; it need not be there yet.
        patience: Seconds that a write waits for the writes of others.
    """

    def __init__(self, path: Path, patience: float) -> None:
        self._path = path.absolute()
        self._patience = patience
        # By process: should a child inherit a connection, it neither uses nor closes it.
        self._idle: dict[int, deque[sqlite3.Connection]] = {}
        _databases.add(self)

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection in autocommit mode.

        It is closed when the block raises: an open transaction is rolled back thereby.

        Raises:
            StoreError: in place of the errors of sqlite3 and the operating system.
        """
        connection = self._borrow()
        try:
            yield connection
        except sqlite3.ProgrammingError:
            connection.close()
            raise
        except sqlite3.Error as error:
            connection.close()
            raise self._translated(error) from error
        except BaseException:
            connection.close()
            raise
        self._own().append(connection)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection whose writes count together, with every other writer kept out."""
        with self.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    def close(self) -> None:
        """Close what is idle; the next use opens it anew."""
        idle = self._own()
        with suppress(IndexError):
            while True:
                idle.pop().close()

    def _own(self) -> deque[sqlite3.Connection]:
        return self._idle.setdefault(os.getpid(), deque())

    def _borrow(self) -> sqlite3.Connection:
        with suppress(IndexError):
            return self._own().pop()
        try:
            return self._open()
        except (sqlite3.Error, OSError) as error:
            raise self._translated(error) from error

    def _open(self) -> sqlite3.Connection:
        if not self._path.exists():
            self._create()
        connection = sqlite3.connect(
            # mode=rw: were the file gone in this moment, SQLite would make one that all can read.
            f"{self._path.as_uri()}?mode=rw",
            uri=True,
            timeout=self._patience,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _create(self) -> None:
        """Make the file beside its place and link it there when it is complete.

        Any number of processes may do this at once: the first link stays.
        """
        journal = self._path.with_name(f"{self._path.name}-wal")
        # In this order: another process may be making both in this moment, the file first.
        if journal.exists() and not self._path.exists():
            raise Unavailable(
                f"{journal} is left of a store that is gone: restore that one, or remove this"
            )
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{self._path.name}-", dir=self._path.parent)
        os.close(handle)
        try:
            with closing(sqlite3.connect(name, isolation_level=None)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                self._migrate(connection)
            with suppress(FileExistsError):
                os.link(name, self._path)
        finally:
            Path(name).unlink()

    def _migrate(self, connection: sqlite3.Connection) -> None:
        if self._version(connection) == len(_MIGRATIONS):
            return
        connection.execute("BEGIN IMMEDIATE")
        # Asked again: another process may have done it while we waited.
        for statements in _MIGRATIONS[self._version(connection) :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")
        connection.execute("COMMIT")

    def _version(self, connection: sqlite3.Connection) -> int:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(_MIGRATIONS):
            raise Unavailable(f"{self._path} was written by a newer release")
        return version

    def _translated(self, error: Exception) -> StoreError:
        # The low byte says what happened, the rest says where.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        kind = Busy if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} else Unavailable
        return kind(f"{self._path}: {error}")


_databases: "weakref.WeakSet[Database]" = weakref.WeakSet()


def _close_all() -> None:
    for database in list(_databases):
        database.close()


# A connection must not live on in a child: SQLite's book-keeping would claim locks there that
# belong to the parent. gunicorn forks its workers after it has loaded the application.
os.register_at_fork(before=_close_all)
