"""What comes too fast is refused: per player and action (36), per address (51)."""

from collections import deque
from datetime import datetime
from typing import Final

from bungie_sandbox.refusals import Code, Refusal

# Seconds between two actions of one kind by one player, as the official file says.
SPACING: Final = {
    "TransferItem": 0.1,
    "PullFromPostmaster": 0.1,
    "EquipItem": 0.1,
    "EquipItems": 0.1,
    "SetItemLockState": 0.1,
    "SetQuestTrackedState": 1.0,
    "InsertSocketPlugFree": 0.5,
    "EquipLoadout": 1.0,
    "SnapshotLoadout": 1.0,
    "UpdateLoadoutIdentifiers": 1.0,
    "ClearLoadout": 1.0,
}
_WINDOW: Final = 10.0
_PER_SECOND: Final = 25


class Pacing:
    """When what came last."""

    def __init__(self, *, spacing: bool, address_limit: bool) -> None:
        self.spacing = spacing
        self.address_limit = address_limit
        self._last: dict[tuple[str, str], datetime] = {}
        self._seen: dict[str, deque[datetime]] = {}

    def action(self, bungie_id: str, operation: str, now: datetime) -> None:
        """Let an action pass, or refuse it.

        Raises:
            Refusal: 36, too soon after the one before.
        """
        gap = SPACING.get(operation)
        if not self.spacing or gap is None:
            return
        last = self._last.get((bungie_id, operation))
        if last is not None and (now - last).total_seconds() < gap:
            raise Refusal(Code.THROTTLED_SECONDS)
        self._last[bungie_id, operation] = now

    def address(self, address: str, now: datetime) -> None:
        """Let a request pass, or refuse it.

        Raises:
            Refusal: 51, more than 25 a second over ten seconds from one address.
        """
        if not self.address_limit:
            return
        seen = self._seen.setdefault(address, deque())
        while seen and (now - seen[0]).total_seconds() >= _WINDOW:
            seen.popleft()
        if len(seen) >= _WINDOW * _PER_SECOND:
            raise Refusal(Code.PER_ENDPOINT_THROTTLE)
        seen.append(now)
