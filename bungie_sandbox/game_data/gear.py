"""Weapons, armor and ghosts: definitions, sockets, and the rolls of the instances."""

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

# Enough for instances of one item to differ, few enough for caching their encoded components.
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
# DestinyBreakerType of exotic weapons: 1 Barrier, 3 Unstoppable. These three are facts of the game,
# those of other weapons are invented.
_BREAKERS: Final = {"Arbalest": 1, "Revision Zero": 1, "Leviathan's Breath": 3}
_LATEST_SEASON: Final = 8
_TIERED_SEASONS: Final = (7, 8)  # gear tiers exist since the seventh of the eight seasons
_GEAR_TIER_SHARE: Final = 4  # one in so many weapons and armor pieces has gear tiers


def gear() -> list[ItemDefinition]:
    """Return the definitions of all gear in the facts."""
    return [_definition(fact) for fact in facts().items]


def _definition(fact: ItemFact) -> ItemDefinition:
    random = Random(fact.hash)  # noqa: S311 (fixed test data, no secret)
    sockets = _sockets(fact)
    exotic = fact.rarity == "Exotic"
    item_type = _item_type(fact)
    marks = Random(f"marks {fact.hash}")  # noqa: S311 (fixed test data, no secret)
    seasons = _seasons(fact, marks)
    label = {ItemType.WEAPON: "exotic_weapon", ItemType.ARMOR: "exotic_armor"}.get(item_type, "")
    stats = _base_stats(fact, random)
    return ItemDefinition(
        item_hash=fact.hash,
        name=fact.name,
        type_name=fact.type,
        item_type=item_type,
        sub_type=SUB_TYPES.get(fact.type, 0),
        bucket=_SLOTS[fact.slot],
        tier=fact.rarity,
        glyph=fact.type.lower().replace(" ", "-"),
        flavor=random.choice(fiction()["flavor"]),
        class_type=CLASSES.get(fact.class_name, ANY_CLASS),
        damage=fact.element,
        ammo=AMMO.get(fact.ammo, 0),
        breaker=_breaker(fact, marks),
        seasons=seasons,
        featured=_LATEST_SEASON in seasons and marks.random() < 1 / 2,
        equippable=True,
        lockable=True,
        unique_label=label if exotic else "",
        sockets=sockets,
        stats=stats,
        rolls=tuple(
            _mark(_roll(fact, sockets, stats, random), fact, len(seasons), marks)
            for _ in range(ROLLS_PER_ITEM)
        ),
    )


def _seasons(fact: ItemFact, marks: Random) -> tuple[int, ...]:
    """Return the season of each version; one item in eight has no watermark, one in four returns.

    ``marks`` is a source of its own: what it determines was added later, and the rest of an item
    is the same as before.
    """
    if _has_gear_tier(fact):
        return (marks.choice(_TIERED_SEASONS),)
    if marks.random() < 1 / 8:
        return ()
    first = marks.randint(1, _TIERED_SEASONS[0] - 1)
    if marks.random() < 1 / 4:
        return first, marks.randint(first + 1, _LATEST_SEASON)
    return (first,)


def _breaker(fact: ItemFact, marks: Random) -> int:
    if not fact.ammo or fact.name in _BREAKERS:
        return _BREAKERS.get(fact.name, 0)
    return marks.choice((0, 1, 2, 3)) if fact.rarity == "Exotic" else 0


def _mark(roll: Roll, fact: ItemFact, versions: int, marks: Random) -> Roll:
    """Add version, breaker type and enhancement: some weapons have them by their own roll."""
    roll.version = marks.randrange(versions) if versions else 0
    if fact.ammo and fact.rarity == "Legendary":
        roll.enhanced = marks.random() < 1 / 12 and not roll.crafted
        roll.breaker = marks.randint(1, 3) if marks.random() < 1 / 16 else 0
    return roll


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
    seen_plugs = plugs.by_role(fact)
    sockets = []
    for role in roles:
        names = _pool(fact, role, seen_plugs)
        first = seen_plugs[role].pop(0) if seen_plugs[role] else names[0]
        pool = plugs.hashes(role, dict.fromkeys((*names, first)))
        sockets.append(Socket(role, pool, plugs.plug_hash(role, first)))
    return tuple(sockets)


