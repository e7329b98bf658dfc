"""The manifest's tables: every definition that a client looks up, in Bungie's shape."""

from functools import cache
from typing import Any, Final

import msgspec

from bungie_sandbox.game_data import plugs
from bungie_sandbox.game_data.facts import facts, fiction, hash_of
from bungie_sandbox.game_data.game import (
    ARMOR,
    CHARACTER_STATS,
    CLASS_HASHES,
    DAMAGE,
    GENDER_HASHES,
    RACE_HASHES,
    TIERS,
    Bucket,
    ItemType,
)
from bungie_sandbox.manifest import item_table, socket_table
from bungie_sandbox.manifest.loadout_tables import loadout_tables
from bungie_sandbox.manifest.table_rows import Table, listing, show, spoil
from bungie_sandbox.manifest.vendor_table import destinations, vendor_groups, vendors
from bungie_sandbox.pictures.images import icon_path, sign_path

# Rounds Per Minute, Magazine, Recoil Direction: figures, not bars.
_NUMERIC: Final = frozenset({4284893193, 3871231066, 2715839340})


class Edition(msgspec.Struct, frozen=True):
    """What one manifest differs in from another.

    Attributes:
        number: grows when the manifest changes; part of version and paths.
        hostile: every name carries markup, quotes, a template and a bidi override.
        vault_capacity: what the bucket table says of the vault.
    """

    number: int = 1
    hostile: bool = False
    vault_capacity: int | None = None


@cache
def tables(edition: Edition) -> dict[str, Table]:
    """Return every table by its name, keyed by the hash as a decimal string."""
    made = {
        "DestinyInventoryItemDefinition": _items(),
        "DestinyInventoryBucketDefinition": _buckets(edition.vault_capacity),
        "DestinyClassDefinition": _classes(),
        "DestinyRaceDefinition": _named(RACE_HASHES, ("Human", "Awoken", "Exo"), "raceType"),
        "DestinyGenderDefinition": _named(
            GENDER_HASHES, ("Body Type 1", "Body Type 2"), "genderType"
        ),
        "DestinyDamageTypeDefinition": _damage_types(),
        "DestinyStatDefinition": _stats(),
        "DestinyStatGroupDefinition": _stat_groups(),
        "DestinyItemTierTypeDefinition": _tiers(),
        "DestinySandboxPerkDefinition": _perks(),
        "DestinyPlugSetDefinition": _plug_sets(),
        "DestinySocketTypeDefinition": _socket_types(),
        "DestinySocketCategoryDefinition": _socket_categories(),
        "DestinyObjectiveDefinition": _objectives(),
        "DestinyVendorDefinition": listing(vendors()),
        "DestinyVendorGroupDefinition": listing(vendor_groups()),
        "DestinyDestinationDefinition": listing(destinations()),
        "DestinyPlaceDefinition": listing(
            [
                {"displayProperties": show(place.name), "hash": place.hash}
                for place in facts().places
            ]
        ),
        "DestinyPowerCapDefinition": listing([{"powerCap": 999900, "hash": hash_of("power cap")}]),
        "DestinyInventoryItemConstantsDefinition": listing([{"hash": 1}]),
        **loadout_tables(),
    }
    if edition.hostile:
        for table in made.values():
            for row in table.values():
                spoil(row)
    return made


def _items() -> Table:
    return {
        str(item.item_hash): item_table.definition(item, index)
        for index, item in enumerate(item_table.listed())
    }


def _buckets(vault_capacity: int | None) -> Table:
    rows = []
    for bucket in facts().buckets:
        vault = bucket.hash == Bucket.VAULT
        rows.append(
            {
                "displayProperties": (
                    {"iconHash": 0, "hasIcon": False} if bucket.name is None else show(bucket.name)
                ),
                "scope": bucket.scope,
                "category": bucket.category,
                "bucketOrder": bucket.order,
                "itemCount": vault_capacity if vault and vault_capacity else bucket.capacity,
                "location": bucket.location,
                "hasTransferDestination": bucket.vaultable,
                "enabled": bucket.enabled,
                "fifo": bucket.fifo,
                "hash": bucket.hash,
            }
        )
    return listing(rows)


def _classes() -> Table:
    rows: list[dict[str, Any]] = []
    for number, name in enumerate(("Titan", "Hunter", "Warlock")):
        rows.append(
            {
                "classType": number,
                "displayProperties": show(name, icon=sign_path(name.lower())),
                "genderedClassNames": {"Male": name, "Female": name},
                "genderedClassNamesByGenderHash": {str(gender): name for gender in GENDER_HASHES},
                "hash": CLASS_HASHES[number],
            }
        )
    return listing(rows)


