"""Weapons, armour and ghosts: their definitions, sockets, and the rolls that copies have."""

from random import Random
from typing import Final

from bungie_sandbox.game_data import plugs
from bungie_sandbox.game_data.definitions import FREE_ROLES, ItemDefinition, Roll, Socket
from bungie_sandbox.game_data.facts import ItemFact, facts, fiction, stat_hashes
from bungie_sandbox.game_data.game import (
    AMMO,
    ANY_CLASS,
    CHARACTER_STATS,
    CLASSES,
    DEFENSE_STAT,
    SUB_TYPES,
    Bucket,
    ItemType,
)

# Enough that copies of one item differ, few enough that their answers are worth keeping.
ROLLS_PER_ITEM: Final = 16
_SLOTS: Final = {
    "kinetic": Bucket.KINETIC,
    "energy": Bucket.ENERGY,
    "power": Bucket.POWER,
    "helmet": Bucket.HELMET,
    "gauntlets": Bucket.GAUNTLETS,
    "chest": Bucket.CHEST,
    "leg": Bucket.LEG,
    "classitem": Bucket.CLASS_ITEM,
    "ghost": Bucket.GHOST,
}
_GUN: Final = (
    "Impact",
    "Range",
    "Stability",
    "Handling",
    "Reload Speed",
    "Aim Assistance",
    "Airborne Effectiveness",
    "Zoom",
    "Recoil Direction",
    "Ammo Generation",
)
_STATS: Final = {
    "Sword": ("Impact", "Swing Speed", "Charge Rate", "Guard Resistance", "Guard Endurance"),
    "Glaive": ("Impact", "Range", "Shield Duration", "Handling", "Reload Speed"),
    "Combat Bow": (*_GUN, "Accuracy", "Draw Time"),
    "Fusion Rifle": (*_GUN, "Charge Time"),
    "Linear Fusion Rifle": (*_GUN, "Charge Time"),
    "Rocket Launcher": ("Blast Radius", "Velocity", *_GUN[2:]),
    "Grenade Launcher": ("Blast Radius", "Velocity", *_GUN[2:]),
}
_FIRE_RATES: Final = (110, 140, 150, 180, 260, 340, 390, 450, 600, 720, 900)
_NEWER: Final = 4  # one weapon or piece of armour in this many has gear tiers


def gear() -> list[ItemDefinition]:
    """Return every piece of gear in the facts."""
    return [_definition(fact) for fact in facts().items]


def _definition(fact: ItemFact) -> ItemDefinition:
    draw = Random(fact.hash)  # noqa: S311 (a fixed world, no secret)
    sockets = _sockets(fact)
    exotic = fact.rarity == "Exotic"
    item_type = _item_type(fact)
    label = {ItemType.WEAPON: "exotic_weapon", ItemType.ARMOR: "exotic_armor"}.get(item_type, "")
    stats = _base_stats(fact, draw)
    return ItemDefinition(
        item_hash=fact.hash,
        name=fact.name,
        type_name=fact.type,
        item_type=item_type,
        sub_type=SUB_TYPES.get(fact.type, 0),
        bucket=_SLOTS[fact.slot],
        tier=fact.rarity,
        glyph=fact.type.lower().replace(" ", "-"),
        flavor=draw.choice(fiction()["flavor"]),
        class_type=CLASSES.get(fact.class_name, ANY_CLASS),
        damage=fact.element,
        ammo=AMMO.get(fact.ammo, 0),
        equippable=True,
        lockable=True,
        unique_label=label if exotic else "",
        sockets=sockets,
        stats=stats,
        rolls=tuple(_roll(fact, sockets, stats, draw) for _ in range(ROLLS_PER_ITEM)),
    )


def _item_type(fact: ItemFact) -> ItemType:
    if fact.ammo:
        return ItemType.WEAPON
    return ItemType.GHOST if fact.slot == "ghost" else ItemType.ARMOR


