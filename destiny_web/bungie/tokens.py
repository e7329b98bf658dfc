"""A player's permission to act: two tokens, and who hands them out."""

from datetime import datetime
from typing import Protocol

import msgspec


class TokenSet(msgspec.Struct, frozen=True, kw_only=True):
    """What the token endpoint gave, with moments instead of durations.

    Attributes:
        access_token: Goes with every private call; about an hour.
        access_expires: When it ends.
        refresh_token: Buys the next pair, once; None for a public client.
        refresh_expires: When it ends; about 90 days.
        membership_id: The Bungie.net membership (type 254), not a Destiny one.
        issued_at: When the pair was received; None in records of an older release.
        refreshed: The pair came from a refresh, not from a sign-in.
    """

    access_token: str
    access_expires: datetime
    refresh_token: str | None
    refresh_expires: datetime | None
    membership_id: str
    issued_at: datetime | None = None
    refreshed: bool = False

    def __repr__(self) -> str:
        """Leave the secrets out: this may end up in a log."""
        return f"TokenSet(membership_id={self.membership_id!r}, expires={self.access_expires})"


class TokenSource(Protocol):
    """Where a client gets its access token, call by call."""

    @property
    def player(self) -> str:
        """The Bungie.net membership id whose calls these are; spacing is kept per player."""

    def access_token(self) -> str:
        """Return a token that is good for now.

        Raises:
            ConsentEnded: there is none to be had; the player must sign in again.
        """

    def renew(self, refused: str, *, expired: bool = False) -> str:
        """Return another token, since Bungie did not accept *refused*.

        Args:
            refused: The access token that was sent.
            expired: Bungie says that its life is over; else the reason is not known.

        Raises:
            ConsentEnded: there is none to be had; the player must sign in again.
            FreshTokenRefused: *refused* was issued a moment ago: another would not help.
        """
