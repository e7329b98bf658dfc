"""The tokens of one session: sealed in the store, refreshed once however many ask."""

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

_SOON = timedelta(seconds=60)
"""An access token that ends this soon is refreshed before it is used."""

_MOMENT = timedelta(seconds=30)
"""A refreshed token that is refused within this time is trouble at Bungie.

Its servers need a while to agree, and another refresh would be refused as well.
"""

_KEPT = timedelta(days=90)

_LEASE = 50.0
"""Seconds that a refresh may take: the wait for a slot, and the transport's whole time-out."""

_PATIENCE = 10.0
"""Seconds that a request waits for the refresh of another: a slot (5 s) and a slow answer."""

_BUSY = 5


class SessionTokens:
    """A ``TokenSource`` for one session.

    They have a record of their own, apart from what views keep in the session: a slow
    request that writes its session back late must not bring used-up tokens back.
    """

    def __init__(self, current_services: Services, key: str, player: str) -> None:
        self._services = current_services
        self._key = key
        self._player = player

    @property
    def player(self) -> str:
        """The Bungie.net membership id whose tokens these are."""
        return self._player

    def save(self, tokens: TokenSet) -> None:
        """Keep *tokens* in place of what was there."""
        sealed = self._services.cipher.seal(msgspec.json.encode(tokens))
        ends = tokens.refresh_expires or self._services.now() + _KEPT
        expires = max(ends, tokens.access_expires)  # the access token may outlive the refresh token
        self._services.store.put(NAMESPACE, self._key, sealed, expires)

    def forget(self) -> None:
        """Drop them."""
        self._services.store.delete(NAMESPACE, self._key)

    def access_token(self) -> str:
        """Return a token that is good for now.

        Raises:
            ConsentEnded: there is none to be had.
            BungieError: a new one is needed, and Bungie could not be asked.
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
                return tokens.access_token  # passing trouble, and the old token is still good
            raise

    def renew(self, refused: str, *, expired: bool = False) -> str:
        """Return another token than *refused*.

        Of several requests one refreshes, and the others find its token: a refresh token works
        once. Neither the circuit breaker nor a slot is held during the wait for the lock.

        Args:
            refused: The access token that is not good any more.
            expired: Its life is over; else Bungie refused it for a reason that is not known.

        Raises:
            ConsentEnded: there is none to be had; the tokens are dropped.
            FreshTokenRefused: *refused* comes from a refresh of a moment ago.
            BungieError: Bungie could not be asked; the tokens are kept.
        """
        tokens = self._load()
        if tokens.access_token != refused:
            return tokens.access_token
        if not expired and self._is_fresh(tokens):
            raise FreshTokenRefused("the token was refreshed a moment ago")
        with self._refresh_lock():
            tokens = self._load()
            if tokens.access_token != refused:
                return tokens.access_token
            if not tokens.refresh_token:
                self.forget()
                raise ConsentEnded("no refresh token")
            try:
                with self._services.metrics.refreshing():
                    fresh = oauth.token_endpoint().refresh(tokens, self._services.now())
            except ConsentEnded:
                self.forget()
                raise
            self.save(fresh)  # before anything is done with it: the old pair is worth nothing now
            return fresh.access_token

    @contextmanager
    def _refresh_lock(self) -> Iterator[None]:
        """Hold the lock under which this session's tokens are refreshed.

        Raises:
            Overloaded: too many requests of this process wait for such a lock already.
            TokenUnavailable: another request has waited for Bungie all the while.
        """
        lock, name = self._services.store.lock, f"refresh {self._key}"
        with ExitStack() as stack:
            try:
                stack.enter_context(lock(name, ttl=_LEASE, wait=0))
            except LockTimeout:
                with _waiting_place():
                    try:
                        stack.enter_context(lock(name, ttl=_LEASE, wait=_PATIENCE))
                    except LockTimeout as error:
                        raise TokenUnavailable("another request waits for new tokens") from error
            yield

    def _is_fresh(self, tokens: TokenSet) -> bool:
        """Tell whether *tokens* come from a refresh of a moment ago."""
        if not tokens.refreshed or tokens.issued_at is None:
            return False
        return timedelta() <= self._services.now() - tokens.issued_at < _MOMENT

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
    """Return how long before its end an access token is refreshed.

    Never more than half of its life: a token with a short life is used before it is refreshed.
    """
    if tokens.issued_at is None:
        return _SOON
    return min(_SOON, (tokens.access_expires - tokens.issued_at) / 2)


@contextmanager
def _waiting_place() -> Iterator[None]:
    places = oauth.waiting_places()
    if not places.acquire(blocking=False):
        raise Overloaded("too many requests wait for new tokens", retry_after=_BUSY)
    try:
        yield
    finally:
        places.release()
