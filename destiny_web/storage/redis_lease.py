"""Locks in a Redis: taken, renewed and released by scripts that compare the holder's token."""

from redis import Redis

from destiny_web.clock import Clock
from destiny_web.storage.late_release import release_later
from destiny_web.storage.lock_rules import (
    MAX_END_AHEAD,
    is_abandoned,
    new_token,
    validate_ttl,
    wait_for_lock,
)
from destiny_web.storage.redis_errors import ErrorTranslator
from destiny_web.storage.store import LockLost, LockTimeout, StoreError

# The value of a lock is "<token> <end>". The moment comes from Redis; a test may pass its own.
_NOW = """
local now = tonumber(ARGV[3])
if not now then local t = redis.call('TIME'); now = t[1] + t[2] / 1000000 end
local value = redis.call('GET', KEYS[1])
local token, ends = '', 0
if value then
    token, ends = string.match(value, '^(%S+) (%S+)$')
    ends = tonumber(ends)
end
"""
_KEEP = """
local ends = string.format('%.6f', now + ARGV[2])
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ends, 'PX', math.ceil(ARGV[2] * 1000))
return ''
"""
# Keys of Redis expire by its wall clock, so after the clock was set back PX alone is no limit: a
# lock whose end is further ahead than MAX_END_AHEAD counts as ended.
_HELD = f"ends > now and ends <= now + {MAX_END_AHEAD}"
# Returns '' when the caller has the lock now, else the token of the holder. ARGV[4] is the token of
# a holder that has died, or ''.
_TAKE = f"""{_NOW}
if token ~= '' and token ~= ARGV[1] and token ~= ARGV[4] and {_HELD} then return token end
{_KEEP}
"""
_RENEW = f"{_NOW} if token ~= ARGV[1] or not ({_HELD}) then return 'over' end {_KEEP}"
_RELEASE = f"{_NOW} if token == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1"


class RedisLease:
    """A lock in Redis: a value with its holder's token (``storage.lock_rules``)."""

    def __init__(
        self, redis: Redis, translation: ErrorTranslator, clock: Clock | None, key: str
    ) -> None:
        self._translator = translation
        self._take_script = redis.register_script(_TAKE)
        self._renew_script = redis.register_script(_RENEW)
        self._release_script = redis.register_script(_RELEASE)
        self._clock = clock
        self._key = key
        self._token = new_token()
        self._ttl = 0.0

    def take(self, ttl: float, wait: float) -> None:
        """Wait for the lock and take it.

        Raises:
            LockTimeout: the lock was not free in time.
        """
        self._ttl = validate_ttl(ttl)
        try:
            wait_for_lock(lambda: self._take_once(ttl), self._key, wait)
        except LockTimeout:
            raise
        except StoreError:
            # Redis may have granted the lock although its answer was lost.
            release_later(self._free, ttl)
            raise

    def renew(self, ttl: float) -> None:
        """Hold the lock for *ttl* seconds from now; safe for threads.

        Raises:
            LockLost: the lock had ended.
        """
        with self._translator.writing():
            self._ttl = validate_ttl(ttl)
            is_refused = self._renew_script(keys=[self._key], args=self._arguments(ttl))
        if is_refused:
            raise LockLost(f"{self._key} had ended")

    def release(self) -> None:
        """Release the lock if it is still ours; later in a thread, if Redis does not answer."""
        try:
            self._free()
        except StoreError:
            # The work under the lock is done: the caller must not get an error of the release.
            release_later(self._free, self._ttl)

    def _free(self) -> None:
        with self._translator.writing():
            self._release_script(keys=[self._key], args=self._arguments(0))

    def _take_once(self, ttl: float) -> bool:
        """Take the lock if it is free, has ended, or belongs to a process that has died."""
        holder = self._request(ttl, abandoned="")
        # Only with that token: another process may have taken the lock meanwhile.
        return not holder or (is_abandoned(holder) and not self._request(ttl, abandoned=holder))

    def _request(self, ttl: float, abandoned: str) -> str:
        """Request the lock; return '' when it was granted, else the token of its holder."""
        with self._translator.writing():
            holder: bytes = self._take_script(
                keys=[self._key], args=(*self._arguments(ttl), abandoned)
            )
        return holder.decode()

    def _arguments(self, ttl: float) -> tuple[str, float, float | str]:
        return self._token, ttl, self._clock().timestamp() if self._clock else ""
