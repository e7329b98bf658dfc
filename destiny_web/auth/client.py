"""Bungie client of the current request: views call Bungie in the name of the signed-in player."""

from typing import cast

from flask import g, session
from flask_login import current_user

from destiny_web.auth.tokens import SessionTokens
from destiny_web.bungie.client import BungieClient
from destiny_web.domain.account.characters import Membership
from destiny_web.web.services import current_services
from destiny_web.web.sessions import ServerSession


def current_tokens() -> SessionTokens:
    """Return the tokens of the current session."""
    server_session = cast("ServerSession", session)
    return SessionTokens(current_services(), server_session.key, str(current_user.get_id() or ""))


def current_client() -> BungieClient:
    """Return this request's client, which refreshes an expired token itself.

    Requests never share a client: a player must not get the tokens of another player.
    """
    if "client" not in g:
        services = current_services()
        g.client = BungieClient(services.transport, current_tokens(), services.pacing)
    return cast("BungieClient", g.client)


def current_membership() -> Membership:
    """Return the Destiny account that the player has chosen.

    Raises:
        LookupError: none is chosen; the gate redirects such requests before the view.
    """
    membership: Membership | None = current_user.membership
    if membership is None:
        raise LookupError("no Destiny account is chosen: the gate has to redirect this request")
    return membership
