"""The tokens of one session: sealed in the store, refreshed once however many ask."""

from datetime import timedelta

import msgspec

from destiny_web.auth import oauth
from destiny_web.bungie.errors import ConsentEnded
from destiny_web.bungie.tokens import TokenSet
from destiny_web.storage.cipher import Unsealable
from destiny_web.web.backend import Backend

NAMESPACE = "tokens"

_SOON = timedelta(seconds=60)
"""An access token that ends this soon is refreshed before it is used."""

_KEPT = timedelta(days=90)
_LEASE = 40.0
_PATIENCE = 30.0


class SessionTokens:
    """A ``TokenSource`` for one session.

    They have a record of their own, apart from what views keep in the session: a slow
    request that writes its session back late must not bring used-up tokens back.
    """

    def __init__(self, backend: Backend, key: str, player: str) -> None:
        self._backend = backend
        self._key = key
        self._player = player

    @property
    def player(self) -> str:
        """The Bungie.net membership id whose tokens these are."""
        return self._player

    def save(self, tokens: TokenSet) -> None:
        """Keep *tokens* in place of what was there."""
        sealed = self._backend.cipher.seal(msgspec.json.encode(tokens))
        expires = tokens.refresh_expires or self._backend.now() + _KEPT
        self._backend.store.put(NAMESPACE, self._key, sealed, expires)

    def forget(self) -> None:
        """Drop them."""
        self._backend.store.delete(NAMESPACE, self._key)

    def access_token(self) -> str:
        """Return a token that is good for a while yet.

        Raises:
            ConsentEnded: there is none to be had.
            BungieError: a new one is needed, and Bungie could not be asked.
        """
        tokens = self._load()
        if tokens.access_expires - self._backend.now() > _SOON:
            return tokens.access_token
        return self.renew(tokens.access_token)

    def renew(self, refused: str) -> str:
        """Return another token than *refused*.

        Whoever comes second finds the winner's token: a refresh token works once.

        Raises:
            ConsentEnded: there is none to be had; the tokens are dropped.
            BungieError: Bungie could not be asked; the tokens are kept.
        """
        lock = self._backend.store.lock(f"refresh {self._key}", ttl=_LEASE, wait=_PATIENCE)
        # Inside the breaker the losers wait, too: they must not take every thread.
        with self._backend.transport.breaker.guarded(), lock:
            tokens = self._load()
            if tokens.access_token != refused:
                return tokens.access_token
            if not tokens.refresh_token:
                raise ConsentEnded("no refresh token")
            try:
                with self._backend.metrics.refreshing():
                    fresh = oauth.refresh(tokens.refresh_token, self._backend.now())
            except ConsentEnded:
                self.forget()
                raise
            self.save(fresh)  # before anything is done with it: the old pair is worth nothing now
            return fresh.access_token

    def _load(self) -> TokenSet:
        sealed = self._backend.store.get(NAMESPACE, self._key)
        if sealed is None:
            raise ConsentEnded("no tokens are kept for this session")
        try:
            return msgspec.json.decode(self._backend.cipher.open(sealed), type=TokenSet)
        except (Unsealable, msgspec.MsgspecError) as error:
            raise ConsentEnded("the kept tokens cannot be opened") from error
