"""The SQLite file of the embedded store: creates, opens and checks it, and replaces a broken one.

An operator, a backup program or a failing disk may delete, replace, truncate or overwrite the
file while processes use it. SQLite does not notice: its connections go on with the file that
they opened. The functions here detect what has happened to the file, and provide a usable one:

* A missing file is created again.
* Another file at the path is used as it is.
* A file that was overwritten or damaged is renamed, never deleted, and a new one is created.
* A file whose journals were deleted is copied by a connection that still has them open: new
  connections would begin new journals, and both would write into the same file.

A journal (``-wal``) belongs to one file. SQLite finds it by its name only, and would apply it to
any other file at the same path: so it is renamed together with its file.

All of this happens under a lock of the folder (flock), so that only one process does it.
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
    header_mark,
    is_broken,
    result_code_of,
    state_of,
)
from destiny_web.storage.schema import migrate
from destiny_web.storage.store import Unavailable

_JOURNAL_SUFFIXES: Final = ("-wal", "-shm")


class StoreFile:
    """The file of one store.

    Args:
        path: Absolute path of the file.
        max_wait: Seconds to wait for other writers, and for other processes that repair.
        health: Gets the reports of repairs.
    """

    def __init__(self, path: Path, max_wait: float, health: Health) -> None:
        self.path = path
        self._max_wait = max_wait
        self._health = health

    def state(self) -> FileState | None:
        """Return the identity and size of the file; None when there is none."""
        return state_of(self.path)

    def open(self) -> OpenFile:
        """Open the file; create a missing one, and replace a broken one.

        Raises:
            Unavailable: The file was written by a newer release, or is replaced repeatedly.
            sqlite3.Error: The file cannot be opened.
            OSError: The file cannot be created.
        """
        for _ in range(3):
            before = self.state()
            if before is None:
                self.create()
                continue
            if before.size == 0:
                self.replace_broken(before.identity)
                continue
            try:
                connection, mark = self._open_connection()
            except sqlite3.DatabaseError as error:
                if not is_broken(error):
                    raise
                self.replace_broken(before.identity)
                continue
            journals = self._journal_identities()
            after = self.state()
            if after is not None and after.identity == before.identity:
                return OpenFile(connection, before.identity, journals, mark)
            connection.close()
        raise Unavailable(f"{self.path} is changed again and again")

    def create(self) -> None:
        """Create the file under a temporary name, and link it to its path when it is complete.

        Any number of processes may do this at once: the first link stays.
        """
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with folder_lock(self.path.parent, self._max_wait):
            if self.state() is not None:
                return
            journal_clause = self._rename_journals()
            if journal_clause:
                self._health.report_repair(
                    "the file of the store was gone, the store begins anew",
                    f"{self.path} is made again; everybody has to sign in again{journal_clause}",
                )
            with self._temporary_file(None) as name, suppress(FileExistsError):
                os.link(name, self.path)

    def has_journals_of(self, file: OpenFile) -> bool:
        """Return whether the journals are those that the connection has opened."""
        return self._journal_identities() == file.journals

    def recover(self, file: OpenFile) -> bool:
        """Copy the content that a connection reads into a new file, if its journals were deleted.

        Args:
            file: An idle connection to the file.

        Returns:
            Whether the file was replaced.
        """
        with folder_lock(self.path.parent, self._max_wait):
            state = self.state()
            if state is None or state.identity != file.identity or self.has_journals_of(file):
                return False
            with self._temporary_file(file.connection) as name:
                broken_path = self._rename_broken_file()
                os.link(name, self.path)
            self._health.report_repair(
                "the journal of the store was deleted, the store was copied",
                f"{self.path}; the former file is kept as {broken_path.name}",
            )
        return True

    def adopt(self, connections: list[OpenFile], former: FileIdentity) -> None:
        """Use the new file at the path, or create one when there is none.

        Args:
            connections: Open connections to the former file.
            former: The former file at the path.
        """
        if not self.path.parent.exists():
            self._health.report_repair(
                "the folder of the store was gone, the store begins anew",
                f"{self.path.parent} is made again; everybody has to sign in again",
            )
            self.create()
            return
        with folder_lock(self.path.parent, self._max_wait):
            state = self.state()
            if state is None:
                journal_clause = self._rename_journals()
                self._health.report_repair(
                    "the file of the store was gone, the store begins anew",
                    f"{self.path} is made again; everybody has to sign in again{journal_clause}",
                )
            elif state.identity != former:
                journal = self._journal_identities()[0]
                # The inode of an open journal is not reused: the same identity is the same journal.
                journals = {file.journals[0] for file in connections if file.identity == former}
                journal_clause = ""
                if journal is not None and journal in journals:
                    journal_clause = self._rename_journals()
                self._health.report_repair(
                    "the file of the store was replaced by another one, which is used now",
                    f"{self.path}; sessions are those of the new file{journal_clause}",
                )
        if state is None:
            self.create()

    def has_intact_header(self, mark: int) -> bool:
        """Return whether the header of the file has this mark.

        False may also mean that a checkpoint was under way: then check the file in detail.
        """
        try:
            return header_mark(self.path) == mark
        except sqlite3.DatabaseError as error:
            return not is_broken(error)

    def replace_broken(self, identity: FileIdentity, mark: int | None = None) -> bool:
        """Rename the file and its journals if the file is broken, and create a new one.

        Args:
            identity: The file to check. Nothing happens when it was replaced meanwhile.
            mark: The number that its header must have; None when it is unknown.

        Returns:
            Whether the file was renamed.
        """
        with folder_lock(self.path.parent, self._max_wait):
            state = self.state()
            if state is None or state.identity != identity:
                return False
            fault = self._find_fault(state, mark)
            if not fault:
                return False
            broken_path = self._rename_broken_file()
            self._health.report_repair(
                "the file of the store was damaged, the store begins anew",
                f"{self.path} ({fault}) is kept as {broken_path.name}; everybody has to sign in"
                " again",
            )
        self.create()
        return True

    def _find_fault(self, state: FileState, mark: int | None) -> str:
        """Return the fault of the file, as a new connection finds it; "" when it has none."""
        if state.size == 0:
            return "the file is empty"
        if mark is not None and self._is_overwritten(mark):
            return "the file was overwritten"
        try:
            with closing(self._connect_file()) as connection:
                answer: str = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as error:
            return str(error) if is_broken(error) else ""
        return "" if answer == "ok" else answer

    def _is_overwritten(self, mark: int) -> bool:
        try:
            return header_mark(self.path) != mark
        except sqlite3.DatabaseError as error:
            return result_code_of(error) == sqlite3.SQLITE_NOTADB

    def _open_connection(self) -> tuple[sqlite3.Connection, int]:
        connection = self._connect_file()
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            migrate(connection, self.path)
            mark: int = connection.execute("PRAGMA application_id").fetchone()[0]
        except BaseException:
            connection.close()
            raise
        return connection, mark

    def _connect_file(self) -> sqlite3.Connection:
        return sqlite3.connect(
            # mode=rw: by default SQLite would create a missing file, readable by every user.
            f"{self.path.as_uri()}?mode=rw",
            uri=True,
            timeout=self._max_wait,
            isolation_level=None,
            check_same_thread=False,
        )

    @contextmanager
    def _temporary_file(self, source: sqlite3.Connection | None) -> Iterator[Path]:
        """Create a complete file under a temporary name; the name is removed after the block.

        Args:
            source: The connection whose content is copied; None creates an empty store.
        """
        handle, name = tempfile.mkstemp(prefix=f".{self.path.name}-", dir=self.path.parent)
        os.close(handle)
        try:
            with closing(sqlite3.connect(name, isolation_level=None)) as connection:
                if source is not None:
                    source.backup(connection)
                connection.execute("PRAGMA journal_mode = WAL")
                # A random number that identifies this file: see has_intact_header.
                connection.execute(f"PRAGMA application_id = {secrets.randbits(31) or 1}")
                migrate(connection, self.path)
            yield Path(name)
        finally:
            Path(name).unlink()

    def _rename_broken_file(self) -> Path:
        """Rename the file and its journals; return the new path of the file."""
        broken_path = self._new_broken_path()
        # The file first: ``create`` renames journals that have no file.
        for suffix in ("", *_JOURNAL_SUFFIXES):
            with suppress(FileNotFoundError):
                self._path_with(suffix).rename(broken_path.with_name(f"{broken_path.name}{suffix}"))
        return broken_path

    def _rename_journals(self) -> str:
        """Rename the journals of a missing file; return a clause for the log that names them."""
        broken_path = self._new_broken_path()
        renamed = []
        for suffix in _JOURNAL_SUFFIXES:
            with suppress(FileNotFoundError):
                self._path_with(suffix).rename(broken_path.with_name(f"{broken_path.name}{suffix}"))
                renamed.append(f"{broken_path.name}{suffix}")
        return f"; the journal of the former file is kept as {renamed[0]}" if renamed else ""

    def _journal_identities(self) -> tuple[FileIdentity | None, ...]:
        states = [state_of(self._path_with(suffix)) for suffix in _JOURNAL_SUFFIXES]
        return tuple(state.identity if state else None for state in states)

    def _path_with(self, suffix: str) -> Path:
        return self.path.with_name(f"{self.path.name}{suffix}")

    def _new_broken_path(self) -> Path:
        time_text = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        return self.path.with_name(f"{self.path.name}.broken-{time_text}")
