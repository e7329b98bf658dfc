"""What all rows of the manifest's tables have in common."""

from typing import Any

from bungie_sandbox.game_data.definitions import HOSTILE

Table = dict[str, dict[str, Any]]


def show(name: str, text: str = "", icon: str = "") -> dict[str, Any]:
    """Return DestinyDisplayPropertiesDefinition."""
    shown: dict[str, Any] = {"description": text, "name": name, "iconHash": 0}
    return shown | ({"icon": icon, "hasIcon": True} if icon else {"hasIcon": False})


def listing(rows: list[dict[str, Any]]) -> Table:
    """Key rows by their hash and give them what every definition has."""
    common = {"redacted": False, "blacklisted": False}
    return {str(row["hash"]): {**row, "index": index, **common} for index, row in enumerate(rows)}


def spoil(row: dict[str, Any]) -> None:
    """Make every text of a row that a client may show hostile, where there is one."""
    shown = row.get("displayProperties", {})
    for texts in (shown, row):
        for key in ("name", "description", "itemTypeDisplayName", "flavorText"):
            if texts.get(key):
                texts[key] = f"{texts[key]} {HOSTILE}"
