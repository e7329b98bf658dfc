"""Owners: the characters, the vault, and the account for what all of them share."""

from dataclasses import dataclass
from datetime import datetime

VAULT = "vault"
ACCOUNT = "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """One of a player's characters.

    Attributes:
        power: The game's own figure.
        last_played: None when Bungie does not say.
        emblem: Path of the emblem's banner, below ``BUNGIE_ROOT``; ``""`` when not told.
    """

    character_id: str
    class_type: int
    class_name: str
    race_name: str
    power: int = 0
    level: int = 0
    last_played: datetime | None = None
    emblem: str = ""
    emblem_icon: str = ""

    @property
    def name(self) -> str:
        """How a player calls it: by its class."""
        return self.class_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A Destiny account on a platform: the one that is played."""

    type: int
    membership_id: str
    name: str = ""

    @property
    def key(self) -> str:
        """One word for it, unique over all platforms."""
        return f"{self.type}-{self.membership_id}"


def opening(name: str) -> str:
    """Return a name as it opens a sentence: "the Hunter" becomes "The Hunter"."""
    return name[:1].upper() + name[1:]
