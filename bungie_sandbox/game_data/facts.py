"""Read ``facts.json`` (facts of the game) and ``fiction.json`` (invented data)."""

from functools import cache
from importlib.resources import files
from typing import Any
from zlib import crc32

import msgspec

from bungie_sandbox.game_data.definitions import BucketDefinition


class ItemFact(msgspec.Struct, frozen=True):
    """One weapon, armor piece or ghost of the game, with the plugs of a real instance."""

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
    """The content of ``facts.json``."""

    items: tuple[ItemFact, ...]
    buckets: tuple[BucketDefinition, ...]
    stats: tuple[StatFact, ...]
    places: tuple[PlaceFact, ...]


def _read(name: str) -> bytes:
    return files("bungie_sandbox.game_data").joinpath(name).read_bytes()


@cache
def facts() -> Facts:
    """Return the facts of the game, read once per process."""
    return msgspec.json.decode(_read("facts.json"), type=Facts)


@cache
def fiction() -> dict[str, Any]:
    """Return the invented data, read once per process."""
    data: dict[str, Any] = msgspec.json.decode(_read("fiction.json"))
    return data


@cache
def buckets() -> dict[int, BucketDefinition]:
    """Return every bucket by its hash."""
    return {bucket.hash: bucket for bucket in facts().buckets}


@cache
def stat_hashes() -> dict[str, int]:
    """Return the hash of each stat by its name; of two stats with one name, the first."""
    return {stat.name: stat.hash for stat in reversed(facts().stats) if stat.name}


def hash_of(*words: str) -> int:
    """Return the hash of an invented object; the words determine it."""
    return crc32("|".join(words).encode()) or 1
