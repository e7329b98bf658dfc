"""What a player owns of Xûr's stock, the player's currencies, and the room for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from destiny_web.domain.account.ownership import Holding, holding
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.xur.stock import SaleItem
from destiny_web.web.presentation import format_number
from destiny_web.xur.text import strip_control_characters

_NAMED_PLACES = 3
"""How many places a description names; it only counts the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedCopies:
    """What a player owns of one item, in words.

    Attributes:
        count: How many, and the best power: ``2, best 407``; ``1, power 407``; ``1,300``.
        places: Where they are: ``in the vault, worn by the Hunter``.
    """

    count: str
    places: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketRoom:
    """How many slots of a character's bucket are used."""

    name: str
    used: int
    capacity: int

    @property
    def is_full(self) -> bool:
        """No slot is free."""
        return self.used >= self.capacity

    def __str__(self) -> str:
        """Return name and slots: ``Helmet 5/10``."""
        return f"{self.name} {self.used}/{self.capacity}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerBelongings:
    """What a player owns, as far as it matters for the stock.

    Attributes:
        copies: What the player owns of a sale item, by item hash.
        currencies: The quantity of each currency, by item hash.
        rooms: The room of the selected character, by bucket hash.
    """

    copies: Mapping[int, OwnedCopies]
    currencies: Mapping[int, int]
    rooms: Mapping[int, BucketRoom] = field(default_factory=dict)


def describe_owned_copies(
    profile: Profile, sale_items: Iterable[SaleItem]
) -> dict[int, OwnedCopies]:
    """Describe what the account owns of each sale item; by item hash, without missing items."""
    item_hashes = {sale_item.definition.item_hash for sale_item in sale_items}
    holdings = {item_hash: holding(profile, item_hash) for item_hash in item_hashes}
    return {
        item_hash: _describe_holding(owned)
        for item_hash, owned in holdings.items()
        if owned is not None
    }


def measure_rooms(
    profile: Profile, character_id: str, sale_items: Iterable[SaleItem]
) -> dict[int, BucketRoom]:
    """Measure the buckets of a character that sale items go to; by bucket hash.

    Buckets that all characters share are left out: they are large, and differ in their rules.
    So is everything when Bungie did not send the character's items.
    """
    if profile.missing & {"bags", "equipment"}:
        return {}
    bucket_hashes = {sale_item.definition.bucket_hash for sale_item in sale_items}
    buckets = [profile.bucket(bucket_hash) for bucket_hash in bucket_hashes]
    return {
        bucket.bucket_hash: BucketRoom(
            name=strip_control_characters(bucket.name),
            used=profile.count_used(character_id, bucket.bucket_hash),
            capacity=bucket.capacity,
        )
        for bucket in buckets
        if bucket.capacity and not bucket.account_wide
    }


def _describe_holding(owned: Holding) -> OwnedCopies:
    is_single = owned.count == 1
    places = ", ".join(owned.places[:_NAMED_PLACES])
    if len(owned.places) > _NAMED_PLACES:
        places += f" and {len(owned.places) - _NAMED_PLACES} more"
    power = f", {'power' if is_single else 'best'} {owned.power}" if owned.power else ""
    return OwnedCopies(
        count=f"{format_number(owned.count)}{power}",
        # Places contain class names from Bungie: a control character there would change the
        # direction of the whole sentence.
        places=strip_control_characters(places),
    )
