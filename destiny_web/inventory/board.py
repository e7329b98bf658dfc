"""The view model of the inventory page: the characters' buckets beside the grouped vault."""

from dataclasses import dataclass

from markupsafe import Markup

from destiny_web.domain.account.characters import VAULT
from destiny_web.inventory.heads import CharacterHead, VaultHead

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
        tiles: The HTML of each tile.
        free_slots: Number of free slots that are drawn after the tiles.
    """

    cell_id: str
    tiles: tuple[Markup, ...]
    free_slots: int = 0

    @property
    def html(self) -> Markup:
        """The HTML of all tiles."""
        return Markup().join(self.tiles)


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
        weapons, armor, other_sections: The sections of the vault.
        missing_parts: Names of the parts of the account that Bungie did not send.
    """

    columns: tuple[OwnerColumn, ...]
    vault_head: VaultHead
    weapons: tuple[VaultSection, ...]
    armor: tuple[VaultSection, ...]
    other_sections: tuple[VaultSection, ...]
    currencies: tuple[Markup, ...]
    missing_parts: frozenset[str]

    @property
    def vault_sections(self) -> tuple[VaultSection, ...]:
        """Every section of the vault, in the order of the page."""
        return self.weapons + self.armor + self.other_sections

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
