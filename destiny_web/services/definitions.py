"""The manifest on disk as the domain asks for it."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import TypeVar, cast

from destiny_web.bungie.models import manifest as vendor_models
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

_KEPT = 6000
"""Item definitions in memory: several accounts' worth, at about half a kilobyte each."""


class ManifestDefinitions:
    """Reads from the manifest, keeps what is asked for often, and lets go when it changes."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._items: OrderedDict[int, ItemDefinition] = OrderedDict()
        self._tables: dict[str, Mapping[int, object]] = {}
        self._version: object = None
        self._guard = Lock()

    def items(self, hashes: Iterable[int]) -> Mapping[int, ItemDefinition]:
        """Return a definition for each of *hashes*; a stand-in for what is not there."""
        wanted = set(hashes)
        with self._guard:
            self._renew()
            found = {one: self._items[one] for one in wanted & self._items.keys()}
        missing = wanted - found.keys()
        if missing:
            rows = self._manifest.rows("DestinyInventoryItemDefinition", missing)
            read = {
                one: item_definition(one, row)
                for one, row in rows.items()
                if isinstance(row, vendor_models.ItemDefinition)
            }
            self._keep(read)
            found |= read
            # Not kept: a newer manifest may have it any minute.
            found |= {one: unknown_item(one) for one in missing - read.keys()}
        return found

    def buckets(self) -> Mapping[int, BucketDefinition]:
        """Return every bucket."""
        return self._table(
            "DestinyInventoryBucketDefinition", vendor_models.BucketDefinition, bucket_definition
        )

    def stats(self) -> Mapping[int, StatDefinition]:
        """Return every stat."""
        return self._table("DestinyStatDefinition", vendor_models.StatDefinition, _stat)

    def class_names(self) -> Mapping[int, str]:
        """Return the name of each class by hash."""
        return self._table("DestinyClassDefinition", vendor_models.ClassDefinition, _name)

    def race_names(self) -> Mapping[int, str]:
        """Return the name of each race by hash."""
        return self._table("DestinyRaceDefinition", vendor_models.RaceDefinition, _name)

    def perks(self, hashes: Iterable[int]) -> Mapping[int, PerkDefinition]:
        """Return the perks among *hashes* that are for people to see."""
        rows = self._manifest.rows("DestinySandboxPerkDefinition", hashes)
        return {
            one: _perk(one, row)
            for one, row in rows.items()
            if isinstance(row, vendor_models.SandboxPerkDefinition) and row.is_displayable
        }

    def stat_group(self, group_hash: int) -> vendor_models.StatGroupDefinition | None:
        """Return how a kind of item shows its stats."""
        row = self._manifest.rows("DestinyStatGroupDefinition", [group_hash]).get(group_hash)
        return row if isinstance(row, vendor_models.StatGroupDefinition) else None

    def _table(self, table: str, shape: type[S], read: Callable[[int, S], T]) -> Mapping[int, T]:
        with self._guard:
            self._renew()
            kept = self._tables.get(table)
        if kept is None:
            rows = self._manifest.all(table)
            kept = {one: read(one, row) for one, row in rows.items() if isinstance(row, shape)}
            with self._guard:
                self._tables[table] = kept
        return cast("Mapping[int, T]", kept)

    def _keep(self, read: Mapping[int, ItemDefinition]) -> None:
        with self._guard:
            self._items.update(read)
            while len(self._items) > _KEPT:
                self._items.popitem(last=False)

    def _renew(self) -> None:
        """Forget everything when another manifest was put in place."""
        version = self._manifest.edition
        if version != self._version:
            self._version = version
            self._items.clear()
            self._tables.clear()


def _name(_: int, row: vendor_models.ClassDefinition | vendor_models.RaceDefinition) -> str:
    return (row.display_properties.name or "") if row.display_properties else ""


def _stat(stat_hash: int, row: vendor_models.StatDefinition) -> StatDefinition:
    name = (row.display_properties.name or "") if row.display_properties else ""
    return StatDefinition(stat_hash=stat_hash, name=name, order=row.index or 0)


def _perk(perk_hash: int, row: vendor_models.SandboxPerkDefinition) -> PerkDefinition:
    display = row.display_properties or vendor_models.DisplayProperties()
    return PerkDefinition(
        perk_hash=perk_hash,
        name=display.name or "",
        description=display.description or "",
        icon=display.icon or "",
    )
