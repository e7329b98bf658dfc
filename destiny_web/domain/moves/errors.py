"""Why a move is refused: one exception class for each reason, with a message for the player.

MoveError
├── BadRequest           the request names something that does not exist, or contradicts itself
│   ├── NoSuchItem
│   ├── NoSuchOwner
│   └── BadQuantity
└── AgainstTheRules      the game would refuse, so no call is made
    ├── ItemElsewhere    the item is no longer with the owner that the request names
    ├── NotTransferable
    ├── NoRoomLeft
    ├── ItemIsEquipped   an equipped item cannot leave its character
    ├── NotEquippable
    │   ├── WrongClass
    │   └── OtherExotic  the one-exotic rule
    └── MovedOn          a job that cannot be undone any more (in ``undo``)
"""


class MoveError(Exception):
    """A request that is refused before any call to Bungie. ``str()`` is for the player."""


class BadRequest(MoveError):
    """The request names something that does not exist, or contradicts itself."""


class NoSuchItem(BadRequest):
    """This account has no such item."""


class NoSuchOwner(BadRequest):
    """The owner is neither a character of this account, nor the vault, nor the account."""


class BadQuantity(BadRequest):
    """The quantity is less than one, or more than the owner has."""


class AgainstTheRules(MoveError):
    """The game would refuse the request."""


class ItemElsewhere(AgainstTheRules):
    """The item is no longer with the owner that the request names."""


class NotTransferable(AgainstTheRules):
    """The item may not leave its owner, or the destination cannot hold such an item."""


class NoRoomLeft(AgainstTheRules):
    """The destination's bucket is full, or the vault that the item must pass is full."""


class ItemIsEquipped(AgainstTheRules):
    """An equipped item cannot leave its character."""


class NotEquippable(AgainstTheRules):
    """The item cannot be equipped, or not by that character."""


class WrongClass(NotEquippable):
    """The item is for another class."""


class OtherExotic(NotEquippable):
    """Another exotic of the same kind is equipped in a different slot."""
