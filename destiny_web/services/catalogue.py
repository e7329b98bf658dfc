"""What the manifest says of vendors and of what they sell."""

from collections.abc import Iterable, Mapping

from destiny_web.bungie.models import manifest as vendor_models
from destiny_web.domain.account.definitions import ItemDefinition, StatDefinition
from destiny_web.domain.xur.from_bungie import VendorWords
from destiny_web.manifest.store import Manifest
from destiny_web.services.definitions import ManifestDefinitions


class ManifestCatalogue:
    """The definitions, and beside them what only a vendor's page asks for."""

    def __init__(self, manifest: Manifest, definitions: ManifestDefinitions) -> None:
        self._manifest = manifest
        self._definitions = definitions

    def items(self, hashes: Iterable[int]) -> Mapping[int, ItemDefinition]:
        """Return a definition for each of *hashes*; a stand-in for what is not there."""
        return self._definitions.items(hashes)

    def stats(self) -> Mapping[int, StatDefinition]:
        """Return every stat."""
        return self._definitions.stats()

    def vendors(self, hashes: Iterable[int]) -> Mapping[int, VendorWords]:
        """Return the words of the vendors that are known."""
        rows = self._manifest.rows("DestinyVendorDefinition", hashes)
        return {
            one: VendorWords(
                name=(row.display_properties.name or "") if row.display_properties else "",
                failures=row.failure_strings or (),
            )
            for one, row in rows.items()
            if isinstance(row, vendor_models.VendorDefinition)
        }

    def doors(self, hashes: Iterable[int]) -> Mapping[int, int]:
        """Return, of those items that open another vendor's screen, that vendor's hash."""
        rows = self._manifest.rows("DestinyInventoryItemDefinition", hashes)
        return {
            one: row.preview.preview_vendor_hash
            for one, row in rows.items()
            if isinstance(row, vendor_models.ItemDefinition)
            and row.preview is not None
            and row.preview.preview_vendor_hash
        }
