"""Bungie's errors: code, name, message and HTTP status.

::

    Refusal          the answer is an envelope whose ErrorCode is not 1
    TokenRefusal     the answer of the token endpoint is an OAuth 2 error
    BadPage          the consent page shows an error
"""

from enum import IntEnum
from http import HTTPStatus


class Code(IntEnum):
    """The PlatformErrorCodes that the sandbox uses."""

    SUCCESS = 1
    UNHANDLED_EXCEPTION = 3
    SYSTEM_DISABLED = 5
    PARAMETER_PARSE_FAILURE = 7
    INVALID_PARAMETERS = 18
    NOT_FOUND = 21
    INVALID_POST_BODY = 25
    MISSING_POST_BODY = 26
    JSON_DESERIALIZATION = 30
    THROTTLED_SECONDS = 36
    WEB_AUTH_REQUIRED = 99
    PER_ENDPOINT_THROTTLE = 51
    ACCOUNT_NOT_FOUND = 1601
    UNEXPECTED = 1618
    CHARACTER_NOT_FOUND = 1620
    INVALID_REQUEST = 1622
    ITEM_NOT_FOUND = 1623
    VENDOR_NOT_FOUND = 1627
    INVALID_MEMBERSHIP_TYPE = 1630
    NOT_IN_TOWER = 1634
    FAILED_LEVEL_CHECK = 1638
    FAILED_UNLOCK_CHECK = 1639
    UNEQUIPPABLE = 1640
    UNIQUE_EQUIP_RESTRICTED = 1641
    NO_ROOM = 1642
    TRANSFER_NOT_FOUND = 1646
    UNIQUENESS_VIOLATION = 1648
    RELAY_TIMEOUT = 1651
    ITEM_IS_EQUIPPED = 1656
    QUEST_ALREADY_TRACKED = 1658
    TRACKABLE_QUESTS_FULL = 1659
    NOT_TRANSFERRABLE = 1660
    ACTION_FORBIDDEN = 1663
    PRIVACY_RESTRICTION = 1665
    INSUFFICIENT_PRIVILEGES = 1666
    WRONG_LOCATION = 1671
    THROTTLED_BY_GAME_SERVER = 1672
    HAS_SIDE_EFFECTS = 1673
    CANNOT_AFFORD = 1675
    FAILED_PLUG_RULES = 1676
    SOCKET_NOT_FOUND = 1677
    SOCKET_ACTION_NOT_ALLOWED = 1678
    SOCKET_ALREADY_HAS_PLUG = 1679
    PLUG_NOT_AVAILABLE = 1680
    API_INVALID_KEY = 2101
    API_KEY_MISSING = 2102
    ORIGIN_MISMATCH = 2107
    SCOPE_NOT_PERMITTED = 2108
    TOKEN_HAS_EXPIRED = 2111


