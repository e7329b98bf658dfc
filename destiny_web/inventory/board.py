"""The view model of the inventory page: the characters' buckets beside the grouped vault."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from destiny_web.bungie.models.enums import POSTMASTER_BUCKET
from destiny_web.domain.account import grouping, power
from destiny_web.domain.account.characters import ACCOUNT, VAULT, Character
from destiny_web.domain.account.definitions import BucketDefinition
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile
from destiny_web.inventory.heads import (
    CharacterHead,
    VaultHead,
    build_character_head,
    build_vault_head,
)
from destiny_web.inventory.tiles import Tile, TileContext, build_tile
from destiny_web.web.presentation import glyph_of

# The buckets of weapons and armor in the game's order, with the short names of the jump bar.
_WEAPON_NAMES = {1498876634: "Kinetic", 2465295065: "Energy", 953998645: "Power"}
_ARMOR_NAMES = {
    3448274439: "Helmet",
    3551918588: "Arms",
    14239492: "Chest",
    20886954: "Legs",
    1585787867: "Class",
}
_SHORT_NAMES = _WEAPON_NAMES | _ARMOR_NAMES
_CLASS_ITEM_BUCKET = 1585787867

_GENERAL, _INVENTORY = "general", "inventory"
_FOLDED_AT_FIRST = frozenset(
    {_GENERAL, _INVENTORY, "class", "general-character", "inventory-character"}
)
_MOST_FREE_SLOTS = 9

# What a profile can lack, in the words of a player.
_MISSING_NAMES = {
    "characters": "your characters",
    "vault": "the vault",
    "bags": "the items that your characters carry",
    "equipment": "the equipped items",
    "currencies": "your currencies",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The tiles of one owner in one bucket, or in one group of the vault.

    Attributes:
        cell_id: HTML id.
        free_slots: Number of free slots that are drawn after the tiles.
    """

    cell_id: str
    tiles: tuple[Tile, ...]
    free_slots: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket of a character.

    Attributes:
        capacity: 0 when the page does not show it.
        is_missing: Bungie did not send the items that are not equipped.
        is_equipped_missing: Bungie did not send the equipped item.
    """

    name: str
    cell: Cell
    used: int
    capacity: int = 0
    is_missing: bool = False
    is_equipped_missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketGroup:
    """Buckets that fold together, e.g. ghost, ship and emblem."""

    key: str
    name: str
    buckets: tuple[Bucket, ...]
    is_open: bool

    @property
    def count(self) -> int:
        """Number of items and stacks in the group."""
        return sum(bucket.used for bucket in self.buckets)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerColumn:
    """A character with everything that it carries.

    Attributes:
        postmaster: None when the postmaster is empty.
        buckets: The buckets of weapons and armor.
        bucket_groups: All other buckets that are not empty.
    """

    index: int
    owner: str
    head: CharacterHead
    postmaster: Bucket | None
    buckets: tuple[Bucket, ...]
    bucket_groups: tuple[BucketGroup, ...]

    @property
    def has_items(self) -> bool:
        """The character carries at least one item."""
        return bool(
            self.postmaster or self.bucket_groups or any(bucket.used for bucket in self.buckets)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultGroup:
    """Items of one type in a section of the vault; ``glyph`` names the drawing of the type."""

    key: str
    name: str
    glyph: str
    cell: Cell
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultSection:
    """A bucket of the vault, or buckets that fold together.

    Attributes:
        short_name: The name in the jump bar.
        has_plain_cell: The only group needs no heading of its own.
    """

    key: str
    name: str
    short_name: str
    glyph: str
    groups: tuple[VaultGroup, ...]
    is_open: bool

    @property
    def count(self) -> int:
        """Number of items and stacks in the section."""
        return sum(len(group.cell.tiles) for group in self.groups)

    @property
    def has_plain_cell(self) -> bool:
        """The only group has the name of the section, and needs no heading of its own."""
        return len(self.groups) == 1 and self.groups[0].name in {"", self.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Everything on the inventory page.

    Attributes:
        weapons, armor, others: The sections of the vault.
        missing_parts: Names of the parts of the account that Bungie did not send.
    """

    columns: tuple[OwnerColumn, ...]
    vault_head: VaultHead
    weapons: tuple[VaultSection, ...]
    armor: tuple[VaultSection, ...]
    others: tuple[VaultSection, ...]
    currencies: tuple[Tile, ...]
    missing_parts: frozenset[str]

    @property
    def vault_sections(self) -> tuple[VaultSection, ...]:
        """Every section of the vault, in the order of the page."""
        return self.weapons + self.armor + self.others

    @property
    def has_no_characters(self) -> bool:
        """Bungie sent the characters, and the account has none."""
        return not self.columns and "characters" not in self.missing_parts

    @property
    def is_empty(self) -> bool:
        """Bungie sent everything, and the account has characters but no item."""
        has_items = self.vault_sections or any(column.has_items for column in self.columns)
        return bool(self.columns) and not has_items and not self.missing_parts

    @property
    def missing_names(self) -> str:
        """What Bungie did not send, in the words of a player."""
        return ", ".join(_MISSING_NAMES.get(part, part) for part in sorted(self.missing_parts))


