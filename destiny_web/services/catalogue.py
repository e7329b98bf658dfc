"""Definitions of vendors and of their sale items, from the manifest."""

from collections.abc import Iterable, Mapping

from destiny_web.bungie.models import manifest as manifest_models
from destiny_web.domain.account.definitions import ItemDefinition, StatDefinition
from destiny_web.domain.xur.from_bungie import VendorTexts
from destiny_web.manifest.store import Manifest
from destiny_web.services.definitions import ManifestDefinitions


class ManifestCatalogue:
    """Reads the definitions that the vendor page needs."""

    def __init__(self, manifest: Manifest, definitions: ManifestDefinitions) -> None:
        self._manifest = manifest
        self._definitions = definitions

    def items(self, hashes: Iterable[int]) -> Mapping[int, ItemDefinition]:
        """Return a definition for each of *hashes*; a placeholder for an unknown item."""
        return self._definitions.items(hashes)

    def stats(self) -> Mapping[int, StatDefinition]:
        """Return every stat."""
        return self._definitions.stats()

    def vendors(self, hashes: Iterable[int]) -> Mapping[int, VendorTexts]:
        """Return name and failure texts of the vendors that the manifest has."""
        rows = self._manifest.rows("DestinyVendorDefinition", hashes)
        return {
            vendor_hash: VendorTexts(
                name=(row.display_properties.name or "") if row.display_properties else "",
                failures=row.failure_strings or (),
            )
            for vendor_hash, row in rows.items()
            if isinstance(row, manifest_models.VendorDefinition)
        }

    def doors(self, hashes: Iterable[int]) -> Mapping[int, int]:
        """Return the vendor's hash for each item that opens another vendor's screen."""
        rows = self._manifest.rows("DestinyInventoryItemDefinition", hashes)
        return {
            item_hash: row.preview.preview_vendor_hash
            for item_hash, row in rows.items()
            if isinstance(row, manifest_models.ItemDefinition)
            and row.preview is not None
            and row.preview.preview_vendor_hash
        }
