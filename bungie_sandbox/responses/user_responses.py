"""Who a player is: membership data, linked profiles, user cards."""

from typing import Any, Final

from bungie_sandbox.clock import stamp
from bungie_sandbox.pictures.images import emblem_path, sign_path
from bungie_sandbox.refusals import Code
from bungie_sandbox.world.players import Membership, Player

BUNGIE_NEXT: Final = 254


def card(player: Player, membership: Membership) -> dict[str, Any]:
    """Return the UserInfoCard of a Destiny membership."""
    return {
        "crossSaveOverride": membership.override,
        "applicableMembershipTypes": list(membership.covers),
        "isPublic": not player.private,
        "membershipType": membership.type,
        "membershipId": membership.id,
        "displayName": membership.name + player.suffix,
        "bungieGlobalDisplayName": player.told_name,
        "bungieGlobalDisplayNameCode": player.code,
        "iconPath": sign_path("trait"),
    }


def bungie_card(player: Player) -> dict[str, Any]:
    """Return the UserInfoCard of the Bungie.net account itself."""
    return {
        "supplementalDisplayName": player.full_name,
        "iconPath": emblem_path(player.number, "icon"),
        "crossSaveOverride": 0,
        "isPublic": True,
        "membershipType": BUNGIE_NEXT,
        "membershipId": player.bungie_id,
        "displayName": player.told_name,
        "bungieGlobalDisplayName": player.told_name,
        "bungieGlobalDisplayNameCode": player.code,
    }


def linked_profiles(player: Player) -> dict[str, Any]:
    """Return the Response of GetLinkedProfiles: what can be played, and what cannot."""
    profiles, with_errors = [], []
    for membership in player.memberships:
        profile = membership.profile if membership.covers else None
        if profile is None:
            with_errors.append(
                {"errorCode": int(Code.ACCOUNT_NOT_FOUND), "infoCard": card(player, membership)}
            )
            continue
        last = [character.last_played for character in profile.characters.values()]
        profiles.append(
            card(player, membership)
            | {
                "dateLastPlayed": stamp(max(last)) if last else "0001-01-01T00:00:00Z",
                "isOverridden": False,
                "isCrossSavePrimary": membership.id == player.primary,
                "unpairedGameVersions": 0,
            }
        )
    return {
        "profiles": profiles,
        "bnetMembership": bungie_card(player),
        "profilesWithErrors": with_errors,
    }


def membership_data(player: Player) -> dict[str, Any]:
    """Return the Response of GetMembershipDataForCurrentUser."""
    answer: dict[str, Any] = {
        "destinyMemberships": [
            card(player, membership)
            | {
                "supplementalDisplayName": player.full_name,
                "LastSeenDisplayName": membership.name + player.suffix,
                "LastSeenDisplayNameType": membership.type,
            }
            for membership in player.memberships
        ],
        "bungieNetUser": {
            "membershipId": player.bungie_id,
            "uniqueName": player.full_name,
            "displayName": player.told_name,
            "profilePicture": 70432,
            "profileTheme": 1121,
            "userTitle": 0,
            "successMessageFlags": "0",
            "isDeleted": False,
            "about": "",
            "context": {
                "isFollowing": False,
                "ignoreStatus": {"isIgnored": False, "ignoreFlags": 0},
            },
            "showActivity": not player.private,
            "locale": "en",
            "localeInheritDefault": False,
            "showGroupMessaging": True,
            "profilePicturePath": emblem_path(player.number, "icon"),
            "profileThemeName": "d2_06",
            "userTitleDisplay": "Newbie",
            "statusText": "",
            "statusDate": "0001-01-01T00:00:00Z",
            "cachedBungieGlobalDisplayName": player.told_name,
            "cachedBungieGlobalDisplayNameCode": player.code,
        },
    }
    if player.primary:
        answer["primaryMembershipId"] = player.primary
    return answer
