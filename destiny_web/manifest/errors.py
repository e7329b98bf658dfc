"""What can go wrong with the definitions on disk.

    ManifestError
    ├── NoManifest       none there, or not one that this release can read: build one
    ├── TableBroken      a table cannot be had, or is not what it should be; the old file stays
    └── StillUpdating    another process has been at it for longer than we wait

Asking Bungie which files there are fails with a ``BungieError``.
"""


class ManifestError(Exception):
    """The definitions cannot be read, or could not be brought up to date."""


class NoManifest(ManifestError):
    """There is no manifest on disk that this release can read."""


class TableBroken(ManifestError):
    """A table cannot be had, or is not what it should be; the old manifest stays.

    Attributes:
        table: Bungie's name for it.
    """

    def __init__(self, table: str, reason: str) -> None:
        super().__init__(f"{table}: {reason}")
        self.table = table


class StillUpdating(ManifestError):
    """Another process has been building the manifest for longer than we wait."""
