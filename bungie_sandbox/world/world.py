"""All players, and the search for players, profiles and items by the ids of a request."""

from random import Random
from typing import Final

from bungie_sandbox.clock import Clock
from bungie_sandbox.errors import Code, Refusal
from bungie_sandbox.game_data.definitions import HOSTILE
from bungie_sandbox.options import Options
from bungie_sandbox.world.belongings import Item, Profile
from bungie_sandbox.world.generate import Size
from bungie_sandbox.world.players import (
    Membership,
    Player,
    PlayerSpec,
    create_player,
    standard_players,
)

_LOOT_IDS: Final = 6917999_000_000_000_000


class World:
    """All players and their profiles.

    Attributes:
        players: the default player is the first.
        random: random numbers with a fixed seed, so that a run can be repeated.
    """

    def __init__(self, options: Options, clock: Clock) -> None:
        self.clock = clock
        self.random = Random(options.seed)  # noqa: S311 (fixed test data, no secret)
        self.players: list[Player] = []
        self._memberships: dict[str, tuple[Player, Membership]] = {}
        self._bungie_ids: dict[str, Player] = {}
        self._loot_count = 0
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
        for spec in standard_players(self.size):
            self.add_player(spec)
        for _ in range(options.players):
            self.add_player(PlayerSpec(size=self.size))

    def add_player(self, spec: PlayerSpec) -> Player:
        """Add a player; the profiles are generated at the first request."""
        player = create_player(len(self.players) + 1, spec, self.clock.now())
        player.suffix = self._suffix
        self.players.append(player)
        self._bungie_ids[player.bungie_id] = player
        for membership in player.memberships:
            self._memberships[membership.id] = (player, membership)
        return player

    @property
    def default(self) -> Player:
        """The default player: the first one."""
        return self.players[0]

    def player(self, name: str | None) -> Player:
        """Find a player by name, full name, Bungie.net id or membership id.

        Raises:
            LookupError: there is no such player.
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

    def membership(
        self, membership_type: int, membership_id: str
    ) -> tuple[Player, Membership, Profile]:
        """Return the membership of an id that has a Destiny account, with player and profile.

        Raises:
            Refusal: 1630 for a type without Destiny, 1601 for an unknown id or an overridden
                membership, 18 when the membership has another type; MessageData then has it.
        """
        if membership_type not in {1, 2, 3, 4, 5, 6, 10, 254}:
            raise Refusal(Code.INVALID_MEMBERSHIP_TYPE)
        if membership_id not in self._memberships:
            raise Refusal(Code.ACCOUNT_NOT_FOUND)
        player, membership = self._memberships[membership_id]
        if membership.type != membership_type:
            raise Refusal(
                Code.INVALID_PARAMETERS,
                {
                    "membershipType": str(membership_type),
                    "membershipId": membership_id,
                    "membershipInfo.membershipType": str(membership.type),
                },
            )
        profile = membership.profile if membership.covers else None
        if profile is None:
            raise Refusal(Code.ACCOUNT_NOT_FOUND)
        return player, membership, profile

    def own_profile(self, player: Player, membership_type: int, character_id: str) -> Profile:
        """Return the profile that an action of a player changes.

        Raises:
            Refusal: 18 when the player has no membership of the type, 1601 for a membership
                without Destiny, 1620 for an unknown character, 1666 for another player's.
        """
        membership = next(
            (membership for membership in player.memberships if membership.type == membership_type),
            None,
        )
        if membership is None:
            raise Refusal(Code.INVALID_PARAMETERS, {"membershipType": str(membership_type)})
        profile = membership.profile if membership.covers else None
        if profile is None:
            raise Refusal(Code.ACCOUNT_NOT_FOUND)
        if character_id not in profile.characters:
            is_foreign = any(
                character_id in generated.characters for generated in self.generated_profiles()
            )
            raise Refusal(Code.INSUFFICIENT_PRIVILEGES if is_foreign else Code.CHARACTER_NOT_FOUND)
        return profile

    def generated_profiles(self) -> list[Profile]:
        """Return the profiles that were requested so far."""
        return [
            membership.generated_profile
            for _, membership in self._memberships.values()
            if membership.generated_profile is not None
        ]

    def find_item(self, instance_id: str) -> Item | None:
        """Return an instance from the generated profiles or the default player's profile."""
        for profile in self.generated_profiles():
            if item := profile.instance(instance_id):
                return item
        default_profile = self.default.main.profile if self.default.playable else None
        return default_profile.instance(instance_id) if default_profile else None

    def new_instance_id(self) -> str:
        """Return an id for a new instance."""
        self._loot_count += 1
        return str(_LOOT_IDS + self._loot_count * 7919)

    def holder_of(self, instance_id: str) -> str | None:
        """Return the id of the character that holds an instance, ``"vault"`` or ``None``."""
        item = self.find_item(instance_id)
        return None if item is None else item.holder
