"""Builds one small SQLite file from downloaded JSON tables, and verifies it."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from mmap import ACCESS_READ, mmap
from pathlib import Path

import msgspec

from destiny_web.bungie.models.manifest import TABLES, Definition
from destiny_web.manifest.errors import ManifestError, NoManifest, TableBroken
from destiny_web.manifest.manifest_file import Facts, shapes
from destiny_web.manifest.store import Manifest

# The inventory page cannot be shown without these.
ESSENTIAL = ("DestinyInventoryItemDefinition", "DestinyInventoryBucketDefinition")

# At least this number of rows of each table is read back to verify a file.
_SAMPLE_ROWS = 50
# Unreadable rows are left out; with a larger share of them a table counts as broken.
_MAX_UNREAD_SHARE = 0.1
_CREATE = 'CREATE TABLE "{}" (hash INTEGER PRIMARY KEY, body BLOB)'
_INSERT = 'INSERT OR REPLACE INTO "{}" VALUES (?, ?)'
_MIN_SIGNED, _UNSIGNED_LIMIT = -(2**31), 2**32

Samples = dict[str, dict[int, Definition]]


def build(path: Path, files: Mapping[str, Path], facts: Facts) -> Samples:
    """Create the file *path* from the JSON tables *files*; a missing table has no rows.

    Returns:
        Some rows of each table as they were written, for ``verify``.

    Raises:
        TableBroken: a table cannot be read, or too many of its rows cannot.
        ManifestError: the file cannot be written.
    """
    samples: Samples = {}
    unread: dict[str, int] = {}
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            # No process uses the file yet, and after a crash it is deleted: it needs no journal.
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN")
            for table in TABLES:
                connection.execute(_CREATE.format(table))
            for table, file in files.items():
                rows = _TableRows(table, file)
                connection.executemany(_INSERT.format(table), rows)
                rows.check()
                samples[table], unread[table] = rows.sample, rows.unread_count
            facts = msgspec.structs.replace(
                facts, unread={name: count for name, count in unread.items() if count}
            )
            fact_rows = {"shapes": shapes(), "facts": msgspec.json.encode(facts).decode()}
            connection.execute("CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT)")
            connection.executemany("INSERT INTO fact VALUES (?, ?)", fact_rows.items())
            connection.execute("COMMIT")
    except (sqlite3.Error, OSError) as error:
        raise ManifestError(f"{path} cannot be written: {error}") from error
    return samples


def verify(path: Path, samples: Samples) -> None:
    """Read *path* as the site will read it, and compare some rows.

    Raises:
        ManifestError: the file is damaged, or its rows differ from *samples*.
    """
    manifest = Manifest(path)
    try:
        manifest.check()
        for table, sample in samples.items():
            if manifest.rows(table, sample) != sample:
                raise ManifestError(f"{path}: {table} does not read back as it was written")
    except NoManifest as error:
        raise ManifestError(f"{path} cannot be read back: {error}") from error


class _TableRows:
    """The rows of one JSON table for SQLite; an iterator that can be used once."""

    def __init__(self, table: str, file: Path) -> None:
        self._table = table
        self._rows = _read_rows(table, file)
        self.sample: dict[int, Definition] = {}
        self.read_count = 0
        self.unread_count = 0

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Yield the hash and the encoded body of each row that can be read."""
        decode = msgspec.json.Decoder(TABLES[self._table]).decode
        encode = msgspec.msgpack.Encoder().encode
        step = max(len(self._rows) // _SAMPLE_ROWS, 1)
        for key, text in self._rows.items():
            try:
                row_hash = _to_unsigned(key)
                row = decode(text)
                if row.hash != row_hash:
                    row = msgspec.structs.replace(row, hash=row_hash)
                body = encode(row)
            except (msgspec.MsgspecError, ValueError, OverflowError):
                self.unread_count += 1
                continue
            if self.read_count % step == 0:
                self.sample[row_hash] = row
            self.read_count += 1
            yield row_hash, body

    def check(self) -> None:
        """Raise TableBroken when too many rows could not be read."""
        if self._table in ESSENTIAL and not self.read_count:
            raise TableBroken(self._table, "no rows")
        if self.unread_count > _MAX_UNREAD_SHARE * len(self._rows):
            raise TableBroken(self._table, f"{self.unread_count} rows cannot be read")


def _read_rows(table: str, file: Path) -> dict[str, msgspec.Raw]:
    """Return the JSON text of each row by its key."""
    if not file.stat().st_size:
        raise TableBroken(table, "an empty file")
    with file.open("rb") as stream:
        # Mapped, not read: a table has up to 200 MB of text, and we keep a tenth of it.
        text = mmap(stream.fileno(), 0, access=ACCESS_READ)
    try:
        return msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise TableBroken(table, f"not a table in JSON: {error}") from error


def _to_unsigned(key: str) -> int:
    """Convert a key to an unsigned hash; Bungie's SQLite files have the same hashes signed."""
    number = int(key)
    if not _MIN_SIGNED <= number < _UNSIGNED_LIMIT:
        raise ValueError(f"{key} is not a hash")
    return number % _UNSIGNED_LIMIT
