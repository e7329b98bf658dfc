"""Limits on the rate of requests: per player and action (36), per address (51)."""

from collections import deque
from datetime import datetime
from typing import Final

from bungie_sandbox.errors import Code, Refusal

# Minimum seconds between two calls of an action by one player, from the official description.
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
    """Refuses actions and requests that follow each other too fast."""

    def __init__(self, *, spacing: bool, address_limit: bool) -> None:
        self.spacing = spacing
        self.address_limit = address_limit
        self._last_action: dict[tuple[str, str], datetime] = {}
        self._request_times: dict[str, deque[datetime]] = {}

    def check_action(self, bungie_id: str, operation: str, now: datetime) -> None:
        """Check the spacing of an action of a player.

        Raises:
            Refusal: 36, too soon after the player's last call of the same action.
        """
        spacing = SPACING.get(operation)
        if not self.spacing or spacing is None:
            return
        last = self._last_action.get((bungie_id, operation))
        if last is not None and (now - last).total_seconds() < spacing:
            raise Refusal(Code.THROTTLED_SECONDS)
        self._last_action[bungie_id, operation] = now

    def check_address(self, address: str, now: datetime) -> None:
        """Check the number of requests from one address.

        Raises:
            Refusal: 51, more than 25 requests a second over ten seconds.
        """
        if not self.address_limit:
            return
        times = self._request_times.setdefault(address, deque())
        while times and (now - times[0]).total_seconds() >= _WINDOW:
            times.popleft()
        if len(times) >= _WINDOW * _PER_SECOND:
            raise Refusal(Code.PER_ENDPOINT_THROTTLE)
        times.append(now)
