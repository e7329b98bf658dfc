"""Reads that lag behind writes: several web servers, each with its own old copy."""

from datetime import datetime, timedelta

import msgspec

from bungie_sandbox.options import Options
from bungie_sandbox.world.belongings import Profile


class _Copy(msgspec.Struct):
    profile: Profile
    taken: datetime
    until: datetime


class Lag:
    """Per simulated server and membership, the belongings as they were when last read.

    A write makes the server that took it read anew, after ``write_lag`` seconds; the
    others keep what they have until it is ``cache_seconds`` old. So two reads in a row
    may go back in time, as they do with Bungie.
    """

    def __init__(self, options: Options) -> None:
        self._servers = max(options.servers, 1)
        self._life = timedelta(seconds=options.cache_seconds)
        self._write_lag = timedelta(seconds=options.write_lag)
        self._copies: dict[tuple[int, str], _Copy] = {}

    @property
    def servers(self) -> int:
        """How many servers there are."""
        return self._servers

    def read(
        self, server: int, membership_id: str, profile: Profile, now: datetime
    ) -> tuple[Profile, datetime]:
        """Return the belongings as this server knows them, and when it learnt it."""
        if not self._life and not self._write_lag:
            return profile, now
        kept = self._copies.get((server, membership_id))
        if kept is None or kept.until <= now or kept.taken > now:
            kept = _Copy(profile.copy(), now, now + self._life)
            self._copies[server, membership_id] = kept
        return kept.profile, kept.taken

    def forget(self, membership_id: str) -> None:
        """Let every server read the membership anew: the lag of earlier writes is over."""
        for server, held in list(self._copies):
            if held == membership_id:
                del self._copies[server, held]

    def wrote(self, server: int, membership_id: str, now: datetime) -> None:
        """Note that this server took a write for the membership."""
        kept = self._copies.get((server, membership_id))
        if kept is not None:
            kept.until = min(kept.until, now + self._write_lag)
