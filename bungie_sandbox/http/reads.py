"""The operations that only read."""

from typing import Any

from bungie_sandbox.http.call import Call
from bungie_sandbox.manifest.manifest import manifest_answer
from bungie_sandbox.oauth import READ_INVENTORY, demand
from bungie_sandbox.refusals import Code, Refusal
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


def current_user(call: Call) -> Any:
    """Answer GetMembershipDataForCurrentUser."""
    return user_responses.membership_data(call.signed_in())


def user_by_id(call: Call) -> Any:
    """Answer GetMembershipDataById."""
    return user_responses.membership_data(_anyone(call, "membership_id"))


def _anyone(call: Call, name: str) -> Player:
    """Return the player of a Bungie.net id or a membership id."""
    wanted = call.args[name]
    if call.number("membership_type") == user_responses.BUNGIE_NEXT:
        player = call.bungie.world.by_bungie_id(wanted)
        if player is None:
            raise Refusal(Code.ACCOUNT_NOT_FOUND)
        return player
    try:
        return call.bungie.world.player(wanted)
    except LookupError as error:
        raise Refusal(Code.ACCOUNT_NOT_FOUND) from error


def linked(call: Call) -> Any:
    """Answer GetLinkedProfiles."""
    return user_responses.linked_profiles(_anyone(call, "membership_id"))


def _view(call: Call) -> View:
    asked = call.asked()
    bungie = call.bungie
    player, membership, profile = bungie.world.membership(
        call.number("membership_type"), call.args["membership_id"]
    )
    own = call.player is player and bool(call.app.scopes & READ_INVENTORY)
    seen, taken = bungie.lag.read(call.server, membership.id, profile, bungie.clock.now())
    return View(
        player=player,
        membership=membership,
        profile=seen,
        asked=asked,
        owner=own,
        now=taken,
        disabled=frozenset(bungie.disabled),
        missing=bungie.withheld(player.full_name),
    )


def profile(call: Call) -> Any:
    """Answer GetProfile."""
    return profile_responses.profile_answer(_view(call))


def character(call: Call) -> Any:
    """Answer GetCharacter."""
    view = _view(call)
    character = view.profile.characters.get(call.args["character_id"])
    if character is None:
        # No 1620 here but a hollow success (seen #240).
        return {"itemComponents": {}}
    return profile_responses.character_answer(view, character)


def item(call: Call) -> Any:
    """Answer GetItem."""
    return profile_responses.item_answer(_view(call), call.args["item_instance_id"])


def _customer(call: Call) -> tuple[Profile, Character]:
    demand(call.app, READ_INVENTORY)
    player, _, profile = call.bungie.world.membership(
        call.number("membership_type"), call.args["membership_id"]
    )
    if call.signed_in() is not player:
        raise Refusal(Code.PRIVACY_RESTRICTION)
    return profile, rules.character_of(profile, call.args["character_id"])


def vendors(call: Call) -> Any:
    """Answer GetVendors."""
    asked = call.asked()
    return vendor_responses.vendors_answer(*_customer(call), asked, call.bungie.clock.now())


def vendor(call: Call) -> Any:
    """Answer GetVendor."""
    asked = call.asked()
    vendor = call.number("vendor_hash")
    return vendor_responses.vendor_answer(*_customer(call), vendor, asked, call.bungie.clock.now())


def public_vendors(call: Call) -> Any:
    """Answer GetPublicVendors."""
    return vendor_responses.public_vendors_answer(call.asked(), call.bungie.clock.now())


def manifest(call: Call) -> Any:
    """Answer GetDestinyManifest."""
    return manifest_answer(call.bungie.edition())


def entity(call: Call) -> Any:
    """Answer GetDestinyEntityDefinition."""
    return content_responses.entity(
        call.bungie.edition(), call.args["entity_type"], call.args["hash_identifier"]
    )


def search(call: Call) -> Any:
    """Answer SearchDestinyEntities."""
    page = call.request.args.get("page", 0, type=int)
    return content_responses.search(
        call.bungie.edition(), call.args["entity_type"], call.args["term"], page
    )
