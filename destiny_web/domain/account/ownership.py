"""What an account has of some kind of item, and where."""

from collections.abc import Iterable
from dataclasses import dataclass

from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Everything that an account has of one kind.

    Attributes:
        count: Pieces: copies, or what the stacks add up to.
        places: Where, in words, the best copy's first.
        power: The best copy's; 0 when none has any.
    """

    count: int
    places: tuple[str, ...]
    power: int


def holding(profile: Profile, item_hash: int) -> Holding | None:
    """Find what the account has of an item, anywhere; None when it has none."""
    found = [one for one in profile.items if one.item_hash == item_hash]
    found += [one for one in profile.currencies if one.item_hash == item_hash]
    count = sum(one.quantity for one in found)
    if not count:
        return None
    found.sort(key=lambda one: one.power, reverse=True)
    return Holding(
        count=count,
        places=tuple(dict.fromkeys(_place(profile, one) for one in found)),
        power=found[0].power,
    )


def count_currencies(profile: Profile, currencies: Iterable[int]) -> dict[int, int]:
    """Count what the account has of some currencies, wherever the game keeps them."""
    held = {one: holding(profile, one) for one in currencies}
    return {one: found.count if found else 0 for one, found in held.items()}


def _place(profile: Profile, item: Item) -> str:
    owner = profile.owner_name(item.owner)
    return {
        Location.EQUIPPED: f"worn by {owner}",
        Location.BAG: f"with {owner}",
        Location.VAULT: "in the vault",
        Location.POSTMASTER: f"at the postmaster of {owner}",
        Location.ACCOUNT: "with all your characters",
    }[item.location]
