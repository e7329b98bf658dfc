"""The player who is signed in, as Flask-Login knows one."""

from typing import Any

from flask import session
from flask_login import UserMixin

from destiny_web.domain.account.characters import Membership

_KEY = "player"


class Player(UserMixin):
    """A signed-in player.

    Attributes:
        id: The Bungie.net membership id.
        membership: The Destiny account that is played; None until it is known.
    """

    def __init__(self, player_id: str, membership: Membership | None = None) -> None:
        self.id = player_id
        self.membership = membership

    @property
    def name(self) -> str:
        """What the player is called."""
        return self.membership.name if self.membership else "Guardian"

    def remember(self) -> None:
        """Keep who plays in the session."""
        chosen = self.membership
        session[_KEY] = {
            "id": self.id,
            "membership": [chosen.type, chosen.membership_id, chosen.name] if chosen else None,
        }


def load(player_id: str) -> Player | None:
    """Return the player of the session at hand, if it is *player_id*'s."""
    kept: dict[str, Any] = session.get(_KEY) or {}
    if kept.get("id") != player_id:
        return None
    chosen = kept.get("membership")
    if not chosen:
        return Player(player_id)
    kind, membership_id, name = chosen
    return Player(player_id, Membership(type=kind, membership_id=membership_id, name=name))
