"""The errors of the definitions on disk.

    ManifestError
    ├── NoManifest       no manifest file that this release can read: build one
    ├── TableBroken      a table cannot be downloaded or read; the old file stays
    └── StillUpdating    another process updates the manifest for longer than we wait

The call that lists Bungie's tables fails with a ``BungieError``.
"""


class ManifestError(Exception):
    """The definitions cannot be read, or could not be updated."""


class NoManifest(ManifestError):
    """There is no manifest on disk that this release can read."""


class TableBroken(ManifestError):
    """A table cannot be downloaded or read; the old manifest stays.

    Attributes:
        table: Bungie's name of the table.
    """

    def __init__(self, table: str, reason: str) -> None:
        super().__init__(f"{table}: {reason}")
        self.table = table


class StillUpdating(ManifestError):
    """Another process updates the manifest for longer than we wait."""
