"""Updates the definitions on disk.

An update compares, downloads, builds and verifies; then one rename installs the new file. If a step
fails before that, the old file stays. A process that has the old file open continues to read it.
Any number of processes may start an update at once: one does it, and the others wait for it.
"""

import fcntl
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Protocol

from destiny_web.bungie.models.manifest import TABLES
from destiny_web.clock import utcnow
from destiny_web.manifest.build import ESSENTIAL, build, verify
from destiny_web.manifest.download import ManifestListing, Source
from destiny_web.manifest.errors import ManifestError, NoManifest, StillUpdating, TableBroken
from destiny_web.manifest.manifest_file import Facts
from destiny_web.manifest.store import Manifest, path_of

# Seconds. A first build takes about ten seconds, most of them for the download.
_MAX_WAIT = 900.0
_PAUSE = 0.05


class Phase(StrEnum):
    """The phases of an update."""

    WAITING = "waiting for another process"
    ASKING = "asking which version there is"
    DOWNLOADING = "downloading"
    BUILDING = "building"
    VERIFYING = "verifying"


class Progress(Protocol):
    """Gets the progress of an update."""

    def phase(self, phase: Phase) -> None:
        """Called when a phase begins."""

    def downloaded(self, table: str, done: int, total: int | None) -> None:
        """Called during the download of *table*: *done* of *total* bytes, None if unknown."""


class _NoProgress:
    """Default progress: does nothing."""

    def phase(self, phase: Phase) -> None:
        pass

    def downloaded(self, table: str, done: int, total: int | None) -> None:
        pass


def update(  # noqa: PLR0913 - each is named where it is called
    *,
    root: str,
    api_key: str,
    user_agent: str,
    folder: Path,
    locale: str = "en",
    progress: Progress | None = None,
    now: Callable[[], datetime] = utcnow,
    max_wait: float = _MAX_WAIT,
) -> bool:
    """Update the manifest of *locale* in *folder*.

    Args:
        root: Bungie's address, e.g. ``https://www.bungie.net``.
        api_key: Bungie's key for this site.
        user_agent: The User-Agent of all requests.
        folder: The folder of the manifest, and of the downloads during the update.
        locale: The language, in Bungie's spelling: ``en``, ``es-mx`` ...
        progress: Gets the progress of the update.
        now: The clock for the manifest's ``built_at``.
        max_wait: Seconds to wait for the update of another process.

    Returns:
        True when there is a new manifest, False when the manifest was up to date.

    Raises:
        BungieError: the call that lists Bungie's tables failed.
        ManifestError: any other failure. In both cases the old manifest stays.
    """
    if not re.fullmatch(r"[a-z]{2}(-[a-z]{2,4})?", locale):
        raise ValueError(f"not a locale: {locale!r}")
    observer = progress or _NoProgress()
    path = path_of(folder, locale)
    work = folder / f".manifest-{locale}.new"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _update_lock(work.with_suffix(".lock"), max_wait, observer), _work_folder(work):
            with closing(Source(root, api_key, user_agent)) as source:
                observer.phase(Phase.ASKING)
                listing = source.list_tables(locale)
                if _is_built_from(path, listing):
                    return False
                files = _download(source, listing, work, observer)
            facts = Facts(
                version=listing.version,
                locale=locale,
                built_at=now(),
                sources=listing.sources,
                missing=tuple(table for table in TABLES if table not in listing.sources),
            )
            _install(_build(work, files, facts, observer), path)
            return True
    except OSError as error:
        raise ManifestError(f"{folder} cannot be used: {error}") from error


@contextmanager
def _work_folder(work: Path) -> Iterator[None]:
    """Create an empty folder, and remove it with its content after the block."""
    # An existing folder is from an update that was killed: the lock excludes a running one.
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        yield
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _download(
    source: Source, listing: ManifestListing, work: Path, progress: Progress
) -> dict[str, Path]:
    """Return the downloaded file of each table."""
    for table in ESSENTIAL:
        if table not in listing.sources:
            raise TableBroken(table, "the server does not list it")
    progress.phase(Phase.DOWNLOADING)
    files = {table: work / f"{table}.json" for table in listing.sources}
    for table, path in listing.sources.items():
        source.fetch(table, path, files[table], partial(progress.downloaded, table))
    return files


def _build(work: Path, files: Mapping[str, Path], facts: Facts, progress: Progress) -> Path:
    """Build and verify a new manifest file; return its path."""
    new = work / "new.sqlite3"
    progress.phase(Phase.BUILDING)
    samples = build(new, files, facts)
    progress.phase(Phase.VERIFYING)
    verify(new, samples)
    return new


def _is_built_from(path: Path, listing: ManifestListing) -> bool:
    """Return whether the present manifest is intact and was built from the listed files.

    The version is not enough: Bungie has changed the files without changing the version.
    """
    manifest = Manifest(path)
    try:
        manifest.check()
    except NoManifest:
        return False
    return manifest.facts.sources == listing.sources


def _install(new: Path, path: Path) -> None:
    """Replace the manifest by *new*; the file is on the disk before the rename is."""
    _flush(new)
    new.replace(path)
    _flush(path.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _update_lock(path: Path, max_wait: float, progress: Progress) -> Iterator[None]:
    """Hold the lock of updates during the block; a killed process loses it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + max_wait
        is_locked = _try_lock(descriptor)
        if not is_locked:
            progress.phase(Phase.WAITING)
        while not is_locked:
            if time.monotonic() >= deadline:
                raise StillUpdating(
                    f"another process has been updating it for {max_wait:.0f} seconds"
                )
            time.sleep(_PAUSE)
            is_locked = _try_lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
