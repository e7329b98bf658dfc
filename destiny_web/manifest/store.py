"""The definitions on disk, read by hash.

One slim SQLite file for each language, made by ``update`` and never written to again: a newer
one takes its place in one rename. Whoever reads notices at the next use.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from destiny_web.bungie.models.manifest import Definition
from destiny_web.manifest.errors import NoManifest
from destiny_web.manifest.manifest_file import Facts, Identity, ManifestFile

# Decoded rows of each table that stay in memory, at one or two kilobytes for an item.
_KEPT = 2_000


class Manifest:
    """The definitions of one language, as they are at each use; safe for threads and forks.

    Every use may raise ``NoManifest``: there is no file, or none that this release can read.
    Whoever has read from one before reads on in that one, if the next cannot be read.

    Args:
        path: The file (see ``path_of``); it need not be there yet.
        keep: How many decoded rows of a table stay in memory.
    """

    def __init__(self, path: Path, *, keep: int = _KEPT) -> None:
        self._path = Path(path)
        self._keep = keep
        self._last: ManifestFile | None = None
        self._refused: Identity | None = None

    def rows(self, table: str, hashes: Iterable[int]) -> dict[int, Definition]:
        """Return the rows of *table* among *hashes*; what is not there is left out.

        Raises:
            NoManifest: there is none to read.
            LookupError: no table of this name is kept.
        """
        return self._edition().rows(table, hashes)

    def all(self, table: str) -> Mapping[int, Definition]:
        """Return every row of *table*. For small tables: all of it stays in memory.

        Raises:
            NoManifest: there is none to read.
            LookupError: no table of this name is kept.
        """
        return self._edition().all(table)

    def check(self) -> None:
        """Read the whole file for damage, in a fraction of a second.

        Raises:
            NoManifest: there is none, or it is damaged.
        """
        self._edition().check()

    @property
    def facts(self) -> Facts:
        """What the manifest says about itself."""
        return self._edition().facts

    @property
    def version(self) -> str:
        """Bungie's version, for people to read; programs compare ``edition``."""
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
        return self._edition().identity.size

    @property
    def edition(self) -> str:
        """A text that is another one whenever another file was put in place."""
        _, inode, modified, size = self._edition().identity
        return f"{inode:x}-{modified:x}-{size:x}"

    def _edition(self) -> ManifestFile:
        try:
            identity = Identity.of(self._path)
        except OSError as error:
            raise NoManifest(f"{self._path}: {error.strerror}") from error
        last = self._last
        if last is not None and identity in {last.identity, self._refused}:
            return last
        try:
            # Two threads may both come here; then both have opened the same file.
            self._last = ManifestFile(self._path, identity, self._keep)
        except NoManifest:
            # While a new release takes over, the old one's processes read on in what they
            # have; to build the file anew for them would take it from the others.
            if last is None or last.identity.process != identity.process:
                raise
            self._refused = identity
            return last
        return self._last


def path_of(folder: Path, locale: str) -> Path:
    """Return where the manifest of a language is kept."""
    return Path(folder) / f"manifest-{locale}.sqlite3"
