"""What follows from an item's roll alone: stats, sockets, perks, plugs, objectives."""

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
    """Return the figures of an instance: the roll's own, and what its plugs add."""
    figures = dict(item.roll.stats)
    for plug in item.roll.plugs:
        for stat, bonus in catalog()[plug].stats:
            if stat in figures:
                figures[stat] = max(0, min(figures[stat] + bonus, 100))
    figures.pop(DEFENSE_STAT, None)
    return figures


def _stats(item: Item) -> dict[str, Any] | None:
    figures = stats_of(item)
    if not figures:
        return None
    entries = {str(stat): {"statHash": stat, "value": value} for stat, value in figures.items()}
    return {"stats": entries}


def _sockets(item: Item) -> dict[str, Any] | None:
    if not item.roll.plugs:
        return None
    return {
        "sockets": [
            {"plugHash": plug, "isEnabled": True, "isVisible": True} for plug in item.roll.plugs
        ]
    }


def _reusable(item: Item) -> dict[str, Any] | None:
    offers = {
        str(index): [{"plugItemHash": plug, "canInsert": True, "enabled": True} for plug in offered]
        for index, offered in enumerate(item.roll.options)
        if len(offered) > 1
    }
    return {"plugs": offers} if offers else None


def _perks(item: Item) -> dict[str, Any] | None:
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


def _objectives(item: Item) -> dict[str, Any] | None:
    steps = item.definition.objectives
    if not steps:
        return None
    return {"objectives": [progress(step, step % 10, 10) for step in steps]}


def progress(objective: int, done: int, goal: int) -> dict[str, Any]:
    """Return DestinyObjectiveProgress."""
    return {
        "objectiveHash": objective,
        "progress": done,
        "completionValue": goal,
        "complete": done >= goal,
        "visible": True,
    }


def _plug_objectives(item: Item) -> dict[str, Any] | None:
    trackers = [plug for plug in item.roll.plugs if catalog()[plug].plug_role == "tracker"]
    if not trackers:
        return None
    kills = item.item_hash % _TRACKED_KILLS
    return {
        "objectivesPerPlug": {
            str(plug): [progress(hash_of("objective", "kills"), kills, 0)] for plug in trackers
        }
    }


def _render(item: Item) -> dict[str, Any] | None:
    worn = {ItemType.WEAPON, ItemType.ARMOR, ItemType.GHOST, ItemType.SHIP, ItemType.VEHICLE}
    fits = item.definition.item_type in worn
    return {"useCustomDyes": True, "artRegions": {}} if fits else None


def _talent_grid(item: Item) -> dict[str, Any] | None:
    if item.definition.item_type != ItemType.SUBCLASS:
        return None
    return {
        "talentGridHash": hash_of("talent grid", item.definition.name),
        "nodes": [],
        "isGridComplete": True,
    }


# DestinyComponentType -> what makes it; None: the item has no such component
MAKERS: Final[dict[int, Callable[[Item], dict[str, Any] | None]]] = {
    301: _objectives,
    302: _perks,
    303: _render,
    304: _stats,
    305: _sockets,
    306: _talent_grid,
    309: _plug_objectives,
    310: _reusable,
}
