"""The operations that only read."""

from typing import Any

from bungie_sandbox.errors import Code, Refusal
from bungie_sandbox.http.platform_request import PlatformRequest
from bungie_sandbox.manifest.files import manifest_response
from bungie_sandbox.oauth import READ_INVENTORY, require_scope
from bungie_sandbox.responses import (
    content_responses,
    profile_responses,
    user_responses,
    vendor_responses,
)
from bungie_sandbox.responses.profile_responses import View
from bungie_sandbox.world import rules
from bungie_sandbox.world.belongings import Character, Profile
from bungie_sandbox.world.players import Player


def get_current_user(request: PlatformRequest) -> Any:
    """Answer GetMembershipDataForCurrentUser."""
    return user_responses.membership_data(request.require_player())


def get_user_by_id(request: PlatformRequest) -> Any:
    """Answer GetMembershipDataById."""
    return user_responses.membership_data(_find_player(request))


def _find_player(request: PlatformRequest) -> Player:
    """Return the player of the Bungie.net id or the membership id in the path."""
    membership_id = request.path_args["membership_id"]
    if request.path_number("membership_type") == user_responses.BUNGIE_NEXT:
        player = request.bungie.world.by_bungie_id(membership_id)
        if player is None:
            raise Refusal(Code.ACCOUNT_NOT_FOUND)
        return player
    try:
        return request.bungie.world.player(membership_id)
    except LookupError as error:
        raise Refusal(Code.ACCOUNT_NOT_FOUND) from error


def get_linked_profiles(request: PlatformRequest) -> Any:
    """Answer GetLinkedProfiles."""
    return user_responses.linked_profiles(_find_player(request))


def _read_view(request: PlatformRequest) -> View:
    requested = request.requested_components()
    bungie = request.bungie
    player, membership, profile = bungie.world.membership(
        request.path_number("membership_type"), request.path_args["membership_id"]
    )
    is_owner = request.player is player and bool(request.app.scopes & READ_INVENTORY)
    cached_profile, read_at = bungie.read_lag.read(
        request.server, membership.id, profile, bungie.clock.now()
    )
    return View(
        player=player,
        membership=membership,
        profile=cached_profile,
        requested=requested,
        is_owner=is_owner,
        now=read_at,
        disabled=frozenset(bungie.disabled),
        withheld=bungie.take_withheld(player.full_name),
    )


def get_profile(request: PlatformRequest) -> Any:
    """Answer GetProfile."""
    return profile_responses.profile_response(_read_view(request))


def get_character(request: PlatformRequest) -> Any:
    """Answer GetCharacter."""
    view = _read_view(request)
    character = view.profile.characters.get(request.path_args["character_id"])
    if character is None:
        # Bungie answers with an empty success here, not with 1620 (seen #240).
        return {"itemComponents": {}}
    return profile_responses.character_response(view, character)


def get_item(request: PlatformRequest) -> Any:
    """Answer GetItem."""
    return profile_responses.item_response(
        _read_view(request), request.path_args["item_instance_id"]
    )


def _find_own_character(request: PlatformRequest) -> tuple[Profile, Character]:
    """Return the player's own profile and the character in the path, for the vendors."""
    require_scope(request.app, READ_INVENTORY)
    player, _, profile = request.bungie.world.membership(
        request.path_number("membership_type"), request.path_args["membership_id"]
    )
    if request.require_player() is not player:
        raise Refusal(Code.PRIVACY_RESTRICTION)
    return profile, rules.find_character(profile, request.path_args["character_id"])


def get_vendors(request: PlatformRequest) -> Any:
    """Answer GetVendors."""
    requested = request.requested_components()
    profile, character = _find_own_character(request)
    now = request.bungie.clock.now()
    return vendor_responses.vendors_response(profile, character, requested, now)


def get_vendor(request: PlatformRequest) -> Any:
    """Answer GetVendor."""
    requested = request.requested_components()
    vendor_hash = request.path_number("vendor_hash")
    profile, character = _find_own_character(request)
    now = request.bungie.clock.now()
    return vendor_responses.vendor_response(profile, character, vendor_hash, requested, now)


def get_public_vendors(request: PlatformRequest) -> Any:
    """Answer GetPublicVendors."""
    return vendor_responses.public_vendors_response(
        request.requested_components(), request.bungie.clock.now()
    )


def get_manifest(request: PlatformRequest) -> Any:
    """Answer GetDestinyManifest."""
    return manifest_response(request.bungie.current_edition())


def get_definition(request: PlatformRequest) -> Any:
    """Answer GetDestinyEntityDefinition."""
    return content_responses.definition(
        request.bungie.current_edition(),
        request.path_args["entity_type"],
        request.path_args["hash_identifier"],
    )


def search_definitions(request: PlatformRequest) -> Any:
    """Answer SearchDestinyEntities."""
    page = request.http_request.args.get("page", 0, type=int)
    return content_responses.search(
        request.bungie.current_edition(),
        request.path_args["entity_type"],
        request.path_args["term"],
        page,
    )
