"""The components that come once per character."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from bungie_sandbox.clock import stamp
from bungie_sandbox.game_data.facts import hash_of
from bungie_sandbox.game_data.game import (
    ARMOR,
    CHARACTER_STATS,
    POWER_STAT,
    UNSET,
    Bucket,
    ItemType,
)
from bungie_sandbox.manifest.item_table import emblem_colour
from bungie_sandbox.pictures.images import emblem_path
from bungie_sandbox.responses import item_responses
from bungie_sandbox.responses.roll_responses import progress, stats_of
from bungie_sandbox.world.belongings import ACCOUNT, VAULT, Character, Item, Profile
from bungie_sandbox.world.players import Membership

Part = Callable[[Profile, Membership, Character, datetime], Any]

_ACTIVITIES: Final = {
    "offline": 0,
    "orbit": 82913930,
    "social": hash_of("activity", "Tower"),
    "activity": hash_of("activity", "Strike"),
    "locked": hash_of("activity", "Raid"),
}
_SESSION_MINUTES: Final = 47
_STAT_LIMIT: Final = 200


def _character(
    profile: Profile, membership: Membership, character: Character, _now: datetime
) -> dict[str, Any]:
    class_hash, race_hash, gender_hash = character.hashes
    light = profile.light(character.character_id)
    emblem = profile.equipped(character.character_id, Bucket.EMBLEM)
    emblem_hash = emblem.item_hash if emblem else 0
    return {
        "membershipId": membership.id,
        "membershipType": membership.type,
        "characterId": character.character_id,
        "dateLastPlayed": stamp(character.last_played),
        "minutesPlayedThisSession": str(_SESSION_MINUTES),
        "minutesPlayedTotal": str(character.minutes),
        "light": light,
        "stats": {str(POWER_STAT): light} | _stats(profile, character.character_id),
        "raceHash": race_hash,
        "genderHash": gender_hash,
        "classHash": class_hash,
        "raceType": character.race,
        "classType": character.class_type,
        "genderType": character.gender,
        "emblemPath": emblem_path(emblem_hash, "icon"),
        "emblemBackgroundPath": emblem_path(emblem_hash, "banner"),
        "emblemHash": emblem_hash,
        "emblemColor": emblem_colour(emblem_hash),
        "levelProgression": {
            "progressionHash": 1716568313,
            "dailyProgress": 0,
            "dailyLimit": 0,
            "weeklyProgress": 0,
            "weeklyLimit": 0,
            "currentProgress": 0,
            "level": 50,
            "levelCap": 50,
            "stepIndex": 50,
            "progressToNextLevel": 0,
            "nextLevelAt": 0,
        },
        "baseCharacterLevel": 50,
        "percentToNextLevel": 0.0,
    }


def _stats(profile: Profile, character_id: str) -> dict[str, int]:
    totals = dict.fromkeys(CHARACTER_STATS.values(), 0)
    for bucket in ARMOR:
        worn = profile.equipped(character_id, bucket)
        for stat, value in stats_of(worn).items() if worn else ():
            totals[stat] += value
    return {str(stat): min(value, _STAT_LIMIT) for stat, value in totals.items()}


def _inventory(
    profile: Profile, _membership: Membership, character: Character, _now: datetime
) -> dict[str, Any]:
    held = profile.held_by(character.character_id)
    return {"items": [item_responses.line(item) for item in held if not item.equipped]}


def _equipment(
    profile: Profile, _membership: Membership, character: Character, _now: datetime
) -> dict[str, Any]:
    held = profile.held_by(character.character_id)
    return {"items": [item_responses.line(item) for item in held if item.equipped]}


def _progressions(
    profile: Profile, _membership: Membership, character: Character, _now: datetime
) -> dict[str, Any]:
    return {
        "progressions": {},
        "factions": {},
        "milestones": {},
        "quests": [
            {
                "questHash": item.item_hash,
                "stepHash": item.item_hash,
                "stepObjectives": [
                    progress(step, step % 10, 10) for step in item.definition.objectives
                ],
                "tracked": bool(item.state & 2),
                "itemInstanceId": item.instance_id,
                "completed": False,
                "redeemed": False,
                "started": True,
            }
            for item in profile.inside(character.character_id, Bucket.QUESTS)
        ],
        "uninstancedItemObjectives": {},
        "uninstancedItemPerks": {},
        "checklists": {},
    }


def _render(
    profile: Profile, _membership: Membership, character: Character, _now: datetime
) -> dict[str, Any]:
    held = profile.held_by(character.character_id)
    worn = [item for item in held if item.equipped and item.definition.item_type == ItemType.ARMOR]
    return {
        "customDyes": [],
        "customization": {
            "personality": 0, "face": 0, "skinColor": 0, "lipColor": 0, "eyeColor": 0,
            "hairColors": [], "featureColors": [], "decalColor": 0, "wearHelmet": True,
            "hairIndex": 0, "featureIndex": 0, "decalIndex": 0,
        },
        "peerView": {
            "equipment": [{"itemHash": item.item_hash, "dyes": []} for item in worn],
        },
    }  # fmt: skip


def _activities(
    _profile: Profile, _membership: Membership, character: Character, now: datetime
) -> dict[str, Any]:
    return {
        "dateActivityStarted": stamp(now),
        "availableActivities": [],
        "availableActivityInteractables": [],
        "currentActivityHash": _ACTIVITIES[character.place],
        "currentActivityModeHash": 0,
        "lastCompletedStoryHash": 0,
    }


def _loadouts(
    _profile: Profile, _membership: Membership, character: Character, _now: datetime
) -> dict[str, Any]:
    return {
        "loadouts": [
            {
                "colorHash": loadout.color,
                "iconHash": loadout.icon,
                "nameHash": loadout.name,
                "items": [
                    {"itemInstanceId": instance_id, "plugItemHashes": padded(plugs)}
                    for instance_id, plugs in loadout.items
                ],
            }
            for loadout in character.loadouts
        ]
    }


def padded(plugs: tuple[int, ...]) -> list[int]:
    """Return a loadout item's plugs: sixteen, the rest unset."""
    return [*plugs, *[UNSET] * 16][:16]


