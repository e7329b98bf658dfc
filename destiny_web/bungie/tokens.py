"""The tokens of a player: access token, refresh token, and the protocol of their source."""

from datetime import datetime
from typing import Protocol

import msgspec


class TokenSet(msgspec.Struct, frozen=True, kw_only=True):
    """The tokens of one answer of the token endpoint, with moments instead of durations.

    Attributes:
        access_token: Is sent with every private call; valid for about an hour.
        access_expires: When the access token ends.
        refresh_token: Is exchanged for the next tokens, once; None for a public client.
        refresh_expires: When the refresh token ends, after about 90 days.
        membership_id: The Bungie.net membership (type 254), not a Destiny membership.
        issued_at: When the tokens were received; None in records of an older release.
        refreshed: The tokens came from a refresh, not from a sign-in.
    """

    access_token: str
    access_expires: datetime
    refresh_token: str | None
    refresh_expires: datetime | None
    membership_id: str
    issued_at: datetime | None = None
    refreshed: bool = False

    def __repr__(self) -> str:
        """Leave the secrets out: the text may be logged."""
        return f"TokenSet(membership_id={self.membership_id!r}, expires={self.access_expires})"


class TokenSource(Protocol):
    """Gives a client an access token for each call."""

    @property
    def player(self) -> str:
        """The Bungie.net membership id of the player; the spacing of actions is per player."""

    def access_token(self) -> str:
        """Return a token that is valid now.

        Raises:
            ConsentEnded: no token can be obtained; the player must sign in again.
        """

    def renew(self, refused: str, *, expired: bool = False) -> str:
        """Return another token, because Bungie did not accept *refused*.

        Args:
            refused: The access token that was sent.
            expired: Bungie says that the token has expired; else the reason is unknown.

        Raises:
            ConsentEnded: no token can be obtained; the player must sign in again.
            FreshTokenRefused: *refused* was issued seconds ago: another token would not help.
        """
