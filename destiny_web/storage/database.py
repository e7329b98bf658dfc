"""Connections to the file of the embedded store: one thread uses each at a time."""

import os
import shutil
import sqlite3
import time
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Lock

from destiny_web.storage.health import Health
from destiny_web.storage.identity import FileIdentity, FileState, OpenFile, is_broken
from destiny_web.storage.store import Busy, StoreError, Unavailable
from destiny_web.storage.store_file import StoreFile

# Seconds between two checks of the file's header; its identity is checked at each use.
_HEADER_SECONDS = 10.0
# With less free space on the disk a write may fail.
_MIN_FREE_BYTES = 1_000_000


class Database:
    """One file and its idle connections; one thread uses a connection at a time.

    A connection continues with the file that it has opened, also when that file was deleted or
    replaced. So each use compares the file at the path with the one that the connection has
    opened (one stat, some microseconds).

    Args:
        path: The file; it may not exist yet.
        max_wait: Seconds that a write waits for the writes of others.
        health: Gets the reports of failures and repairs.
    """

    def __init__(self, path: Path, max_wait: float, health: Health) -> None:
        self._file = StoreFile(path.absolute(), max_wait, health)
        self._health = health
        # By process id: a child that inherits a connection neither uses nor closes it.
        self._idle: dict[int, deque[OpenFile]] = {}
        # The state of the file at the last check; None before the first use.
        self._last_state: FileState | None = None
        self._mark = 0
        self._header_check_due = 0.0
        self.renew_repair_lock()
        _databases.add(self)

    def renew_repair_lock(self) -> None:
        """Create a new repair lock: in a forked child no thread repairs the file."""
        self._repair_lock = Lock()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection in autocommit mode.

        The connection is closed when the block raises, which rolls back an open transaction.

        Raises:
            StoreError: instead of the errors of sqlite3 and the operating system.
        """
        file = self._borrow()
        try:
            yield file.connection
        except sqlite3.ProgrammingError:
            file.connection.close()
            raise
        except sqlite3.Error as error:
            file.connection.close()
            if is_broken(error):
                self._replace_broken(file)
            raise self._translate(error) from error
        except BaseException:
            file.connection.close()
            raise
        self._idle_connections().append(file)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection for one write, and record whether the write succeeded."""
        try:
            with self.connection() as connection:
                yield connection
        except Unavailable as error:
            self._health.record_failed_write(error)
            raise
        self._health.record_write()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection in a transaction, which keeps every other writer out."""
        with self.writing() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    def check_writable(self) -> None:
        """Check that no known condition prevents a write; write nothing.

        Raises:
            Unavailable: The file cannot be written, its disk is full, or the last write failed.
        """
        self._header_check_due = 0.0
        with self.connection() as connection:
            connection.execute("SELECT 1 FROM entry LIMIT 1").fetchone()
        self._health.check_writes()
        path = self._file.path
        if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
            raise self._health.make_failure(f"{path} cannot be written")
        if shutil.disk_usage(path.parent).free < _MIN_FREE_BYTES:
            raise self._health.make_failure(f"the disk of {path} is full")

    def close(self) -> None:
        """Close the idle connections; the next use opens new ones."""
        self.close_idle()
        self._last_state = None

    def close_idle(self) -> None:
        """Close the idle connections of this process."""
        idle = self._idle_connections()
        with suppress(IndexError):
            while True:
                idle.pop().connection.close()

    def _idle_connections(self) -> deque[OpenFile]:
        return self._idle.setdefault(os.getpid(), deque())

    def _borrow(self) -> OpenFile:
        try:
            state = self._check_file()
            while True:
                try:
                    idle = self._idle_connections().pop()
                except IndexError:
                    break
                if state is not None and idle.identity == state.identity:
                    if self._last_state is None:
                        self._remember_file(idle)
                    return idle
                idle.connection.close()
            opened = self._file.open()
            self._remember_file(opened)
        except StoreError as error:
            self._report(error)
            raise
        except (sqlite3.Error, OSError) as error:
            raise self._translate(error) from error
        return opened

    def _check_file(self) -> FileState | None:
        """Return the state of the file; before that, repair or replace a broken or missing file."""
        state = self._file.state()
        if self._last_state is None or self._is_intact(state):
            return state
        with self._repair_lock:
            # Check again: another thread may have repaired the file.
            state = self._file.state()
            last_state = self._last_state
            if last_state is None or self._is_intact(state):
                return state
            is_same_file = state is not None and state.identity == last_state.identity
            if is_same_file and (
                self._recover(last_state.identity)
                or self._file.replace_broken(last_state.identity, self._mark)
            ):
                self._last_state = None
                return self._file.state()
            state = self._file.state()
            if state is not None and state.identity == last_state.identity:
                # The file is intact: VACUUM made the file smaller, or a checkpoint was under way.
                self._last_state = state
                self._header_check_due = time.monotonic() + _HEADER_SECONDS
                return state
            self._file.adopt(list(self._idle_connections()), last_state.identity)
            self._last_state = None
        return self._file.state()

    def _recover(self, identity: FileIdentity) -> bool:
        """Copy the file if its journals were deleted; return whether a new file was created."""
        while True:
            try:
                idle = self._idle_connections().pop()
            except IndexError:
                return False
            with closing(idle.connection):
                if idle.identity == identity:
                    return self._file.recover(idle)

    def _is_intact(self, state: FileState | None) -> bool:
        """Return whether the file is intact and the same as before, by a quick check."""
        last_state = self._last_state
        if last_state is None or state is None or state.identity != last_state.identity:
            return False
        if state.size < last_state.size:
            return False
        self._last_state = state
        if time.monotonic() < self._header_check_due:
            return True
        if not self._file.has_intact_header(self._mark):
            return False
        # Connections to a former file are skipped: they are closed at their next use.
        files = list(self._idle_connections())
        idle = next((file for file in files if file.identity == last_state.identity), None)
        if idle is not None and not self._file.has_journals_of(idle):
            return False
        self._header_check_due = time.monotonic() + _HEADER_SECONDS
        return True

    def _remember_file(self, opened: OpenFile) -> None:
        state = self._file.state()
        if state is not None and state.identity == opened.identity:
            self._mark = opened.mark
            self._last_state = state
            self._header_check_due = time.monotonic() + _HEADER_SECONDS

    def _replace_broken(self, broken: OpenFile) -> None:
        """Replace the file if it is broken; the error of the caller is raised in any case."""
        with suppress(StoreError, sqlite3.Error, OSError), self._repair_lock:
            if self._file.replace_broken(broken.identity, broken.mark):
                self._last_state = None

    def _translate(self, error: Exception) -> StoreError:
        # The low byte is the primary code, the other bytes give details.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        error_class = Busy if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} else Unavailable
        translated = error_class(f"{self._file.path}: {error}")
        translated.__cause__ = error
        self._report(translated)
        return translated

    def _report(self, error: StoreError) -> None:
        if isinstance(error, Busy):
            return
        cause = error.__cause__
        self._health.report_failure(getattr(cause, "sqlite_errorname", type(cause).__name__), error)


_databases: "weakref.WeakSet[Database]" = weakref.WeakSet()


def _close_all() -> None:
    for database in list(_databases):
        database.close_idle()


def _renew_repair_locks() -> None:
    for database in list(_databases):
        database.renew_repair_lock()


# A child must not inherit a connection: SQLite in the child would claim locks that belong to the
# parent. gunicorn forks its workers after it has loaded the application.
os.register_at_fork(before=_close_all, after_in_child=_renew_repair_locks)
