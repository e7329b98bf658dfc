"""The view models of the heads: a character's power and postmaster, and the vault's used places."""

from collections.abc import Mapping
from dataclasses import dataclass

from destiny_web.bungie.models.enums import POSTMASTER_BUCKET, VAULT_BUCKET
from destiny_web.domain.account.characters import VAULT, Character
from destiny_web.domain.account.power import StrongestPower
from destiny_web.domain.account.profile import Profile
from destiny_web.web.presentation import image_url

_CROWDED_POSTMASTER = 16
"""The number of items from which the page warns: of 21 items the oldest is lost."""

_EIGHTHS = ("", "⅛", "¼", "⅜", "½", "⅝", "¾", "⅞")


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterHead:
    """The head of a character's column.

    Attributes:
        strongest: The strongest possible power, e.g. ``413⅜``; ``""`` when it is not known.
        missing_points: Points that the best items lack for the next whole step.
        postmaster_used: Items in the postmaster.
        postmaster_capacity: 0 when the manifest does not say.
        is_postmaster_missing: Bungie did not send the postmaster.
    """

    name: str
    race: str
    power: int
    emblem: str
    emblem_icon: str
    strongest: str
    missing_points: int
    next_power: int
    postmaster_used: int
    postmaster_capacity: int
    is_postmaster_missing: bool

    @property
    def is_postmaster_crowded(self) -> bool:
        """The postmaster is nearly full: soon it loses its oldest item."""
        return self.postmaster_used >= _CROWDED_POSTMASTER


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultHead:
    """The head of the vault: its used places; ``capacity`` is 0 when it is not known."""

    used: int
    capacity: int
    is_missing: bool

    @property
    def has_gauge(self) -> bool:
        """The used part of the capacity is known and shown."""
        return bool(self.capacity) and not self.is_missing

    @property
    def is_full(self) -> bool:
        """No place is free."""
        return self.used >= self.capacity


def build_character_head(
    profile: Profile,
    character: Character,
    strongest: Mapping[str, StrongestPower],
    image_root: str,
) -> CharacterHead:
    """Build the head of a character.

    Args:
        profile: The account.
        character: The character.
        strongest: The strongest possible power by character id; a character may be missing.
        image_root: ``BUNGIE_ROOT``, the beginning of every image address.
    """
    best = strongest.get(character.character_id)
    return CharacterHead(
        name=character.name,
        race=character.race_name,
        power=character.power,
        emblem=image_url(image_root, character.emblem),
        emblem_icon=image_url(image_root, character.emblem_icon),
        strongest=f"{best.power}{_EIGHTHS[best.eighths]}" if best else "",
        missing_points=best.missing_points if best else 0,
        next_power=best.power + 1 if best else 0,
        postmaster_used=profile.count_used(character.character_id, POSTMASTER_BUCKET),
        postmaster_capacity=profile.bucket(POSTMASTER_BUCKET).capacity,
        is_postmaster_missing="bags" in profile.missing,
    )


def build_vault_head(profile: Profile) -> VaultHead:
    """Build the head of the vault."""
    return VaultHead(
        used=profile.count_used(VAULT, VAULT_BUCKET),
        capacity=profile.capacity(VAULT, VAULT_BUCKET),
        is_missing="vault" in profile.missing,
    )