def _named(hashes: tuple[int, ...], names: tuple[str, ...], number_key: str) -> Table:
    return listing(
        [
            {"displayProperties": show(name), number_key: number, "hash": hashes[number]}
            for number, name in enumerate(names)
        ]
    )


def _damage_types() -> Table:
    rows = []
    for name, (number, damage_hash, colour) in DAMAGE.items():
        red, green, blue = bytes.fromhex(colour[1:])
        rows.append(
            {
                "displayProperties": show(name, icon=sign_path(name.lower(), colour)),
                "transparentIconPath": sign_path(name.lower(), colour),
                "showIcon": True,
                "enumValue": number,
                "color": {"red": red, "green": green, "blue": blue, "alpha": 255},
                "hash": damage_hash,
            }
        )
    return listing(rows)


def _stats() -> Table:
    return listing(
        [
            {
                "displayProperties": show(stat.name, icon=sign_path("stat") if stat.name else ""),
                "aggregationType": stat.aggregation,
                "hasComputedBlock": False,
                "statCategory": stat.category,
                "interpolate": False,
                "hash": stat.hash,
            }
            for stat in facts().stats
        ]
    )


def _stat_groups() -> Table:
    groups: dict[int, list[int]] = {}
    for item in item_table.listed():
        if item.item_type == ItemType.WEAPON or item.bucket in ARMOR:
            shown = [stat for stat, _ in item.stats] or list(CHARACTER_STATS.values())
            groups.setdefault(item_table.stat_group(item), shown)
    return listing(
        [
            {
                "maximumValue": 100,
                "uiPosition": 0,
                "scaledStats": [
                    {
                        "statHash": stat,
                        "maximumValue": 100,
                        "displayAsNumeric": stat in _NUMERIC,
                        "displayInterpolation": [
                            {"value": 0, "weight": 0},
                            {"value": 100, "weight": 100},
                        ],
                    }
                    for stat in stats
                ],
                "overrides": {},
                "hash": group,
            }
            for group, stats in groups.items()
        ]
    )


def _tiers() -> Table:
    return listing(
        [
            {"displayProperties": show(name), "hash": tier_hash}
            for name, (_, tier_hash) in TIERS.items()
        ]
    )


def _perks() -> Table:
    shown = {}
    for plug in plugs.all_plugs().values():
        if plug.plug_role in {"intrinsic", "trait", "origin"}:
            perk = hash_of("perk", plug.name)
            shown[perk] = {
                "displayProperties": show(plug.name, plug.text, icon_path(plug)),
                "isDisplayable": True,
                "damageType": 0,
                "hash": perk,
            }
    return listing(list(shown.values()))


def _plug_sets() -> Table:
    rows = {}
    for item in item_table.listed():
        for socket in item.sockets:
            rows[socket_table.plug_set(socket)] = {
                "reusablePlugItems": [
                    {"weight": 1.0, "alternateWeight": 0.0, "currentlyCanRoll": True,
                     "plugItemHash": plug}
                    for plug in socket.pool
                ],
                "isFakePlugSet": False,
                "hash": socket_table.plug_set(socket),
            }  # fmt: skip
    return listing(list(rows.values()))


def _socket_types() -> Table:
    roles = {socket.role for item in item_table.listed() for socket in item.sockets}
    return listing(
        [
            {
                "displayProperties": show(""),
                "insertAction": {},
                "plugWhitelist": [],
                "socketCategoryHash": 0,
                "visibility": 0,
                "alwaysRandomizeSockets": False,
                "isPreviewEnabled": True,
                "hideDuplicateReusablePlugs": True,
                "overridesUiAppearance": False,
                "avoidDuplicatesOnInitialization": False,
                "currencyScalars": [],
                "hash": socket_table.socket_type(role),
            }
            for role in sorted(roles)
        ]
    )


def _socket_categories() -> Table:
    return listing(
        [
            {
                "displayProperties": show(name),
                "uiCategoryStyle": 0,
                "categoryStyle": 0,
                "hash": key,
            }
            for key, name in socket_table.CATEGORIES.values()
        ]
    )


def _objectives() -> Table:
    words = {hash_of("objective", "kills"): "Defeated"}
    for quest in fiction()["quests"]:
        words |= {hash_of("objective", quest["name"], step): step for step in quest["steps"]}
    return listing(
        [
            {
                "displayProperties": show(text),
                "completionValue": 10,
                "progressDescription": text,
                "hash": key,
            }
            for key, text in words.items()
        ]
    )
