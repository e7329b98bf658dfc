"""The players: Bungie.net accounts, their Destiny memberships, and how both are made."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import msgspec

from bungie_sandbox.world.belongings import Profile
from bungie_sandbox.world.generate import Size, furnish

_BUNGIE_IDS: Final = 20_006_000
_MEMBERSHIP_IDS: Final = 4611686018467_000_000
_PLATFORMS: Final = {1: "Xbox", 2: "PSN", 3: "Steam", 5: "Stadia", 6: "Epic"}


class Membership(msgspec.Struct, kw_only=True):
    """A Destiny membership: an account on one platform.

    ``override`` is the type that overrides this one under cross save (0: none), and
    ``covers`` the types that this one stands for: empty when it is overridden.
    """

    type: int
    id: str
    name: str
    override: int = 0
    covers: tuple[int, ...] = ()
    make: Callable[[], Profile] | None = None
    made: Profile | None = None

    @property
    def profile(self) -> Profile | None:
        """What is owned; ``None`` where there is no Destiny account. Made when first asked for."""
        if self.made is None and self.make is not None:
            self.made = self.make()
        return self.made


class Player(msgspec.Struct, kw_only=True):
    """A Bungie.net account.

    ``private``: others do not see what is not equipped. ``suffix`` is added to the names
    that the Platform tells, where names are to be hostile.
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
    def told_name(self) -> str:
        """The name as the Platform tells it."""
        return self.name + self.suffix

    @property
    def full_name(self) -> str:
        """The name as players write it."""
        return f"{self.name}#{self.code:04}"

    @property
    def playable(self) -> list[Membership]:
        """The memberships that Destiny answers for."""
        return [held for held in self.memberships if held.covers and held.make is not None]

    @property
    def main(self) -> Membership:
        """The membership that is meant when none is named.

        Raises:
            LookupError: this player has no Destiny account.
        """
        for held in self.playable:
            return held
        raise LookupError(f"{self.full_name} has no Destiny account")


class Sort(msgspec.Struct, frozen=True, kw_only=True):
    """What kind of player to make.

    ``note`` is a word on it for the consent page.
    ``memberships``: "cross-save" (five platforms, one primary), "several" (two without
    cross save), "one", or "none" (a Bungie.net account without Destiny).
    """

    name: str = ""
    code: int = 0
    memberships: str = "cross-save"
    size: Size = Size()
    private: bool = False
    note: str = ""


def standard(size: Size) -> list[Sort]:
    """Return the players that every sandbox has, the default one first."""
    small = msgspec.structs.replace(size, vault=min(size.vault, 60), characters=2)
    return [
        Sort(name="Cayde", code=6, size=size),
        Sort(name="Zavala", code=104, memberships="several", size=small),
        Sort(name="Holliday", code=3, memberships="none"),
        Sort(name="Osiris", code=1313, size=msgspec.structs.replace(small, oddities=True),
             note="owns what no table knows"),
        Sort(name="Mithrax", code=57, size=msgspec.structs.replace(small, novelties=True),
             note="owns what a coming season brings"),
        Sort(name="Drifter", code=55, memberships="one", size=small, private=True,
             note="private"),
        Sort(name="New Light", code=1, memberships="one",
             note="one character, an empty vault",
             size=msgspec.structs.replace(small, vault=0, characters=1)),
        Sort(name="Fenchurch", code=0, memberships="one",
             note="no character",
             size=msgspec.structs.replace(small, vault=0, characters=0)),
    ]  # fmt: skip


def make_player(number: int, sort: Sort, now: datetime) -> Player:
    """Make a player. What it owns is made when somebody first looks.

    Args:
        number: its place among the players; ids and belongings follow from it.
        sort: what kind of player.
        now: the sandbox's moment; the player was last seen a little before.
    """
    name = sort.name or f"Guardian {number}"
    player = Player(
        number=number,
        bungie_id=str(_BUNGIE_IDS + number),
        name=name,
        code=sort.code if sort.name else (number * 37) % 9999 + 1,
        memberships=[],
        private=sort.private,
        note=sort.note,
    )
    player.memberships = _memberships(player, sort, now.astimezone(UTC))
    if sort.memberships == "cross-save":
        player.primary = player.memberships[0].id
    return player


def _memberships(player: Player, sort: Sort, now: datetime) -> list[Membership]:
    def owning(position: int) -> Callable[[], Profile]:
        return lambda: furnish(player.number * 10 + position, sort.size, now)

    def held(position: int, kind: int, **rest: object) -> Membership:
        number = _MEMBERSHIP_IDS + player.number * 10 + position
        fields = {"type": kind, "id": str(number), "name": f"{player.name} {_PLATFORMS[kind]}"}
        return msgspec.convert({**fields, **rest}, Membership)

    if sort.memberships == "none":
        return []
    if sort.memberships == "several":
        both = [held(0, 3, covers=(3,)), held(1, 1, covers=(1,))]
    elif sort.memberships == "one":
        both = [held(0, 3, covers=(3,))]
    else:
        both = [held(0, 3, override=3, covers=(3, 1, 2, 5, 6))]
        others = [held(n, kind, override=3) for n, kind in enumerate((1, 2, 5, 6), 1)]
        for position, membership in enumerate(both):
            membership.make = owning(position)
        return both + others
    for position, membership in enumerate(both):
        membership.make = owning(position)
    return both