def _pool(fact: ItemFact, role: str, seen_plugs: dict[str, list[str]]) -> tuple[str, ...]:
    fixed: dict[str, tuple[str, ...]] = {
        "catalyst": (plugs.EMPTY_CATALYST,),
        "tracker": plugs.TRACKERS,
        "shader": tuple(fiction()["shaders"]),
        "archetype": tuple(row["name"] for row in fiction()["archetypes"]),
    }
    if role in fixed:
        return fixed[role]
    if role in {"intrinsic", "stock"} or (role == "trait" and fact.rarity == "Exotic"):
        return tuple(seen_plugs[role][:1]) or plugs.pools().get(
            (fact.type, role), ("Hand-Laid Stock",)
        )
    names = plugs.pools().get((fact.type, role), ())
    if role == "mod":
        return (plugs.EMPTY_MOD, *names)
    return names or plugs.pools()["Auto Rifle", role]


def _base_stats(fact: ItemFact, random: Random) -> tuple[tuple[int, int], ...]:
    hashes = stat_hashes()
    if not fact.ammo:
        return ()
    names = _STATS.get(fact.type, _GUN)
    values = {hashes[name]: random.randint(18, 84) for name in names}
    if fact.type not in {"Sword", "Glaive"}:
        values[hashes["Rounds Per Minute"]] = random.choice(_FIRE_RATES)
    if fact.type != "Sword":
        values[hashes["Magazine"]] = random.randint(1, 6) * random.choice((1, 3, 7))
    return tuple(values.items())


def _roll(
    fact: ItemFact, sockets: tuple[Socket, ...], stats: tuple[tuple[int, int], ...], random: Random
) -> Roll:
    inserted, options = [], []
    for socket in sockets:
        plug_options = _draw_options(fact, socket, random)
        options.append(plug_options)
        inserted.append(plug_options[0])
    armor = not fact.ammo and fact.slot != "ghost"
    if armor:
        stats = _armor_stats(inserted, random)
    return Roll(
        plugs=tuple(inserted),
        options=tuple(options),
        stats=stats,
        masterwork=random.random() < (0.35 if fact.rarity == "Exotic" else 0.15),
        crafted=bool(fact.ammo) and fact.rarity == "Legendary" and random.random() < 1 / 12,
        gear_tier=random.randint(1, 5) if _has_gear_tier(fact) else 0,
    )


def _has_gear_tier(fact: ItemFact) -> bool:
    return fact.hash % _GEAR_TIER_SHARE == 0 and fact.slot != "ghost" and fact.rarity != "Rare"


def _draw_options(fact: ItemFact, socket: Socket, random: Random) -> tuple[int, ...]:
    """Return the plugs that one instance offers in a socket, the inserted plug first."""
    pool = socket.pool
    if socket.role in {"mod", "shader"}:
        first = random.choice(pool)
        return (first, *(plug for plug in pool if plug != first))
    if fact.rarity == "Exotic" or socket.role not in FREE_ROLES:
        plug = socket.initial if socket.role in {"intrinsic", "trait"} else random.choice(pool)
        return (plug,)
    return tuple(random.sample(pool, min(len(pool), random.randint(1, 3))))


def _armor_stats(inserted: list[int], random: Random) -> tuple[tuple[int, int], ...]:
    """Return six stats as in Armor 3.0: two high ones of the archetype, and a third."""
    values = dict.fromkeys(CHARACTER_STATS.values(), 0)
    for archetype in fiction()["archetypes"]:
        if plugs.plug_hash("archetype", archetype["name"]) in inserted:
            major, minor = (CHARACTER_STATS[name] for name in archetype["stats"])
            values[major] = random.randint(25, 30)
            values[minor] = random.randint(18, 25)
    third = random.choice([stat for stat, value in values.items() if not value])
    values[third] = random.randint(12, 20)
    return (*values.items(), (DEFENSE_STAT, 0))
