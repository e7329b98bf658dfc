"""How many of an item an account has, and where."""

from collections.abc import Iterable
from dataclasses import dataclass

from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """All copies or stacks of one item that an account has.

    Attributes:
        count: Number of copies, or the sum of the stacks.
        places: Texts that name where the copies are, that of the highest power first.
        power: The highest power of a copy; 0 when no copy has any.
    """

    count: int
    places: tuple[str, ...]
    power: int


def holding(profile: Profile, item_hash: int) -> Holding | None:
    """Return all copies of an item that the account has; None when it has none."""
    copies = [item for item in profile.items if item.item_hash == item_hash]
    copies += [currency for currency in profile.currencies if currency.item_hash == item_hash]
    count = sum(item.quantity for item in copies)
    if not count:
        return None
    copies.sort(key=lambda item: item.power, reverse=True)
    return Holding(
        count=count,
        places=tuple(dict.fromkeys(_describe_place(profile, item) for item in copies)),
        power=copies[0].power,
    )


def count_currencies(profile: Profile, currencies: Iterable[int]) -> dict[int, int]:
    """Return the number of each currency that the account has, from all buckets."""
    holdings = {currency: holding(profile, currency) for currency in currencies}
    return {currency: owned.count if owned else 0 for currency, owned in holdings.items()}


def _describe_place(profile: Profile, item: Item) -> str:
    owner = profile.owner_name(item.owner)
    return {
        Location.EQUIPPED: f"worn by {owner}",
        Location.BAG: f"with {owner}",
        Location.VAULT: "in the vault",
        Location.POSTMASTER: f"at the postmaster of {owner}",
        Location.ACCOUNT: "with all your characters",
    }[item.location]
