"""The player's side of his stock: what is owned already, and what there is to pay with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from destiny_web.domain.account.definitions import ItemDefinition
from destiny_web.domain.account.ownership import Holding, holding
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.xur.stock import SaleItem
from destiny_web.xur.dates import plain
from destiny_web.xur.page import Price, picture

_NAMED = 3
"""How many places are named before the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerBelongings:
    """What a player's own belongings say about the stock.

    Attributes:
        owned: What there is of each item and where, in words, by hash.
        currencies: How many there are of each currency, by hash.
    """

    owned: Mapping[int, str]
    currencies: Mapping[int, int]


def owned(profile: Profile, sold: Iterable[SaleItem]) -> dict[int, str]:
    """Say of each thing on sale what the account has of it already."""
    found = {one: holding(profile, one) for one in {sale.definition.item_hash for sale in sold}}
    return {one: _said(held) for one, held in found.items() if held is not None}


def coins(
    currencies: Iterable[ItemDefinition], quantities: Mapping[int, int], images: str
) -> tuple[Price, ...]:
    """List what the player has to pay with."""
    return tuple(
        Price(
            name=one.name,
            icon=picture(images, one.icon),
            quantity=quantities.get(one.item_hash, 0),
            item_hash=one.item_hash,
        )
        for one in sorted(currencies, key=lambda one: one.name)
    )


def _said(held: Holding) -> str:
    one = held.count == 1
    places = ", ".join(held.places[:_NAMED])
    if len(held.places) > _NAMED:
        places += f" and {len(held.places) - _NAMED} more"
    best = "power" if one else "best power"
    # Names of classes are Bungie's: in the middle of a sentence they must not turn its direction.
    places = plain(places)
    return f"{'one' if one else f'{held.count:,}'}: {places}" + (
        f"; {best} {held.power}" if held.power else ""
    )
