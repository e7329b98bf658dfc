"""The responses of GetProfile, GetCharacter and GetItem."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Final

import msgspec

from bungie_sandbox.clock import format_timestamp
from bungie_sandbox.errors import Code, Refusal
from bungie_sandbox.game_data.facts import hash_of
from bungie_sandbox.game_data.game import ACCOUNT_WIDE, Bucket, ItemType
from bungie_sandbox.responses import character_responses, components, item_responses
from bungie_sandbox.responses.user_responses import date_last_played, user_info_card
from bungie_sandbox.world.belongings import ACCOUNT, VAULT, Character, Item, Profile
from bungie_sandbox.world.players import Membership, Player

_GAME_VERSIONS: Final = 8191  # every expansion up to Renegades
# Members of DestinyComponentType.
_PROFILE_INVENTORIES: Final = 102
_ITEM_OBJECTIVES: Final = 301
_ITEM_SOCKETS: Final = 305


class View(msgspec.Struct, kw_only=True):
    """A profile as one request may see it.

    Attributes:
        requested: the requested components.
        is_owner: the request has the owner's token, with the scope to read inventories.
        disabled: components that Bungie has switched off.
        withheld: components that are left out of this response although they are allowed.
    """

    player: Player
    membership: Membership
    profile: Profile
    requested: frozenset[int]
    is_owner: bool
    now: datetime
    disabled: frozenset[int] = frozenset()
    withheld: frozenset[int] = frozenset()

    def is_allowed(self, component: int) -> bool:
        """Tell whether the response has the data of a component."""
        if component in self.withheld or component in self.disabled:
            return False
        if self.is_owner:
            return True
        hidden = components.INVENTORY | components.PROGRESSION if self.player.private else set()
        return component not in components.SELF | hidden

    def wrap(self, component: int, build: Callable[[], Any]) -> dict[str, Any]:
        """Return ``{data, privacy, disabled?}``.

        There is no ``data`` when it is not allowed, or when *build* returns ``None``.
        """
        is_private = component in components.INVENTORY | components.SELF | components.PROGRESSION
        response: dict[str, Any] = {"privacy": 2 if is_private else 1}
        if component in self.disabled:
            response["disabled"] = True
        data = build() if self.is_allowed(component) else None
        if data is not None:
            response["data"] = data
        return response


def profile_response(view: View) -> dict[str, Any]:
    """Return the Response of GetProfile."""
    minted = format_timestamp(view.now)
    response: dict[str, Any] = {
        "responseMintedTimestamp": minted,
        "secondaryComponentsMintedTimestamp": minted,
    }
    for component, (key, build) in _PROFILE_COMPONENTS.items():
        if component in view.requested:
            response[key] = view.wrap(component, partial(build, view))
    for component, (key, build_component) in character_responses.CHARACTER_COMPONENTS.items():
        if component in view.requested:
            name = f"character{key[0].upper()}{key[1:]}" if key else "characters"
            response[name] = view.wrap(
                component, partial(_build_for_each_character, view, build_component)
            )
    if _ITEM_SOCKETS in view.requested:
        response["profilePlugSets"] = {"data": {"plugs": {}}, "privacy": 1}
        plug_sets: dict[str, Any] = {
            character_id: {"plugs": {}} for character_id in view.profile.characters
        }
        response["characterPlugSets"] = {"data": plug_sets, "privacy": 1}
    response["characterUninstancedItemComponents"] = (
        {character_id: {} for character_id in view.profile.characters}
        if _ITEM_OBJECTIVES in view.requested
        else {}
    )
    response["itemComponents"] = _item_components(view, listed_items(view))
    return response


def _build_for_each_character(
    view: View, build: Callable[[Profile, Membership, Character, datetime], Any]
) -> dict[str, Any]:
    return {
        character.character_id: build(view.profile, view.membership, character, view.now)
        for character in view.profile.characters.values()
    }


def _item_components(view: View, items: list[Item]) -> dict[str, Any]:
    left_out = view.disabled | view.withheld
    response = item_responses.item_components(
        sorted(view.requested - left_out), view.profile, items
    )
    for component in view.requested & left_out:
        if key := item_responses.ITEM_COMPONENTS.get(component):
            response[key] = {"privacy": 1, "disabled": component in view.disabled}
    return response


def listed_items(view: View) -> list[Item]:
    """Return the items of the inventories and equipment that the response has."""
    items: list[Item] = []
    characters = tuple(view.profile.characters)
    if _PROFILE_INVENTORIES in view.requested and view.is_allowed(_PROFILE_INVENTORIES):
        items += view.profile.items_in(VAULT, Bucket.VAULT)
    for component, equipped in ((201, False), (205, True)):
        if component in view.requested and view.is_allowed(component):
            character_items = view.profile.items_of(*characters)
            items += [item for item in character_items if item.equipped is equipped]
    return items


def _build_profile(view: View) -> dict[str, Any]:
    return {
        "userInfo": user_info_card(view.player, view.membership),
        "dateLastPlayed": date_last_played(view.profile),
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


def _build_inventory(view: View) -> dict[str, Any]:
    stacks = [item for bucket in ACCOUNT_WIDE for item in view.profile.items_in(ACCOUNT, bucket)]
    vault_items = view.profile.items_in(VAULT, Bucket.VAULT)
    return {"items": [item_responses.encode_item(item) for item in (*vault_items, *stacks)]}


def find_currencies(profile: Profile) -> list[Item]:
    """Return the stacks of the currency buckets."""
    return [
        item for item in profile.items_of(ACCOUNT) if item.definition.item_type == ItemType.CURRENCY
    ]


def _build_transitory(view: View) -> dict[str, Any] | None:
    """Return party and activity; ``None`` while all characters are offline."""
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
            "startTime": format_timestamp(view.now),
            "score": 0.0,
            "highestOpposingFactionScore": 0.0,
            "numberOfOpponents": 0,
            "numberOfPlayers": 1,
        },
        "joinability": {"openSlots": 2, "privacySetting": 1, "closedReasons": 0},
        "tracking": [],
    }


_PROFILE_COMPONENTS: Final[dict[int, tuple[str, Callable[[View], Any]]]] = {
    100: ("profile", _build_profile),
    101: ("vendorReceipts", lambda _: {"receipts": []}),
    102: ("profileInventory", _build_inventory),
    103: (
        "profileCurrencies",
        lambda view: {
            "items": [item_responses.encode_item(item) for item in find_currencies(view.profile)]
        },
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
    900: ("profileRecords", lambda _: character_responses.empty_records() | {"score": 0}),
    1000: ("profileTransitoryData", _build_transitory),
    1100: ("metrics", lambda _: {"metrics": {}, "metricsRootNodeHash": 0}),
    1200: ("profileStringVariables", lambda _: {"integerValuesByHash": {}}),
    1400: (
        "profileCommendations",
        lambda _: {"totalScore": 0, "commendationNodePercentagesByHash": {},
                   "scoreDetailValues": [], "commendationNodeScoresByHash": {},
                   "commendationScoresByHash": {}},
    ),
}  # fmt: skip


def character_response(view: View, character: Character) -> dict[str, Any]:
    """Return the Response of GetCharacter."""
    response: dict[str, Any] = {}
    for component, (key, build) in character_responses.CHARACTER_COMPONENTS.items():
        # String variables and craftables come with GetProfile only.
        if component in view.requested and key not in {"stringVariables", "craftables"}:
            name = {201: "inventory", 205: "equipment"}.get(component, key or "character")
            response[name] = view.wrap(
                component, partial(build, view.profile, view.membership, character, view.now)
            )
    if _ITEM_SOCKETS in view.requested:
        response["plugSets"] = {"data": {"plugs": {}}, "privacy": 1}
    response["uninstancedItemComponents"] = {}
    character_items = [item for item in listed_items(view) if item.holder == character.character_id]
    response["itemComponents"] = _item_components(view, character_items)
    return response


_ITEM_COMPONENTS: Final = {
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


def item_response(view: View, instance_id: str) -> dict[str, Any]:
    """Return the Response of GetItem.

    Raises:
        Refusal: 1623, there is no such item, or this request may not see it.
    """
    item = view.profile.instance(instance_id)
    if item is None or not (item.equipped or view.is_allowed(201)):
        raise Refusal(Code.ITEM_NOT_FOUND)
    response: dict[str, Any] = {}
    if item.holder in view.profile.characters:
        response["characterId"] = item.holder
    if 307 in view.requested:  # noqa: PLR2004 (DestinyComponentType, as in the table above)
        response["item"] = view.wrap(307, lambda: item_responses.encode_item(item))
    for component, key in _ITEM_COMPONENTS.items():
        if component in view.requested:
            response[key] = view.wrap(
                component, partial(item_responses.encode_component, component, view.profile, item)
            )
    return response
