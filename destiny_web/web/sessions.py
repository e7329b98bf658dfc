"""Sessions on the server: the cookie holds a random id, the store holds the rest, sealed."""

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
IDLE = timedelta(days=30)
"""A session that nobody comes back to ends after this."""

BRIEF = timedelta(hours=1)
"""A session of nobody ends after this: it holds the state of a sign-in, or a message."""

LONGEST = timedelta(days=90)
"""A session ends after this however often it is used: Bungie's refresh tokens live no longer."""

_TOUCH = timedelta(hours=6)
"""How often a session that is only read has its end moved on."""

_ID_LENGTH = 43  # 32 random bytes in base64url


def write_session(app: Flask, session: object) -> bool:
    """Write the session of the request at once; tell whether the store took it.

    For what must not be lost should the store fail at the end of the request. What could not
    be written is not written later either: the caller tells the player in another way.
    """
    interface = app.session_interface
    opened = getattr(session, "_get_current_object", lambda: session)()
    if not isinstance(interface, StoreSessions) or not isinstance(opened, ServerSession):
        return True
    try:
        interface.write(opened)
    except StoreError:
        return False
    finally:
        opened.modified = False
    return True


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """A session as views see it: a dict that knows its id.

    Attributes:
        sid: The random id in the cookie.
        former: Ids that are to be forgotten at the end of this request.
        fresh: There is nothing of it in the store yet.
    """

    def __init__(self, initial: dict[str, Any] | None = None, *, sid: str, fresh: bool) -> None:
        def changed(session: "ServerSession") -> None:
            session.modified = True
            session.accessed = True

        super().__init__(initial or {}, changed)
        self.sid = sid
        self.fresh = fresh
        self.new = fresh
        self.former: list[str] = []
        self.modified = False
        self.accessed = False

    @property
    def key(self) -> str:
        """How the store names this session: whoever reads the store cannot be this player."""
        return hash_identifier(self.sid)

    def rotate(self) -> None:
        """Take a new id, and see to it that the old one is worth nothing."""
        self.former.append(self.sid)
        self.sid = token_urlsafe()
        self.fresh = True
        self.modified = True


class StoreSessions(SessionInterface):
    """Flask's sessions over our store."""

    def __init__(self, store: Store, cipher: Cipher, now: Callable[[], datetime]) -> None:
        self._store = store
        self._cipher = cipher
        self._now = now
        self._serializer = TaggedJSONSerializer()

    def get_cookie_name(self, app: Flask) -> str:
        """Name the cookie so that, on https, no other host or path can have set it."""
        return "__Host-session" if app.config["SESSION_COOKIE_SECURE"] else "session"

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """Return the session of a request; a new, empty one when its cookie is worth nothing."""
        sid = request.cookies.get(self.get_cookie_name(app), "")
        if len(sid) == _ID_LENGTH:
            found = self._read(sid)
            if found is not None:
                return ServerSession(found, sid=sid, fresh=False)
        # Never an id that came from outside: somebody else may know it.
        return ServerSession(sid=token_urlsafe(), fresh=True)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the session back if it changed, and set the cookie if its id is new."""
        if not isinstance(session, ServerSession):
            return
        for sid in session.former:
            self._store.delete(NAMESPACE, hash_identifier(sid))
        if session.accessed:
            response.vary.add("Cookie")
        if not session and not session.fresh:
            self._store.delete(NAMESPACE, session.key)
            self._set_cookie(app, response, "", max_age=0)
            return
        if not session:
            return
        # Nothing of one player goes out with an answer that others may get from a cache.
        old = self._is_old(session) and not response.cache_control.public
        if session.modified or old:
            self.write(session)
        if session.fresh or old:  # the browser's copy ends with ours
            self._set_cookie(app, response, session.sid, max_age=int(IDLE.total_seconds()))

    def _read(self, sid: str) -> dict[str, Any] | None:
        sealed = self._store.get(NAMESPACE, hash_identifier(sid))
        if sealed is None:
            return None
        try:
            found = self._serializer.loads(self._cipher.open(sealed).decode())
        except (InvalidSeal, ValueError):
            return None  # sealed with a key that is gone: nothing can be made of it
        if not isinstance(found, dict) or self._is_over(found):
            return None
        return found

    def write(self, session: ServerSession) -> None:
        """Keep the session as it is now.

        Raises:
            StoreError: it could not be kept.
        """
        now = self._now()
        content = {"_born": now.timestamp(), **session, "_at": now.timestamp()}
        sealed = self._cipher.seal(self._serializer.dumps(content).encode())
        # Flask-Login's own key: it is there as long as somebody is signed in.
        ends = now + (IDLE if "_user_id" in session else BRIEF)
        if session.fresh:
            self._store.put(NAMESPACE, session.key, sealed, ends)
            return
        # A session that another request has ended meanwhile must not come back to life.
        self._store.update(
            NAMESPACE, session.key, lambda old: None if old is None else sealed, ends
        )

    def _is_over(self, content: dict[str, Any]) -> bool:
        born = content.get("_born")
        age = self._now().timestamp() - born if isinstance(born, float | int) else 0.0
        return age > LONGEST.total_seconds()

    def _is_old(self, session: ServerSession) -> bool:
        written = session.get("_at", 0.0)
        return self._now().timestamp() - float(written) > _TOUCH.total_seconds()

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
