"""Which file has a name, which files a connection has opened, and what SQLite says of a file."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

_BROKEN: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class FileIdentity(NamedTuple):
    """Which file has a name: another file that gets the same name has another identity."""

    device: int
    inode: int


class FileState(NamedTuple):
    """Which file is there, and its size in bytes.

    The file of the store never becomes smaller, except by VACUUM.
    """

    identity: FileIdentity
    size: int


class OpenFile(NamedTuple):
    """A connection, and which files it has opened.

    Attributes:
        connection: In autocommit mode.
        identity: The file of the store.
        journals: Its write-ahead log, and the index of that (``-shm``).
        mark: The random number in the file's header (``PRAGMA application_id``); 0 in a file
            that is older than this number.
    """

    connection: sqlite3.Connection
    identity: FileIdentity
    journals: tuple[FileIdentity | None, ...]
    mark: int


def state_of(path: Path) -> FileState | None:
    """Return which file has this name, and its size; None when there is none."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return FileState(FileIdentity(found.st_dev, found.st_ino), found.st_size)


def header_mark(path: Path) -> int:
    """Return the random number in the header of the file.

    The header is read without the journal, which would hide that the file was overwritten:
    ``immutable`` reads the file only. SQLite must do this: when a process opens and closes
    the file on its own, it loses SQLite's locks on it.
    """
    uri = f"{path.as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        mark: int = connection.execute("PRAGMA application_id").fetchone()[0]
    return mark


def is_broken(error: sqlite3.Error) -> bool:
    """Tell whether SQLite calls the file damaged, or no database at all."""
    return code_of(error) in _BROKEN


def code_of(error: sqlite3.Error) -> int:
    """Return the primary result code of SQLite."""
    # The low byte says what happened, the rest says where.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
