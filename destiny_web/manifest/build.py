"""From downloaded JSON tables to one slim SQLite file that is known to be good."""

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

# Without these there is no inventory to show.
ESSENTIAL = ("DestinyInventoryItemDefinition", "DestinyInventoryBucketDefinition")

# So many rows of each table, at least, are read back before a file is trusted.
_SAMPLE = 50
# A few odd rows are left out; a table of which more cannot be read is not the one we know.
_MOST_UNREAD = 0.1
_CREATE = 'CREATE TABLE "{}" (hash INTEGER PRIMARY KEY, body BLOB)'
_INSERT = 'INSERT OR REPLACE INTO "{}" VALUES (?, ?)'
_SIGNED, _UNSIGNED = -(2**31), 2**32

Samples = dict[str, dict[int, Definition]]


def build(path: Path, files: Mapping[str, Path], facts: Facts) -> Samples:
    """Make the file *path* from the JSON tables *files*; those that are not there stay empty.

    Returns:
        Some rows of each table as they were read, for ``verify``.

    Raises:
        TableBroken: one of them is not the table that we know.
        ManifestError: the file cannot be written.
    """
    samples: Samples = {}
    unread: dict[str, int] = {}
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            # Nobody knows the file yet: what a crash leaves of it is thrown away.
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN")
            for table in TABLES:
                connection.execute(_CREATE.format(table))
            for table, file in files.items():
                rows = _Rows(table, file)
                connection.executemany(_INSERT.format(table), rows)
                rows.judge()
                samples[table], unread[table] = rows.sample, rows.unread
            facts = msgspec.structs.replace(facts, unread={k: v for k, v in unread.items() if v})
            known = {"shapes": shapes(), "facts": msgspec.json.encode(facts).decode()}
            connection.execute("CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT)")
            connection.executemany("INSERT INTO fact VALUES (?, ?)", known.items())
            connection.execute("COMMIT")
    except (sqlite3.Error, OSError) as error:
        raise ManifestError(f"{path} cannot be written: {error}") from error
    return samples


def verify(path: Path, samples: Samples) -> None:
    """Read *path* as the site will read it.

    Raises:
        ManifestError: it is damaged, or holds something else than what was put in.
    """
    manifest = Manifest(path)
    try:
        manifest.check()
        for table, sample in samples.items():
            if manifest.rows(table, sample) != sample:
                raise ManifestError(f"{path}: {table} does not read back as it was written")
    except NoManifest as error:
        raise ManifestError(f"{path} cannot be read back: {error}") from error


class _Rows:
    """The rows of one JSON table, on their way into SQLite; to be gone through once."""

    def __init__(self, table: str, file: Path) -> None:
        self._table = table
        self._texts = _texts(table, file)
        self.sample: dict[int, Definition] = {}
        self.read = 0
        self.unread = 0

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Give the hash and the body of each row that can be read."""
        decode = msgspec.json.Decoder(TABLES[self._table]).decode
        encode = msgspec.msgpack.Encoder().encode
        step = max(len(self._texts) // _SAMPLE, 1)
        for key, text in self._texts.items():
            try:
                one = _unsigned(key)
                row = decode(text)
                if row.hash != one:
                    row = msgspec.structs.replace(row, hash=one)
                body = encode(row)
            except (msgspec.MsgspecError, ValueError, OverflowError):
                self.unread += 1
                continue
            if self.read % step == 0:
                self.sample[one] = row
            self.read += 1
            yield one, body

    def judge(self) -> None:
        """Raise TableBroken when too little of the table could be read."""
        if self._table in ESSENTIAL and not self.read:
            raise TableBroken(self._table, "no rows")
        if self.unread > _MOST_UNREAD * len(self._texts):
            raise TableBroken(self._table, f"{self.unread} rows are not what they should be")


def _texts(table: str, file: Path) -> dict[str, msgspec.Raw]:
    """Return the JSON text of each row by its key."""
    if not file.stat().st_size:
        raise TableBroken(table, "an empty file")
    with file.open("rb") as opened:
        # Mapped, not read: a table has up to 200 MB of text, of which we keep a tenth.
        text = mmap(opened.fileno(), 0, access=ACCESS_READ)
    try:
        return msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise TableBroken(table, f"not a table in JSON: {error}") from error


def _unsigned(key: str) -> int:
    """Read a hash as an unsigned number; Bungie's SQLite files have the same ones signed."""
    number = int(key)
    if not _SIGNED <= number < _UNSIGNED:
        raise ValueError(f"{key} is not a hash")
    return number % _UNSIGNED
