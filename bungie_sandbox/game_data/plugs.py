"""The plugs: perks, mods, shaders, masterworks, and the effect of each on the stats."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from random import Random
from typing import Final

from bungie_sandbox.game_data.definitions import ItemDefinition
from bungie_sandbox.game_data.facts import ItemFact, facts, fiction, hash_of, stat_hashes
from bungie_sandbox.game_data.game import CHARACTER_STATS, SUB_TYPES, Bucket, ItemType

# role: (category identifier, type name, glyph)
_ROLES: Final = {
    "intrinsic": ("intrinsics", "Intrinsic", "intrinsic"),
    "barrel": ("barrels", "Barrel", "barrel"),
    "magazine": ("magazines", "Magazine", "magazine"),
    "trait": ("frames", "Trait", "trait"),
    "origin": ("origins", "Origin Trait", "origin"),
    "stock": ("stocks", "Stock", "stock"),
    "masterwork": ("v400.plugs.weapons.masterworks.stat", "Masterwork", "masterwork"),
    "catalyst": ("v400.empty.exotic.masterwork", "Catalyst", "catalyst"),
    "tracker": ("v400.plugs.weapons.masterworks.trackers", "Kill Tracker", "tracker"),
    "mod": ("enhancements.v2_general", "General Mod", "mod"),
    "archetype": ("armor_archetypes", "Armor Archetype", "archetype"),
    "shader": ("shader", "Shader", "shader"),
    "ability": ("shared.abilities", "Ability", "trait"),
}
_MASTERWORK: Final = re.compile(r"^(Tier \d|Masterworked)\b")
_FIRST_TRAIT: Final = 3
_TRAITS: Final = 2
_WEAPON_STATS: Final = ("Range", "Stability", "Handling", "Reload Speed", "Aim Assistance")
ABILITIES: Final = (
    ("Super: First Light", "Super: Long Night"),
    ("Class Ability: Step Aside", "Class Ability: Hold Fast"),
    ("Movement: High Jump", "Movement: Drift", "Movement: Blink"),
    ("Melee: Open Palm", "Melee: Thrown Edge"),
    ("Grenade: Wide Pulse", "Grenade: Clinging Spark", "Grenade: Seeker"),
    ("Aspect: On the Prowl", "Aspect: Quiet Storm", "Aspect: Ember Heart"),
    ("Fragment: Resolve", "Fragment: Hunger", "Fragment: Echo"),
)
TRACKERS: Final = ("Kill Tracker", "Crucible Tracker")
EMPTY_MOD: Final = "Empty Mod Socket"
EMPTY_CATALYST: Final = "Empty Catalyst Socket"
# The game's own hashes: clients know empty plugs by them.
_FACTUAL_HASHES: Final = {
    ("mod", EMPTY_MOD): 1980618587,
    ("catalyst", EMPTY_CATALYST): 1498917124,
}


def is_masterwork(name: str) -> bool:
    """Tell whether the plug of this name is a masterwork level."""
    return bool(_MASTERWORK.match(name))


def by_role(item: ItemFact) -> dict[str, list[str]]:
    """Return the names of the plugs of a real instance, by the role of the socket."""
    roles: dict[str, list[str]] = defaultdict(list)
    for position, name in enumerate(item.roll):
        roles[_role(item, position, name)].append(name)
    return roles


def _role(item: ItemFact, position: int, name: str) -> str:
    if is_masterwork(name):
        return "masterwork"
    if "Catalyst" in name:
        return "catalyst"
    if not item.ammo:
        exotic_perk = item.rarity == "Exotic" and position == 0 and item.slot != "ghost"
        return "intrinsic" if exotic_perk else "mod"
    if position < _FIRST_TRAIT:
        return ("intrinsic", "barrel", "magazine")[position]
    if item.rarity == "Exotic":
        return "trait" if position == _FIRST_TRAIT else "stock"
    return "trait" if position < _FIRST_TRAIT + _TRAITS else "origin"


@cache
def pools() -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the plug names of real instances per (item type, role), in a fixed order."""
    seen_names: dict[tuple[str, str], set[str]] = defaultdict(set)
    for item in facts().items:
        for role, names in by_role(item).items():
            if item.rarity != "Exotic" or role in {"barrel", "magazine", "stock", "mod"}:
                seen_names[item.type, role].update(names)
    for role in ("trait", "masterwork", "origin"):
        for item_type in SUB_TYPES:
            if not seen_names[item_type, role]:
                seen_names[item_type, role] |= seen_names["Hand Cannon", role]
    return {key: tuple(sorted(names)) for key, names in seen_names.items()}


def plug_hash(role: str, name: str) -> int:
    """Return the hash of a plug; one name in two roles means two plugs."""
    return _FACTUAL_HASHES.get((role, name)) or hash_of("plug", role, name)


def hashes(role: str, names: Iterable[str]) -> tuple[int, ...]:
    """Return the hashes of several plugs of one role."""
    return tuple(plug_hash(role, name) for name in names)


@cache
def all_plugs() -> dict[int, ItemDefinition]:
    """Return the definitions of all plugs by hash."""
    roles_and_names: set[tuple[str, str]] = {("mod", EMPTY_MOD), ("catalyst", EMPTY_CATALYST)}
    for (_, role), names in pools().items():
        roles_and_names |= {(role, name) for name in names}
    for item in facts().items:
        roles_and_names |= {(role, name) for role, names in by_role(item).items() for name in names}
    roles_and_names |= {("shader", name) for name in fiction()["shaders"]}
    roles_and_names |= {("tracker", name) for name in TRACKERS}
    roles_and_names |= {("ability", name) for row in ABILITIES for name in row}
    roles_and_names |= {("archetype", row["name"]) for row in fiction()["archetypes"]}
    definitions = [_define_plug(role, name) for role, name in sorted(roles_and_names)]
    return {definition.item_hash: definition for definition in definitions}


def _define_plug(role: str, name: str) -> ItemDefinition:
    category, type_name, glyph = _ROLES[role]
    random = Random(name)  # noqa: S311 (fixed test data, no secret)
    texts = fiction()["perk_words"]
    return ItemDefinition(
        item_hash=plug_hash(role, name),
        name=name,
        type_name=type_name,
        item_type=ItemType.MOD,
        sub_type=SUB_TYPES["Shader"] if role == "shader" else 0,
        bucket=Bucket.HIDDEN if role == "shader" else Bucket.MODIFICATIONS,
        tier="Legendary" if role == "shader" else "Common",
        glyph=glyph,
        text="" if name.startswith("Empty") else random.choice(texts),
        instanced=False,
        # Old shaders in the vault are transferable, but no bucket accepts them: 1646.
        transferable=role == "shader",
        plug_category=category,
        plug_role=role,
        stats=_effect(role, name, random),
    )


def _effect(role: str, name: str, random: Random) -> tuple[tuple[int, int], ...]:
    stats = stat_hashes()
    if role in {"barrel", "magazine", "stock"}:
        first, second = random.sample(_WEAPON_STATS, 2)
        return (
            (stats[first], random.choice((5, 7, 10))),
            (stats[second], random.choice((-5, 3, 5))),
        )
    if role == "masterwork":
        for stat in _WEAPON_STATS:
            if name.endswith(stat):
                return ((stats[stat], 10 if name.startswith("Masterworked") else int(name[5])),)
    if role == "mod" and (stat_name := name.removesuffix(" Mod").split()[-1]) in CHARACTER_STATS:
        return ((CHARACTER_STATS[stat_name], 5 if name.startswith("Minor") else 10),)
    return ()