def _sockets(fact: ItemFact) -> tuple[Socket, ...]:
    if fact.slot == "ghost":
        roles = ["mod", "mod", "mod", "shader"]
    elif not fact.ammo:
        roles = ["archetype", "mod", "mod", "mod", "mod", "shader"]
        if fact.rarity == "Exotic":
            roles.insert(0, "intrinsic")
    elif fact.rarity == "Exotic":
        roles = ["intrinsic", "barrel", "magazine", "trait", "stock", "catalyst", "tracker"]
    else:
        roles = ["intrinsic", "barrel", "magazine", "trait", "trait", "origin"]
        roles += ["masterwork", "mod", "shader", "tracker"]
    seen = plugs.by_role(fact)
    made = []
    for role in roles:
        names = _pool(fact, role, seen)
        first = seen[role].pop(0) if seen[role] else names[0]
        pool = plugs.hashes(role, dict.fromkeys((*names, first)))
        made.append(Socket(role, pool, plugs.plug_hash(role, first)))
    return tuple(made)


def _pool(fact: ItemFact, role: str, seen: dict[str, list[str]]) -> tuple[str, ...]:
    fixed: dict[str, tuple[str, ...]] = {
        "catalyst": (plugs.EMPTY_CATALYST,),
        "tracker": plugs.TRACKERS,
        "shader": tuple(fiction()["shaders"]),
        "archetype": tuple(row["name"] for row in fiction()["archetypes"]),
    }
    if role in fixed:
        return fixed[role]
    if role in {"intrinsic", "stock"} or (role == "trait" and fact.rarity == "Exotic"):
        return tuple(seen[role][:1]) or plugs.pools().get((fact.type, role), ("Hand-Laid Stock",))
    names = plugs.pools().get((fact.type, role), ())
    if role == "mod":
        return (plugs.EMPTY_MOD, *names)
    return names or plugs.pools()["Auto Rifle", role]


def _base_stats(fact: ItemFact, draw: Random) -> tuple[tuple[int, int], ...]:
    hashes = stat_hashes()
    if not fact.ammo:
        return ()
    names = _STATS.get(fact.type, _GUN)
    figures = {hashes[name]: draw.randint(18, 84) for name in names}
    if fact.type not in {"Sword", "Glaive"}:
        figures[hashes["Rounds Per Minute"]] = draw.choice(_FIRE_RATES)
    if fact.type != "Sword":
        figures[hashes["Magazine"]] = draw.randint(1, 6) * draw.choice((1, 3, 7))
    return tuple(figures.items())


def _roll(
    fact: ItemFact, sockets: tuple[Socket, ...], stats: tuple[tuple[int, int], ...], draw: Random
) -> Roll:
    inserted, options = [], []
    for socket in sockets:
        offered = _offer(fact, socket, draw)
        options.append(offered)
        inserted.append(offered[0])
    armor = not fact.ammo and fact.slot != "ghost"
    if armor:
        stats = _armor_stats(inserted, draw)
    newer = fact.hash % _NEWER == 0 and fact.slot != "ghost" and fact.rarity != "Rare"
    return Roll(
        plugs=tuple(inserted),
        options=tuple(options),
        stats=stats,
        masterwork=draw.random() < (0.35 if fact.rarity == "Exotic" else 0.15),
        crafted=bool(fact.ammo) and fact.rarity == "Legendary" and draw.random() < 1 / 12,
        gear_tier=draw.randint(1, 5) if newer else 0,
    )


def _offer(fact: ItemFact, socket: Socket, draw: Random) -> tuple[int, ...]:
    """Return what one copy offers in a socket, the inserted plug first."""
    pool = socket.pool
    if socket.role in {"mod", "shader"}:
        first = draw.choice(pool)
        return (first, *(plug for plug in pool if plug != first))
    if fact.rarity == "Exotic" or socket.role not in FREE_ROLES:
        chosen = socket.initial if socket.role in {"intrinsic", "trait"} else draw.choice(pool)
        return (chosen,)
    return tuple(draw.sample(pool, min(len(pool), draw.randint(1, 3))))


def _armor_stats(inserted: list[int], draw: Random) -> tuple[tuple[int, int], ...]:
    """Six figures: the archetype's two stand out, a third follows, as in Armor 3.0."""
    figures = dict.fromkeys(CHARACTER_STATS.values(), 0)
    for archetype in fiction()["archetypes"]:
        if plugs.plug_hash("archetype", archetype["name"]) in inserted:
            major, minor = (CHARACTER_STATS[name] for name in archetype["stats"])
            figures[major] = draw.randint(25, 30)
            figures[minor] = draw.randint(18, 25)
    third = draw.choice([stat for stat, figure in figures.items() if not figure])
    figures[third] = draw.randint(12, 20)
    return (*figures.items(), (DEFENSE_STAT, 0))
