"""The tables about in-game loadouts: names, icons, colors, constants."""

from bungie_sandbox.game_data.facts import hash_of
from bungie_sandbox.game_data.game import DAMAGE, LOADOUTS
from bungie_sandbox.manifest.table_rows import Table, display_properties, index_rows
from bungie_sandbox.pictures.images import plain_icon_path


def loadout_tables() -> dict[str, Table]:
    """Return the tables about in-game loadouts, by name."""
    names = ("Strike", "Patrol", "Arena", "Raid", "Idle")
    inks = ("arc", "solar", "void", "stasis", "strand")
    return {
        "DestinyLoadoutNameDefinition": index_rows(
            [{"name": name, "hash": hash_of("loadout name", name)} for name in names]
        ),
        "DestinyLoadoutIconDefinition": index_rows(
            [
                {"iconImagePath": plain_icon_path(ink), "hash": hash_of("loadout icon", ink)}
                for ink in inks
            ]
        ),
        "DestinyLoadoutColorDefinition": index_rows(
            [
                {"colorImagePath": plain_icon_path("kinetic", DAMAGE[ink.title()][2]),
                 "hash": hash_of("loadout color", ink)}
                for ink in inks
            ]
        ),
        "DestinyLoadoutConstantsDefinition": index_rows(
            [
                {
                    "displayProperties": display_properties("Loadouts"),
                    "whiteIconImagePath": plain_icon_path("mod"),
                    "blackIconImagePath": plain_icon_path("mod", "000000"),
                    "loadoutCountPerCharacter": LOADOUTS,
                    "loadoutPreviewFilterOutSocketCategoryHashes": [],
                    "loadoutPreviewFilterOutSocketTypeHashes": [],
                    "loadoutNameHashes": [hash_of("loadout name", name) for name in names],
                    "loadoutIconHashes": [hash_of("loadout icon", ink) for ink in inks],
                    "loadoutColorHashes": [hash_of("loadout color", ink) for ink in inks],
                    "hash": 1,
                }
            ]
        ),
    }  # fmt: skip
