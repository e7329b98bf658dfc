"""Reads that lag behind writes: several simulated web servers, each with a cache of its own."""

from datetime import datetime, timedelta

import msgspec

from bungie_sandbox.options import Options
from bungie_sandbox.world.belongings import Profile


class _CachedProfile(msgspec.Struct):
    profile: Profile
    read_at: datetime
    expires: datetime


class ReadLag:
    """The cached profiles of each simulated server.

    A server that receives a write reads the profile again ``write_lag`` seconds later; the
    other servers use the cached profile until it is ``cache_seconds`` old. A read may therefore
    show an older state than the read before, as with Bungie.
    """

    def __init__(self, options: Options) -> None:
        self._servers = max(options.servers, 1)
        self._cache_time = timedelta(seconds=options.cache_seconds)
        self._write_lag = timedelta(seconds=options.write_lag)
        self._cache: dict[tuple[int, str], _CachedProfile] = {}

    @property
    def servers(self) -> int:
        """The number of simulated servers."""
        return self._servers

    def read(
        self, server: int, membership_id: str, profile: Profile, now: datetime
    ) -> tuple[Profile, datetime]:
        """Return the profile that this server sends, and the moment of its state."""
        if not self._cache_time and not self._write_lag:
            return profile, now
        cached = self._cache.get((server, membership_id))
        if cached is None or cached.expires <= now or cached.read_at > now:
            cached = _CachedProfile(profile.copy(), now, now + self._cache_time)
            self._cache[server, membership_id] = cached
        return cached.profile, cached.read_at

    def forget(self, membership_id: str) -> None:
        """Let every server read the membership again: all earlier writes are visible now."""
        for server, cached_id in list(self._cache):
            if cached_id == membership_id:
                del self._cache[server, cached_id]

    def note_write(self, server: int, membership_id: str, now: datetime) -> None:
        """Note that this server has received a write for the membership."""
        cached = self._cache.get((server, membership_id))
        if cached is not None:
            cached.expires = min(cached.expires, now + self._write_lag)
