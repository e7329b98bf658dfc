"""Connections to the file of the embedded store: lent to threads, kept across uses and forks."""

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
from destiny_web.storage.storefile import StoreFile

# Seconds between two looks at the file's header; the file's identity is looked at in each use.
_HEADER_SECONDS = 10.0
# With less space than this on the disk no write can be relied on.
_LEAST_SPACE = 1_000_000


class Database:
    """One file and its idle connections; each is lent to one thread at a time.

    A connection goes on with the file that it has opened, also when that file was deleted or
    replaced. Each use therefore compares the file that has the name now with the one that the
    connection has opened (one stat, some microseconds).

    Args:
        path: The file; it need not be there yet.
        patience: Seconds that a write waits for the writes of others.
        health: Where failures and repairs are reported.
    """

    def __init__(self, path: Path, patience: float, health: Health) -> None:
        self._file = StoreFile(path.absolute(), patience, health)
        self._health = health
        # By process: should a child inherit a connection, it neither uses nor closes it.
        self._idle: dict[int, deque[OpenFile]] = {}
        # The file as it was seen last; None before the first use.
        self._known: FileState | None = None
        self._mark = 0
        self._header_due = 0.0
        self.renew_lock()
        _databases.add(self)

    def renew_lock(self) -> None:
        """Forget who repairs: in a forked child nobody does."""
        self._repairing = Lock()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection in autocommit mode.

        It is closed when the block raises: an open transaction is rolled back thereby.

        Raises:
            StoreError: in place of the errors of sqlite3 and the operating system.
        """
        lent = self._borrow()
        try:
            yield lent.connection
        except sqlite3.ProgrammingError:
            lent.connection.close()
            raise
        except sqlite3.Error as error:
            lent.connection.close()
            if is_broken(error):
                self._set_aside(lent)
            raise self._translated(error) from error
        except BaseException:
            lent.connection.close()
            raise
        self._own().append(lent)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for one write, and remember whether it succeeded."""
        try:
            with self.connection() as connection:
                yield connection
        except Unavailable as error:
            self._health.record_failed_write(error)
            raise
        self._health.record_write()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection whose writes count together, with every other writer kept out."""
        with self.writing() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    def check_writable(self) -> None:
        """Return when nothing is known that prevents a write; write nothing.

        Raises:
            Unavailable: The file cannot be written, its disk is full, or the last write failed.
        """
        self._header_due = 0.0
        with self.connection() as connection:
            connection.execute("SELECT 1 FROM entry LIMIT 1").fetchone()
        self._health.check_writes()
        path = self._file.path
        if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
            raise self._health.make_failure(f"{path} cannot be written")
        if shutil.disk_usage(path.parent).free < _LEAST_SPACE:
            raise self._health.make_failure(f"the disk of {path} is full")

    def close(self) -> None:
        """Close what is idle; the next use opens it anew."""
        self.close_idle()
        self._known = None

    def close_idle(self) -> None:
        """Close the connections that nobody uses."""
        idle = self._own()
        with suppress(IndexError):
            while True:
                idle.pop().connection.close()

    def _own(self) -> deque[OpenFile]:
        return self._idle.setdefault(os.getpid(), deque())

    def _borrow(self) -> OpenFile:
        try:
            state = self._observed()
            while True:
                try:
                    idle = self._own().pop()
                except IndexError:
                    break
                if state is not None and idle.identity == state.identity:
                    if self._known is None:
                        self._remember(idle)
                    return idle
                idle.connection.close()
            opened = self._file.open()
            self._remember(opened)
        except StoreError as error:
            self._report(error)
            raise
        except (sqlite3.Error, OSError) as error:
            raise self._translated(error) from error
        return opened

    def _observed(self) -> FileState | None:
        """Return which file is there, after what has happened to it was dealt with."""
        state = self._file.state()
        if self._known is None or self._is_intact(state):
            return state
        with self._repairing:
            # Again: another thread may have dealt with it.
            state = self._file.state()
            known = self._known
            if known is None or self._is_intact(state):
                return state
            is_there = state is not None and state.identity == known.identity
            if is_there and (
                self._rescue(known.identity) or self._file.set_aside(known.identity, self._mark)
            ):
                self._known = None
                return self._file.state()
            state = self._file.state()
            if state is not None and state.identity == known.identity:
                # Nothing is wrong: VACUUM made the file smaller, or a checkpoint was under way.
                self._known = state
                self._header_due = time.monotonic() + _HEADER_SECONDS
                return state
            self._file.accept(list(self._own()), known.identity)
            self._known = None
        return self._file.state()

    def _rescue(self, identity: FileIdentity) -> bool:
        """Copy the file if its journals were deleted; tell whether another file is there now."""
        while True:
            try:
                idle = self._own().pop()
            except IndexError:
                return False
            with closing(idle.connection):
                if idle.identity == identity:
                    return self._file.rescue(idle)

    def _is_intact(self, state: FileState | None) -> bool:
        """Tell whether the file is the known one, as far as can be told at little cost."""
        known = self._known
        if known is None or state is None or state.identity != known.identity:
            return False
        if state.size < known.size:
            return False
        self._known = state
        if time.monotonic() < self._header_due:
            return True
        if not self._file.has_intact_header(self._mark):
            return False
        # Not a connection to a former file: such a one stays until its turn comes.
        idle = next((file for file in list(self._own()) if file.identity == known.identity), None)
        if idle is not None and not self._file.has_journals_of(idle):
            return False
        self._header_due = time.monotonic() + _HEADER_SECONDS
        return True

    def _remember(self, opened: OpenFile) -> None:
        state = self._file.state()
        if state is not None and state.identity == opened.identity:
            self._mark = opened.mark
            self._known = state
            self._header_due = time.monotonic() + _HEADER_SECONDS

    def _set_aside(self, broken: OpenFile) -> None:
        """Move the file aside if it is broken; the error that led here stays what it is."""
        with suppress(StoreError, sqlite3.Error, OSError), self._repairing:
            if self._file.set_aside(broken.identity, broken.mark):
                self._known = None

    def _translated(self, error: Exception) -> StoreError:
        # The low byte says what happened, the rest says where.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        kind = Busy if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} else Unavailable
        translated = kind(f"{self._file.path}: {error}")
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


def _renew_locks() -> None:
    for database in list(_databases):
        database.renew_lock()


# A connection must not live on in a child: SQLite's book-keeping would claim locks there that
# belong to the parent. gunicorn forks its workers after it has loaded the application.
os.register_at_fork(before=_close_all, after_in_child=_renew_locks)
