"""The consent page: choose a player, allow or deny, and return to the application."""

from html import escape
from importlib.resources import files
from string import Template
from typing import Final
from urllib.parse import urlencode, urlsplit

from werkzeug.wrappers import Request, Response

from bungie_sandbox.errors import BadPage
from bungie_sandbox.oauth import OAuth
from bungie_sandbox.pictures.glyphs import glyphs
from bungie_sandbox.world.players import Player
from bungie_sandbox.world.world import World

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_HTML: Final = "text/html; charset=utf-8"


def render_page(title: str, body: str, status: int = 200) -> Response:
    """Return a page with the sandbox's layout; *body* is HTML."""
    template = Template(files("bungie_sandbox.http").joinpath("page.html").read_text("utf-8"))
    html = template.substitute(title=escape(title), body=body, mark=glyphs()["hunter"])
    return Response(html, status, content_type=_HTML)


def consent_page(request: Request, oauth: OAuth, world: World) -> Response:
    """Return the consent page, or the redirect after the player's decision.

    Raises:
        BadPage: Bungie does not accept the query; there is no redirect.
    """
    redirect_uri = _find_redirect_uri(request, oauth)
    if request.method == "POST":
        return _redirect_back(request, oauth, world, redirect_uri)
    app = oauth.apps[request.args["client_id"]]
    choices = "".join(
        f'<label><input type="radio" name="player" value="{player.bungie_id}"'
        f"{' checked' if number == 0 else ''}><span><b>{escape(player.full_name)}</b>"
        f"<small>{escape(_describe_player(player))}</small></span></label>"
        for number, player in enumerate(world.players[:20])
    )
    body = (
        f"<h1>Sign in to {escape(app.name)}</h1>"
        "<p>This is the <strong>sandbox</strong>, a Bungie.net on your own machine. It sends"
        " nothing to the real Bungie.net. Choose a player.</p>"
        f'<form method="post"><fieldset><legend>Player</legend>{choices}</fieldset>'
        "<ul><li>Sees your characters, inventory and vault</li>"
        "<li>Moves, equips and locks your items</li></ul>"
        '<div class="buttons"><button class="go" name="decision" value="allow">Allow</button>'
        '<button name="decision" value="deny">Deny</button></div></form>'
    )
    return render_page(f"Sign in to {app.name}", body)


def _describe_player(player: Player) -> str:
    if not player.playable:
        return "No Destiny account"
    if player.primary:
        memberships = "Cross save"
    elif len(player.playable) == 1:
        memberships = "One platform"
    else:
        memberships = "Two accounts, no cross save"
    return f"{memberships}; {player.note}" if player.note else memberships


def _find_redirect_uri(request: Request, oauth: OAuth) -> str:
    """Check the query of a request, and return the address to which the player returns."""
    app = oauth.apps.get(request.args.get("client_id", ""))
    if app is None or request.args.get("response_type") != "code":
        raise BadPage("Authorization query string parameters are not valid.")
    if "scope" in request.args:
        raise BadPage("Scopes belong to the application's registration: leave out scope.")
    requested = request.args.get("redirect_uri")
    if requested is None or requested == app.redirect_uri:
        redirect_uri = app.redirect_uri
    elif _differs_in_loopback_port_only(requested, app.redirect_uri):
        # Bungie refuses this. On loopback a client often listens on any free port.
        redirect_uri = requested
    else:
        raise BadPage("The redirect_uri is not the one that the application is registered with.")
    address = urlsplit(redirect_uri)
    # Bungie accepts https only; http on loopback is an exception of the sandbox.
    if address.scheme == "http" and address.hostname not in _LOOPBACK:
        raise BadPage("The registered redirect address has to be https.")
    return redirect_uri


def _differs_in_loopback_port_only(requested: str, registered: str) -> bool:
    requested_address, registered_address = urlsplit(requested), urlsplit(registered)
    return (
        requested_address.scheme == "http"
        and requested_address.hostname in _LOOPBACK
        and registered_address.hostname in _LOOPBACK
        and requested_address.path == registered_address.path
    )


def _redirect_back(request: Request, oauth: OAuth, world: World, redirect_uri: str) -> Response:
    state = request.args.get("state")
    app = oauth.apps[request.args["client_id"]]
    if request.form.get("decision") == "allow":
        player = world.by_bungie_id(request.form.get("player", world.default.bungie_id))
        if player is None:
            raise BadPage("There is no such player.")
        query = {"code": oauth.consent(app, player.bungie_id)}
    else:
        # Bungie does not document its answer when a player declines; this is OAuth 2's.
        query = {"error": "access_denied", "error_description": "The player declined."}
    if state is not None:
        query["state"] = state
    separator = "&" if urlsplit(redirect_uri).query else "?"
    location = f"{redirect_uri}{separator}{urlencode(query)}"
    return Response("", 302, headers={"Location": location})
