"""Faults on demand: what goes wrong, with which operation, how often.

========================  ==========================================================
kind                      what the client sees
========================  ==========================================================
``refuse``                an envelope with the code that was given; nothing was done
``html``                  HTTP 500 with a page; nothing was done
``bad-gateway``           HTTP 502 with Cloudflare's kind of page; nothing was done
``maintenance``           HTTP 503 with code 5 (token endpoint: its own shape)
``maintenance-html``      HTTP 503 with a page
``maintenance-200``       HTTP 200 with code 5
``unauthorized``          HTTP 401 with a page
``oauth-error``           ``{error, error_description}`` where an envelope belongs
``not-found``             HTTP 404 with a page (a manifest file that vanished, say)
``drop``                  the connection ends without an answer; nothing was done
``hang``                  no answer until the client goes; nothing was done
``slow``                  the answer comes after ``seconds``
``truncated``             done, but the JSON breaks off in the middle
``cut``                   done, but the connection breaks in the middle of the body
``lost``                  done, but the connection ends without an answer
``hang-after``            done, but no answer comes
========================  ==========================================================
"""

from fnmatch import fnmatchcase
from typing import Final

import msgspec

BEFORE: Final = frozenset(
    {
        "refuse",
        "html",
        "bad-gateway",
        "maintenance",
        "maintenance-html",
        "maintenance-200",
        "unauthorized",
        "oauth-error",
        "not-found",
        "drop",
        "hang",
    }
)
AFTER: Final = frozenset({"slow", "truncated", "cut", "lost", "hang-after"})
KINDS: Final = BEFORE | AFTER

# What the official file calls an operation, where its path says something else.
ALIASES: Final = {
    "SetLockState": "SetItemLockState",
    "SetTrackedState": "SetQuestTrackedState",
    "GetMembershipsForCurrentUser": "GetMembershipDataForCurrentUser",
    "GetMembershipsById": "GetMembershipDataById",
}


class Fault(msgspec.Struct, kw_only=True):
    """One planned fault.

    ``operation`` is an operation's name, a path with ``*`` in it, or ``"*"``; ``times`` is
    how often it is still to come, -1 for until it is taken back; ``skip`` lets that many
    pass first. ``player`` is the full name of the one player whose requests are meant; ``""``
    for every player.
    """

    operation: str
    kind: str
    code: int = 0
    times: int = 1
    skip: int = 0
    seconds: float = 0.0
    player: str = ""

    def fits(self, operation: str, path: str, player: str) -> bool:
        """Tell whether a request is meant."""
        if self.player not in {"", player}:
            return False
        if "/" in self.operation:
            return fnmatchcase(path, self.operation)
        return self.operation in {"*", operation}


class Faults:
    """What is planned, in the order in which it was asked for."""

    def __init__(self) -> None:
        self.planned: list[Fault] = []

    def plan(self, fault: Fault) -> None:
        """Plan a fault.

        Raises:
            ValueError: there is no such kind.
        """
        if fault.kind not in KINDS:
            raise ValueError(f"no fault of the kind {fault.kind!r}; there are {sorted(KINDS)}")
        fault.operation = ALIASES.get(fault.operation, fault.operation)
        self.planned.append(fault)

    def take(self, operation: str, path: str, player: str = "") -> Fault | None:
        """Return what is to befall this request of *player*, and count it."""
        for fault in self.planned:
            if not fault.fits(operation, path, player):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            if fault.times > 0:
                fault.times -= 1
                if not fault.times:
                    self.planned.remove(fault)
            return fault
        return None

    def clear(self, player: str | None = None) -> None:
        """Take back everything that is planned, or what is planned for one player."""
        self.planned = [
            fault for fault in self.planned if player is not None and fault.player != player
        ]
