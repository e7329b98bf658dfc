"""Why a move cannot be: one class per reason, each a sentence for the player.

MoveError
├── BadRequest           what was asked for does not exist or does not add up
│   ├── NoSuchItem
│   ├── NoSuchOwner
│   └── BadQuantity
└── AgainstTheRules      the game would say no, so it is not asked
    ├── Elsewhere        the item is no longer where the request says
    ├── NotTransferable
    ├── NoRoomLeft
    ├── Worn             an equipped item cannot leave
    ├── NotEquippable
    ├── WrongClass
    └── OtherExotic      the one-exotic rule
"""


class MoveError(Exception):
    """A request that is refused before Bungie is asked. ``str()`` is for the player."""


class BadRequest(MoveError):
    """What was asked for does not exist or does not add up."""


class NoSuchItem(BadRequest):
    """No such item in this account."""


class NoSuchOwner(BadRequest):
    """Neither a character of this account, nor the vault, nor the account."""


class BadQuantity(BadRequest):
    """Fewer than one, or more than there are."""


class AgainstTheRules(MoveError):
    """The game would say no."""


class ItemElsewhere(AgainstTheRules):
    """The item is no longer where the request says."""


class NotTransferable(AgainstTheRules):
    """The item may not leave its owner, or may not lie where it should go."""


class NoRoomLeft(AgainstTheRules):
    """The bucket, or the vault on the way, is full."""


class ItemIsEquipped(AgainstTheRules):
    """An equipped item cannot leave its character."""


class NotEquippable(AgainstTheRules):
    """The item is not to be worn, or not by that character."""


class WrongClass(NotEquippable):
    """The item is for another class."""


class OtherExotic(NotEquippable):
    """Another exotic of its kind is worn in a different slot."""
