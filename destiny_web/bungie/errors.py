"""The failures of calls to Bungie: one class for each kind of failure.

    BungieError
    ├── Unreachable          nothing was sent: no connection could be made
    ├── Overloaded           nothing was sent: too many of our own calls wait already
    ├── AnswerLost           sent, but it is unknown whether it was carried out
    ├── Unreadable           the response is not one of Bungie's API
    ├── Maintenance          Bungie has switched the service off
    ├── Throttled            too many calls; ``retry_after`` says how long to wait
    ├── Misconfigured        this site's key, client or scopes are not accepted
    ├── TokenRefused         the access token is not accepted (any more)
    │   └── ConsentEnded     no new token can be obtained: the player must sign in again
    ├── CodeRefused          the code of a sign-in was used before, is too old or unknown
    ├── TokenUnavailable     no new token at the moment; the tokens are kept
    ├── FreshTokenRefused    a token that Bungie has just issued is not accepted
    ├── AccountNotFound      no Destiny 2 data on that membership
    ├── CharacterNotFound    deleted, or of another account
    ├── VendorNotFound       not in the game now
    └── Refused              the game's rules forbid it
        ├── ItemNotFound     not with the owner that the request implies
        ├── NoRoom           the bucket or the vault is full
        ├── ItemEquipped     equipped, so it cannot leave
        ├── WrongPlace       the character is in an activity
        ├── NotTransferable  may not leave its owner
        ├── CannotEquip      class, level, or not equippable at all
        ├── OneExoticOnly    another exotic is equipped in a different slot
        └── StackNotUnique   an owner may have only one such stack

``str(error)`` is the text for the player; Bungie's own text is in ``message``.
"""

import re
from collections.abc import Mapping
from typing import ClassVar

from destiny_web.bungie.models.enums import ErrorCode


