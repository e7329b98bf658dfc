"""Functions for the rows of all tables."""

from typing import Any

from bungie_sandbox.game_data.definitions import HOSTILE

Table = dict[str, dict[str, Any]]


def display_properties(name: str, text: str = "", icon: str = "") -> dict[str, Any]:
    """Return DestinyDisplayPropertiesDefinition."""
    properties: dict[str, Any] = {"description": text, "name": name, "iconHash": 0}
    return properties | ({"icon": icon, "hasIcon": True} if icon else {"hasIcon": False})


def index_rows(rows: list[dict[str, Any]]) -> Table:
    """Return rows by hash, with the fields that every definition has."""
    common = {"redacted": False, "blacklisted": False}
    return {str(row["hash"]): {**row, "index": index, **common} for index, row in enumerate(rows)}


def add_hostile_text(row: dict[str, Any]) -> None:
    """Append markup to every text of a row that a client may show."""
    for texts in (row.get("displayProperties", {}), row):
        for key in ("name", "description", "itemTypeDisplayName", "flavorText"):
            if texts.get(key):
                texts[key] = f"{texts[key]} {HOSTILE}"
