"""Bungie's enumerations, and names of their values.

Every season brings new numbers, so the shapes keep plain integers and no answer is converted to
these enums. Each function here accepts an unknown number. Source: Bungie's OpenAPI file 2.21.9;
names follow the game where the two differ.
"""

from enum import IntEnum, IntFlag


class ErrorCode(IntEnum):
    """The platform error codes that this program acts upon."""

    SUCCESS = 1
    SYSTEM_DISABLED = 5
    WEB_AUTH_MODULE_ASYNC_FAILED = 22
    WEB_AUTH_REQUIRED = 99
    ITEM_NOT_FOUND = 1623
    CHARACTER_NOT_FOUND = 1620
    VENDOR_NOT_FOUND = 1627
    CHARACTER_NOT_IN_TOWER = 1634
    INVENTORY_FULL = 1637
    ITEM_UNEQUIPPABLE = 1640
    UNIQUE_EQUIP_RESTRICTED = 1641
    NO_ROOM_IN_DESTINATION = 1642
    UNIQUENESS_VIOLATION = 1648
    ITEM_IS_EQUIPPED = 1656
    NOT_AT_THIS_LOCATION = 1671
    ACCESS_TOKEN_HAS_EXPIRED = 2111


class Component(IntEnum):
    """Components of a GetProfile or GetItem answer that we request."""

    PROFILES = 100
    PROFILE_INVENTORIES = 102
    PROFILE_CURRENCIES = 103
    CHARACTERS = 200
    CHARACTER_INVENTORIES = 201
    CHARACTER_EQUIPMENT = 205
    ITEM_INSTANCES = 300
    ITEM_STATS = 304
    ITEM_SOCKETS = 305
    TRANSITORY = 1000


class TransferStatus(IntFlag):
    """Why an item cannot be transferred now."""

    ITEM_IS_EQUIPPED = 1
    NOT_TRANSFERABLE = 2
    NO_ROOM_IN_DESTINATION = 4


class ItemState(IntFlag):
    """Flags of an item."""

    LOCKED = 1
    TRACKED = 2
    MASTERWORK = 4
    CRAFTED = 8
    ENHANCED = 32


class ItemType(IntEnum):
    """The item types that have rules of their own."""

    ARMOR = 2
    WEAPON = 3
    ENGRAM = 8
    SUBCLASS = 16
    GHOST = 24
    ARTIFACT = 28


class BucketScope(IntEnum):
    """Whether each character has such a bucket, or the account has one for all."""

    CHARACTER = 0
    ACCOUNT = 1


class BucketCategory(IntEnum):
    """How a character uses a bucket."""

    ITEM = 1
    CURRENCY = 2
    EQUIPPABLE = 3


ANY_CLASS = 3
"""DestinyClass of an item that every class can use."""

BUNGIE_NEXT = 254
"""The membership type of a Bungie.net account, which is not a Destiny account."""

EXOTIC_TIER = 6
"""TierType of an exotic item."""

VAULT_BUCKET = 138197802
POSTMASTER_BUCKET = 215593132
HELMET_BUCKET = 3448274439
GAUNTLETS_BUCKET = 3551918588
CHEST_BUCKET = 14239492
LEG_BUCKET = 20886954
CLASS_ITEM_BUCKET = 1585787867
WEAPON_BUCKETS = frozenset({1498876634, 2465295065, 953998645})
ARMOR_BUCKETS = frozenset(
    {HELMET_BUCKET, GAUNTLETS_BUCKET, CHEST_BUCKET, LEG_BUCKET, CLASS_ITEM_BUCKET}
)

POWER_STATS = frozenset({1480404414, 3897883278, 1935470627})
"""The primary stats that are a power: Attack, Defense and Power. A vehicle's is its speed."""

_MEMBERSHIPS = {
    1: "Xbox",
    2: "PlayStation",
    3: "Steam",
    4: "Battle.net",
    5: "Stadia",
    6: "Epic Games",
    10: "Demon",
    20: "Marathon",
    254: "Bungie.net",
}
_CLASSES = {0: "Titan", 1: "Hunter", 2: "Warlock"}
_DAMAGES = {
    1: "Kinetic",
    2: "Arc",
    3: "Solar",
    4: "Void",
    5: "Raid",
    6: "Stasis",
    7: "Strand",
}
# The names on the game's screen: the API calls 2 Basic, the game Common.
_RARITIES = {1: "Currency", 2: "Common", 3: "Uncommon", 4: "Rare", 5: "Legendary", 6: "Exotic"}
_AMMUNITION = {1: "Primary", 2: "Special", 3: "Heavy"}
# The names on the game's screen: the API calls them ShieldPiercing, Disruption and Stagger.
_CHAMPIONS = {1: "Barrier", 2: "Overload", 3: "Unstoppable"}


def membership_name(number: int) -> str:
    """Name the platform of a membership type."""
    return _MEMBERSHIPS.get(number, f"Platform {number}")


def class_name(number: int) -> str:
    """Name a class in English; the empty string for "any" and for an unknown number."""
    return _CLASSES.get(number, "")


def damage_name(number: int) -> str:
    """Name an element in English; the empty string for none."""
    return _DAMAGES.get(number, f"Element {number}" if number else "")


def rarity_name(number: int) -> str:
    """Name a tier type as the game does; the empty string for none and for an unknown one."""
    return _RARITIES.get(number, "")


def ammunition_name(number: int) -> str:
    """Name an ammunition type; the empty string for none and for an unknown one."""
    return _AMMUNITION.get(number, "")


def champion_name(number: int) -> str:
    """Name the champions that a breaker type stuns; the empty string for none and for unknown."""
    return _CHAMPIONS.get(number, "")
