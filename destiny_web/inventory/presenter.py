"""The view model of the inventory page: a column for each owner, a row for each bucket."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from destiny_web.bungie.models.enums import POSTMASTER_BUCKET, VAULT_BUCKET
from destiny_web.domain.account.characters import ACCOUNT, VAULT, Character
from destiny_web.domain.account.definitions import BucketDefinition
from destiny_web.domain.account.items import Item
from destiny_web.domain.account.profile import Profile
from destiny_web.inventory.tiles import Tile, build_tile
from destiny_web.web.presentation import image_url

# The sections are the game's. Every other bucket of items that can be equipped is in "General".
_WEAPON_BUCKETS = frozenset({1498876634, 2465295065, 953998645})
_ARMOR_BUCKETS = frozenset({3448274439, 3551918588, 14239492, 20886954, 1585787867})
# What a profile can lack, in the words of a player.
_MISSING_NAMES = {
    "characters": "your characters",
    "vault": "the vault",
    "bags": "the items that your characters carry",
    "equipment": "the equipped items",
    "currencies": "your currencies",
}
_SECTION_NAMES = ("Postmaster", "Weapons", "Armor", "General", "Inventory")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnHeader:
    """The header of an owner's column; only the vault has ``used`` and ``capacity``."""

    owner: str
    name: str
    race: str = ""
    power: int = 0
    emblem: str = ""
    emblem_icon: str = ""
    used: int = 0
    capacity: int = 0
    is_missing: bool = False

    @property
    def is_vault(self) -> bool:
        """The column is the vault's, not a character's."""
        return self.owner == VAULT

    @property
    def has_gauge(self) -> bool:
        """The used part of the capacity is known and shown."""
        return bool(self.capacity) and not self.is_missing

    @property
    def is_full(self) -> bool:
        """No place is free."""
        return self.used >= self.capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The items of one owner in one bucket.

    Attributes:
        column: Index of the owner's column; -1 for items that all characters share.
        bag_capacity: Capacity of the bucket without the equipped item; 0 when the page does
            not show the capacity.
        is_missing: Bungie did not send the items that are not equipped.
        is_equipped_missing: Bungie did not send the equipped item.
    """

    owner: str
    column: int
    label: str
    equipped: tuple[Tile, ...]
    bag: tuple[Tile, ...]
    bag_capacity: int = 0
    is_missing: bool = False
    is_equipped_missing: bool = False

    @property
    def is_vault(self) -> bool:
        """The cell stands in the vault's column."""
        return self.owner == VAULT

    @property
    def is_shared(self) -> bool:
        """The items belong to all characters together."""
        return self.owner == ACCOUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The cells of one bucket, one for each column."""

    bucket_hash: int
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Rows of related buckets, e.g. all weapons."""

    key: str
    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryPage:
    """Everything on the inventory page.

    Attributes:
        missing_parts: Names of the parts of the account that Bungie did not send.
    """

    headers: tuple[ColumnHeader, ...]
    sections: tuple[Section, ...]
    currencies: tuple[Tile, ...]
    missing_parts: frozenset[str]

    @property
    def has_no_characters(self) -> bool:
        """Bungie sent the characters, and the account has none."""
        return len(self.headers) == 1 and "characters" not in self.missing_parts

    @property
    def is_empty(self) -> bool:
        """Bungie sent everything, and the account has characters but no item."""
        return len(self.headers) > 1 and not (self.sections or self.missing_parts)

    @property
    def missing_names(self) -> str:
        """What Bungie did not send, in the words of a player."""
        return ", ".join(_MISSING_NAMES.get(part, part) for part in sorted(self.missing_parts))


def build_page(profile: Profile, *, image_root: str, base_url: str) -> InventoryPage:
    """Build the view model of the inventory page.

    Args:
        profile: The account.
        image_root: ``BUNGIE_ROOT``, the beginning of every image address.
        base_url: Address of the inventory page, the beginning of every item's address.
    """
    return _PageBuilder(profile, image_root, base_url).build()


def select_owner(headers: Sequence[ColumnHeader], requested_owner: str) -> str:
    """Return the owner whose column a small screen shows: the requested one or the first."""
    owners = [header.owner for header in headers]
    return requested_owner if requested_owner in owners else owners[0]


