"""One manifest file: opens and reads it. An update replaces it by another file."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import NamedTuple, Self

import msgspec

from destiny_web.bungie.models.manifest import TABLES, Definition
from destiny_web.manifest.errors import NoManifest

# Every SQLite accepts 999 parameters in a query.
_BATCH = 900
# A hash is an unsigned number of 32 bits; no table has any other number.
_HASHES = range(2**32)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The metadata that a manifest file stores about itself.

    Attributes:
        version: Bungie's version. Bungie has changed tables without changing the version, so
            compare ``sources``.
        locale: The language of the texts, in Bungie's spelling.
        built_at: When this file was built.
        sources: The path of each table from which the file was built.
        missing: Tables that the server did not list; they have no rows.
        unread: For each table, the number of rows that could not be read and are left out.
    """

    version: str
    locale: str
    built_at: datetime
    sources: dict[str, str]
    missing: tuple[str, ...] = ()
    unread: dict[str, int] = {}


class Identity(NamedTuple):
    """The identity of a file at a path; with the process, because each fork opens its own file."""

    process: int
    inode: int
    modified: int
    size: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """Return the identity of the file that is at *path* now."""
        stat = path.stat()
        return cls(os.getpid(), stat.st_ino, stat.st_mtime_ns, stat.st_size)


@cache
def shapes() -> str:
    """Return a mark of all shapes; a file with another mark was built for another release."""
    description = msgspec.inspect.multi_type_info(TABLES.values())
    return sha256(repr((list(TABLES), description)).encode()).hexdigest()


class ManifestFile:
    """One open manifest file; it can be read also after another file has replaced it.

    Args:
        path: The file.
        identity: The identity of the file.
        max_rows: How many decoded rows of a table stay in memory.

    Raises:
        NoManifest: the file is damaged, or was built with other shapes.
    """

    def __init__(self, path: Path, identity: Identity, max_rows: int) -> None:
        self.identity = identity
        self._path = path
        self._guard = Lock()
        self._decoders = {name: msgspec.msgpack.Decoder(TABLES[name]) for name in TABLES}
        self._row_caches = {name: _RowCache(max_rows) for name in TABLES}
        self._all_rows: dict[str, Mapping[int, Definition]] = {}
        with self._reading():
            # immutable: SQLite takes no locks and looks for no changes; no process writes to it.
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro&immutable=1",
                uri=True,
                check_same_thread=False,
            )
            fact_rows = dict(self._connection.execute("SELECT name, value FROM fact"))
            if fact_rows.get("shapes") != shapes():
                raise NoManifest(f"{path} was built for another release")
            self.facts = msgspec.json.decode(fact_rows["facts"], type=Facts)

    def __del__(self) -> None:
        # Not earlier: threads may still read from this file after the next one was opened.
        if connection := getattr(self, "_connection", None):
            connection.close()

    def rows(self, table: str, hashes: Iterable[int]) -> dict[int, Definition]:
        """Return the rows of *table* among *hashes*."""
        row_cache, decode = self._row_caches[table], self._decoders[table].decode
        result: dict[int, Definition] = {}
        uncached = []
        for row_hash in set(hashes):
            row = row_cache.get(row_hash)
            if row is not None:
                result[row_hash] = row
            elif row_hash in _HASHES:
                uncached.append(row_hash)
        with self._reading():
            for start in range(0, len(uncached), _BATCH):
                batch = uncached[start : start + _BATCH]
                parameters = ",".join("?" * len(batch))
                for row_hash, body in self._select(table, f"WHERE hash IN ({parameters})", batch):
                    row = result[row_hash] = decode(body)
                    row_cache.put(row_hash, row)
        return result

    def all(self, table: str) -> Mapping[int, Definition]:
        """Return every row of *table*, ordered by hash."""
        all_rows = self._all_rows.get(table)
        if all_rows is None:
            decode = self._decoders[table].decode
            with self._reading():
                rows = {
                    row_hash: decode(body)
                    for row_hash, body in self._select(table, "ORDER BY hash")
                }
            all_rows = self._all_rows[table] = MappingProxyType(rows)
        return all_rows

    def check(self) -> None:
        """Check the complete file for damage.

        Raises:
            NoManifest: the file is damaged.
        """
        with self._reading(), self._guard:
            (verdict,) = self._connection.execute("PRAGMA quick_check").fetchone()
        if verdict != "ok":
            raise NoManifest(f"{self._path}: {verdict}")

    def _select(
        self, table: str, clause: str, values: Iterable[int] = ()
    ) -> list[tuple[int, bytes]]:
        # The table is one of TABLES: for any other name the decoder was not found before.
        query = f'SELECT hash, body FROM "{table}" {clause}'  # noqa: S608
        with self._guard:
            return self._connection.execute(query, list(values)).fetchall()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            raise NoManifest(f"{self._path}: {error}") from error


class _RowCache:
    """A cache of decoded rows in two generations: a full cache drops the older generation.

    It needs no lock: each step is one operation on a dict, and a row that a race drops is read
    again.
    """

    def __init__(self, max_rows: int) -> None:
        self._generation_size = max(max_rows // 2, 1)
        self._young: dict[int, Definition] = {}
        self._old: dict[int, Definition] = {}

    def get(self, row_hash: int) -> Definition | None:
        row = self._young.get(row_hash)
        if row is None and (row := self._old.get(row_hash)) is not None:
            self.put(row_hash, row)
        return row

    def put(self, row_hash: int, row: Definition) -> None:
        if len(self._young) >= self._generation_size:
            self._old, self._young = self._young, {}
        self._young[row_hash] = row
