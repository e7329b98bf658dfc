"""The players: Bungie.net accounts with their Destiny memberships, and how to create them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import msgspec

from bungie_sandbox.world.belongings import Profile
from bungie_sandbox.world.generate import Size, generate_profile

_BUNGIE_IDS: Final = 20_006_000
_MEMBERSHIP_IDS: Final = 4611686018467_000_000
_PLATFORMS: Final = {1: "Xbox", 2: "PSN", 3: "Steam", 5: "Stadia", 6: "Epic"}


class Membership(msgspec.Struct, kw_only=True):
    """A Destiny membership: an account on one platform.

    ``override`` is the type that overrides this one under cross save (0: none), and
    ``covers`` the types that this membership represents: none when it is overridden.
    ``create_profile`` is ``None`` where there is no Destiny account; ``generated_profile`` is
    ``None`` until the profile is requested for the first time.
    """

    type: int
    id: str
    name: str
    override: int = 0
    covers: tuple[int, ...] = ()
    create_profile: Callable[[], Profile] | None = None
    generated_profile: Profile | None = None

    @property
    def profile(self) -> Profile | None:
        """The profile, generated at the first request; ``None`` without a Destiny account."""
        if self.generated_profile is None and self.create_profile is not None:
            self.generated_profile = self.create_profile()
        return self.generated_profile


class Player(msgspec.Struct, kw_only=True):
    """A Bungie.net account.

    ``private``: other players see only the equipped items. ``suffix`` is added to the names in
    the API's responses; it has markup when the option ``hostile`` is on.
    """

    number: int
    bungie_id: str
    name: str
    code: int
    memberships: list[Membership]
    primary: str = ""
    private: bool = False
    suffix: str = ""
    note: str = ""

    @property
    def display_name(self) -> str:
        """The name in the API's responses."""
        return self.name + self.suffix

    @property
    def full_name(self) -> str:
        """The name as players write it."""
        return f"{self.name}#{self.code:04}"

    @property
    def playable(self) -> list[Membership]:
        """The memberships that have a Destiny account."""
        return [
            membership
            for membership in self.memberships
            if membership.covers and membership.create_profile is not None
        ]

    @property
    def main(self) -> Membership:
        """The default membership.

        Raises:
            LookupError: this player has no Destiny account.
        """
        for membership in self.playable:
            return membership
        raise LookupError(f"{self.full_name} has no Destiny account")


class PlayerSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The properties of a player to create.

    ``note`` describes the player on the consent page.
    ``memberships``: "cross-save" (five platforms, one primary), "several" (two without
    cross save), "one", or "none" (a Bungie.net account without Destiny).
    """

    name: str = ""
    code: int = 0
    memberships: str = "cross-save"
    size: Size = Size()
    private: bool = False
    note: str = ""


def standard_players(size: Size) -> list[PlayerSpec]:
    """Return the players that every sandbox has, the default one first."""
    small = msgspec.structs.replace(size, vault=min(size.vault, 60), characters=2)
    return [
        PlayerSpec(name="Cayde", code=6, size=size),
        PlayerSpec(name="Zavala", code=104, memberships="several", size=small),
        PlayerSpec(name="Holliday", code=3, memberships="none"),
        PlayerSpec(name="Osiris", code=1313, size=msgspec.structs.replace(small, oddities=True),
             note="owns items without a definition"),
        PlayerSpec(name="Mithrax", code=57, size=msgspec.structs.replace(small, novelties=True),
             note="owns items of an unreleased season"),
        PlayerSpec(name="Drifter", code=55, memberships="one", size=small, private=True,
             note="private"),
        PlayerSpec(name="New Light", code=1, memberships="one",
             note="one character, an empty vault",
             size=msgspec.structs.replace(small, vault=0, characters=1)),
        PlayerSpec(name="Fenchurch", code=0, memberships="one",
             note="no character",
             size=msgspec.structs.replace(small, vault=0, characters=0)),
    ]  # fmt: skip


def create_player(number: int, spec: PlayerSpec, now: datetime) -> Player:
    """Create a player. The profiles are generated at the first request.

    Args:
        number: the position among the players; it determines the ids and the items.
        spec: the properties of the player.
        now: the time of the sandbox's clock; the characters were last played before.
    """
    name = spec.name or f"Guardian {number}"
    player = Player(
        number=number,
        bungie_id=str(_BUNGIE_IDS + number),
        name=name,
        code=spec.code if spec.name else (number * 37) % 9999 + 1,
        memberships=[],
        private=spec.private,
        note=spec.note,
    )
    player.memberships = _memberships(player, spec, now.astimezone(UTC))
    if spec.memberships == "cross-save":
        player.primary = player.memberships[0].id
    return player


def _memberships(player: Player, spec: PlayerSpec, now: datetime) -> list[Membership]:
    def create_profile_of(position: int) -> Callable[[], Profile]:
        return lambda: generate_profile(player.number * 10 + position, spec.size, now)

    def create_membership(position: int, membership_type: int, **fields: object) -> Membership:
        number = _MEMBERSHIP_IDS + player.number * 10 + position
        name = f"{player.name} {_PLATFORMS[membership_type]}"
        values = {"type": membership_type, "id": str(number), "name": name, **fields}
        return msgspec.convert(values, Membership)

    overridden: list[Membership] = []
    if spec.memberships == "none":
        return []
    if spec.memberships == "several":
        playable = [create_membership(0, 3, covers=(3,)), create_membership(1, 1, covers=(1,))]
    elif spec.memberships == "one":
        playable = [create_membership(0, 3, covers=(3,))]
    else:
        playable = [create_membership(0, 3, override=3, covers=(3, 1, 2, 5, 6))]
        overridden = [
            create_membership(position, membership_type, override=3)
            for position, membership_type in enumerate((1, 2, 5, 6), 1)
        ]
    for position, membership in enumerate(playable):
        membership.create_profile = create_profile_of(position)
    return playable + overridden
