"""The one way for views to talk to Bungie: in the name of whoever is signed in."""

from typing import cast

from flask import g, session
from flask_login import current_user

from destiny_web.auth.tokens import SessionTokens
from destiny_web.bungie.client import BungieClient
from destiny_web.domain.account.characters import Membership
from destiny_web.web.services import current_services
from destiny_web.web.sessions import ServerSession


def current_tokens() -> SessionTokens:
    """Return the tokens of the session at hand."""
    opened = cast("ServerSession", session)
    return SessionTokens(current_services(), opened.key, str(current_user.get_id() or ""))


def current_client() -> BungieClient:
    """Return this request's client; it refreshes an expired token by itself.

    Never shared between requests: two players must not get each other's.
    """
    if "client" not in g:
        parts = current_services()
        g.client = BungieClient(parts.transport, current_tokens(), parts.pacing)
    return cast("BungieClient", g.client)


def current_membership() -> Membership:
    """Return the Destiny account that is played; views behind the sign-in have one."""
    membership: Membership | None = current_user.membership
    if membership is None:
        raise LookupError("no Destiny account is chosen: the gate lets nobody through without one")
    return membership
