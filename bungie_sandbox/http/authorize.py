"""The consent page: the player is chosen, allows or denies, and is sent back."""

from html import escape
from importlib.resources import files
from string import Template
from typing import Final
from urllib.parse import urlencode, urlsplit

from werkzeug.wrappers import Request, Response

from bungie_sandbox.oauth import OAuth
from bungie_sandbox.pictures.glyphs import glyphs
from bungie_sandbox.refusals import BadPage
from bungie_sandbox.world.players import Player
from bungie_sandbox.world.world import World

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_HTML: Final = "text/html; charset=utf-8"


def page(title: str, body: str, status: int = 200) -> Response:
    """Return a page in the sandbox's dress; *body* is HTML."""
    text = Template(files("bungie_sandbox.http").joinpath("page.html").read_text("utf-8"))
    made = text.substitute(title=escape(title), body=body, mark=glyphs()["hunter"])
    return Response(made, status, content_type=_HTML)


def consent_page(request: Request, oauth: OAuth, world: World) -> Response:
    """Show the consent page, or act on what was chosen on it.

    Raises:
        BadPage: the query is not what Bungie accepts; nobody is redirected.
    """
    target = _target(request, oauth)
    if request.method == "POST":
        return _answer(request, oauth, world, target)
    app = oauth.apps[request.args["client_id"]]
    choices = "".join(
        f'<label><input type="radio" name="player" value="{player.bungie_id}"'
        f"{' checked' if number == 0 else ''}><span><b>{escape(player.full_name)}</b>"
        f"<small>{escape(_about(player))}</small></span></label>"
        for number, player in enumerate(world.players[:20])
    )
    body = (
        f"<h1>Sign in to {escape(app.name)}</h1>"
        "<p>This is the <strong>sandbox</strong>, a Bungie.net on your own machine. Nothing here"
        " reaches the real one. Choose who you are.</p>"
        f'<form method="post"><fieldset><legend>Player</legend>{choices}</fieldset>'
        "<ul><li>Sees your characters, inventory and vault</li>"
        "<li>Moves, equips and locks your items</li></ul>"
        '<div class="buttons"><button class="go" name="decision" value="allow">Allow</button>'
        '<button name="decision" value="deny">Deny</button></div></form>'
    )
    return page(f"Sign in to {app.name}", body)


def _about(player: Player) -> str:
    if not player.playable:
        return "No Destiny account"
    if player.primary:
        kind = "Cross save"
    else:
        kind = "One platform" if len(player.playable) == 1 else "Two accounts, no cross save"
    return f"{kind}; {player.note}" if player.note else kind


def _target(request: Request, oauth: OAuth) -> str:
    """Return where to send the player back to."""
    app = oauth.apps.get(request.args.get("client_id", ""))
    if app is None or request.args.get("response_type") != "code":
        raise BadPage("Authorization query string parameters are not valid.")
    if "scope" in request.args:
        raise BadPage("Scopes belong to the application's registration: leave out scope.")
    asked = request.args.get("redirect_uri")
    if asked is None or asked == app.redirect_uri:
        target = app.redirect_uri
    elif _same_but_port(asked, app.redirect_uri):
        # Bungie would refuse; on loopback the port is whatever was free.
        target = asked
    else:
        raise BadPage("The redirect_uri is not the one that the application is registered with.")
    parts = urlsplit(target)
    # Bungie takes https only; http on loopback is an exception that the sandbox makes.
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise BadPage("The registered redirect address has to be https.")
    return target


def _same_but_port(asked: str, registered: str) -> bool:
    one, other = urlsplit(asked), urlsplit(registered)
    return (
        one.scheme == "http"
        and one.hostname in _LOOPBACK
        and other.hostname in _LOOPBACK
        and one.path == other.path
    )


def _answer(request: Request, oauth: OAuth, world: World, target: str) -> Response:
    state = request.args.get("state")
    app = oauth.apps[request.args["client_id"]]
    if request.form.get("decision") == "allow":
        player = world.by_bungie_id(request.form.get("player", world.default.bungie_id))
        if player is None:
            raise BadPage("There is no such player.")
        query = {"code": oauth.consent(app, player.bungie_id)}
    else:
        # What Bungie sends back when a player declines is not documented anywhere: OAuth's word.
        query = {"error": "access_denied", "error_description": "The player declined."}
    if state is not None:
        query["state"] = state
    joint = "&" if urlsplit(target).query else "?"
    return Response("", 302, headers={"Location": f"{target}{joint}{urlencode(query)}"})
