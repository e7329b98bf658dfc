"""Faults of Bungie during one action of one player."""

from dataclasses import dataclass
from random import Random
from typing import Final

from bungie_sandbox.faults import AFTER, Fault
from bungie_sandbox.server import Sandbox

READS: Final = ("GetProfile", "GetItem", "GetMembershipDataForCurrentUser", "GetVendor")
WRITES: Final = (
    "TransferItem",
    "EquipItem",
    "EquipItems",
    "SetItemLockState",
    "PullFromPostmaster",
)
TOKEN: Final = "Token"  # noqa: S105 (the name of an operation)
COMPONENTS: Final = (100, 102, 103, 200, 201, 205, 300)

KINDS_WITHOUT_ANSWER: Final = AFTER - {"slow"}
"""Kinds without a usable answer, although the request was carried out."""

HANGING_KINDS: Final = frozenset({"hang", "hang-after"})
_SHORT_KINDS: Final = (
    *("html", "bad-gateway", "maintenance", "maintenance-html", "maintenance-200"),
    *("oauth-error", "not-found", "drop", "slow", "truncated", "cut", "lost"),
)
# Lost answers are the most difficult case, so they come more often than the others.
_WRITE_KINDS: Final = (*_SHORT_KINDS, "lost", "lost", "truncated", "cut", "drop")
# A refused access token must not end a session while the refresh token works.
_TOKEN_REFUSALS: Final = ("unauthorized", "refuse 99", "refuse 2111")
_READ_CODES: Final = (5, 36, 51, 217, 1601, 1618, 1672, 987654)
_WRITE_CODES: Final = (*_READ_CODES, 3, 1623, 1640, 1642, 1643, 1656, 1660, 1663, 1671)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFaults:
    """The faults that are planned for an action.

    Attributes:
        kind: The kind, for the statistics.
        name: The full description.
        is_silence: Bungie does not answer, and the site waits until a time-out.
    """

    kind: str
    name: str
    is_silence: bool = False


def plan_faults(random: Random, bungie: Sandbox, player: str, *, hangs: bool) -> PlannedFaults:
    """Draw faults for *player*, and plan them in the sandbox."""
    target = random.choices(("write", "read", "token", "component"), (5, 3, 1, 1))[0]
    if target == "component":
        withheld = random.sample(COMPONENTS, random.randint(1, 2))
        with bungie.bungie.lock:
            bungie.bungie.withhold(withheld, random.randint(1, 2), player)
        return PlannedFaults(kind="component withheld", name=f"components {withheld} withheld")
    fault = _draw_fault(random, target, player, hangs=hangs)
    with bungie.bungie.lock:
        bungie.bungie.faults.plan(fault)
        if target == "token":
            # The site calls the token endpoint only when the access token is refused.
            token_refusal = Fault(operation="*", kind="refuse", code=2111, player=player)
            bungie.bungie.faults.plan(token_refusal)
    code = f" {fault.code}" if fault.code else ""
    return PlannedFaults(
        kind=f"{target}: {fault.kind}{code}",
        name=f"{fault.operation} {fault.kind}{code} × {fault.times} after {fault.skip}",
        is_silence=fault.kind in HANGING_KINDS,
    )


def remove_faults(bungie: Sandbox, player: str) -> None:
    """Remove the planned faults of a player that did not occur."""
    with bungie.bungie.lock:
        bungie.bungie.faults.clear(player)
        bungie.bungie.withhold((), 0, player)


def _draw_fault(random: Random, target: str, player: str, *, hangs: bool) -> Fault:
    times = random.choices((1, 2, 4), (6, 2, 1))[0]
    skip = random.choices((0, 1, 2), (6, 2, 1))[0]
    seconds = random.uniform(0.1, 2.0)
    if target == "token":
        kind = random.choice((*_SHORT_KINDS, "unauthorized"))
        return Fault(operation=TOKEN, kind=kind, times=1, seconds=seconds, player=player)
    operation = random.choice((*(WRITES if target == "write" else READS), "*"))
    probability = random.random()
    if hangs and probability < 0.02:  # noqa: PLR2004 (each costs some 16 seconds)
        kind = random.choice(sorted(HANGING_KINDS))
        return Fault(operation=operation, kind=kind, times=1, skip=skip, player=player)
    if probability < 0.3:  # noqa: PLR2004
        code = random.choice(_WRITE_CODES if target == "write" else _READ_CODES)
        return Fault(
            operation=operation, kind="refuse", code=code, times=times, skip=skip, player=player
        )
    if probability < 0.4:  # noqa: PLR2004
        kind, _, code_text = random.choice(_TOKEN_REFUSALS).partition(" ")
        code = int(code_text or 0)
        return Fault(
            operation=operation, kind=kind, code=code, times=times, skip=skip, player=player
        )
    kind = random.choice(_WRITE_KINDS if target == "write" else _SHORT_KINDS)
    return Fault(
        operation=operation, kind=kind, times=times, skip=skip, seconds=seconds, player=player
    )
