"""The sockets of an item and the plug block of a plug, in Bungie's shape."""

from typing import Any, Final

from bungie_sandbox.game_data.definitions import ItemDefinition, Socket
from bungie_sandbox.game_data.facts import hash_of
from bungie_sandbox.game_data.game import ItemType

# Socket categories: (hash, name).
CATEGORIES: Final = {
    "intrinsic": (3956125808, "INTRINSIC TRAITS"),
    "weapon": (4241085061, "WEAPON PERKS"),
    "weapon mod": (2685412949, "WEAPON MODS"),
    "weapon look": (2048875504, "WEAPON COSMETICS"),
    "armor": (3154740035, "ARMOR PERKS"),
    "armor mod": (590099826, "ARMOR MODS"),
    "armor look": (1926152773, "ARMOR COSMETICS"),
    "ability": (3218807805, "ABILITIES"),
}
_WEAPON_ROLES: Final = frozenset({"barrel", "magazine", "trait", "origin", "stock"})
_PREMIUM: Final = frozenset({"masterwork", "catalyst"})


def category_of(item: ItemDefinition, role: str) -> int:
    """Return the hash of the socket category of a role."""
    prefix = "weapon" if item.item_type == ItemType.WEAPON else "armor"
    if role in CATEGORIES:
        key = role
    elif role == "shader":
        key = f"{prefix} look"
    else:
        key = prefix if role in _WEAPON_ROLES | {"archetype"} else f"{prefix} mod"
    return CATEGORIES[key][0]


def socket_type(role: str) -> int:
    """Return the hash of the socket type of a role."""
    return hash_of("socket type", role)


def plug_set(socket: Socket) -> int:
    """Return the hash of the plug set of a socket."""
    return hash_of("plug set", *map(str, socket.pool))


def socket_block(item: ItemDefinition) -> dict[str, Any]:
    """Return the ``sockets`` of an item's definition."""
    entries: list[dict[str, Any]] = []
    categories: dict[int, list[int]] = {}
    for index, socket in enumerate(item.sockets):
        randomized = socket.role in _WEAPON_ROLES and item.tier != "Exotic"
        key = "randomizedPlugSetHash" if randomized else "reusablePlugSetHash"
        entries.append(
            {
                "socketTypeHash": socket_type(socket.role),
                "singleInitialItemHash": socket.initial,
                "reusablePlugItems": [{"plugItemHash": socket.initial}],
                "preventInitializationOnVendorPurchase": False,
                "preventInitializationWhenVersioning": False,
                "hidePerksInItemTooltip": False,
                "plugSources": 2 if randomized else 1,
                "overridesUiAppearance": False,
                "defaultVisible": True,
                key: plug_set(socket),
            }
        )
        categories.setdefault(category_of(item, socket.role), []).append(index)
    return {
        "detail": "",
        "socketEntries": entries,
        "intrinsicSockets": [],
        "socketCategories": [
            {"socketCategoryHash": category, "socketIndexes": indexes}
            for category, indexes in categories.items()
        ],
    }


def plug_block(item: ItemDefinition) -> dict[str, Any]:
    """Return the ``plug`` of a plug's definition."""
    return {
        "insertionRules": [],
        "plugCategoryIdentifier": item.plug_category,
        "plugCategoryHash": hash_of("plug category", item.plug_category),
        "onActionRecreateSelf": False,
        "insertionMaterialRequirementHash": (
            hash_of("materials", item.plug_role) if item.plug_role in _PREMIUM else 0
        ),
        "previewItemOverrideHash": 0,
        "enabledMaterialRequirementHash": 0,
        "enabledRules": [],
        "uiPlugLabel": item.plug_role if item.plug_role in _PREMIUM else "",
        "plugStyle": 1 if item.plug_role == "masterwork" else 0,
        "plugAvailability": 0,
        "alternateUiPlugLabel": "",
        "alternatePlugStyle": 0,
        "isDummyPlug": False,
        "applyStatsToSocketOwnerItem": False,
    }
