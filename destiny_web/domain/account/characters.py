"""Owners: the characters, the vault, and the account for items that all characters share."""

from dataclasses import dataclass
from datetime import datetime

VAULT = "vault"
ACCOUNT = "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """One of a player's characters.

    Attributes:
        power: The character's power as the game computes it.
        last_played: None when Bungie does not say.
        emblem: Path of the emblem's banner, below ``BUNGIE_ROOT``; ``""`` when Bungie does not say.
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
        """The name that a page shows: the class."""
        return self.class_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A Destiny account on a platform."""

    type: int
    membership_id: str
    name: str = ""

    @property
    def key(self) -> str:
        """A text that is unique over all platforms, without spaces."""
        return f"{self.type}-{self.membership_id}"


def capitalize_first(name: str) -> str:
    """Return a name with a capital letter for the start of a sentence: "The Hunter"."""
    return name[:1].upper() + name[1:]
