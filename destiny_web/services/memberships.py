"""Which Destiny account is played, of all that a player has linked."""

from collections.abc import Sequence

from destiny_web.bungie.client import BungieClient
from destiny_web.bungie.models import profile as profile_models
from destiny_web.bungie.models.enums import BUNGIE_NEXT, membership_name
from destiny_web.domain.account.characters import Membership

_MARATHON = 20
# "No Destiny 2 data there" and "a console of the first game": not accounts to play with.
# Any other error on a linked profile is trouble of the moment, and the account exists.
_NOT_PLAYED = frozenset({1601, 1670})


def playable_memberships(client: BungieClient, bungie_membership_id: str) -> tuple[Membership, ...]:
    """List the accounts that can be played, the last played first; maybe none.

    With cross save only the primary account is: Bungie marks the others as overridden.
    """
    linked = client.linked_profiles(bungie_membership_id)
    cards = [
        *sorted(linked.profiles or (), key=lambda card: card.date_last_played or "", reverse=True),
        *(
            failed.info_card
            for failed in linked.profiles_with_errors or ()
            if failed.info_card is not None and failed.error_code not in _NOT_PLAYED
        ),
    ]
    return tuple(_membership(card) for card in cards if _is_playable(card, cards))


def _is_playable(
    card: profile_models.Membership, cards: Sequence[profile_models.Membership]
) -> bool:
    if card.membership_type in {0, BUNGIE_NEXT, _MARATHON} or not card.membership_id:
        return False
    overridden = bool(card.cross_save_override) and card.cross_save_override != card.membership_type
    # An override by an account that is not in the list would leave the player with nothing.
    primary = any(other.membership_type == card.cross_save_override for other in cards)
    return not (card.is_overridden or (overridden and primary))


def _membership(card: profile_models.Membership) -> Membership:
    name = card.bungie_global_display_name or card.display_name or "Guardian"
    code = card.bungie_global_display_name_code
    return Membership(
        type=card.membership_type,
        membership_id=card.membership_id,
        name=f"{name}#{code:04}" if card.bungie_global_display_name and code is not None else name,
    )


def platform_name(membership: Membership) -> str:
    """Name the platform of an account."""
    return membership_name(membership.type)
