"""The tables of the SQLite file, and the migrations from older versions."""

import sqlite3
from pathlib import Path

from destiny_web.storage.store import Unavailable

# Each entry migrates the file from the version that is its position to the next version.
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


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Migrate the file to the version of this release.

    Args:
        connection: In autocommit mode.
        path: The file, for the error.

    Raises:
        Unavailable: The file was written by a newer release.
    """
    if _version(connection, path) == len(_MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    # Read again: another process may have migrated the file while this one waited.
    for statements in _MIGRATIONS[_version(connection, path) :]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(_MIGRATIONS):
        raise Unavailable(f"{path} was written by a newer release")
    return version