def _currencies(
    profile: Profile, _membership: Membership, _character: Character, _now: datetime
) -> dict[str, Any]:
    return {"itemQuantities": quantities(profile)}


def quantities(profile: Profile) -> dict[str, int]:
    """Return how much of each stackable thing there is, over all stacks."""
    totals: dict[str, int] = {}
    stacks: list[Item] = [item for item in profile.held_by(ACCOUNT, VAULT) if not item.instance_id]
    for item in stacks:
        key = str(item.item_hash)
        totals[key] = totals.get(key, 0) + item.quantity
    return totals


def records() -> dict[str, Any]:
    """Return a records component without a record."""
    return {
        "records": {},
        "recordCategoriesRootNodeHash": 0,
        "recordSealsRootNodeHash": 0,
    }


def _nothing(value: dict[str, Any]) -> Part:
    return lambda _profile, _membership, _character, _now: value


# component -> (the key after "character", or alone in GetCharacter; "" for the character itself)
PARTS: Final[dict[int, tuple[str, Part]]] = {
    200: ("", _character),
    201: ("inventories", _inventory),
    202: ("progressions", _progressions),
    203: ("renderData", _render),
    204: ("activities", _activities),
    205: ("equipment", _equipment),
    206: ("loadouts", _loadouts),
    500: ("kiosks", _nothing({"kioskItems": {}})),
    600: ("currencyLookups", _currencies),
    700: ("presentationNodes", _nothing({"nodes": {}})),
    800: ("collectibles", _nothing({"collectibles": {}})),
    900: ("records", _nothing({"featuredRecordHashes": [], **records()})),
    1200: ("stringVariables", _nothing({"integerValuesByHash": {}})),
    1300: ("craftables", _nothing({"craftables": {}, "craftingRootNodeHash": 0})),
}
