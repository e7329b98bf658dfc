"""The SQLite file of the embedded store: created, opened, observed, and moved aside when broken.

An operator, a backup program or a failing disk may delete, replace, truncate or overwrite the
file while processes use it. SQLite does not notice: its connections go on with the file that
they opened. The functions here tell what has happened to the file, and make a usable one:

* A file that is gone is created anew.
* Another file in its place is used as it is.
* A file that was overwritten or damaged is moved aside, never deleted, and created anew.
* A file whose journals were deleted is copied by a connection that still has them open: other
  connections would begin other journals, and both would write into the same file.

A journal (``-wal``) belongs to one file. SQLite finds it by its name only, and would lay it over
any file that comes in the place of its own: it is moved aside together with its file.

All of these are done under a lock of the folder (flock), so that of many processes one does it.
"""

import os
import secrets
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from destiny_web.storage.folder import folder_lock
from destiny_web.storage.health import Health
from destiny_web.storage.identity import (
    FileIdentity,
    FileState,
    OpenFile,
    code_of,
    header_mark,
    is_broken,
    state_of,
)
from destiny_web.storage.schema import migrate
from destiny_web.storage.store import Unavailable

_JOURNALS: Final = ("-wal", "-shm")


class StoreFile:
    """The file of one store.

    Args:
        path: Absolute path of the file.
        patience: Seconds to wait for other writers, and for other processes that repair.
        health: Where repairs are reported.
    """

    def __init__(self, path: Path, patience: float, health: Health) -> None:
        self.path = path
        self._patience = patience
        self._health = health

    def state(self) -> FileState | None:
        """Return which file is there, and its size; None when there is none."""
        return state_of(self.path)

    def open(self) -> OpenFile:
        """Open the file, which is created when there is none, and repaired when it is broken.

        Raises:
            Unavailable: The file was written by a newer release, or changes all the time.
            sqlite3.Error: The file cannot be opened.
            OSError: The file cannot be created.
        """
        for _ in range(3):
            before = self.state()
            if before is None:
                self.create()
                continue
            if before.size == 0:
                self.set_aside(before.identity)
                continue
            try:
                connection, mark = self._connect()
            except sqlite3.DatabaseError as error:
                if not is_broken(error):
                    raise
                self.set_aside(before.identity)
                continue
            journals = self._journals()
            after = self.state()
            if after is not None and after.identity == before.identity:
                return OpenFile(connection, before.identity, journals, mark)
            connection.close()
        raise Unavailable(f"{self.path} is changed again and again")

    def create(self) -> None:
        """Create the file beside its place and link it there when it is complete.

        Any number of processes may do this at once: the first link stays.
        """
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with folder_lock(self.path.parent, self._patience):
            if self.state() is not None:
                return
            aside = self._move_journals_aside()
            if aside:
                self._health.report_repair(
                    "the file of the store was gone, the store begins anew",
                    f"{self.path} is made again; everybody has to sign in again{aside}",
                )
            with self._new_file(None) as name, suppress(FileExistsError):
                os.link(name, self.path)

    def has_journals_of(self, file: OpenFile) -> bool:
        """Tell whether the journals are those that the connection has opened."""
        return self._journals() == file.journals

    def rescue(self, file: OpenFile) -> bool:
        """Copy what a connection sees into a new file, if its journals were deleted.

        Args:
            file: A connection to the file, which nobody uses.

        Returns:
            Whether the file was replaced.
        """
        with folder_lock(self.path.parent, self._patience):
            state = self.state()
            if state is None or state.identity != file.identity or self.has_journals_of(file):
                return False
            with self._new_file(file.connection) as name:
                aside = self._move_aside()
                os.link(name, self.path)
            self._health.report_repair(
                "the journal of the store was deleted, the store was copied",
                f"{self.path}; the former file is kept as {aside.name}",
            )
        return True

    def accept(self, connections: list[OpenFile], former: FileIdentity) -> None:
        """Use the file that is in the place of another one, or create it when there is none.

        Args:
            connections: Open connections to the former file.
            former: The file that was there.
        """
        if not self.path.parent.exists():
            self._health.report_repair(
                "the folder of the store was gone, the store begins anew",
                f"{self.path.parent} is made again; everybody has to sign in again",
            )
            self.create()
            return
        with folder_lock(self.path.parent, self._patience):
            state = self.state()
            if state is None:
                aside = self._move_journals_aside()
                self._health.report_repair(
                    "the file of the store was gone, the store begins anew",
                    f"{self.path} is made again; everybody has to sign in again{aside}",
                )
            elif state.identity != former:
                journal = self._journals()[0]
                # The inode of a journal that is open is not used again: it is the same journal.
                journals = {file.journals[0] for file in connections if file.identity == former}
                aside = ""
                if journal is not None and journal in journals:
                    aside = self._move_journals_aside()
                self._health.report_repair(
                    "the file of the store was replaced by another one, which is used now",
                    f"{self.path}; sessions are those of the new file{aside}",
                )
        if state is None:
            self.create()

    def has_intact_header(self, mark: int) -> bool:
        """Tell whether the header of the file is that of the store with this mark.

        False may also mean that a checkpoint was under way: look closer.
        """
        try:
            return header_mark(self.path) == mark
        except sqlite3.DatabaseError as error:
            return not is_broken(error)

    def set_aside(self, identity: FileIdentity, mark: int | None = None) -> bool:
        """Move the file aside if it is broken, with its journal, and create a new one.

        Args:
            identity: The file in question. Nothing is done when it has been replaced meanwhile.
            mark: The number that its header must have; None when it is not known.

        Returns:
            Whether the file was moved.
        """
        with folder_lock(self.path.parent, self._patience):
            state = self.state()
            if state is None or state.identity != identity:
                return False
            fault = self._fault(state, mark)
            if not fault:
                return False
            aside = self._move_aside()
            self._health.report_repair(
                "the file of the store was damaged, the store begins anew",
                f"{self.path} ({fault}) is kept as {aside.name}; everybody has to sign in again",
            )
        self.create()
        return True

    def _fault(self, state: FileState, mark: int | None) -> str:
        """Return what is wrong with the file, as a connection of its own finds it."""
        if state.size == 0:
            return "the file is empty"
        if mark is not None and self._is_overwritten(mark):
            return "the file was overwritten"
        try:
            with closing(self._connection()) as connection:
                answer: str = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as error:
            return str(error) if is_broken(error) else ""
        return "" if answer == "ok" else answer

    def _is_overwritten(self, mark: int) -> bool:
        try:
            return header_mark(self.path) != mark
        except sqlite3.DatabaseError as error:
            return code_of(error) == sqlite3.SQLITE_NOTADB

    def _connect(self) -> tuple[sqlite3.Connection, int]:
        connection = self._connection()
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            migrate(connection, self.path)
            mark: int = connection.execute("PRAGMA application_id").fetchone()[0]
        except BaseException:
            connection.close()
            raise
        return connection, mark

    def _connection(self) -> sqlite3.Connection:
        return sqlite3.connect(
            # mode=rw: were the file gone in this moment, SQLite would make one that all can read.
            f"{self.path.as_uri()}?mode=rw",
            uri=True,
            timeout=self._patience,
            isolation_level=None,
            check_same_thread=False,
        )

    @contextmanager
    def _new_file(self, source: sqlite3.Connection | None) -> Iterator[Path]:
        """Make a complete file under another name, which is removed when the block ends.

        Args:
            source: What is copied into the file; None makes an empty store.
        """
        handle, name = tempfile.mkstemp(prefix=f".{self.path.name}-", dir=self.path.parent)
        os.close(handle)
        try:
            with closing(sqlite3.connect(name, isolation_level=None)) as connection:
                if source is not None:
                    source.backup(connection)
                connection.execute("PRAGMA journal_mode = WAL")
                # A number that tells this file from every other store: see has_intact_header.
                connection.execute(f"PRAGMA application_id = {secrets.randbits(31) or 1}")
                migrate(connection, self.path)
            yield Path(name)
        finally:
            Path(name).unlink()

    def _move_aside(self) -> Path:
        """Move the file and its journals aside; return the name that the file has now."""
        aside = self._free_name()
        # The file first: journals without a file are moved by whoever creates the next one.
        for suffix in ("", *_JOURNALS):
            with suppress(FileNotFoundError):
                self._journal(suffix).rename(aside.with_name(f"{aside.name}{suffix}"))
        return aside

    def _move_journals_aside(self) -> str:
        """Move the journals of a store that is gone; return a clause that says where they are."""
        aside = self._free_name()
        clauses = []
        for suffix in _JOURNALS:
            with suppress(FileNotFoundError):
                self._journal(suffix).rename(aside.with_name(f"{aside.name}{suffix}"))
                clauses.append(f"{aside.name}{suffix}")
        return f"; the journal of the former file is kept as {clauses[0]}" if clauses else ""

    def _journals(self) -> tuple[FileIdentity | None, ...]:
        states = [state_of(self._journal(suffix)) for suffix in _JOURNALS]
        return tuple(state.identity if state else None for state in states)

    def _journal(self, suffix: str) -> Path:
        return self.path.with_name(f"{self.path.name}{suffix}")

    def _free_name(self) -> Path:
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        return self.path.with_name(f"{self.path.name}.broken-{moment}")
