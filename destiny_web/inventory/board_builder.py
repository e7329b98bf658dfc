"""Builds the view model of the inventory page from a profile."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from destiny_web.bungie.models.enums import POSTMASTER_BUCKET
from destiny_web.domain.account import grouping, power
from destiny_web.domain.account.characters import ACCOUNT, VAULT, Character
from destiny_web.domain.account.definitions import BucketDefinition
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile
from destiny_web.inventory.board import (
    Board,
    Bucket,
    BucketGroup,
    Cell,
    OwnerColumn,
    VaultGroup,
    VaultSection,
)
from destiny_web.inventory.heads import build_character_head, build_vault_head
from destiny_web.web.presentation import glyph_of

RenderItem = Callable[[Item], Markup]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRenderers:
    """Render one item as HTML, by where it stands: ``vault`` also for what all characters share."""

    character: RenderItem
    vault: RenderItem
    currency: RenderItem


def build_board(
    profile: Profile,
    renderers: ItemRenderers,
    image_root: str,
    folds: Mapping[str, bool] | None = None,
) -> Board:
    """Build the view model of the inventory page.

    Args:
        profile: The account.
        renderers: Render the items.
        image_root: ``BUNGIE_ROOT``, the beginning of every image address.
        folds: By key of a section or group: the player has folded it (True) or opened it.
    """
    return _BoardBuilder(profile, renderers, image_root, folds or {}).build()


def cell_id_of(item: Item) -> str:
    """Return the HTML id of the cell that an item is in."""
    if item.owner == VAULT and item.bucket_hash in _SHORT_NAMES:
        return f"cell-vault-{item.bucket_hash}-{grouping.group_of(item).key}"
    bucket_hash = item.bucket_hash
    if item.location is Location.POSTMASTER:
        bucket_hash = POSTMASTER_BUCKET
    return f"cell-{item.owner}-{bucket_hash}"


class _BoardBuilder:
    """Builds the view model of one profile."""

    def __init__(
        self,
        profile: Profile,
        renderers: ItemRenderers,
        image_root: str,
        folds: Mapping[str, bool],
    ) -> None:
        self._profile = profile
        self._renderers = renderers
        self._image_root = image_root
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
            other_sections=tuple(self._build_other_sections()),
            currencies=tuple(map(self._renderers.currency, self._profile.currencies)),
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
            head=build_character_head(self._profile, character, strongest, self._image_root),
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
                tiles=tuple(map(self._renderers.character, items)),
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
                    tiles=tuple(map(self._renderers.vault, group_items)),
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
                        tiles=tuple(map(self._renderers.vault, items)),
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
