"""The steps of a plan: one step is one call to Bungie. The journal keeps them too."""

from enum import StrEnum

import msgspec


class Action(StrEnum):
    """What a step does."""

    TRANSFER = "transfer"
    PULL = "pull"
    EQUIP = "equip"
    LOCK = "lock"


class Reason(StrEnum):
    """Why a plan has a step. The values are stored."""

    REQUESTED = "asked"
    """The step brings a requested item closer to its destination."""

    EVICTION = "room"
    """The step evicts an item to make room."""

    REPLACE = "replace"
    """The step equips a replacement for an equipped item, or fetches that replacement."""

    RETURN = "back"
    """The step returns an evicted item to the vault."""

    LOCK_REPAIR = "mend"
    """The step restores a lock: Bungie may give a moved item the lock state of a copy."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One call to Bungie.

    Attributes:
        instance_id: None for a stack.
        source: Owner before the step; the same as *destination* for equip and lock.
        destination: Owner after the step.
        carrier: The character that the call names; it is not always an owner (account-wide
            stacks to the vault, locks of vaulted items).
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
    reason: Reason = Reason.REQUESTED
