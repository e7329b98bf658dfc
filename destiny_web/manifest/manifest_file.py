"""One manifest file, opened and read. The next file is another edition."""

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

# SQLite takes 999 parameters in a query, at least.
_BATCH = 900
# A hash is an unsigned number of 32 bits; anything else is in no table.
_HASHES = range(2**32)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a manifest says about itself.

    Attributes:
        version: Bungie's; it has stayed the same across changes, so compare ``sources``.
        locale: The language of its texts, in Bungie's spelling.
        built_at: When this file was built.
        sources: The path of each table that it was built from.
        missing: Tables that the server did not list; they have no rows.
        unread: How many rows of a table could not be read and are left out.
    """

    version: str
    locale: str
    built_at: datetime
    sources: dict[str, str]
    missing: tuple[str, ...] = ()
    unread: dict[str, int] = {}


class Identity(NamedTuple):
    """What tells one file at a path from the next; the process, because forks open their own."""

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
    """Return a mark of all shapes that are kept: a file with another mark is none of ours."""
    described = msgspec.inspect.multi_type_info(TABLES.values())
    return sha256(repr((list(TABLES), described)).encode()).hexdigest()


class ManifestFile:
    """One file: as long as anyone has it, it reads the same, whatever took its place.

    Args:
        path: The file.
        identity: Which file that is.
        keep: How many decoded rows of a table stay in memory.

    Raises:
        NoManifest: it is damaged, or of other shapes than ours.
    """

    def __init__(self, path: Path, identity: Identity, keep: int) -> None:
        self.identity = identity
        self._path = path
        self._guard = Lock()
        self._decoders = {name: msgspec.msgpack.Decoder(TABLES[name]) for name in TABLES}
        self._recent = {name: _Recent(keep) for name in TABLES}
        self._whole: dict[str, Mapping[int, Definition]] = {}
        with self._reading():
            # immutable: no locks, no looking for changes, since nobody writes to it.
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro&immutable=1",
                uri=True,
                check_same_thread=False,
            )
            known = dict(self._connection.execute("SELECT name, value FROM fact"))
            if known.get("shapes") != shapes():
                raise NoManifest(f"{path} was built for another release")
            self.facts = msgspec.json.decode(known["facts"], type=Facts)

    def __del__(self) -> None:
        # Not earlier: when the next edition is opened, threads may still be reading in this.
        if connection := getattr(self, "_connection", None):
            connection.close()

    def rows(self, table: str, hashes: Iterable[int]) -> dict[int, Definition]:
        """Return the rows of *table* among *hashes*."""
        recent, decode = self._recent[table], self._decoders[table].decode
        found: dict[int, Definition] = {}
        wanted = []
        for one in set(hashes):
            row = recent.get(one)
            if row is not None:
                found[one] = row
            elif one in _HASHES:
                wanted.append(one)
        with self._reading():
            for start in range(0, len(wanted), _BATCH):
                some = wanted[start : start + _BATCH]
                places = ",".join("?" * len(some))
                for one, body in self._select(table, f"WHERE hash IN ({places})", some):
                    row = found[one] = decode(body)
                    recent.put(one, row)
        return found

    def all(self, table: str) -> Mapping[int, Definition]:
        """Return every row of *table*, in the order of the hashes."""
        whole = self._whole.get(table)
        if whole is None:
            decode = self._decoders[table].decode
            with self._reading():
                rows = {one: decode(body) for one, body in self._select(table, "ORDER BY hash")}
            whole = self._whole[table] = MappingProxyType(rows)
        return whole

    def check(self) -> None:
        """Read the whole file for damage.

        Raises:
            NoManifest: it is damaged.
        """
        with self._reading(), self._guard:
            (verdict,) = self._connection.execute("PRAGMA quick_check").fetchone()
        if verdict != "ok":
            raise NoManifest(f"{self._path}: {verdict}")

    def _select(
        self, table: str, clause: str, values: Iterable[int] = ()
    ) -> list[tuple[int, bytes]]:
        # The table is one of TABLES, or looking up its decoder had failed.
        query = f'SELECT hash, body FROM "{table}" {clause}'  # noqa: S608
        with self._guard:
            return self._connection.execute(query, list(values)).fetchall()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            raise NoManifest(f"{self._path}: {error}") from error


class _Recent:
    """The rows that were asked for lately: two generations, the older one goes when both are full.

    Without a lock: each step is one operation on a dict, and what a race may lose is read again.
    """

    def __init__(self, keep: int) -> None:
        self._half = max(keep // 2, 1)
        self._young: dict[int, Definition] = {}
        self._old: dict[int, Definition] = {}

    def get(self, one: int) -> Definition | None:
        row = self._young.get(one)
        if row is None and (row := self._old.get(one)) is not None:
            self.put(one, row)
        return row

    def put(self, one: int, row: Definition) -> None:
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[one] = row
