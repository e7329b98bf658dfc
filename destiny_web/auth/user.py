"""The signed-in player: the user object of Flask-Login."""

from typing import Any

from flask import session
from flask_login import UserMixin

from destiny_web.domain.account.characters import Membership

_KEY = "player"


class Player(UserMixin):
    """A signed-in player.

    Attributes:
        id: The Bungie.net membership id.
        membership: The Destiny account that the player has chosen; None before the choice.
    """

    def __init__(self, player_id: str, membership: Membership | None = None) -> None:
        self.id = player_id
        self.membership = membership

    @property
    def name(self) -> str:
        """Display name of the player."""
        return self.membership.name if self.membership else "Guardian"

    def remember(self) -> None:
        """Keep the player in the session."""
        account = self.membership
        session[_KEY] = {
            "id": self.id,
            "membership": [account.type, account.membership_id, account.name] if account else None,
        }


def load(player_id: str) -> Player | None:
    """Return the player of the current session; None if it belongs to another player."""
    record: dict[str, Any] = session.get(_KEY) or {}
    if record.get("id") != player_id:
        return None
    account = record.get("membership")
    if not account:
        return Player(player_id)
    membership_type, membership_id, name = account
    membership = Membership(type=membership_type, membership_id=membership_id, name=name)
    return Player(player_id, membership)