class _PageBuilder:
    """Builds the view model of one profile."""

    def __init__(self, profile: Profile, image_root: str, base_url: str) -> None:
        self._profile = profile
        self._image_root = image_root
        self._base_url = base_url

    def build(self) -> InventoryPage:
        return InventoryPage(
            headers=tuple(self._build_headers()),
            sections=tuple(self._build_sections()),
            currencies=self._build_tiles(self._profile.currencies),
            missing_parts=self._profile.missing,
        )

    def _build_headers(self) -> Iterable[ColumnHeader]:
        for character in self._profile.characters:
            yield self._build_character_header(character)
        yield ColumnHeader(
            owner=VAULT,
            name="Vault",
            used=self._profile.count_used(VAULT, VAULT_BUCKET),
            capacity=self._profile.capacity(VAULT, VAULT_BUCKET),
            is_missing="vault" in self._profile.missing,
        )

    def _build_character_header(self, character: Character) -> ColumnHeader:
        return ColumnHeader(
            owner=character.character_id,
            name=character.class_name,
            race=character.race_name,
            power=character.power,
            emblem=image_url(self._image_root, character.emblem),
            emblem_icon=image_url(self._image_root, character.emblem_icon),
        )

    def _build_sections(self) -> Iterable[Section]:
        """Group the rows of the buckets that hold items, in the game's order."""
        bucket_hashes = {
            bucket_hash for (_, bucket_hash), items in self._profile.places.items() if items
        }
        buckets = sorted(
            (self._profile.bucket(bucket_hash) for bucket_hash in bucket_hashes),
            key=lambda bucket: (bucket.order, bucket.name, bucket.bucket_hash),
        )
        buckets_of_section: dict[str, list[BucketDefinition]] = {}
        for bucket in buckets:
            buckets_of_section.setdefault(_section_name(bucket), []).append(bucket)
        for name in _SECTION_NAMES:
            if name in buckets_of_section:
                rows = tuple(self._build_row(bucket) for bucket in buckets_of_section[name])
                yield Section(key=name.lower(), name=name, rows=rows)

    def _build_row(self, bucket: BucketDefinition) -> Row:
        if bucket.account_wide:
            cells = [self._build_cell(ACCOUNT, -1, "All characters", bucket)]
        else:
            cells = [
                self._build_cell(character.character_id, column, character.name, bucket)
                for column, character in enumerate(self._profile.characters)
            ]
        vault_column = len(self._profile.characters)
        cells.append(self._build_cell(VAULT, vault_column, "Vault", bucket))
        return Row(bucket_hash=bucket.bucket_hash, name=bucket.name, cells=tuple(cells))

    def _build_cell(
        self, owner: str, column: int, owner_name: str, bucket: BucketDefinition
    ) -> Cell:
        items = sorted(self._profile.items_in(owner, bucket.bucket_hash), key=_sort_key)
        shows_capacity = owner != VAULT and bucket.wearable and bucket.capacity > 1
        return Cell(
            owner=owner,
            column=column,
            label=f"{owner_name}, {bucket.name}",
            equipped=self._build_tiles(item for item in items if item.equipped),
            bag=self._build_tiles(item for item in items if not item.equipped),
            bag_capacity=bucket.capacity - 1 if shows_capacity else 0,
            is_missing=self._is_missing(owner, bucket, shows_capacity=shows_capacity),
            is_equipped_missing=shows_capacity and "equipment" in self._profile.missing,
        )

    def _is_missing(self, owner: str, bucket: BucketDefinition, *, shows_capacity: bool) -> bool:
        if owner == VAULT:
            # The vault's column of the postmaster is always empty.
            return "vault" in self._profile.missing and bucket.bucket_hash != POSTMASTER_BUCKET
        return shows_capacity and "bags" in self._profile.missing

    def _build_tiles(self, items: Iterable[Item]) -> tuple[Tile, ...]:
        return tuple(
            build_tile(item, image_root=self._image_root, base_url=self._base_url) for item in items
        )


def _section_name(bucket: BucketDefinition) -> str:
    if bucket.bucket_hash == POSTMASTER_BUCKET:
        return "Postmaster"
    if bucket.bucket_hash in _WEAPON_BUCKETS:
        return "Weapons"
    if bucket.bucket_hash in _ARMOR_BUCKETS:
        return "Armor"
    return "General" if bucket.wearable else "Inventory"


def _sort_key(item: Item) -> tuple[int, int, str, str]:
    """Order items by power, then rarity, both descending; then by name and instance id."""
    return -item.power, -item.definition.tier, item.name, item.instance_id or ""
