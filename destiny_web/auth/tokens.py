"""Tokens of a session: encrypted in the store, refreshed by one request at a time."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import msgspec

from destiny_web.auth import oauth
from destiny_web.bungie.errors import (
    BungieError,
    ConsentEnded,
    FreshTokenRefused,
    Overloaded,
    TokenUnavailable,
)
from destiny_web.bungie.tokens import TokenSet
from destiny_web.storage.cipher import InvalidSeal
from destiny_web.storage.store import LockTimeout
from destiny_web.web.services import Services

NAMESPACE = "tokens"

_REFRESH_MARGIN = timedelta(seconds=60)
"""An access token that expires within this time is refreshed before it is used."""

_JUST_REFRESHED = timedelta(seconds=30)
"""If Bungie refuses a refreshed token within this time, the token is not refreshed again.

Bungie's servers need some time to agree, and would refuse the next token as well.
"""

_DEFAULT_LIFETIME = timedelta(days=90)

_LEASE = 50.0
"""Seconds that a refresh may take: the wait for a slot, and the transport's time-out."""

_LOCK_WAIT = 10.0
"""Seconds to wait for the refresh of another request: for a slot (5 s) and a slow answer."""

_RETRY_AFTER = 5


class SessionTokens:
    """A ``TokenSource`` for one session.

    The tokens are in a record of their own, not in the session: a slow request that writes its
    session late must not restore tokens that are used already.
    """

    def __init__(self, services: Services, key: str, player: str) -> None:
        self._services = services
        self._key = key
        self._player = player

    @property
    def player(self) -> str:
        """The Bungie.net membership id that the tokens belong to."""
        return self._player

    def save(self, tokens: TokenSet) -> None:
        """Keep *tokens*; they replace the kept ones."""
        sealed = self._services.cipher.seal(msgspec.json.encode(tokens))
        expires = tokens.refresh_expires or self._services.now() + _DEFAULT_LIFETIME
        # The access token may expire after the refresh token.
        expires = max(expires, tokens.access_expires)
        self._services.store.put(NAMESPACE, self._key, sealed, expires)

    def forget(self) -> None:
        """Delete the tokens."""
        self._services.store.delete(NAMESPACE, self._key)

    def access_token(self) -> str:
        """Return a valid access token; refreshes it first if it expires soon.

        Raises:
            ConsentEnded: there is no valid token, and Bungie gives no other one.
            BungieError: a new token is needed, and Bungie did not answer.
        """
        tokens = self._load()
        now = self._services.now()
        if tokens.access_expires - now > _margin(tokens):
            return tokens.access_token
        try:
            return self.renew(tokens.access_token, expired=True)
        except ConsentEnded:
            raise
        except BungieError:
            if tokens.access_expires > now:
                return tokens.access_token  # a temporary failure, and the old token is still valid
            raise

    def renew(self, refused: str, *, expired: bool = False) -> str:
        """Return another token than *refused*.

        A refresh token works once. So one of several requests refreshes, and the others use its
        token. While a request waits for the lock it holds neither the circuit breaker nor a slot.

        Args:
            refused: The access token that is not valid any more.
            expired: The token has expired; else Bungie refused it for an unknown reason.

        Raises:
            ConsentEnded: Bungie gives no other token; the tokens are deleted.
            FreshTokenRefused: *refused* was refreshed less than ``_JUST_REFRESHED`` ago.
            BungieError: Bungie did not answer; the tokens are kept.
        """
        tokens = self._load()
        if tokens.access_token != refused:
            return tokens.access_token
        if not expired and self._was_just_refreshed(tokens):
            raise FreshTokenRefused("the token was refreshed a moment ago")
        with self._refresh_lock():
            tokens = self._load()
            if tokens.access_token != refused:
                return tokens.access_token
            if not tokens.refresh_token:
                self.forget()
                raise ConsentEnded("no refresh token")
            try:
                with self._services.metrics.count_refresh():
                    new_tokens = oauth.token_endpoint().refresh(tokens, self._services.now())
            except ConsentEnded:
                self.forget()
                raise
            self.save(new_tokens)  # before any use: the old tokens are not valid any more
            return new_tokens.access_token

    @contextmanager
    def _refresh_lock(self) -> Iterator[None]:
        """Hold the lock for a refresh of this session's tokens during the block.

        Raises:
            Overloaded: too many requests of this process wait for such a lock already.
            TokenUnavailable: another request held the lock for the whole wait.
        """
        lock, name = self._services.store.lock, f"refresh {self._key}"
        with ExitStack() as stack:
            try:
                stack.enter_context(lock(name, ttl=_LEASE, wait=0))
            except LockTimeout:
                with _limit_waiting():
                    try:
                        stack.enter_context(lock(name, ttl=_LEASE, wait=_LOCK_WAIT))
                    except LockTimeout as error:
                        raise TokenUnavailable("another request waits for new tokens") from error
            yield

    def _was_just_refreshed(self, tokens: TokenSet) -> bool:
        if not tokens.refreshed or tokens.issued_at is None:
            return False
        return timedelta() <= self._services.now() - tokens.issued_at < _JUST_REFRESHED

    def _load(self) -> TokenSet:
        sealed = self._services.store.get(NAMESPACE, self._key)
        if sealed is None:
            raise ConsentEnded("no tokens are kept for this session")
        try:
            return msgspec.json.decode(self._services.cipher.open(sealed), type=TokenSet)
        except (InvalidSeal, msgspec.MsgspecError) as error:
            self.forget()
            raise ConsentEnded("the kept tokens cannot be opened") from error


def _margin(tokens: TokenSet) -> timedelta:
    """Return how long before its expiry an access token is refreshed.

    At most half of its lifetime, so that a token with a short lifetime is used, too.
    """
    if tokens.issued_at is None:
        return _REFRESH_MARGIN
    return min(_REFRESH_MARGIN, (tokens.access_expires - tokens.issued_at) / 2)


@contextmanager
def _limit_waiting() -> Iterator[None]:
    """Count this request as waiting during the block; refuse when too many requests wait."""
    semaphore = oauth.waiting_semaphore()
    if not semaphore.acquire(blocking=False):
        raise Overloaded("too many requests wait for new tokens", retry_after=_RETRY_AFTER)
    try:
        yield
    finally:
        semaphore.release()
