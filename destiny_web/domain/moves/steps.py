"""What can be done to items: the calls that a plan is made of, and that a journal keeps."""

from enum import StrEnum

import msgspec


class Action(StrEnum):
    """The kinds of calls."""

    TRANSFER = "transfer"
    PULL = "pull"
    EQUIP = "equip"
    LOCK = "lock"


class Reason(StrEnum):
    """Why a plan makes a call."""

    ASKED = "asked"
    """It brings what was asked for where it shall be."""

    ROOM = "room"
    """It moves something aside to make room."""

    REPLACE = "replace"
    """It puts something else on in place of what must come off, or fetches that."""

    BACK = "back"
    """It puts back what had been moved aside."""

    LOCK_REPAIR = "mend"
    """It makes a lock what it was: Bungie may copy the lock of a copy that stayed behind."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One call.

    Attributes:
        instance_id: None for a stack.
        source: Owner before; the same as *destination* for equip and lock.
        destination: Owner afterwards.
        carrier: The character in whose name the call goes out; it matters where neither
            end is one (account-wide stacks to the vault, locks of vaulted items).
        locked: The state to set, for LOCK.
    """

    action: Action
    item_hash: int
    instance_id: str | None = None
    quantity: int = 1
    source: str
    destination: str
    carrier: str
    locked: bool = False
    reason: Reason = Reason.ASKED
