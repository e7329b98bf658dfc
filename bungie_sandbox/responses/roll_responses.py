"""The components that depend on an item's roll only: stats, sockets, perks, objectives."""

from collections.abc import Callable
from typing import Any, Final

from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.definitions import ItemDefinition
from bungie_sandbox.game_data.facts import hash_of
from bungie_sandbox.game_data.game import DEFENSE_STAT, ItemType
from bungie_sandbox.pictures.images import icon_path
from bungie_sandbox.world.belongings import Item

_TRACKED_KILLS: Final = 5000
_PERK_ROLES: Final = frozenset({"intrinsic", "trait", "origin"})


def stats_of(item: Item) -> dict[int, int]:
    """Return the stats of an instance: those of the roll, plus the bonuses of the plugs."""
    stats = dict(item.roll.stats)
    for plug in item.roll.plugs:
        for stat, bonus in catalog()[plug].stats:
            if stat in stats:
                stats[stat] = max(0, min(stats[stat] + bonus, 100))
    stats.pop(DEFENSE_STAT, None)
    return stats


def _build_stats(item: Item) -> dict[str, Any] | None:
    stats = stats_of(item)
    if not stats:
        return None
    entries = {str(stat): {"statHash": stat, "value": value} for stat, value in stats.items()}
    return {"stats": entries}


def _build_sockets(item: Item) -> dict[str, Any] | None:
    if not item.roll.plugs:
        return None
    return {
        "sockets": [
            {"plugHash": plug, "isEnabled": True, "isVisible": True} for plug in item.roll.plugs
        ]
    }


def _build_reusable_plugs(item: Item) -> dict[str, Any] | None:
    plugs_by_socket = {
        str(index): [
            {"plugItemHash": plug, "canInsert": True, "enabled": True} for plug in plug_options
        ]
        for index, plug_options in enumerate(item.roll.options)
        if len(plug_options) > 1
    }
    return {"plugs": plugs_by_socket} if plugs_by_socket else None


def _build_perks(item: Item) -> dict[str, Any] | None:
    perks = [
        {
            "perkHash": perk_hash(catalog()[plug]),
            "iconPath": icon_path(catalog()[plug]),
            "isActive": True,
            "visible": True,
        }
        for plug in item.roll.plugs
        if catalog()[plug].plug_role in _PERK_ROLES
    ]
    return {"perks": perks} if perks else None


def perk_hash(plug: ItemDefinition) -> int:
    """Return the hash of the sandbox perk that a plug grants."""
    return hash_of("perk", plug.name)


def _build_objectives(item: Item) -> dict[str, Any] | None:
    objectives = item.definition.objectives
    if not objectives:
        return None
    return {
        "objectives": [
            objective_progress(objective, objective % 10, 10) for objective in objectives
        ]
    }


def objective_progress(objective: int, count: int, completion_value: int) -> dict[str, Any]:
    """Return DestinyObjectiveProgress."""
    return {
        "objectiveHash": objective,
        "progress": count,
        "completionValue": completion_value,
        "complete": count >= completion_value,
        "visible": True,
    }


def _build_plug_objectives(item: Item) -> dict[str, Any] | None:
    trackers = [plug for plug in item.roll.plugs if catalog()[plug].plug_role == "tracker"]
    if not trackers:
        return None
    kills = item.item_hash % _TRACKED_KILLS
    return {
        "objectivesPerPlug": {
            str(plug): [objective_progress(hash_of("objective", "kills"), kills, 0)]
            for plug in trackers
        }
    }


def _build_render_data(item: Item) -> dict[str, Any] | None:
    item_types = {ItemType.WEAPON, ItemType.ARMOR, ItemType.GHOST, ItemType.SHIP, ItemType.VEHICLE}
    has_render_data = item.definition.item_type in item_types
    return {"useCustomDyes": True, "artRegions": {}} if has_render_data else None


def _build_talent_grid(item: Item) -> dict[str, Any] | None:
    if item.definition.item_type != ItemType.SUBCLASS:
        return None
    return {
        "talentGridHash": hash_of("talent grid", item.definition.name),
        "nodes": [],
        "isGridComplete": True,
    }


# DestinyComponentType -> builder; a builder returns None if the item has no such component
COMPONENT_BUILDERS: Final[dict[int, Callable[[Item], dict[str, Any] | None]]] = {
    301: _build_objectives,
    302: _build_perks,
    303: _build_render_data,
    304: _build_stats,
    305: _build_sockets,
    306: _build_talent_grid,
    309: _build_plug_objectives,
    310: _build_reusable_plugs,
}
