"""The operations of the Platform: which path is which, and what carries it out."""

from collections.abc import Callable
from typing import Any, Final

from werkzeug.routing import Map, Rule

from bungie_sandbox.http import actions, reads
from bungie_sandbox.http.call import Call
from bungie_sandbox.responses import content_responses
from bungie_sandbox.world import loadouts

_D2: Final = "/Platform/Destiny2/"
_OF_MEMBERSHIP: Final = _D2 + "<membership_type>/Profile/<membership_id>/"
_ITEMS: Final = _D2 + "Actions/Items/"
_LOADOUTS: Final = _D2 + "Actions/Loadouts/"

# operation: (method, path, what it does, the system that can be switched off)
OPERATIONS: Final[dict[str, tuple[str, str, Callable[[Call], Any], str]]] = {
    "GetMembershipDataForCurrentUser": (
        "GET", "/Platform/User/GetMembershipsForCurrentUser/", reads.current_user, ""),
    "GetMembershipDataById": (
        "GET", "/Platform/User/GetMembershipsById/<membership_id>/<membership_type>/",
        reads.user_by_id, ""),
    "GetLinkedProfiles": (
        "GET", _OF_MEMBERSHIP + "LinkedProfiles/", reads.linked, "DestinyLinkedProfiles"),
    "GetProfile": ("GET", _OF_MEMBERSHIP, reads.profile, "D2Profiles"),
    "GetCharacter": (
        "GET", _OF_MEMBERSHIP + "Character/<character_id>/", reads.character, "D2Characters"),
    "GetItem": ("GET", _OF_MEMBERSHIP + "Item/<item_instance_id>/", reads.item, "D2Items"),
    "GetVendors": (
        "GET", _OF_MEMBERSHIP + "Character/<character_id>/Vendors/", reads.vendors, "D2Vendors"),
    "GetVendor": (
        "GET", _OF_MEMBERSHIP + "Character/<character_id>/Vendors/<vendor_hash>/",
        reads.vendor, "D2Vendors"),
    "GetPublicVendors": ("GET", _D2 + "Vendors/", reads.public_vendors, "D2Vendors"),
    "TransferItem": ("POST", _ITEMS + "TransferItem/", actions.transfer, "D2TransferItem"),
    "PullFromPostmaster": (
        "POST", _ITEMS + "PullFromPostmaster/", actions.pull, "D2PullFromPostmaster"),
    "EquipItem": ("POST", _ITEMS + "EquipItem/", actions.equip, "D2EquipItem"),
    "EquipItems": ("POST", _ITEMS + "EquipItems/", actions.equip_many, "D2EquipItem"),
    "SetItemLockState": ("POST", _ITEMS + "SetLockState/", actions.lock, "D2SetItemLockState"),
    "SetQuestTrackedState": ("POST", _ITEMS + "SetTrackedState/", actions.track, ""),
    "InsertSocketPlugFree": (
        "POST", _ITEMS + "InsertSocketPlugFree/", actions.plug, "D2InsertPlugsFree"),
    "EquipLoadout": ("POST", _LOADOUTS + "EquipLoadout/", actions.loadout(loadouts.equip), ""),
    "SnapshotLoadout": (
        "POST", _LOADOUTS + "SnapshotLoadout/", actions.loadout(loadouts.snapshot), ""),
    "UpdateLoadoutIdentifiers": (
        "POST", _LOADOUTS + "UpdateLoadoutIdentifiers/", actions.loadout(loadouts.rename), ""),
    "ClearLoadout": ("POST", _LOADOUTS + "ClearLoadout/", actions.loadout(loadouts.clear), ""),
    "GetDestinyManifest": ("GET", _D2 + "Manifest/", reads.manifest, ""),
    "GetDestinyEntityDefinition": (
        "GET", _D2 + "Manifest/<entity_type>/<hash_identifier>/", reads.entity, ""),
    "SearchDestinyEntities": (
        "GET", _D2 + "Armory/Search/<entity_type>/<term>/", reads.search, ""),
    "GetPublicMilestones": (
        "GET", _D2 + "Milestones/",
        lambda call: content_responses.milestones(call.bungie.clock), "D2PublicMilestones"),
    "GetCommonSettings": (
        "GET", "/Platform/Settings/",
        lambda call: content_responses.settings(call.bungie.systems), ""),
    "GetGlobalAlerts": (
        "GET", "/Platform/GlobalAlerts/", lambda call: call.bungie.alerts, ""),
}  # fmt: skip

ROUTES: Final = Map(
    [
        Rule(path, endpoint=name, methods=[method])
        for name, (method, path, _, _) in OPERATIONS.items()
    ],
    strict_slashes=False,
    redirect_defaults=False,
)
