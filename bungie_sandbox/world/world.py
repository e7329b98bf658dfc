"""The world: players and what is theirs, found by whatever id a request names."""

from random import Random
from typing import Final

from bungie_sandbox.clock import Clock
from bungie_sandbox.game_data.definitions import HOSTILE
from bungie_sandbox.options import Options
from bungie_sandbox.refusals import Code, Refusal
from bungie_sandbox.world.belongings import Item, Profile
from bungie_sandbox.world.generate import Size
from bungie_sandbox.world.players import Membership, Player, Sort, make_player, standard

_LOOT_IDS: Final = 6917531_000_000_000_000


class World:
    """Everything that the sandbox knows of players.

    Attributes:
        players: the default one first.
        draw: for what happens by chance; seeded, so that a run can be repeated.
    """

    def __init__(self, options: Options, clock: Clock) -> None:
        self.clock = clock
        self.draw = Random(options.seed)  # noqa: S311 (a fixed world, no secret)
        self.players: list[Player] = []
        self._memberships: dict[str, tuple[Player, Membership]] = {}
        self._bungie_ids: dict[str, Player] = {}
        self._loot = 0
        self._suffix = HOSTILE if options.hostile else ""
        self.size = Size(
            vault=options.vault,
            characters=options.characters,
            seed=options.seed,
            full=options.full,
            oddities=options.oddities,
            novelties=options.novelties,
            vault_capacity=options.vault_capacity,
        )
        for sort in standard(self.size):
            self.add_player(sort)
        for _ in range(options.players):
            self.add_player(Sort(size=self.size))

    def add_player(self, sort: Sort) -> Player:
        """Add a player; its belongings are made when somebody first looks."""
        player = make_player(len(self.players) + 1, sort, self.clock.now())
        player.suffix = self._suffix
        self.players.append(player)
        self._bungie_ids[player.bungie_id] = player
        for membership in player.memberships:
            self._memberships[membership.id] = (player, membership)
        return player

    @property
    def default(self) -> Player:
        """The player that is meant when none is named."""
        return self.players[0]

    def player(self, name: str | None) -> Player:
        """Find a player by name, full name, Bungie.net id or membership id.

        Raises:
            LookupError: nobody goes by that.
        """
        if not name:
            return self.default
        if name in self._memberships:
            return self._memberships[name][0]
        for player in self.players:
            if name in {player.name, player.full_name, player.bungie_id}:
                return player
        raise LookupError(f"no player {name!r}")

    def by_bungie_id(self, bungie_id: str) -> Player | None:
        """Return the Bungie.net account with that id."""
        return self._bungie_ids.get(bungie_id)

    def membership(self, kind: int, membership_id: str) -> tuple[Player, Membership, Profile]:
        """Return a membership that Destiny answers for.

        Raises:
            Refusal: 1630 for a type without Destiny, 1601 when there is nothing under the
                id, 18 when the id is of another type; MessageData then has the right one.
        """
        if kind not in {1, 2, 3, 4, 5, 6, 10, 254}:
            raise Refusal(Code.INVALID_MEMBERSHIP_TYPE)
        found = self._memberships.get(membership_id)
        if found is None:
            raise Refusal(Code.ACCOUNT_NOT_FOUND)
        player, membership = found
        if membership.type != kind:
            raise Refusal(
                Code.INVALID_PARAMETERS,
                {
                    "membershipType": str(kind),
                    "membershipId": membership_id,
                    "membershipInfo.membershipType": str(membership.type),
                },
            )
        profile = membership.profile if membership.covers else None
        if profile is None:
            raise Refusal(Code.ACCOUNT_NOT_FOUND)
        return player, membership, profile

    def own(self, player: Player, kind: int, character_id: str) -> Profile:
        """Return the profile that a player's action is about.

        Raises:
            Refusal: 18 for a type that the player has not, 1601 for a membership without
                Destiny, 1620 for a character that is not there, 1666 for another player's.
        """
        typed = next((held for held in player.memberships if held.type == kind), None)
        if typed is None:
            raise Refusal(Code.INVALID_PARAMETERS, {"membershipType": str(kind)})
        profile = typed.profile if typed.covers else None
        if profile is None:
            raise Refusal(Code.ACCOUNT_NOT_FOUND)
        if character_id not in profile.characters:
            foreign = any(character_id in other.characters for other in self.profiles())
            raise Refusal(Code.INSUFFICIENT_PRIVILEGES if foreign else Code.CHARACTER_NOT_FOUND)
        return profile

    def profiles(self) -> list[Profile]:
        """Return what was looked at so far."""
        return [held.made for _, held in self._memberships.values() if held.made is not None]

    def find(self, instance_id: str) -> Item | None:
        """Return an instance of any player, as far as their belongings were looked at."""
        for profile in self.profiles():
            if item := profile.instance(instance_id):
                return item
        main = self.default.main.profile if self.default.playable else None
        return main.instance(instance_id) if main else None

    def new_instance_id(self) -> str:
        """Return an id for something that comes into the world now."""
        self._loot += 1
        return str(_LOOT_IDS + self._loot * 7919)

    def holder_of(self, instance_id: str) -> str | None:
        """Return the character that holds an instance, ``"vault"``, or ``None``: nowhere."""
        item = self.find(instance_id)
        return None if item is None else item.holder
