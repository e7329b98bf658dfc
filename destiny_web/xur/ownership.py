"""What a player owns of Xûr's stock, and the currencies that the player has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from destiny_web.domain.account.ownership import Holding, holding
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.xur.stock import SaleItem
from destiny_web.web.presentation import format_number
from destiny_web.xur.text import strip_control_characters

_NAMED_PLACES = 3
"""How many places a description names; it only counts the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerBelongings:
    """What a player owns, as far as it matters for the stock.

    Attributes:
        descriptions: How many of a sale item the player owns, and where, by item hash.
        currencies: The quantity of each currency, by item hash.
    """

    descriptions: Mapping[int, str]
    currencies: Mapping[int, int]


def describe_owned_items(profile: Profile, sale_items: Iterable[SaleItem]) -> dict[int, str]:
    """Describe what the account owns of each sale item; by item hash, without missing items."""
    item_hashes = {sale_item.definition.item_hash for sale_item in sale_items}
    holdings = {item_hash: holding(profile, item_hash) for item_hash in item_hashes}
    return {
        item_hash: _describe_holding(owned)
        for item_hash, owned in holdings.items()
        if owned is not None
    }


def _describe_holding(owned: Holding) -> str:
    """Describe a holding: ``2: in the vault, with the Hunter; best power 450``."""
    is_single = owned.count == 1
    places = ", ".join(owned.places[:_NAMED_PLACES])
    if len(owned.places) > _NAMED_PLACES:
        places += f" and {len(owned.places) - _NAMED_PLACES} more"
    # Places contain class names from Bungie: a control character there would change the
    # direction of the whole sentence.
    places = strip_control_characters(places)
    count = "one" if is_single else format_number(owned.count)
    power = f"; {'power' if is_single else 'best power'} {owned.power}" if owned.power else ""
    return f"{count}: {places}{power}"
