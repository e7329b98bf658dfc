"""Bringing the definitions on disk up to date.

Compare, download, build, verify, and put the new file in place in one rename. Whatever goes
wrong before that, the old one stays; whoever has it open reads on in it. Any number of
processes may want this at once: one does it, the others wait and find it done.
"""

import fcntl
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Protocol

from destiny_web.bungie.models.manifest import TABLES
from destiny_web.manifest.build import ESSENTIAL, build, verify
from destiny_web.manifest.download import Offer, Source
from destiny_web.manifest.errors import ManifestError, NoManifest, StillUpdating, TableBroken
from destiny_web.manifest.manifest_file import Facts
from destiny_web.manifest.store import Manifest, path_of

# A first build takes some ten seconds, most of it the download.
_PATIENCE = 900.0
_PAUSE = 0.05


class Phase(StrEnum):
    """What an update is at."""

    WAITING = "waiting for another process"
    ASKING = "asking which version there is"
    DOWNLOADING = "downloading"
    BUILDING = "building"
    VERIFYING = "verifying"


class Progress(Protocol):
    """Who wants to see how far an update is."""

    def phase(self, phase: Phase) -> None:
        """Called when a phase begins."""

    def downloaded(self, table: str, done: int, total: int | None) -> None:
        """Called while *table* is downloaded: *done* of *total* bytes, None if not known."""


class _Silent:
    def phase(self, phase: Phase) -> None:
        pass

    def downloaded(self, table: str, done: int, total: int | None) -> None:
        pass


def _utcnow() -> datetime:
    return datetime.now(UTC)


def update(  # noqa: PLR0913 - each is named where it is called
    *,
    root: str,
    api_key: str,
    user_agent: str,
    folder: Path,
    locale: str = "en",
    progress: Progress | None = None,
    now: Callable[[], datetime] = _utcnow,
    patience: float = _PATIENCE,
) -> bool:
    """Bring the manifest of *locale* in *folder* up to date.

    Args:
        root: The one address of the outside world, e.g. ``https://www.bungie.net``.
        api_key: Bungie's key for this site.
        user_agent: Who we say we are.
        folder: Where the manifest is kept, and the downloads while this runs.
        locale: The language, in Bungie's spelling: ``en``, ``es-mx`` ...
        progress: Is told how far this is.
        now: The clock for the manifest's ``built_at``.
        patience: Seconds to wait for another process that is at it.

    Returns:
        True when there is a new manifest, False when there was nothing to do.

    Raises:
        BungieError: the question which version there is was not answered.
        ManifestError: any other failure. In both cases the old manifest stays.
    """
    if not re.fullmatch(r"[a-z]{2}(-[a-z]{2,4})?", locale):
        raise ValueError(f"not a locale: {locale!r}")
    tell = progress or _Silent()
    path = path_of(folder, locale)
    work = folder / f".manifest-{locale}.new"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(work.with_suffix(".lock"), patience, tell), _workplace(work):
            with closing(Source(root, api_key, user_agent)) as source:
                tell.phase(Phase.ASKING)
                offer = source.offer(locale)
                if _is_built_from(path, offer):
                    return False
                files = _download(source, offer, work, tell)
            facts = Facts(
                version=offer.version,
                locale=locale,
                built_at=now(),
                sources=offer.sources,
                missing=tuple(table for table in TABLES if table not in offer.sources),
            )
            _put_in_place(_build(work, files, facts, tell), path)
            return True
    except OSError as error:
        raise ManifestError(f"{folder} cannot be used: {error}") from error


@contextmanager
def _workplace(work: Path) -> Iterator[None]:
    """Make an empty folder and remove it with all that is in it."""
    # Whatever is there is of a run that was killed: nobody else is at it now.
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        yield
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _download(source: Source, offer: Offer, work: Path, tell: Progress) -> dict[str, Path]:
    """Return the downloaded file of each table."""
    for table in ESSENTIAL:
        if table not in offer.sources:
            raise TableBroken(table, "the server does not list it")
    tell.phase(Phase.DOWNLOADING)
    files = {table: work / f"{table}.json" for table in offer.sources}
    for table, listed in offer.sources.items():
        source.fetch(table, listed, files[table], partial(tell.downloaded, table))
    return files


def _build(work: Path, files: Mapping[str, Path], facts: Facts, tell: Progress) -> Path:
    """Return a new manifest that is known to be good."""
    new = work / "new.sqlite3"
    tell.phase(Phase.BUILDING)
    samples = build(new, files, facts)
    tell.phase(Phase.VERIFYING)
    verify(new, samples)
    return new


def _is_built_from(path: Path, offer: Offer) -> bool:
    """Tell whether the manifest at hand is whole and from just these files.

    The version says nothing: it has stayed the same while the files changed.
    """
    manifest = Manifest(path)
    try:
        manifest.check()
    except NoManifest:
        return False
    return manifest.facts.sources == offer.sources


def _put_in_place(new: Path, path: Path) -> None:
    """Make *new* the manifest, for good: the rename must not reach the disk before the file."""
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
def _alone(path: Path, patience: float, tell: Progress) -> Iterator[None]:
    """Keep every other process and thread out; the lock ends with its process."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + patience
        if not (ours := _locked(descriptor)):
            tell.phase(Phase.WAITING)
        while not ours:
            if time.monotonic() >= deadline:
                raise StillUpdating(f"another process has been at it for {patience:.0f} seconds")
            time.sleep(_PAUSE)
            ours = _locked(descriptor)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
