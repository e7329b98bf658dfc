"""The fixed numbers of the game: buckets, flags, enums.

Every number is Bungie's; the names follow the official enums, in Python's case.
"""

from enum import IntEnum, IntFlag
from typing import Final


class Bucket:
    """The buckets that the code uses; all sixty are in ``facts.json``."""

    SUBCLASS: Final = 3284755031
    KINETIC: Final = 1498876634
    ENERGY: Final = 2465295065
    POWER: Final = 953998645
    HELMET: Final = 3448274439
    GAUNTLETS: Final = 3551918588
    CHEST: Final = 14239492
    LEG: Final = 20886954
    CLASS_ITEM: Final = 1585787867
    GHOST: Final = 4023194814
    VEHICLE: Final = 2025709351
    SHIP: Final = 284967655
    EMBLEM: Final = 4274335291
    FINISHER: Final = 3683254069
    EMOTE: Final = 1107761855
    ARTIFACT: Final = 1506418338
    CONSUMABLES: Final = 1469714392
    MODIFICATIONS: Final = 3313201758
    VAULT: Final = 138197802
    LOST_ITEMS: Final = 215593132
    ENGRAMS: Final = 375726501
    QUESTS: Final = 1345459588
    HIDDEN: Final = 2422292810


WEAPONS: Final = (Bucket.KINETIC, Bucket.ENERGY, Bucket.POWER)
ARMOR: Final = (
    Bucket.HELMET,
    Bucket.GAUNTLETS,
    Bucket.CHEST,
    Bucket.LEG,
    Bucket.CLASS_ITEM,
)
GEAR: Final = WEAPONS + ARMOR
ACCOUNT_WIDE: Final = (Bucket.CONSUMABLES, Bucket.MODIFICATIONS)


class ItemType(IntEnum):
    """The values of DestinyItemType that the sandbox uses."""

    NONE = 0
    CURRENCY = 1
    ARMOR = 2
    WEAPON = 3
    ENGRAM = 8
    CONSUMABLE = 9
    MATERIAL = 10
    EMBLEM = 14
    QUEST = 15
    SUBCLASS = 16
    MOD = 19
    DUMMY = 20
    SHIP = 21
    VEHICLE = 22
    EMOTE = 23
    GHOST = 24
    PACKAGE = 25
    ARTIFACT = 28
    FINISHER = 29


class Location(IntEnum):
    """ItemLocation."""

    UNKNOWN = 0
    INVENTORY = 1
    VAULT = 2
    POSTMASTER = 4


class State(IntFlag):
    """ItemState."""

    NONE = 0
    LOCKED = 1
    TRACKED = 2
    MASTERWORK = 4
    CRAFTED = 8
    ENHANCED = 32


class Transfer(IntFlag):
    """TransferStatuses."""

    CAN = 0
    EQUIPPED = 1
    NOT_TRANSFERRABLE = 2


class CannotEquip(IntFlag):
    """EquipFailureReason."""

    NONE = 0
    UNEQUIPPABLE = 1
    UNIQUE = 2
    UNLOCK = 4
    NOT_ON_CHARACTER = 16


# DestinyClass, DestinyRace and DestinyGender with the hashes of their tables.
ANY_CLASS: Final = 3
CLASSES: Final = {"titan": 0, "hunter": 1, "warlock": 2}
CLASS_HASHES: Final = (3655393761, 671679327, 2271682572)
RACE_HASHES: Final = (3887404748, 2803282938, 898834093)
GENDER_HASHES: Final = (3111576190, 2204441813)

# DamageType: number, table hash and color of the icon.
DAMAGE: Final = {
    "Kinetic": (1, 3373582085, "#cfd6df"),
    "Arc": (2, 2303181850, "#79dff0"),
    "Solar": (3, 1847026933, "#f59042"),
    "Void": (4, 3454344768, "#b48be6"),
    "Stasis": (6, 151347233, "#6f9dff"),
    "Strand": (7, 3949783978, "#4fd97a"),
}
# DestinyBreakerType with the hash in DestinyBreakerTypeDefinition.
BREAKERS: Final = {1: 485622768, 2: 2611060930, 3: 3178805705}
AMMO: Final = {"primary": 1, "special": 2, "heavy": 3}

# TierType with the hash in DestinyItemTierTypeDefinition.
TIERS: Final = {
    "Currency": (1, 1801258597),
    "Common": (2, 3340296461),
    "Uncommon": (3, 2395677314),
    "Rare": (4, 2127292149),
    "Legendary": (5, 4008398120),
    "Exotic": (6, 2759499571),
}

SUB_TYPES: Final = {
    "Auto Rifle": 6,
    "Shotgun": 7,
    "Machine Gun": 8,
    "Hand Cannon": 9,
    "Rocket Launcher": 10,
    "Fusion Rifle": 11,
    "Sniper Rifle": 12,
    "Pulse Rifle": 13,
    "Scout Rifle": 14,
    "Sidearm": 17,
    "Sword": 18,
    "Shader": 20,
    "Linear Fusion Rifle": 22,
    "Grenade Launcher": 23,
    "Submachine Gun": 24,
    "Trace Rifle": 25,
    "Helmet": 26,
    "Gauntlets": 27,
    "Chest Armor": 28,
    "Leg Armor": 29,
    "Hunter Cloak": 30,
    "Titan Mark": 30,
    "Warlock Bond": 30,
    "Combat Bow": 31,
    "Glaive": 33,
}

# The six stats of a character by the names of 2026, in the game's order.
CHARACTER_STATS: Final = {
    "Health": 392767087,
    "Melee": 4244567218,
    "Grenade": 1735777505,
    "Super": 144602215,
    "Class": 1943323491,
    "Weapons": 2996146975,
}
POWER_STAT: Final = 1935470627
ATTACK_STAT: Final = 1480404414
DEFENSE_STAT: Final = 3897883278
SPEED_STAT: Final = 1501155019

# A number that is in no enum, and a flag that is in no set of flags.
UNKNOWN_NUMBER: Final = 97
UNKNOWN_FLAG: Final = 1 << 20

VAULT_VENDOR: Final = 1037843411
UNSET: Final = 2166136261  # FNV-1a of the empty string: Bungie's "no hash"
LOADOUTS: Final = 10
NO_INSTANCE: Final = "0"
