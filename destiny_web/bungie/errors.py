"""What can go wrong between us and Bungie: one class per kind of failure.

    BungieError
    ├── Unreachable          nothing was sent: no connection could be made
    ├── Overloaded           nothing was sent: too many of our own calls wait already
    ├── AnswerLost           sent, but what came of it is unknown
    ├── Unreadable           something answered, but not Bungie's API
    ├── Maintenance          Bungie has switched the service off
    ├── Throttled            too many calls; ``retry_after`` says how long to wait
    ├── Misconfigured        this site's key, client or scopes are not accepted
    ├── TokenRefused         the access token is not accepted (any more)
    │   └── ConsentEnded     no new token is to be had: the player must sign in again
    ├── CodeRefused          the code of a sign-in is used up, too old or unknown
    ├── TokenUnavailable     no new token at the moment; the tokens are kept
    ├── FreshTokenRefused    a token that Bungie has just issued is not accepted
    ├── AccountNotFound      no Destiny 2 data on that membership
    ├── CharacterNotFound    deleted, or somebody else's
    ├── VendorNotFound       not in the world now
    └── Refused              the game's rules say no
        ├── ItemNotFound     not where the request implies
        ├── NoRoom           the bucket or the vault is full
        ├── ItemEquipped     worn, so it cannot leave
        ├── WrongPlace       the character is in an activity
        ├── NotTransferable  may not leave its owner
        ├── CannotEquip      class, level, or not equippable at all
        ├── OneExoticOnly    another exotic is worn in a different slot
        └── StackNotUnique   only one stack of these may exist in a place

``str(error)`` is a sentence for the player; Bungie's own words are in ``message``.
"""

import re
from collections.abc import Mapping
from typing import ClassVar

from destiny_web.bungie.models.enums import ErrorCode


class BungieError(Exception):
    """A call to Bungie that did not succeed.

    Attributes:
        code: Bungie's ErrorCode, or None when no envelope came back.
        message: Bungie's own sentence, or a technical one of ours; for logs.
        retry_after: Seconds that Bungie asks us to wait; 0 when it does not.
        details: The envelope's MessageData.
        operation: What was asked, e.g. ``TransferItem``; for logs.
    """

    sentence: ClassVar[str] = "Bungie could not do that."

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
        return self.sentence


class Unreachable(BungieError):
    """Nothing was sent: no connection could be made."""

    sentence = "Bungie does not answer at the moment."


class Overloaded(BungieError):
    """Nothing was sent: too many calls of this site wait for Bungie already."""

    sentence = "This site is busy: too many requests wait for Bungie. Try again in a moment."


class AnswerLost(BungieError):
    """The request went out and no usable answer came: a write may have happened."""

    sentence = "Bungie's answer got lost on the way."


class Unreadable(AnswerLost):
    """What answered is not Bungie's API: an HTML page, broken JSON, another shape."""

    sentence = "Bungie is having problems at the moment."


class Maintenance(BungieError):
    """Bungie has switched the service, or a part of it, off."""

    sentence = "Bungie is in maintenance."


class Throttled(BungieError):
    """Too many calls; ``retry_after`` seconds to wait, where Bungie says so."""

    sentence = "Bungie asks us to slow down. Try again in a moment."


class Misconfigured(BungieError):
    """The site's own key, client or scopes are not accepted."""

    sentence = "Bungie does not accept this site's settings. Its operator has to look at them."


class TokenRefused(BungieError):
    """The access token is not accepted (any more): refresh it once, then sign in again."""

    sentence = "Bungie no longer accepts this sign-in. Please sign in again."


class ConsentEnded(TokenRefused):
    """No new token is to be had: consent was withdrawn or is over."""


class CodeRefused(BungieError):
    """The code of a sign-in is used up, too old or unknown: begin the sign-in again."""

    sentence = "Bungie did not accept that sign-in. Please begin again."


class TokenUnavailable(BungieError):
    """No new token at the moment; the tokens are kept, and nothing else was sent."""

    sentence = (
        "Bungie is having problems with sign-ins at the moment."
        " What you asked for was not done. Try again later."
    )


class FreshTokenRefused(BungieError):
    """Bungie refused a token that it has just issued; the call was not carried out.

    This is trouble at Bungie: another refresh would not help, and the tokens are kept.
    """

    sentence = (
        "Bungie refuses a sign-in that it has just renewed: it is having problems."
        " What you asked for was not done. Try again later."
    )


class AccountNotFound(BungieError):
    """No Destiny 2 data on that membership; also seen in outages, so nothing is forgotten."""

    sentence = "Bungie finds no Destiny 2 account there."


class CharacterNotFound(BungieError):
    """The character was deleted, or is somebody else's."""

    sentence = "That character no longer exists."


class VendorNotFound(BungieError):
    """The vendor is not in the world now, or Bungie hides it."""

    sentence = "That vendor is not here now."


class Refused(BungieError):
    """The game's rules say no; nothing was changed."""

    sentence = "The game refused that."

    def __str__(self) -> str:
        # Only the plain class has no words of its own for what happened:
        # Bungie's sentence tells the player more than ours would.
        return self.message if type(self) is Refused and self.message else self.sentence


class ItemNotFound(Refused):
    """The item is not where the request implies: moved or dismantled meanwhile."""

    sentence = "The item is no longer where it was."


class NoRoom(Refused):
    """The bucket, or the vault, is full."""

    sentence = "There is no room for it."


class ItemEquipped(Refused):
    """An equipped item cannot leave its character."""

    sentence = "It is equipped: equip something else first."


class WrongPlace(Refused):
    """Equipping is possible in orbit, in a social space or offline only."""

    sentence = "That works only in orbit, in a social space, or offline."


class NotTransferable(Refused):
    """The item may not leave its owner."""

    sentence = "That item cannot be moved."


class CannotEquip(Refused):
    """Another class, a level too low, or not equippable at all."""

    sentence = "That character cannot equip it."


class OneExoticOnly(Refused):
    """Another exotic of its kind is worn in a different slot."""

    sentence = "Only one exotic weapon and one exotic piece of armour can be worn."


class StackNotUnique(Refused):
    """Only one stack of these may exist in a place, and it moves whole."""

    sentence = "Only one stack of these can be in one place."


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
    """Name the failure that an unsuccessful envelope reports.

    Ids of players and items are left out of Bungie's sentence: it is logged.
    """
    message = _ID.sub("…", message)
    return error_class_of(code)(message, code=code, retry_after=retry_after, details=details)
