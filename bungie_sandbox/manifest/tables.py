"""The tables of the manifest, in Bungie's shape."""

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
from bungie_sandbox.manifest.table_rows import (
    Table,
    add_hostile_text,
    display_properties,
    index_rows,
)
from bungie_sandbox.manifest.vendor_table import destinations, vendor_groups, vendors
from bungie_sandbox.pictures.images import icon_path, plain_icon_path

# Rounds Per Minute, Magazine, Recoil Direction: shown as numbers, not as bars.
_NUMERIC: Final = frozenset({4284893193, 3871231066, 2715839340})


class Edition(msgspec.Struct, frozen=True):
    """The properties in which two manifests differ.

    Attributes:
        number: grows when the manifest changes; it is part of the version and the paths.
        hostile: every name contains markup, quotes, a template expression and a bidi override.
        vault_capacity: capacity of the vault in the bucket table; ``None``: Bungie's.
    """

    number: int = 1
    hostile: bool = False
    vault_capacity: int | None = None


@cache
def tables(edition: Edition) -> dict[str, Table]:
    """Return all tables by name; a table has its rows by the hash as a decimal string."""
    tables_by_name = {
        "DestinyInventoryItemDefinition": _items(),
        "DestinyInventoryBucketDefinition": _buckets(edition.vault_capacity),
        "DestinyClassDefinition": _classes(),
        "DestinyRaceDefinition": _enum_rows(RACE_HASHES, ("Human", "Awoken", "Exo"), "raceType"),
        "DestinyGenderDefinition": _enum_rows(
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
        "DestinyVendorDefinition": index_rows(vendors()),
        "DestinyVendorGroupDefinition": index_rows(vendor_groups()),
        "DestinyDestinationDefinition": index_rows(destinations()),
        "DestinyPlaceDefinition": index_rows(
            [
                {"displayProperties": display_properties(place.name), "hash": place.hash}
                for place in facts().places
            ]
        ),
        "DestinyPowerCapDefinition": index_rows(
            [{"powerCap": 999900, "hash": hash_of("power cap")}]
        ),
        "DestinyInventoryItemConstantsDefinition": index_rows([{"hash": 1}]),
        **loadout_tables(),
    }
    if edition.hostile:
        for table in tables_by_name.values():
            for row in table.values():
                add_hostile_text(row)
    return tables_by_name


def _items() -> Table:
    return {
        str(item.item_hash): item_table.definition_row(item, index)
        for index, item in enumerate(item_table.items_with_definition())
    }


def _buckets(vault_capacity: int | None) -> Table:
    rows = []
    for bucket in facts().buckets:
        is_vault = bucket.hash == Bucket.VAULT
        rows.append(
            {
                "displayProperties": (
                    {"iconHash": 0, "hasIcon": False}
                    if bucket.name is None
                    else display_properties(bucket.name)
                ),
                "scope": bucket.scope,
                "category": bucket.category,
                "bucketOrder": bucket.order,
                "itemCount": vault_capacity if is_vault and vault_capacity else bucket.capacity,
                "location": bucket.location,
                "hasTransferDestination": bucket.vaultable,
                "enabled": bucket.enabled,
                "fifo": bucket.fifo,
                "hash": bucket.hash,
            }
        )
    return index_rows(rows)


def _classes() -> Table:
    rows: list[dict[str, Any]] = []
    for number, name in enumerate(("Titan", "Hunter", "Warlock")):
        rows.append(
            {
                "classType": number,
                "displayProperties": display_properties(name, icon=plain_icon_path(name.lower())),
                "genderedClassNames": {"Male": name, "Female": name},
                "genderedClassNamesByGenderHash": {str(gender): name for gender in GENDER_HASHES},
                "hash": CLASS_HASHES[number],
            }
        )
    return index_rows(rows)


def _enum_rows(hashes: tuple[int, ...], names: tuple[str, ...], number_key: str) -> Table:
    return index_rows(
        [
            {
                "displayProperties": display_properties(name),
                number_key: number,
                "hash": hashes[number],
            }
            for number, name in enumerate(names)
        ]
    )


def _damage_types() -> Table:
    rows = []
    for name, (number, damage_hash, color) in DAMAGE.items():
        red, green, blue = bytes.fromhex(color[1:])
        rows.append(
            {
                "displayProperties": display_properties(
                    name, icon=plain_icon_path(name.lower(), color)
                ),
                "transparentIconPath": plain_icon_path(name.lower(), color),
                "showIcon": True,
                "enumValue": number,
                "color": {"red": red, "green": green, "blue": blue, "alpha": 255},
                "hash": damage_hash,
            }
        )
    return index_rows(rows)


def _stats() -> Table:
    return index_rows(
        [
            {
                "displayProperties": display_properties(
                    stat.name, icon=plain_icon_path("stat") if stat.name else ""
                ),
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
    for item in item_table.items_with_definition():
        if item.item_type == ItemType.WEAPON or item.bucket in ARMOR:
            stats = [stat for stat, _ in item.stats] or list(CHARACTER_STATS.values())
            groups.setdefault(item_table.stat_group(item), stats)
    return index_rows(
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
    return index_rows(
        [
            {"displayProperties": display_properties(name), "hash": tier_hash}
            for name, (_, tier_hash) in TIERS.items()
        ]
    )


def _perks() -> Table:
    rows = {}
    for plug in plugs.all_plugs().values():
        if plug.plug_role in {"intrinsic", "trait", "origin"}:
            perk = hash_of("perk", plug.name)
            rows[perk] = {
                "displayProperties": display_properties(plug.name, plug.text, icon_path(plug)),
                "isDisplayable": True,
                "damageType": 0,
                "hash": perk,
            }
    return index_rows(list(rows.values()))


def _plug_sets() -> Table:
    rows = {}
    for item in item_table.items_with_definition():
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
    return index_rows(list(rows.values()))


def _socket_types() -> Table:
    roles = {socket.role for item in item_table.items_with_definition() for socket in item.sockets}
    return index_rows(
        [
            {
                "displayProperties": display_properties(""),
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
    return index_rows(
        [
            {
                "displayProperties": display_properties(name),
                "uiCategoryStyle": 0,
                "categoryStyle": 0,
                "hash": key,
            }
            for key, name in socket_table.CATEGORIES.values()
        ]
    )


def _objectives() -> Table:
    texts = {hash_of("objective", "kills"): "Defeated"}
    for quest in fiction()["quests"]:
        texts |= {hash_of("objective", quest["name"], step): step for step in quest["steps"]}
    return index_rows(
        [
            {
                "displayProperties": display_properties(text),
                "completionValue": 10,
                "progressDescription": text,
                "hash": key,
            }
            for key, text in texts.items()
        ]
    )
