"""Responses that are the same for all players: definitions, search, milestones, settings."""

from typing import Any, Final

from bungie_sandbox.clock import Clock, format_timestamp
from bungie_sandbox.errors import Code, Refusal
from bungie_sandbox.game_data import plugs
from bungie_sandbox.game_data.definitions import BLOCKED_ROLES
from bungie_sandbox.game_data.facts import hash_of
from bungie_sandbox.manifest.socket_table import socket_type
from bungie_sandbox.manifest.tables import Edition, tables
from bungie_sandbox.manifest.vendor_table import XUR
from bungie_sandbox.pictures.images import MISSING, plain_icon_path
from bungie_sandbox.responses.vendor_responses import next_refresh

_PAGE: Final = 25

# Names of systems from public code; the operations of a disabled system are refused with 5.
SYSTEMS: Final = (
    "Destiny2",
    "D2Profiles",
    "D2Characters",
    "D2Items",
    "D2Vendors",
    "D2TransferItem",
    "D2PullFromPostmaster",
    "D2EquipItem",
    "D2SetItemLockState",
    "D2InsertPlugsFree",
    "D2PublicMilestones",
    "DestinyLinkedProfiles",
)


def definition(edition: Edition, table: str, key: str) -> dict[str, Any]:
    """Return the Response of GetDestinyEntityDefinition.

    Raises:
        Refusal: 21, no such table or no such hash.
    """
    row = tables(edition).get(table, {}).get(key)
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    return row


def search(edition: Edition, table: str, term: str, page: int) -> dict[str, Any]:
    """Return the Response of SearchDestinyEntities: rows whose name contains the term."""
    lowered_term = term.lower()
    matching_rows = [
        row
        for row in tables(edition).get(table, {}).values()
        if lowered_term in row.get("displayProperties", {}).get("name", "").lower()
    ]
    page_rows = matching_rows[page * _PAGE : (page + 1) * _PAGE]
    return {
        "suggestedWords": [],
        "results": {
            "results": [
                {
                    "hash": row["hash"],
                    "entityType": table,
                    "displayProperties": row["displayProperties"],
                    "weight": 1.0,
                }
                for row in page_rows
            ],
            "totalResults": len(matching_rows),
            "hasMore": len(matching_rows) > (page + 1) * _PAGE,
            "query": {"itemsPerPage": _PAGE, "currentPage": page, "requestContinuationToken": ""},
            "replacementContinuationToken": "",
            "useTotalResults": True,
        },
    }


def milestones(clock: Clock) -> dict[str, Any]:
    """Return the Response of GetPublicMilestones: one weekly milestone."""
    milestone = hash_of("milestone", "weekly")
    return {
        str(milestone): {
            "milestoneHash": milestone,
            "availableQuests": [],
            "activities": [],
            "vendorHashes": [],
            "vendors": [],
            "endDate": format_timestamp(next_refresh(XUR, clock.now())),
            "order": 100,
        }
    }


def settings(enabled: dict[str, bool]) -> dict[str, Any]:
    """Return the Response of GetCommonSettings."""
    lists = (
        "ignoreReasons", "forumCategories", "groupAvatars", "destinyMembershipTypes",
        "recruitmentPlatformTags", "recruitmentMiscTags", "recruitmentActivities",
        "userContentLocales", "systemContentLocales", "clanBannerDecals",
        "clanBannerDecalColors", "clanBannerGonfalons", "clanBannerGonfalonColors",
        "clanBannerGonfalonDetails", "clanBannerGonfalonDetailColors", "clanBannerStandards",
        "fireteamActivities",
    )  # fmt: skip
    return {
        "environment": "sandbox",
        "systems": {name: {"enabled": on, "parameters": {}} for name, on in enabled.items()},
        "destiny2CoreSettings": _core_settings(),
        "defaultGroupTheme": {
            "identifier": "",
            "isDefault": True,
            "displayName": "",
            "summary": "",
            "imagePath": "",
            "childSettings": [],
        },
        "emailSettings": {"optInDefinitions": {}, "subscriptionDefinitions": {}, "views": {}},
        **{name: [] for name in lists},
    }


def _core_settings() -> dict[str, Any]:
    roots = (
        "collectionRootNode", "badgesRootNode", "recordsRootNode", "medalsRootNode",
        "metricsRootNode", "activeTriumphsRootNodeHash", "activeSealsRootNodeHash",
        "legacyTriumphsRootNodeHash", "legacySealsRootNodeHash", "medalsRootNodeHash",
        "exoticCatalystsRootNodeHash", "loreRootNodeHash", "craftingRootNodeHash",
        "globalConstantsHash", "guardianRankConstantsHash", "fireteamFinderConstantsHash",
        "featuredItemsListHash", "seasonalHubEventCardHash", "guardianRanksRootNodeHash",
        "armorArchetypePlugSetHash", "currentSeasonalArtifactHash",
    )  # fmt: skip
    protected = [
        plug.item_hash
        for plug in plugs.all_plugs().values()
        if plug.plug_role in BLOCKED_ROLES | {"masterwork"}
    ]
    return {
        **{root: hash_of("root", root) for root in roots},
        "loadoutConstantsHash": 1,
        "inventoryItemConstantsHash": 1,
        "currentRankProgressionHashes": [],
        "insertPlugFreeProtectedPlugItemHashes": protected,
        "insertPlugFreeBlockedSocketTypeHashes": [socket_type(role) for role in BLOCKED_ROLES],
        "enabledFireteamFinderActivityGraphHashes": [],
        "undiscoveredCollectibleImage": MISSING,
        "ammoTypeHeavyIcon": plain_icon_path("magazine", "b48be6"),
        "ammoTypeSpecialIcon": plain_icon_path("magazine", "4fd97a"),
        "ammoTypePrimaryIcon": plain_icon_path("magazine", "f4f1fb"),
        "currentSeasonHash": hash_of("season", "28"),
        "currentSeasonPassHash": hash_of("season pass", "28"),
        "futureSeasonHashes": [],
        "pastSeasonHashes": [],
    }
