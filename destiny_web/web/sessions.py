"""Server-side sessions: the cookie holds a random id, the store holds the encrypted content."""

from collections.abc import Callable
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from flask import Flask, Request, Response
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.datastructures import CallbackDict

from destiny_web.storage.cipher import Cipher, InvalidSeal, hash_identifier
from destiny_web.storage.store import Store, StoreError

NAMESPACE = "session"
IDLE_LIFETIME = timedelta(days=30)
"""Lifetime of a player's session after the last request."""

ANONYMOUS_LIFETIME = timedelta(hours=1)
"""Lifetime of a session without a player: it holds the state of a sign-in, or a message."""

MAX_LIFETIME = timedelta(days=90)
"""Lifetime of a session after its start, also when it is used: that of Bungie's refresh tokens."""

_RENEWAL_INTERVAL = timedelta(hours=6)
"""How often the lifetime of a session that is only read is renewed."""

_ID_LENGTH = 43  # 32 random bytes in base64url


def write_session(app: Flask, session: object) -> bool:
    """Write the session of the request immediately; tell whether the store accepted it.

    For a message that must not be lost when the store fails at the end of the request. A session
    that could not be written is not written later: the caller has to show the message itself.
    """
    interface = app.session_interface
    server_session = getattr(session, "_get_current_object", lambda: session)()
    if not isinstance(interface, StoreSessions) or not isinstance(server_session, ServerSession):
        return True
    try:
        interface.write(server_session)
    except StoreError:
        return False
    finally:
        server_session.modified = False
    return True


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """Session of a request: a dict with an id.

    Attributes:
        sid: The random id in the cookie.
        former_sids: Ids whose records are deleted at the end of this request.
        is_unsaved: The store has no record of it yet.
    """

    def __init__(
        self, initial: dict[str, Any] | None = None, *, sid: str, is_unsaved: bool
    ) -> None:
        def mark_changed(session: "ServerSession") -> None:
            session.modified = True
            session.accessed = True

        super().__init__(initial or {}, mark_changed)
        self.sid = sid
        self.is_unsaved = is_unsaved
        self.new = is_unsaved
        self.former_sids: list[str] = []
        self.modified = False
        self.accessed = False

    @property
    def key(self) -> str:
        """Key in the store: a hash, so that a reader of the store cannot use the session."""
        return hash_identifier(self.sid)

    def rotate(self) -> None:
        """Replace the id by a new one, and make the old one invalid."""
        self.former_sids.append(self.sid)
        self.sid = token_urlsafe()
        self.is_unsaved = True
        self.modified = True


class StoreSessions(SessionInterface):
    """Keeps Flask's sessions in our store."""

    def __init__(self, store: Store, cipher: Cipher, now: Callable[[], datetime]) -> None:
        self._store = store
        self._cipher = cipher
        self._now = now
        self._serializer = TaggedJSONSerializer()

    def get_cookie_name(self, app: Flask) -> str:
        """Return a cookie name that, on https, no other host or path can set."""
        return "__Host-session" if app.config["SESSION_COOKIE_SECURE"] else "session"

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """Return the session of a request; a new, empty one when its cookie is not valid."""
        sid = request.cookies.get(self.get_cookie_name(app), "")
        if len(sid) == _ID_LENGTH:
            content = self._read(sid)
            if content is not None:
                return ServerSession(content, sid=sid, is_unsaved=False)
        # Never use an id that came from outside: an attacker may know it.
        return ServerSession(sid=token_urlsafe(), is_unsaved=True)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the session back if it changed, and set the cookie if its id is new."""
        if not isinstance(session, ServerSession):
            return
        for sid in session.former_sids:
            self._store.delete(NAMESPACE, hash_identifier(sid))
        if session.accessed:
            response.vary.add("Cookie")
        if not session and not session.is_unsaved:
            self._store.delete(NAMESPACE, session.key)
            self._set_cookie(app, response, "", max_age=0)
            return
        if not session:
            return
        # No cookie in a public response: a cache may send that to other visitors.
        is_renewed = self._needs_renewal(session) and not response.cache_control.public
        if session.modified or is_renewed:
            self.write(session)
        if session.is_unsaved or is_renewed:  # the cookie and the record expire together
            max_age = int(IDLE_LIFETIME.total_seconds())
            self._set_cookie(app, response, session.sid, max_age=max_age)

    def _read(self, sid: str) -> dict[str, Any] | None:
        sealed = self._store.get(NAMESPACE, hash_identifier(sid))
        if sealed is None:
            return None
        try:
            content = self._serializer.loads(self._cipher.open(sealed).decode())
        except (InvalidSeal, ValueError):
            return None  # encrypted with a key that the settings do not have any more
        if not isinstance(content, dict) or self._is_expired(content):
            return None
        return content

    def write(self, session: ServerSession) -> None:
        """Write the present content of the session to the store.

        Raises:
            StoreError: the store failed.
        """
        now = self._now()
        content = {"_born": now.timestamp(), **session, "_at": now.timestamp()}
        sealed = self._cipher.seal(self._serializer.dumps(content).encode())
        # Flask-Login's key: the session has it while a player is signed in.
        expires = now + (IDLE_LIFETIME if "_user_id" in session else ANONYMOUS_LIFETIME)
        if session.is_unsaved:
            self._store.put(NAMESPACE, session.key, sealed, expires)
            return
        # Another request may have ended the session: then it is not written again.
        self._store.update(
            NAMESPACE, session.key, lambda kept: None if kept is None else sealed, expires
        )

    def _is_expired(self, content: dict[str, Any]) -> bool:
        started_at = content.get("_born")
        if not isinstance(started_at, float | int):
            return False
        return self._now().timestamp() - started_at > MAX_LIFETIME.total_seconds()

    def _needs_renewal(self, session: ServerSession) -> bool:
        written_at = float(session.get("_at", 0.0))
        return self._now().timestamp() - written_at > _RENEWAL_INTERVAL.total_seconds()

    def _set_cookie(self, app: Flask, response: Response, sid: str, *, max_age: int) -> None:
        response.set_cookie(
            self.get_cookie_name(app),
            sid,
            max_age=max_age,
            path="/",
            secure=bool(app.config["SESSION_COOKIE_SECURE"]),
            httponly=True,
            samesite="Lax",  # Strict would lose the session on the way back from Bungie
        )
