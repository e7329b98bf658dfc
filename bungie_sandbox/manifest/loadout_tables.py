"""The manifest's tables about in-game loadouts: names, icons, colours, how many."""

from bungie_sandbox.game_data.facts import hash_of
from bungie_sandbox.game_data.game import DAMAGE, LOADOUTS
from bungie_sandbox.manifest.table_rows import Table, listing, show
from bungie_sandbox.pictures.images import sign_path


def loadout_tables() -> dict[str, Table]:
    """Return the tables about in-game loadouts, by name."""
    names = ("Strike", "Patrol", "Arena", "Raid", "Idle")
    inks = ("arc", "solar", "void", "stasis", "strand")
    return {
        "DestinyLoadoutNameDefinition": listing(
            [{"name": name, "hash": hash_of("loadout name", name)} for name in names]
        ),
        "DestinyLoadoutIconDefinition": listing(
            [
                {"iconImagePath": sign_path(ink), "hash": hash_of("loadout icon", ink)}
                for ink in inks
            ]
        ),
        "DestinyLoadoutColorDefinition": listing(
            [
                {"colorImagePath": sign_path("kinetic", DAMAGE[ink.title()][2]),
                 "hash": hash_of("loadout color", ink)}
                for ink in inks
            ]
        ),
        "DestinyLoadoutConstantsDefinition": listing(
            [
                {
                    "displayProperties": show("Loadouts"),
                    "whiteIconImagePath": sign_path("mod"),
                    "blackIconImagePath": sign_path("mod", "000000"),
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
