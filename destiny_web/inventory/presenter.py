"""The inventory page: a column for each owner, a row for each bucket, ready for the template."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from destiny_web.bungie.models.enums import POSTMASTER_BUCKET, VAULT_BUCKET
from destiny_web.domain.account.characters import ACCOUNT, VAULT, Character
from destiny_web.domain.account.definitions import BucketDefinition
from destiny_web.domain.account.items import Item
from destiny_web.domain.account.profile import Profile
from destiny_web.inventory.tiles import Tile, picture, tile

# The game's own grouping of its slots; whatever else is worn is "General".
_WEAPONS = frozenset({1498876634, 2465295065, 953998645})
_ARMOR = frozenset({3448274439, 3551918588, 14239492, 20886954, 1585787867})


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands above an owner's column; ``used`` and ``capacity`` are the vault's."""

    owner: str
    name: str
    race: str = ""
    power: int = 0
    emblem: str = ""
    emblem_icon: str = ""
    used: int = 0
    capacity: int = 0

    @property
    def is_vault(self) -> bool:
        """The vault's column, not a character's."""
        return self.owner == VAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one owner has in one bucket.

    Attributes:
        column: Position of the owner among the heads; -1 for what all characters share.
        places: How many the bucket has beside the equipped one's; 0 when it does not matter.
    """

    owner: str
    column: int
    label: str
    equipped: tuple[Tile, ...]
    bag: tuple[Tile, ...]
    places: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One bucket over all columns."""

    bucket_hash: int
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Rows that belong together."""

    key: str
    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything on the inventory page."""

    heads: tuple[Head, ...]
    sections: tuple[Section, ...]
    currencies: tuple[Tile, ...]
    missing: frozenset[str]


class _Painter:
    """Makes the parts of one page."""

    def __init__(self, profile: Profile, images: str, base: str) -> None:
        self.profile = profile
        self.images = images
        self.base = base

    def tiles(self, items: Iterable[Item]) -> tuple[Tile, ...]:
        return tuple(tile(item, images=self.images, base=self.base) for item in items)

    def row(self, bucket: BucketDefinition) -> Row:
        columns = self._shared(bucket) if bucket.account_wide else self._each(bucket)
        vault = self._cell(VAULT, len(self.profile.characters), "Vault", bucket)
        return Row(bucket_hash=bucket.bucket_hash, name=bucket.name, cells=(*columns, vault))

    def _each(self, bucket: BucketDefinition) -> Iterable[Cell]:
        for column, one in enumerate(self.profile.characters):
            yield self._cell(one.character_id, column, one.name, bucket)

    def _shared(self, bucket: BucketDefinition) -> Iterable[Cell]:
        yield self._cell(ACCOUNT, -1, "All characters", bucket)

    def _cell(self, owner: str, column: int, name: str, bucket: BucketDefinition) -> Cell:
        held = sorted(self.profile.at(owner, bucket.bucket_hash), key=_rank)
        worn = [item for item in held if item.equipped]
        limited = owner != VAULT and bucket.wearable and bucket.capacity > 1
        return Cell(
            owner=owner,
            column=column,
            label=f"{name}, {bucket.name}",
            equipped=self.tiles(worn),
            bag=self.tiles(item for item in held if not item.equipped),
            places=bucket.capacity - 1 if limited else 0,
        )


def page(profile: Profile, *, images: str, base: str) -> Page:
    """Arrange a profile for the page.

    Args:
        profile: What to show.
        images: ``BUNGIE_ROOT``, in front of every picture's path.
        base: Address of the inventory page, in front of every item's.
    """
    paint = _Painter(profile, images, base)
    return Page(
        heads=tuple(_heads(profile, images)),
        sections=tuple(_sections(profile, paint)),
        currencies=paint.tiles(profile.currencies),
        missing=profile.missing,
    )


def _heads(profile: Profile, images: str) -> Iterable[Head]:
    for one in profile.characters:
        yield _head(one, images)
    yield Head(
        owner=VAULT,
        name="Vault",
        used=profile.used(VAULT, VAULT_BUCKET),
        capacity=profile.capacity(VAULT, VAULT_BUCKET),
    )


def _head(character: Character, images: str) -> Head:
    return Head(
        owner=character.character_id,
        name=character.class_name,
        race=character.race_name,
        power=character.power,
        emblem=picture(images, character.emblem),
        emblem_icon=picture(images, character.emblem_icon),
    )


def _sections(profile: Profile, paint: _Painter) -> Iterable[Section]:
    """Group the rows that have anything in them, in the game's order."""
    filled = {bucket_hash for (_, bucket_hash), held in profile.places.items() if held}
    buckets = sorted(
        (profile.bucket(bucket_hash) for bucket_hash in filled),
        key=lambda bucket: (bucket.order, bucket.name, bucket.bucket_hash),
    )
    groups: dict[str, list[BucketDefinition]] = {}
    for bucket in buckets:
        groups.setdefault(_section_of(bucket), []).append(bucket)
    for name in ("Postmaster", "Weapons", "Armor", "General", "Inventory"):
        if name in groups:
            rows = tuple(paint.row(bucket) for bucket in groups[name])
            yield Section(key=name.lower(), name=name, rows=rows)


def _section_of(bucket: BucketDefinition) -> str:
    if bucket.bucket_hash == POSTMASTER_BUCKET:
        return "Postmaster"
    if bucket.bucket_hash in _WEAPONS:
        return "Weapons"
    if bucket.bucket_hash in _ARMOR:
        return "Armor"
    return "General" if bucket.wearable else "Inventory"


def _rank(item: Item) -> tuple[int, int, str, str]:
    """Order tiles: the strongest first, then the rarest; alike ones always the same way."""
    return -item.power, -item.definition.tier, item.name, item.instance_id or ""


def first_shown(heads: Sequence[Head], asked: str) -> str:
    """Return whose column a phone shows: the one asked for, or the first."""
    owners = [head.owner for head in heads]
    return asked if asked in owners else owners[0]
