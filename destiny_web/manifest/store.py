"""The definitions on disk, read by hash.

There is one small SQLite file for each language. ``update`` creates it, and no process writes to it
afterwards: a newer file replaces it by one rename. A reader notices this at its next use.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from destiny_web.bungie.models.manifest import Definition
from destiny_web.manifest.errors import NoManifest
from destiny_web.manifest.manifest_file import Facts, Identity, ManifestFile

# Decoded rows of each table that stay in memory; a row of an item has one or two kilobytes.
_MAX_CACHED_ROWS = 2_000


class Manifest:
    """The definitions of one language, from the newest file; safe for threads and forks.

    Every use may raise ``NoManifest``: there is no file, or none that this release can read. If
    a new file cannot be read, a process that has the former file open continues with that one.

    Args:
        path: The file (see ``path_of``); it may not exist yet.
        keep: How many decoded rows of a table stay in memory.
    """

    def __init__(self, path: Path, *, keep: int = _MAX_CACHED_ROWS) -> None:
        self._path = Path(path)
        self._keep = keep
        self._open_file: ManifestFile | None = None
        self._unreadable: Identity | None = None

    def rows(self, table: str, hashes: Iterable[int]) -> dict[int, Definition]:
        """Return the rows of *table* with these *hashes*; missing rows are left out.

        Raises:
            NoManifest: there is no readable file.
            LookupError: we do not keep a table of this name.
        """
        return self._current_file().rows(table, hashes)

    def all(self, table: str) -> Mapping[int, Definition]:
        """Return every row of *table*. For small tables only: all rows stay in memory.

        Raises:
            NoManifest: there is no readable file.
            LookupError: we do not keep a table of this name.
        """
        return self._current_file().all(table)

    def check(self) -> None:
        """Check the complete file for damage, in a fraction of a second.

        Raises:
            NoManifest: there is no file, or it is damaged.
        """
        self._current_file().check()

    @property
    def facts(self) -> Facts:
        """The metadata of the manifest file."""
        return self._current_file().facts

    @property
    def version(self) -> str:
        """Bungie's version, to show to people; programs compare ``edition``."""
        return self.facts.version

    @property
    def built_at(self) -> datetime:
        """When the file was built."""
        return self.facts.built_at

    @property
    def locale(self) -> str:
        """The language of the texts, in Bungie's spelling."""
        return self.facts.locale

    @property
    def size(self) -> int:
        """The size of the file in bytes."""
        return self._current_file().identity.size

    @property
    def edition(self) -> str:
        """A text that identifies the file: every new file has another one."""
        _, inode, modified, size = self._current_file().identity
        return f"{inode:x}-{modified:x}-{size:x}"

    def _current_file(self) -> ManifestFile:
        try:
            identity = Identity.of(self._path)
        except OSError as error:
            raise NoManifest(f"{self._path}: {error.strerror}") from error
        open_file = self._open_file
        if open_file is not None and identity in {open_file.identity, self._unreadable}:
            return open_file
        try:
            # Two threads may open the same file at the same time; this is harmless.
            self._open_file = ManifestFile(self._path, identity, self._keep)
        except NoManifest:
            # During a change of release the processes of the old one continue with the file that
            # they have open; a file built for them would not be readable for the new release.
            if open_file is None or open_file.identity.process != identity.process:
                raise
            self._unreadable = identity
            return open_file
        return self._open_file


def path_of(folder: Path, locale: str) -> Path:
    """Return the path of the manifest file of a language."""
    return Path(folder) / f"manifest-{locale}.sqlite3"
