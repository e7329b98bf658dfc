"""Domain definitions, read from the manifest on disk and cached."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import TypeVar, cast

from destiny_web.bungie.models import manifest as manifest_models
from destiny_web.domain.account.definitions import (
    BucketDefinition,
    ItemDefinition,
    PerkDefinition,
    StatDefinition,
    bucket_definition,
    item_definition,
    unknown_item,
)
from destiny_web.manifest.store import Manifest

S = TypeVar("S")
T = TypeVar("T")

_MAX_ITEMS = 6000
"""Item definitions in memory: enough for several accounts, about half a kilobyte each."""


class ManifestDefinitions:
    """Reads definitions from the manifest; caches them until another manifest is in place."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._items: OrderedDict[int, ItemDefinition] = OrderedDict()
        self._tables: dict[str, Mapping[int, object]] = {}
        self._version: object = None
        self._mutex = Lock()

    def items(self, hashes: Iterable[int]) -> Mapping[int, ItemDefinition]:
        """Return a definition for each of *hashes*; a placeholder for an unknown item."""
        requested = set(hashes)
        with self._mutex:
            self._clear_if_replaced()
            definitions = {
                item_hash: self._items[item_hash] for item_hash in requested & self._items.keys()
            }
        missing = requested - definitions.keys()
        if missing:
            rows = self._manifest.rows("DestinyInventoryItemDefinition", missing)
            read = {
                item_hash: item_definition(item_hash, row)
                for item_hash, row in rows.items()
                if isinstance(row, manifest_models.ItemDefinition)
            }
            self._cache_items(read)
            definitions |= read
            # Placeholders are not cached: a newer manifest may have the item at any time.
            definitions |= {
                item_hash: unknown_item(item_hash) for item_hash in missing - read.keys()
            }
        return definitions

    def buckets(self) -> Mapping[int, BucketDefinition]:
        """Return every bucket."""
        return self._table(
            "DestinyInventoryBucketDefinition", manifest_models.BucketDefinition, bucket_definition
        )

    def stats(self) -> Mapping[int, StatDefinition]:
        """Return every stat."""
        return self._table("DestinyStatDefinition", manifest_models.StatDefinition, _read_stat)

    def class_names(self) -> Mapping[int, str]:
        """Return the name of each class by hash."""
        return self._table("DestinyClassDefinition", manifest_models.ClassDefinition, _read_name)

    def race_names(self) -> Mapping[int, str]:
        """Return the name of each race by hash."""
        return self._table("DestinyRaceDefinition", manifest_models.RaceDefinition, _read_name)

    def perks(self, hashes: Iterable[int]) -> Mapping[int, PerkDefinition]:
        """Return the perks among *hashes* that the game shows to players."""
        rows = self._manifest.rows("DestinySandboxPerkDefinition", hashes)
        return {
            perk_hash: _read_perk(perk_hash, row)
            for perk_hash, row in rows.items()
            if isinstance(row, manifest_models.SandboxPerkDefinition) and row.is_displayable
        }

    def stat_group(self, group_hash: int) -> manifest_models.StatGroupDefinition | None:
        """Return how the items of a stat group show their stats; None for an unknown group."""
        row = self._manifest.rows("DestinyStatGroupDefinition", [group_hash]).get(group_hash)
        return row if isinstance(row, manifest_models.StatGroupDefinition) else None

    def _table(self, table: str, shape: type[S], read: Callable[[int, S], T]) -> Mapping[int, T]:
        with self._mutex:
            self._clear_if_replaced()
            definitions = self._tables.get(table)
        if definitions is None:
            rows = self._manifest.all(table)
            definitions = {
                definition_hash: read(definition_hash, row)
                for definition_hash, row in rows.items()
                if isinstance(row, shape)
            }
            with self._mutex:
                self._tables[table] = definitions
        return cast("Mapping[int, T]", definitions)

    def _cache_items(self, items: Mapping[int, ItemDefinition]) -> None:
        with self._mutex:
            self._items.update(items)
            while len(self._items) > _MAX_ITEMS:
                self._items.popitem(last=False)

    def _clear_if_replaced(self) -> None:
        """Clear the cache when another manifest is in place."""
        version = self._manifest.edition
        if version != self._version:
            self._version = version
            self._items.clear()
            self._tables.clear()


def _read_name(
    _: int, row: manifest_models.ClassDefinition | manifest_models.RaceDefinition
) -> str:
    return (row.display_properties.name or "") if row.display_properties else ""


def _read_stat(stat_hash: int, row: manifest_models.StatDefinition) -> StatDefinition:
    name = (row.display_properties.name or "") if row.display_properties else ""
    return StatDefinition(stat_hash=stat_hash, name=name, order=row.index or 0)


def _read_perk(perk_hash: int, row: manifest_models.SandboxPerkDefinition) -> PerkDefinition:
    display = row.display_properties or manifest_models.DisplayProperties()
    return PerkDefinition(
        perk_hash=perk_hash,
        name=display.name or "",
        description=display.description or "",
        icon=display.icon or "",
    )
