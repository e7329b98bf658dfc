"""GetProfile, GetCharacter and GetItem: what a membership's belongings look like from outside."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Final

import msgspec

from bungie_sandbox.clock import stamp
from bungie_sandbox.game_data.facts import hash_of
from bungie_sandbox.game_data.game import ACCOUNT_WIDE, Bucket, ItemType
from bungie_sandbox.refusals import Code, Refusal
from bungie_sandbox.responses import character_responses, components, item_responses
from bungie_sandbox.responses.user_responses import card
from bungie_sandbox.world.belongings import ACCOUNT, VAULT, Character, Item, Profile
from bungie_sandbox.world.players import Membership, Player

_GAME_VERSIONS: Final = 8191  # every expansion up to Renegades
# DestinyComponentType: ProfileInventories, ItemSockets
_STORED: Final = 102
_PLUGS: Final = 305


class View(msgspec.Struct, kw_only=True):
    """One look at one membership's belongings.

    Attributes:
        asked: the components that were asked for.
        owner: the request carries the owner's token, with the scope to read inventories.
        disabled: components that Bungie has switched off.
        missing: components that stay away this time although they are allowed.
    """

    player: Player
    membership: Membership
    profile: Profile
    asked: frozenset[int]
    owner: bool
    now: datetime
    disabled: frozenset[int] = frozenset()
    missing: frozenset[int] = frozenset()

    def allowed(self, component: int) -> bool:
        """Tell whether the data of a component may and can be sent."""
        if component in self.missing or component in self.disabled:
            return False
        if self.owner:
            return True
        hidden = components.INVENTORY | components.PROGRESSION if self.player.private else set()
        return component not in components.SELF | hidden

    def wrap(self, component: int, make: Callable[[], Any]) -> dict[str, Any]:
        """Return ``{data, privacy, disabled?}``; without data where it is withheld.

        Also without where *make* returns ``None``: there is nothing of the kind now.
        """
        private = component in components.INVENTORY | components.SELF | components.PROGRESSION
        answer: dict[str, Any] = {"privacy": 2 if private else 1}
        if component in self.disabled:
            answer["disabled"] = True
        data = make() if self.allowed(component) else None
        if data is not None:
            answer["data"] = data
        return answer


def profile_answer(view: View) -> dict[str, Any]:
    """Return the Response of GetProfile."""
    minted = stamp(view.now)
    answer: dict[str, Any] = {
        "responseMintedTimestamp": minted,
        "secondaryComponentsMintedTimestamp": minted,
    }
    for component, (key, make) in _OF_PROFILE.items():
        if component in view.asked:
            answer[key] = view.wrap(component, partial(make, view))
    for component, (key, make_one) in character_responses.PARTS.items():
        if component in view.asked:
            name = f"character{key[0].upper()}{key[1:]}" if key else "characters"
            answer[name] = view.wrap(component, partial(_each, view, make_one))
    if _PLUGS in view.asked:
        answer["profilePlugSets"] = {"data": {"plugs": {}}, "privacy": 1}
        empty: dict[str, Any] = {held: {"plugs": {}} for held in view.profile.characters}
        answer["characterPlugSets"] = {"data": empty, "privacy": 1}
    answer["characterUninstancedItemComponents"] = (
        {held: {} for held in view.profile.characters} if 301 in view.asked else {}  # noqa: PLR2004
    )
    answer["itemComponents"] = _item_components(view, shown(view))
    return answer


def _each(
    view: View, make: Callable[[Profile, Membership, Character, datetime], Any]
) -> dict[str, Any]:
    return {
        character.character_id: make(view.profile, view.membership, character, view.now)
        for character in view.profile.characters.values()
    }


def _item_components(view: View, items: list[Item]) -> dict[str, Any]:
    allowed = [component for component in sorted(view.asked) if component not in view.disabled]
    answer = item_responses.item_components(
        (component for component in allowed if component not in view.missing), view.profile, items
    )
    for component in view.asked & (view.disabled | view.missing):
        if key := item_responses.ITEM_COMPONENTS.get(component):
            answer[key] = {"privacy": 1, "disabled": component in view.disabled}
    return answer


def shown(view: View) -> list[Item]:
    """Return the items of the lists that were asked for and may be seen."""
    items: list[Item] = []
    characters = tuple(view.profile.characters)
    if _STORED in view.asked and view.allowed(_STORED):
        items += view.profile.inside(VAULT, Bucket.VAULT)
    for component, equipped in ((201, False), (205, True)):
        if component in view.asked and view.allowed(component):
            held = view.profile.held_by(*characters)
            items += [item for item in held if item.equipped is equipped]
    return items


def _profile(view: View) -> dict[str, Any]:
    last = [character.last_played for character in view.profile.characters.values()]
    return {
        "userInfo": card(view.player, view.membership),
        "dateLastPlayed": stamp(max(last)) if last else "0001-01-01T00:00:00Z",
        "versionsOwned": _GAME_VERSIONS,
        "characterIds": list(view.profile.characters),
        "seasonHashes": [hash_of("season", "28")],
        "eventCardHashesOwned": [],
        "currentSeasonHash": hash_of("season", "28"),
        "currentSeasonRewardPowerCap": 550,
        "currentGuardianRank": 7,
        "lifetimeHighestGuardianRank": 9,
        "renewedGuardianRank": 6,
    }


def _inventory(view: View) -> dict[str, Any]:
    stacks = [item for bucket in ACCOUNT_WIDE for item in view.profile.inside(ACCOUNT, bucket)]
    stored = view.profile.inside(VAULT, Bucket.VAULT)
    return {"items": [item_responses.line(item) for item in (*stored, *stacks)]}


def currencies(profile: Profile) -> list[Item]:
    """Return the stacks of the currency buckets."""
    return [
        item for item in profile.held_by(ACCOUNT) if item.definition.item_type == ItemType.CURRENCY
    ]


def _transitory(view: View) -> dict[str, Any] | None:
    """Return party and activity, while somebody plays."""
    if all(character.place == "offline" for character in view.profile.characters.values()):
        return None
    return {
        "partyMembers": [
            {
                "membershipId": view.membership.id,
                "emblemHash": 0,
                "displayName": view.player.full_name,
                "status": 3,
            }
        ],
        "currentActivity": {
            "startTime": stamp(view.now),
            "score": 0.0,
            "highestOpposingFactionScore": 0.0,
            "numberOfOpponents": 0,
            "numberOfPlayers": 1,
        },
        "joinability": {"openSlots": 2, "privacySetting": 1, "closedReasons": 0},
        "tracking": [],
    }


_OF_PROFILE: Final[dict[int, tuple[str, Callable[[View], Any]]]] = {
    100: ("profile", _profile),
    101: ("vendorReceipts", lambda _: {"receipts": []}),
    102: ("profileInventory", _inventory),
    103: (
        "profileCurrencies",
        lambda view: {"items": [item_responses.line(item) for item in currencies(view.profile)]},
    ),
    104: ("profileProgression", lambda _: {"checklists": {}}),
    105: ("platformSilver", lambda _: {"platformSilver": {}}),
    500: ("profileKiosks", lambda _: {"kioskItems": {}}),
    700: ("profilePresentationNodes", lambda _: {"nodes": {}}),
    800: (
        "profileCollectibles",
        lambda _: {"recentCollectibleHashes": [], "newnessFlaggedCollectibleHashes": [],
                   "collectibles": {}},
    ),
    900: ("profileRecords", lambda _: character_responses.records() | {"score": 0}),
    1000: ("profileTransitoryData", _transitory),
    1100: ("metrics", lambda _: {"metrics": {}, "metricsRootNodeHash": 0}),
    1200: ("profileStringVariables", lambda _: {"integerValuesByHash": {}}),
    1400: (
        "profileCommendations",
        lambda _: {"totalScore": 0, "commendationNodePercentagesByHash": {},
                   "scoreDetailValues": [], "commendationNodeScoresByHash": {},
                   "commendationScoresByHash": {}},
    ),
}  # fmt: skip


def character_answer(view: View, character: Character) -> dict[str, Any]:
    """Return the Response of GetCharacter."""
    answer: dict[str, Any] = {}
    for component, (key, make) in character_responses.PARTS.items():
        # String variables and craftables come with GetProfile only.
        if component in view.asked and key not in {"stringVariables", "craftables"}:
            name = {201: "inventory", 205: "equipment"}.get(component, key or "character")
            answer[name] = view.wrap(
                component, partial(make, view.profile, view.membership, character, view.now)
            )
    if _PLUGS in view.asked:
        answer["plugSets"] = {"data": {"plugs": {}}, "privacy": 1}
    answer["uninstancedItemComponents"] = {}
    mine = [item for item in shown(view) if item.holder == character.character_id]
    answer["itemComponents"] = _item_components(view, mine)
    return answer


_OF_ITEM: Final = {
    300: "instance",
    301: "objectives",
    302: "perks",
    303: "renderData",
    304: "stats",
    305: "sockets",
    306: "talentGrid",
    309: "plugObjectives",
    310: "reusablePlugs",
}


def item_answer(view: View, instance_id: str) -> dict[str, Any]:
    """Return the Response of GetItem.

    Raises:
        Refusal: 1623, there is no such item, or it is not shown to the asker.
    """
    item = view.profile.instance(instance_id)
    if item is None or not (item.equipped or view.allowed(201)):
        raise Refusal(Code.ITEM_NOT_FOUND)
    answer: dict[str, Any] = {}
    if item.holder in view.profile.characters:
        answer["characterId"] = item.holder
    if 307 in view.asked:  # noqa: PLR2004 (DestinyComponentType, as in the table above)
        answer["item"] = view.wrap(307, lambda: item_responses.line(item))
    for component, key in _OF_ITEM.items():
        if component in view.asked:
            answer[key] = view.wrap(
                component, partial(item_responses.part, component, view.profile, item)
            )
    return answer
