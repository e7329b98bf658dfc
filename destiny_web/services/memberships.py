"""The Destiny accounts of a player that can be played."""

from collections.abc import Sequence

from destiny_web.bungie.client import BungieClient
from destiny_web.bungie.models import profile as profile_models
from destiny_web.bungie.models.enums import BUNGIE_NEXT, membership_name
from destiny_web.domain.account.characters import Membership

_MARATHON = 20
# "No Destiny 2 data" and "a console of Destiny 1": such accounts cannot be played. An account
# with any other error exists, and the error is temporary.
_UNPLAYABLE_CODES = frozenset({1601, 1670})


def playable_memberships(client: BungieClient, bungie_membership_id: str) -> tuple[Membership, ...]:
    """List the accounts that can be played, the last played first; it may be empty.

    With cross save only the primary account can be played: Bungie marks the others as
    overridden.
    """
    linked = client.linked_profiles(bungie_membership_id)
    cards = [
        *sorted(linked.profiles or (), key=lambda card: card.date_last_played or "", reverse=True),
        *(
            profile.info_card
            for profile in linked.profiles_with_errors or ()
            if profile.info_card is not None and profile.error_code not in _UNPLAYABLE_CODES
        ),
    ]
    return tuple(_membership(card) for card in cards if _is_playable(card, cards))


def _is_playable(
    card: profile_models.Membership, cards: Sequence[profile_models.Membership]
) -> bool:
    if card.membership_type in {0, BUNGIE_NEXT, _MARATHON} or not card.membership_id:
        return False
    primary_type = card.cross_save_override
    has_other_primary = bool(primary_type) and primary_type != card.membership_type
    # An override counts only if the primary account is in the list: else no account would be left.
    is_primary_listed = any(listed_card.membership_type == primary_type for listed_card in cards)
    return not (card.is_overridden or (has_other_primary and is_primary_listed))


def _membership(card: profile_models.Membership) -> Membership:
    name = card.bungie_global_display_name or card.display_name or "Guardian"
    code = card.bungie_global_display_name_code
    return Membership(
        type=card.membership_type,
        membership_id=card.membership_id,
        name=f"{name}#{code:04}" if card.bungie_global_display_name and code is not None else name,
    )


def platform_name(membership: Membership) -> str:
    """Return the name of an account's platform."""
    return membership_name(membership.type)
