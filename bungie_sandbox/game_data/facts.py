"""Read ``facts.json`` (the game's facts) and ``fiction.json`` (what we made up)."""

from functools import cache
from importlib.resources import files
from typing import Any
from zlib import crc32

import msgspec

from bungie_sandbox.game_data.definitions import BucketDefinition


class ItemFact(msgspec.Struct, frozen=True):
    """One weapon, piece of armour or ghost of the game, with one roll that was seen."""

    hash: int
    name: str
    slot: str
    type: str
    class_name: str = msgspec.field(name="class")
    rarity: str
    element: str
    ammo: str
    roll: tuple[str, ...]


class StatFact(msgspec.Struct, frozen=True):
    """One row of DestinyStatDefinition."""

    hash: int
    name: str
    aggregation: int
    category: int


class PlaceFact(msgspec.Struct, frozen=True):
    """One row of DestinyPlaceDefinition."""

    hash: int
    name: str


class Facts(msgspec.Struct, frozen=True):
    """The whole of ``facts.json``."""

    items: tuple[ItemFact, ...]
    buckets: tuple[BucketDefinition, ...]
    stats: tuple[StatFact, ...]
    places: tuple[PlaceFact, ...]


def _read(name: str) -> bytes:
    return files("bungie_sandbox.game_data").joinpath(name).read_bytes()


@cache
def facts() -> Facts:
    """Return the game's facts, read once per process."""
    return msgspec.json.decode(_read("facts.json"), type=Facts)


@cache
def fiction() -> dict[str, Any]:
    """Return what the sandbox made up, read once per process."""
    made: dict[str, Any] = msgspec.json.decode(_read("fiction.json"))
    return made


@cache
def buckets() -> dict[int, BucketDefinition]:
    """Return every bucket by its hash."""
    return {bucket.hash: bucket for bucket in facts().buckets}


@cache
def stat_hashes() -> dict[str, int]:
    """Return the hash of each stat by its name; the first of two that share one."""
    return {stat.name: stat.hash for stat in reversed(facts().stats) if stat.name}


def hash_of(*words: str) -> int:
    """Return the hash of something of ours; the same words, the same hash."""
    return crc32("|".join(words).encode()) or 1