class BungieError(Exception):
    """A call to Bungie that did not succeed.

    Attributes:
        code: Bungie's ErrorCode, or None when no envelope came back.
        message: Bungie's own text, or a technical text of ours; for logs.
        retry_after: Seconds that Bungie asks us to wait; 0 when it does not.
        details: The envelope's MessageData.
        operation: Bungie's name of the call, e.g. ``TransferItem``; for logs.
    """

    player_text: ClassVar[str] = "Bungie could not do that."

    def __init__(
        self,
        message: str = "",
        *,
        code: int | None = None,
        retry_after: int = 0,
        details: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.retry_after = retry_after
        self.details = dict(details or {})
        self.operation = ""

    def __str__(self) -> str:
        return self.player_text


class Unreachable(BungieError):
    """Nothing was sent: no connection could be made."""

    player_text = "Bungie does not answer at the moment."


class Overloaded(BungieError):
    """Nothing was sent: too many calls of this site wait for Bungie already."""

    player_text = "This site is busy: too many requests wait for Bungie. Try again in a moment."


class AnswerLost(BungieError):
    """The request was sent and no usable answer came: a write may have been carried out."""

    player_text = "Bungie's answer got lost on the way."


class Unreadable(AnswerLost):
    """The response is not one of Bungie's API: an HTML page, broken JSON, another shape."""

    player_text = "Bungie is having problems at the moment."


class Maintenance(BungieError):
    """Bungie has switched the service, or a part of it, off."""

    player_text = "Bungie is in maintenance."


class Throttled(BungieError):
    """Too many calls; ``retry_after`` seconds to wait, where Bungie says so."""

    player_text = "Bungie asks us to slow down. Try again in a moment."


class Misconfigured(BungieError):
    """The site's own key, client or scopes are not accepted."""

    player_text = "Bungie does not accept this site's settings. Its operator has to look at them."


class TokenRefused(BungieError):
    """The access token is not accepted (any more): refresh it once, then sign in again."""

    player_text = "Bungie no longer accepts this sign-in. Please sign in again."


class ConsentEnded(TokenRefused):
    """No new token can be obtained: the player's consent was withdrawn or has ended."""


class CodeRefused(BungieError):
    """The code of a sign-in was used before, is too old or unknown: begin the sign-in again."""

    player_text = "Bungie did not accept that sign-in. Please begin again."


class TokenUnavailable(BungieError):
    """No new token at the moment; the tokens are kept, and the call was not sent."""

    player_text = (
        "Bungie is having problems with sign-ins at the moment."
        " What you asked for was not done. Try again later."
    )


class FreshTokenRefused(BungieError):
    """Bungie refused a token that it has just issued; the call was not carried out.

    The cause is at Bungie: another refresh would not help, and the tokens are kept.
    """

    player_text = (
        "Bungie refuses a sign-in that it has just renewed: it is having problems."
        " What you asked for was not done. Try again later."
    )


class AccountNotFound(BungieError):
    """No Destiny 2 data on that membership; also seen in outages, so no stored data is deleted."""

    player_text = "Bungie finds no Destiny 2 account there."


class CharacterNotFound(BungieError):
    """The character was deleted, or belongs to another account."""

    player_text = "That character no longer exists."


class VendorNotFound(BungieError):
    """The vendor is not in the game now, or Bungie hides the vendor."""

    player_text = "That vendor is not here now."


class Refused(BungieError):
    """The game's rules forbid it; nothing was changed."""

    player_text = "The game refused that."

    def __str__(self) -> str:
        # The base class has no specific text: Bungie's text tells the player more than ours.
        return self.message if type(self) is Refused and self.message else self.player_text


class ItemNotFound(Refused):
    """The item is not with the owner that the request implies: moved or dismantled meanwhile."""

    player_text = "The item is no longer where it was."


class NoRoom(Refused):
    """The bucket, or the vault, is full."""

    player_text = "There is no room for it."


class ItemEquipped(Refused):
    """An equipped item cannot leave its character."""

    player_text = "It is equipped: equip something else first."


class WrongPlace(Refused):
    """Equipping is possible in orbit, in a social space or offline only."""

    player_text = "That works only in orbit, in a social space, or offline."


class NotTransferable(Refused):
    """The item may not leave its owner."""

    player_text = "That item cannot be moved."


class CannotEquip(Refused):
    """Another class, a level too low, or not equippable at all."""

    player_text = "That character cannot equip it."


class OneExoticOnly(Refused):
    """Another exotic of the same kind is equipped in a different slot."""

    player_text = "Only one exotic weapon and one exotic piece of armour can be equipped."


class StackNotUnique(Refused):
    """An owner may have only one stack of the item, and it moves as a whole."""

    player_text = "Only one stack of these can be in one place."


_ID = re.compile(r"[0-9]{6,}")

_CLASSES: dict[int, type[BungieError]] = {
    ErrorCode.SYSTEM_DISABLED: Maintenance,
    ErrorCode.WEB_AUTH_MODULE_ASYNC_FAILED: TokenRefused,
    ErrorCode.WEB_AUTH_REQUIRED: TokenRefused,
    **dict.fromkeys((2106, 2110, 2111, 2115), TokenRefused),
    **dict.fromkeys(range(2117, 2127), TokenRefused),
    **dict.fromkeys((31, 35, 36, 37, 51, 54, 55, 56, 57, 1672), Throttled),
    **dict.fromkeys((2101, 2102, 2103, 2105, 2107, 2108, 2113, 2114), Misconfigured),
    # Backend timeouts: whether a write happened is not known.
    **dict.fromkeys((3, 27, 38, 42, 1618, 1643, 1651, 1652, 1688), AnswerLost),
    **dict.fromkeys((217, 1600, 1601, 1630, 1670), AccountNotFound),
    ErrorCode.CHARACTER_NOT_FOUND: CharacterNotFound,
    ErrorCode.VENDOR_NOT_FOUND: VendorNotFound,
    ErrorCode.ITEM_NOT_FOUND: ItemNotFound,
    ErrorCode.INVENTORY_FULL: NoRoom,
    ErrorCode.NO_ROOM_IN_DESTINATION: NoRoom,
    ErrorCode.ITEM_IS_EQUIPPED: ItemEquipped,
    # All three are reported for a character that is in an activity.
    ErrorCode.CHARACTER_NOT_IN_TOWER: WrongPlace,
    ErrorCode.ITEM_UNEQUIPPABLE: WrongPlace,
    ErrorCode.NOT_AT_THIS_LOCATION: WrongPlace,
    **dict.fromkeys((1646, 1660, 1663, 1673), NotTransferable),
    **dict.fromkeys((1638, 1639, 1655), CannotEquip),
    ErrorCode.UNIQUE_EQUIP_RESTRICTED: OneExoticOnly,
    ErrorCode.UNIQUENESS_VIOLATION: StackNotUnique,
}


def error_class_of(code: int) -> type[BungieError]:
    """Return the class of failure that an ErrorCode stands for.

    An unknown number is a refusal: the call was answered, and not carried out.
    """
    return _CLASSES.get(code, Refused)


def failure(
    code: int, message: str, *, retry_after: int = 0, details: Mapping[str, str] | None = None
) -> BungieError:
    """Return the failure that an unsuccessful envelope reports.

    Ids of players and items are removed from Bungie's text, because it is logged.
    """
    message = _ID.sub("…", message)
    return error_class_of(code)(message, code=code, retry_after=retry_after, details=details)
