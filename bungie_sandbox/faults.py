"""Planned faults: which operation fails, how, and how often.

========================  ==========================================================
kind                      what the client sees
========================  ==========================================================
``refuse``                an envelope with the planned code; not carried out
``html``                  HTTP 500 with an HTML page; not carried out
``bad-gateway``           HTTP 502 with an HTML page of Cloudflare; not carried out
``maintenance``           HTTP 503 with code 5 (token endpoint: an OAuth error)
``maintenance-html``      HTTP 503 with an HTML page
``maintenance-200``       HTTP 200 with code 5
``unauthorized``          HTTP 401 with an HTML page
``oauth-error``           ``{error, error_description}`` instead of an envelope
``not-found``             HTTP 404 with an HTML page (for example a removed file)
``drop``                  connection closed without an answer; not carried out
``hang``                  no answer while the connection is open; not carried out
``slow``                  carried out; the answer comes ``seconds`` later
``truncated``             carried out; the JSON of the answer is incomplete
``cut``                   carried out; connection closed in the middle of the body
``lost``                  carried out; connection closed without an answer
``hang-after``            carried out; no answer while the connection is open
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

# Last word of the path -> official name of the operation, where the two differ.
ALIASES: Final = {
    "SetLockState": "SetItemLockState",
    "SetTrackedState": "SetQuestTrackedState",
    "GetMembershipsForCurrentUser": "GetMembershipDataForCurrentUser",
    "GetMembershipsById": "GetMembershipDataById",
}


class Fault(msgspec.Struct, kw_only=True):
    """One planned fault.

    ``operation`` is an operation's name, a path with ``*`` in it, or ``"*"``; ``times`` is
    the number of requests that still fail, -1: every request until the fault is removed;
    ``skip`` is the number of requests that succeed before. ``player`` is the full name of the
    player whose requests fail; ``""``: every player.
    """

    operation: str
    kind: str
    code: int = 0
    times: int = 1
    skip: int = 0
    seconds: float = 0.0
    player: str = ""

    def applies_to(self, operation: str, path: str, player: str) -> bool:
        """Tell whether the fault is planned for such a request."""
        if self.player not in {"", player}:
            return False
        if "/" in self.operation:
            return fnmatchcase(path, self.operation)
        return self.operation in {"*", operation}


class Faults:
    """The planned faults, in the order in which they were planned."""

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
        """Return the fault for this request of *player* and count it; ``None``: no fault."""
        for fault in self.planned:
            if not fault.applies_to(operation, path, player):
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
        """Remove all planned faults, or those that are planned for one player."""
        self.planned = [
            fault for fault in self.planned if player is not None and fault.player != player
        ]