def build_board(
    profile: Profile, context: TileContext, folds: Mapping[str, bool] | None = None
) -> Board:
    """Build the view model of the inventory page.

    Args:
        profile: The account.
        context: What the tiles need beside their items.
        folds: By key of a section or group: the player has folded it (True) or opened it.
    """
    return _BoardBuilder(profile, context, folds or {}).build()


def cell_id_of(item: Item) -> str:
    """Return the HTML id of the cell that an item is in."""
    if item.owner == VAULT and item.bucket_hash in _SHORT_NAMES:
        return f"cell-vault-{item.bucket_hash}-{grouping.group_of(item).key}"
    bucket_hash = item.bucket_hash
    if item.location is Location.POSTMASTER:
        bucket_hash = POSTMASTER_BUCKET
    return f"cell-{item.owner}-{bucket_hash}"


def select_column(board: Board, requested_owner: str) -> str:
    """Return which owner a narrow window shows: the index of its column, or ``vault``.

    Args:
        board: The page.
        requested_owner: The owner that the address names; any text.
    """
    if requested_owner == VAULT or not board.columns:
        return VAULT
    indexes = {column.owner: str(column.index) for column in board.columns}
    return indexes.get(requested_owner, "0")


class _BoardBuilder:
    """Builds the view model of one profile."""

    def __init__(self, profile: Profile, context: TileContext, folds: Mapping[str, bool]) -> None:
        self._profile = profile
        self._context = context
        self._folds = folds
        filled = {bucket_hash for (_, bucket_hash), items in profile.places.items() if items}
        self._buckets = sorted(
            (profile.bucket(bucket_hash) for bucket_hash in filled),
            key=lambda bucket: (bucket.order, bucket.name, bucket.bucket_hash),
        )

    def build(self) -> Board:
        strongest = power.strongest_powers(self._profile)
        return Board(
            columns=tuple(
                self._build_column(index, character, strongest)
                for index, character in enumerate(self._profile.characters)
            ),
            vault_head=build_vault_head(self._profile),
            weapons=tuple(self._build_gear_sections(_WEAPON_NAMES)),
            armor=tuple(self._build_gear_sections(_ARMOR_NAMES)),
            others=tuple(self._build_other_sections()),
            currencies=self._build_tiles(self._profile.currencies),
            missing_parts=self._profile.missing,
        )

    def _build_column(
        self, index: int, character: Character, strongest: Mapping[str, power.StrongestPower]
    ) -> OwnerColumn:
        owner = character.character_id
        postmaster = self._build_bucket(owner, self._profile.bucket(POSTMASTER_BUCKET))
        return OwnerColumn(
            index=index,
            owner=owner,
            head=build_character_head(
                self._profile, character, strongest, self._context.image_root
            ),
            postmaster=postmaster if postmaster.used else None,
            buckets=tuple(
                self._build_bucket(owner, self._profile.bucket(bucket_hash), name)
                for bucket_hash, name in _SHORT_NAMES.items()
            ),
            bucket_groups=tuple(self._build_bucket_groups(owner)),
        )

    def _build_bucket(self, owner: str, bucket: BucketDefinition, name: str = "") -> Bucket:
        items = list(self._profile.items_in(owner, bucket.bucket_hash))
        if bucket.bucket_hash != POSTMASTER_BUCKET:  # its order is the game's: the oldest first
            items.sort(key=lambda item: (not item.equipped, *grouping.rank_item(item)))
        shows_capacity = bucket.wearable and bucket.capacity > 1
        used = self._profile.count_used(owner, bucket.bucket_hash)
        free = min(bucket.capacity - used, _MOST_FREE_SLOTS) if shows_capacity else 0
        is_missing = shows_capacity and "bags" in self._profile.missing
        return Bucket(
            name=name or bucket.name,
            cell=Cell(
                cell_id=f"cell-{owner}-{bucket.bucket_hash}",
                tiles=self._build_tiles(items),
                free_slots=0 if is_missing else max(free, 0),
            ),
            used=len(items),
            capacity=bucket.capacity if shows_capacity and not is_missing else 0,
            is_missing=is_missing,
            is_equipped_missing=shows_capacity and "equipment" in self._profile.missing,
        )

    def _build_bucket_groups(self, owner: str) -> Iterator[BucketGroup]:
        for key, name, is_wearable in (
            ("general-character", "Ghost, ship and more", True),
            ("inventory-character", "Engrams and quests", False),
        ):
            buckets = tuple(
                self._build_bucket(owner, bucket)
                for bucket in self._other_buckets(is_wearable=is_wearable)
                if self._profile.items_in(owner, bucket.bucket_hash)
            )
            if buckets:
                yield BucketGroup(key=key, name=name, buckets=buckets, is_open=self._is_open(key))

    def _build_gear_sections(self, names: Mapping[int, str]) -> Iterator[VaultSection]:
        for bucket_hash, short_name in names.items():
            items = self._profile.items_in(VAULT, bucket_hash)
            key = short_name.lower()
            groups = tuple(self._build_gear_groups(key, bucket_hash, items))
            if groups:
                yield VaultSection(
                    key=key,
                    name=self._profile.bucket(bucket_hash).name,
                    short_name=short_name,
                    glyph=glyph_of(items[0].definition) if bucket_hash in _ARMOR_NAMES else "",
                    groups=groups,
                    is_open=self._is_open(key),
                )

    def _build_gear_groups(
        self, section_key: str, bucket_hash: int, items: Iterable[Item]
    ) -> Iterator[VaultGroup]:
        for group, group_items in grouping.group_items(items):
            key = f"{section_key}/{group.key}"
            yield VaultGroup(
                key=key,
                name=group.name,
                glyph=glyph_of(group_items[0].definition),
                cell=Cell(
                    cell_id=f"cell-vault-{bucket_hash}-{group.key}",
                    tiles=self._build_tiles(group_items),
                ),
                is_open=self._is_open(key),
            )

    def _build_other_sections(self) -> Iterator[VaultSection]:
        """Build the vault's ghosts, ships and the like, and what all characters share."""
        for key, name, is_wearable in (
            (_GENERAL, "Ghosts, ships and more", True),
            (_INVENTORY, "Consumables and more", False),
        ):
            groups = tuple(
                group
                for bucket in self._other_buckets(is_wearable=is_wearable)
                for group in self._build_shared_groups(key, bucket)
            )
            if groups:
                yield VaultSection(
                    key=key,
                    name=name,
                    short_name=name.split(",")[0].split(" and")[0],
                    glyph="",
                    groups=groups,
                    is_open=self._is_open(key),
                )

    def _build_shared_groups(
        self, section_key: str, bucket: BucketDefinition
    ) -> Iterator[VaultGroup]:
        in_vault = f"{bucket.name} in the vault" if bucket.account_wide else bucket.name
        for owner, name in ((ACCOUNT, bucket.name), (VAULT, in_vault)):
            items = sorted(
                self._profile.items_in(owner, bucket.bucket_hash), key=grouping.rank_item
            )
            if items:
                key = f"{section_key}/{bucket.bucket_hash}-{owner}"
                yield VaultGroup(
                    key=key,
                    name=name,
                    glyph="",
                    cell=Cell(
                        cell_id=f"cell-{owner}-{bucket.bucket_hash}",
                        tiles=self._build_tiles(items),
                    ),
                    is_open=self._is_open(key),
                )

    def _other_buckets(self, *, is_wearable: bool) -> Sequence[BucketDefinition]:
        return [
            bucket
            for bucket in self._buckets
            if bucket.wearable is is_wearable
            and bucket.bucket_hash not in _SHORT_NAMES
            and bucket.bucket_hash != POSTMASTER_BUCKET
        ]

    def _is_open(self, key: str) -> bool:
        return not self._folds.get(key, key in _FOLDED_AT_FIRST)

    def _build_tiles(self, items: Iterable[Item]) -> tuple[Tile, ...]:
        return tuple(build_tile(item, self._context) for item in items)