# ErrorStatus and Message of each code.
_TEXTS: dict[int, tuple[str, str]] = {
    1: ("Success", "Ok"),
    3: ("UnhandledException", "An unexpected error has occurred."),
    5: ("SystemDisabled", "This system is temporarily disabled for maintenance."),
    7: ("ParameterParseFailure", "Unable to parse your parameters."),
    18: ("InvalidParameters", "The parameters do not fit each other."),
    21: ("NotFound", "The item requested was not found."),
    25: ("InvalidPostBody", "The body of the request is not what was expected."),
    26: ("MissingPostBody", "The request needs a body."),
    30: ("JsonDeserializationError", "The body of the request could not be read as JSON."),
    36: ("ThrottleLimitExceededMomentarily", "Too many requests. Wait a moment, then try again."),
    51: ("PerEndpointRequestThrottleExceeded", "This address sends too many requests."),
    99: ("WebAuthRequired", "Please sign-in to continue."),
    1601: ("DestinyAccountNotFound", "We could not find Destiny data for this account."),
    1618: ("DestinyUnexpectedError", "Destiny has encountered an unexpected error."),
    1620: ("DestinyCharacterNotFound", "The character was not found."),
    1622: ("DestinyInvalidRequest", "The request cannot be carried out."),
    1623: ("DestinyItemNotFound", "The item requested was not found."),
    1627: ("DestinyVendorNotFound", "The vendor was not found."),
    1630: ("DestinyInvalidMembershipType", "That kind of membership has no Destiny account."),
    1634: ("DestinyCharacterNotInTower", "This can only be done in a social space."),
    1638: ("DestinyItemFailedLevelCheck", "The character's level is too low."),
    1639: ("DestinyItemFailedUnlockCheck", "This character cannot use that item."),
    1640: ("DestinyItemUnequippable", "The item cannot be equipped."),
    1641: ("DestinyItemUniqueEquipRestricted", "Only one such exotic can be equipped at a time."),
    1642: ("DestinyNoRoomInDestination", "There are no item slots available."),
    1646: ("DestinyTransferNotFoundForSourceBucket", "Items of this kind cannot be stored."),
    1648: ("DestinyUniquenessViolation", "Only one of these can be held."),
    1651: ("DestinyShardRelayClientTimeout", "Destiny did not answer in time."),
    1656: ("DestinyCannotPerformActionOnEquippedItem", "The item is equipped."),
    1658: ("DestinyQuestAlreadyTracked", "This quest is tracked already."),
    1659: ("DestinyTrackableQuestsFull", "No more quests can be tracked."),
    1660: ("DestinyItemNotTransferrable", "The item cannot be transferred."),
    1663: ("DestinyItemActionForbidden", "That can only be done in the game."),
    1665: ("DestinyPrivacyRestriction", "The player does not share this."),
    1666: ("DestinyActionInsufficientPrivileges", "These belong to another player."),
    1671: (
        "DestinyCannotPerformActionAtThisLocation",
        "This can only be done in orbit, in a social space, or while signed out.",
    ),
    1672: ("DestinyThrottledByGameServer", "The game server is overloaded. Try again later."),
    1673: ("DestinyItemNotTransferrableHasSideEffects", "Take this one in the game."),
    1675: ("DestinyCannotAffordMaterialRequirements", "This change has a cost."),
    1676: ("DestinyFailedPlugInsertionRules", "The plug does not go with what is inserted."),
    1677: ("DestinySocketNotFound", "The item has no such socket."),
    1678: ("DestinySocketActionNotAllowed", "That socket cannot be changed from outside."),
    1679: ("DestinySocketAlreadyHasPlug", "The plug is inserted already."),
    1680: ("DestinyPlugItemNotAvailable", "The plug is not available for this item."),
    2101: ("ApiInvalidOrExpiredKey", "The application's API key is not valid."),
    2102: ("ApiKeyMissingFromRequest", "The API key is missing from the request."),
    2107: ("OriginHeaderDoesNotMatchKey", "Origin header does not match the provided API key."),
    2108: ("AccessNotPermittedByApplicationScope", "The application lacks a permission for this."),
    2111: ("AccessTokenHasExpired", "The access token has expired."),
}

# Most refusals come with HTTP 500; these come with another status.
_HTTP_STATUSES: dict[int, HTTPStatus] = {
    1: HTTPStatus.OK,
    5: HTTPStatus.SERVICE_UNAVAILABLE,
    7: HTTPStatus.BAD_REQUEST,
    18: HTTPStatus.BAD_REQUEST,
    21: HTTPStatus.NOT_FOUND,
    99: HTTPStatus.UNAUTHORIZED,
    1672: HTTPStatus.SERVICE_UNAVAILABLE,
    2111: HTTPStatus.UNAUTHORIZED,
}

THROTTLE_SECONDS = {Code.THROTTLED_SECONDS: 1, Code.PER_ENDPOINT_THROTTLE: 10}


class Refusal(Exception):
    """An ErrorCode other than 1.

    Args:
        code: the ErrorCode; any number is allowed.
        data: MessageData, the details.
        status: the HTTP status, when it differs from the usual one of the code.
    """

    def __init__(
        self, code: int, data: dict[str, str] | None = None, status: int | None = None
    ) -> None:
        name, message = _TEXTS.get(code, (f"Unnamed{code}", "Something went wrong."))
        super().__init__(message)
        self.code = int(code)
        self.data = data or {}
        self.status = status or _HTTP_STATUSES.get(code, HTTPStatus.INTERNAL_SERVER_ERROR)
        self.throttle_seconds = THROTTLE_SECONDS.get(Code(code), 0) if code in _CODES else 0
        self.name = name

    def envelope(self) -> dict[str, object]:
        """Return the body of the answer; ``Response`` is absent."""
        return {
            "ErrorCode": self.code,
            "ThrottleSeconds": self.throttle_seconds,
            "ErrorStatus": self.name,
            "Message": str(self),
            "MessageData": self.data,
        }


class TokenRefusal(Exception):
    """An error of the token endpoint: ``{error, error_description}`` with HTTP 400."""

    def __init__(self, error: str, description: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


class BadPage(Exception):
    """The consent page cannot be shown; the text says why."""


_CODES = frozenset(Code)
