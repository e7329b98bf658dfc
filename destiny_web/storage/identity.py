"""Identities of files: of a path, of an open connection, and the state that SQLite reports."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

_BROKEN: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class FileIdentity(NamedTuple):
    """The identity of a file: another file with the same path has another identity."""

    device: int
    inode: int


class FileState(NamedTuple):
    """The identity of the file at a path, and its size in bytes.

    The file of the store never becomes smaller, except by VACUUM.
    """

    identity: FileIdentity
    size: int


class OpenFile(NamedTuple):
    """A connection, and the files that it has opened.

    Attributes:
        connection: In autocommit mode.
        identity: The file of the store.
        journals: The write-ahead log (``-wal``) and its index (``-shm``).
        mark: The random number in the file's header (``PRAGMA application_id``); 0 in a file
            that is older than this number.
    """

    connection: sqlite3.Connection
    identity: FileIdentity
    journals: tuple[FileIdentity | None, ...]
    mark: int


def state_of(path: Path) -> FileState | None:
    """Return the identity and size of the file at a path; None when there is none."""
    try:
        stat = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return FileState(FileIdentity(stat.st_dev, stat.st_ino), stat.st_size)


def header_mark(path: Path) -> int:
    """Return the random number in the header of the file.

    ``immutable`` reads the file without the journal, which would hide that the file was
    overwritten. SQLite must read it: when a process opens and closes the file by itself, the
    process loses SQLite's locks on the file.
    """
    uri = f"{path.as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        mark: int = connection.execute("PRAGMA application_id").fetchone()[0]
    return mark


def is_broken(error: sqlite3.Error) -> bool:
    """Return whether SQLite reports that the file is damaged, or not a database."""
    return result_code_of(error) in _BROKEN


def result_code_of(error: sqlite3.Error) -> int:
    """Return the primary result code of SQLite."""
    # The low byte is the primary code, the other bytes give details.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
