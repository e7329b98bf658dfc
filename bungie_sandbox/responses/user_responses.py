"""The responses about accounts: membership data, linked profiles, user info cards."""

from typing import Any, Final

from bungie_sandbox.clock import format_timestamp
from bungie_sandbox.errors import Code
from bungie_sandbox.pictures.images import emblem_path, plain_icon_path
from bungie_sandbox.world.belongings import Profile
from bungie_sandbox.world.players import Membership, Player

BUNGIE_NEXT: Final = 254


def user_info_card(player: Player, membership: Membership) -> dict[str, Any]:
    """Return the UserInfoCard of a Destiny membership."""
    return {
        "crossSaveOverride": membership.override,
        "applicableMembershipTypes": list(membership.covers),
        "isPublic": not player.private,
        "membershipType": membership.type,
        "membershipId": membership.id,
        "displayName": membership.name + player.suffix,
        "bungieGlobalDisplayName": player.display_name,
        "bungieGlobalDisplayNameCode": player.code,
        "iconPath": plain_icon_path("trait"),
    }


def bungie_user_info_card(player: Player) -> dict[str, Any]:
    """Return the UserInfoCard of a Bungie.net account."""
    return {
        "supplementalDisplayName": player.full_name,
        "iconPath": emblem_path(player.number, "icon"),
        "crossSaveOverride": 0,
        "isPublic": True,
        "membershipType": BUNGIE_NEXT,
        "membershipId": player.bungie_id,
        "displayName": player.display_name,
        "bungieGlobalDisplayName": player.display_name,
        "bungieGlobalDisplayNameCode": player.code,
    }


def date_last_played(profile: Profile) -> str:
    """Return when the last character was played; Bungie's zero date without a character."""
    last_played = [character.last_played for character in profile.characters.values()]
    return format_timestamp(max(last_played)) if last_played else "0001-01-01T00:00:00Z"


def linked_profiles(player: Player) -> dict[str, Any]:
    """Return the Response of GetLinkedProfiles: the Destiny accounts, and the other memberships."""
    profiles, with_errors = [], []
    for membership in player.memberships:
        profile = membership.profile if membership.covers else None
        if profile is None:
            with_errors.append(
                {
                    "errorCode": int(Code.ACCOUNT_NOT_FOUND),
                    "infoCard": user_info_card(player, membership),
                }
            )
            continue
        profiles.append(
            user_info_card(player, membership)
            | {
                "dateLastPlayed": date_last_played(profile),
                "isOverridden": False,
                "isCrossSavePrimary": membership.id == player.primary,
                "unpairedGameVersions": 0,
            }
        )
    return {
        "profiles": profiles,
        "bnetMembership": bungie_user_info_card(player),
        "profilesWithErrors": with_errors,
    }


def membership_data(player: Player) -> dict[str, Any]:
    """Return the Response of GetMembershipDataForCurrentUser."""
    response: dict[str, Any] = {
        "destinyMemberships": [
            user_info_card(player, membership)
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
            "displayName": player.display_name,
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
            "cachedBungieGlobalDisplayName": player.display_name,
            "cachedBungieGlobalDisplayNameCode": player.code,
        },
    }
    if player.primary:
        response["primaryMembershipId"] = player.primary
    return response
