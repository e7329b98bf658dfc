"""Locks in a Redis: taken, renewed and released by scripts that compare the holder's token."""

from redis import Redis

from destiny_web.storage.late_release import release_later
from destiny_web.storage.redis_errors import Translation
from destiny_web.storage.store import Clock, LockLost, LockTimeout, StoreError
from destiny_web.storage.waiting import (
    FURTHEST_END,
    checked_ttl,
    is_abandoned,
    new_token,
    until_taken,
)

# A lock's value is "<token> <end>". The moment is ours only where a test brings its own clock.
_NOW = """
local now = tonumber(ARGV[3])
if not now then local t = redis.call('TIME'); now = t[1] + t[2] / 1000000 end
local held = redis.call('GET', KEYS[1])
local token, ends = '', 0
if held then
    token, ends = string.match(held, '^(%S+) (%S+)$')
    ends = tonumber(ends)
end
"""
_KEEP = """
local ends = string.format('%.6f', now + ARGV[2])
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ends, 'PX', math.ceil(ARGV[2] * 1000))
return ''
"""
# The keys of Redis end by its wall clock too (an absolute time), so PX alone bounds nothing when
# the clock is set back: an end further ahead than FURTHEST_END is over.
_HELD = f"ends > now and ends <= now + {FURTHEST_END}"
# Returns '' for the one who has the lock now, else the token of the holder. ARGV[4] is the token
# of a holder that has died, or ''.
_TAKE = f"""{_NOW}
if token ~= '' and token ~= ARGV[1] and token ~= ARGV[4] and {_HELD} then return token end
{_KEEP}
"""
_RENEW = f"{_NOW} if token ~= ARGV[1] or not ({_HELD}) then return 'over' end {_KEEP}"
_RELEASE = f"{_NOW} if token == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1"


class RedisLease:
    """A lock in Redis: a value that bears its holder's token (``storage.waiting``)."""

    def __init__(
        self, redis: Redis, translation: Translation, clock: Clock | None, key: str
    ) -> None:
        self._translation = translation
        self._take = redis.register_script(_TAKE)
        self._renew = redis.register_script(_RENEW)
        self._release = redis.register_script(_RELEASE)
        self._clock = clock
        self._key = key
        self._token = new_token()
        self._ttl = 0.0

    def take(self, ttl: float, wait: float) -> None:
        """Wait for the lock and take it.

        Raises:
            LockTimeout: others had it all the while.
        """
        self._ttl = checked_ttl(ttl)
        try:
            until_taken(lambda: self._take_once(ttl), self._key, wait)
        except LockTimeout:
            raise
        except StoreError:
            # Redis may have given the lock, and only its answer is lost.
            release_later(self._free, ttl)
            raise

    def renew(self, ttl: float) -> None:
        """Hold the lock for *ttl* seconds from now; safe for threads.

        Raises:
            LockLost: it had ended.
        """
        with self._translation.writing():
            self._ttl = checked_ttl(ttl)
            refused = self._renew(keys=[self._key], args=self._args(ttl))
        if refused:
            raise LockLost(f"{self._key} had ended")

    def release(self) -> None:
        """Free the lock if it is still ours; later, when Redis does not answer now."""
        try:
            self._free()
        except StoreError:
            # What was done under the lock is done, and must not look as if it had failed.
            release_later(self._free, self._ttl)

    def _free(self) -> None:
        with self._translation.writing():
            self._release(keys=[self._key], args=self._args(0))

    def _take_once(self, ttl: float) -> bool:
        """Take the lock if it is free, over, or of a process that has died."""
        holder = self._ask(ttl, abandoned="")
        # Only the lock of that very token: another process may have taken it meanwhile.
        return not holder or (is_abandoned(holder) and not self._ask(ttl, abandoned=holder))

    def _ask(self, ttl: float, abandoned: str) -> str:
        """Ask for the lock; return '' when it was given, else the token of its holder."""
        with self._translation.writing():
            holder: bytes = self._take(keys=[self._key], args=(*self._args(ttl), abandoned))
        return holder.decode()

    def _args(self, ttl: float) -> tuple[str, float, float | str]:
        return self._token, ttl, self._clock().timestamp() if self._clock else ""
