"""The operations of the Platform: method, path, handler and system of each."""

from collections.abc import Callable
from typing import Any, Final

from werkzeug.routing import Map, Rule

from bungie_sandbox.http import actions, reads
from bungie_sandbox.http.platform_request import PlatformRequest
from bungie_sandbox.responses import content_responses
from bungie_sandbox.world import loadouts

_D2: Final = "/Platform/Destiny2/"
_PROFILE: Final = _D2 + "<membership_type>/Profile/<membership_id>/"
_ITEMS: Final = _D2 + "Actions/Items/"
_LOADOUTS: Final = _D2 + "Actions/Loadouts/"

# operation: (method, path, handler, system; "" for an operation that belongs to no system)
OPERATIONS: Final[dict[str, tuple[str, str, Callable[[PlatformRequest], Any], str]]] = {
    "GetMembershipDataForCurrentUser": (
        "GET", "/Platform/User/GetMembershipsForCurrentUser/", reads.get_current_user, ""),
    "GetMembershipDataById": (
        "GET", "/Platform/User/GetMembershipsById/<membership_id>/<membership_type>/",
        reads.get_user_by_id, ""),
    "GetLinkedProfiles": (
        "GET", _PROFILE + "LinkedProfiles/", reads.get_linked_profiles, "DestinyLinkedProfiles"),
    "GetProfile": ("GET", _PROFILE, reads.get_profile, "D2Profiles"),
    "GetCharacter": (
        "GET", _PROFILE + "Character/<character_id>/", reads.get_character, "D2Characters"),
    "GetItem": ("GET", _PROFILE + "Item/<item_instance_id>/", reads.get_item, "D2Items"),
    "GetVendors": (
        "GET", _PROFILE + "Character/<character_id>/Vendors/", reads.get_vendors, "D2Vendors"),
    "GetVendor": (
        "GET", _PROFILE + "Character/<character_id>/Vendors/<vendor_hash>/",
        reads.get_vendor, "D2Vendors"),
    "GetPublicVendors": ("GET", _D2 + "Vendors/", reads.get_public_vendors, "D2Vendors"),
    "TransferItem": ("POST", _ITEMS + "TransferItem/", actions.transfer_item, "D2TransferItem"),
    "PullFromPostmaster": (
        "POST", _ITEMS + "PullFromPostmaster/", actions.pull_from_postmaster,
        "D2PullFromPostmaster"),
    "EquipItem": ("POST", _ITEMS + "EquipItem/", actions.equip_item, "D2EquipItem"),
    "EquipItems": ("POST", _ITEMS + "EquipItems/", actions.equip_items, "D2EquipItem"),
    "SetItemLockState": (
        "POST", _ITEMS + "SetLockState/", actions.set_lock_state, "D2SetItemLockState"),
    "SetQuestTrackedState": ("POST", _ITEMS + "SetTrackedState/", actions.set_tracked_state, ""),
    "InsertSocketPlugFree": (
        "POST", _ITEMS + "InsertSocketPlugFree/", actions.insert_plug, "D2InsertPlugsFree"),
    "EquipLoadout": (
        "POST", _LOADOUTS + "EquipLoadout/",
        actions.create_loadout_handler(loadouts.equip), ""),
    "SnapshotLoadout": (
        "POST", _LOADOUTS + "SnapshotLoadout/",
        actions.create_loadout_handler(loadouts.snapshot), ""),
    "UpdateLoadoutIdentifiers": (
        "POST", _LOADOUTS + "UpdateLoadoutIdentifiers/",
        actions.create_loadout_handler(loadouts.set_identifiers), ""),
    "ClearLoadout": (
        "POST", _LOADOUTS + "ClearLoadout/",
        actions.create_loadout_handler(loadouts.clear), ""),
    "GetDestinyManifest": ("GET", _D2 + "Manifest/", reads.get_manifest, ""),
    "GetDestinyEntityDefinition": (
        "GET", _D2 + "Manifest/<entity_type>/<hash_identifier>/", reads.get_definition, ""),
    "SearchDestinyEntities": (
        "GET", _D2 + "Armory/Search/<entity_type>/<term>/", reads.search_definitions, ""),
    "GetPublicMilestones": (
        "GET", _D2 + "Milestones/",
        lambda request: content_responses.milestones(request.bungie.clock),
        "D2PublicMilestones"),
    "GetCommonSettings": (
        "GET", "/Platform/Settings/",
        lambda request: content_responses.settings(request.bungie.systems), ""),
    "GetGlobalAlerts": (
        "GET", "/Platform/GlobalAlerts/", lambda request: request.bungie.alerts, ""),
}  # fmt: skip

ROUTES: Final = Map(
    [
        Rule(path, endpoint=name, methods=[method])
        for name, (method, path, _, _) in OPERATIONS.items()
    ],
    strict_slashes=False,
    redirect_defaults=False,
)
