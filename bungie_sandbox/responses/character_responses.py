"""The components that exist once per character."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from bungie_sandbox.clock import format_timestamp
from bungie_sandbox.game_data.facts import hash_of
from bungie_sandbox.game_data.game import (
    ARMOR,
    CHARACTER_STATS,
    POWER_STAT,
    UNSET,
    Bucket,
    ItemType,
)
from bungie_sandbox.manifest.item_table import emblem_color
from bungie_sandbox.pictures.images import emblem_path
from bungie_sandbox.responses import item_responses
from bungie_sandbox.responses.roll_responses import objective_progress, stats_of
from bungie_sandbox.world.belongings import ACCOUNT, VAULT, Character, Item, Profile
from bungie_sandbox.world.players import Membership

ComponentBuilder = Callable[[Profile, Membership, Character, datetime], Any]

_ACTIVITIES: Final = {
    "offline": 0,
    "orbit": 82913930,
    "social": hash_of("activity", "Tower"),
    "activity": hash_of("activity", "Strike"),
    "locked": hash_of("activity", "Raid"),
}
_SESSION_MINUTES: Final = 47
_STAT_LIMIT: Final = 200


def _build_character(
    profile: Profile, membership: Membership, character: Character, _now: datetime
) -> dict[str, Any]:
    class_hash, race_hash, gender_hash = character.hashes
    light = profile.power_of(character.character_id)
    emblem = profile.equipped(character.character_id, Bucket.EMBLEM)
    emblem_hash = emblem.item_hash if emblem else 0
    return {
        "membershipId": membership.id,
        "membershipType": membership.type,
        "characterId": character.character_id,
        "dateLastPlayed": format_timestamp(character.last_played),
        "minutesPlayedThisSession": str(_SESSION_MINUTES),
        "minutesPlayedTotal": str(character.minutes),
        "light": light,
        "stats": {str(POWER_STAT): light} | _sum_stats(profile, character.character_id),
        "raceHash": race_hash,
        "genderHash": gender_hash,
        "classHash": class_hash,
        "raceType": character.race,
        "classType": character.class_type,
        "genderType": character.gender,
        "emblemPath": emblem_path(emblem_hash, "icon"),
        "emblemBackgroundPath": emblem_path(emblem_hash, "banner"),
        "emblemHash": emblem_hash,
        "emblemColor": emblem_color(emblem_hash),
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


def _sum_stats(profile: Profile, character_id: str) -> dict[str, int]:
    totals = dict.fromkeys(CHARACTER_STATS.values(), 0)
    for bucket in ARMOR:
        item = profile.equipped(character_id, bucket)
        for stat, value in stats_of(item).items() if item else ():
            totals[stat] += value
    return {str(stat): min(value, _STAT_LIMIT) for stat, value in totals.items()}


def _build_inventory(
    profile: Profile, _membership: Membership, character: Character, _now: datetime
) -> dict[str, Any]:
    items = profile.items_of(character.character_id)
    return {"items": [item_responses.encode_item(item) for item in items if not item.equipped]}


def _build_equipment(
    profile: Profile, _membership: Membership, character: Character, _now: datetime
) -> dict[str, Any]:
    items = profile.items_of(character.character_id)
    return {"items": [item_responses.encode_item(item) for item in items if item.equipped]}


def _build_progressions(
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
                    objective_progress(step, step % 10, 10) for step in item.definition.objectives
                ],
                "tracked": bool(item.state & 2),
                "itemInstanceId": item.instance_id,
                "completed": False,
                "redeemed": False,
                "started": True,
            }
            for item in profile.items_in(character.character_id, Bucket.QUESTS)
        ],
        "uninstancedItemObjectives": {},
        "uninstancedItemPerks": {},
        "checklists": {},
    }


def _build_render_data(
    profile: Profile, _membership: Membership, character: Character, _now: datetime
) -> dict[str, Any]:
    items = profile.items_of(character.character_id)
    armor = [
        item for item in items if item.equipped and item.definition.item_type == ItemType.ARMOR
    ]
    return {
        "customDyes": [],
        "customization": {
            "personality": 0, "face": 0, "skinColor": 0, "lipColor": 0, "eyeColor": 0,
            "hairColors": [], "featureColors": [], "decalColor": 0, "wearHelmet": True,
            "hairIndex": 0, "featureIndex": 0, "decalIndex": 0,
        },
        "peerView": {
            "equipment": [{"itemHash": item.item_hash, "dyes": []} for item in armor],
        },
    }  # fmt: skip


def _build_activities(
    _profile: Profile, _membership: Membership, character: Character, now: datetime
) -> dict[str, Any]:
    return {
        "dateActivityStarted": format_timestamp(now),
        "availableActivities": [],
        "availableActivityInteractables": [],
        "currentActivityHash": _ACTIVITIES[character.place],
        "currentActivityModeHash": 0,
        "lastCompletedStoryHash": 0,
    }


def _build_loadouts(
    _profile: Profile, _membership: Membership, character: Character, _now: datetime
) -> dict[str, Any]:
    return {
        "loadouts": [
            {
                "colorHash": loadout.color,
                "iconHash": loadout.icon,
                "nameHash": loadout.name,
                "items": [
                    {"itemInstanceId": instance_id, "plugItemHashes": pad_plugs(plugs)}
                    for instance_id, plugs in loadout.items
                ],
            }
            for loadout in character.loadouts
        ]
    }


def pad_plugs(plugs: tuple[int, ...]) -> list[int]:
    """Return the plugs of a loadout item as a list of sixteen; missing ones are unset."""
    return [*plugs, *[UNSET] * 16][:16]


def _build_currencies(
    profile: Profile, _membership: Membership, _build_character: Character, _now: datetime
) -> dict[str, Any]:
    return {"itemQuantities": count_stackables(profile)}


def count_stackables(profile: Profile) -> dict[str, int]:
    """Return the quantity of each stackable item by hash, over all stacks."""
    totals: dict[str, int] = {}
    stacks: list[Item] = [item for item in profile.items_of(ACCOUNT, VAULT) if not item.instance_id]
    for item in stacks:
        key = str(item.item_hash)
        totals[key] = totals.get(key, 0) + item.quantity
    return totals


def empty_records() -> dict[str, Any]:
    """Return a records component without records."""
    return {
        "records": {},
        "recordCategoriesRootNodeHash": 0,
        "recordSealsRootNodeHash": 0,
    }


def _constant(value: dict[str, Any]) -> ComponentBuilder:
    return lambda _profile, _membership, _build_character, _now: value


# component -> (key, builder). GetProfile puts "character" before the key, GetCharacter does not;
# "" is the character itself.
CHARACTER_COMPONENTS: Final[dict[int, tuple[str, ComponentBuilder]]] = {
    200: ("", _build_character),
    201: ("inventories", _build_inventory),
    202: ("progressions", _build_progressions),
    203: ("renderData", _build_render_data),
    204: ("activities", _build_activities),
    205: ("equipment", _build_equipment),
    206: ("loadouts", _build_loadouts),
    500: ("kiosks", _constant({"kioskItems": {}})),
    600: ("currencyLookups", _build_currencies),
    700: ("presentationNodes", _constant({"nodes": {}})),
    800: ("collectibles", _constant({"collectibles": {}})),
    900: ("records", _constant({"featuredRecordHashes": [], **empty_records()})),
    1200: ("stringVariables", _constant({"integerValuesByHash": {}})),
    1300: ("craftables", _constant({"craftables": {}, "craftingRootNodeHash": 0})),
}
