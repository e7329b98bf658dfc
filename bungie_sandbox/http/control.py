"""The control API and page under ``/sandbox/``, for this machine only.

Every address takes JSON (or a form, from the page) and answers JSON::

    GET    /sandbox/                 control page
    GET    /sandbox/state            clock, options, switches, planned faults, players
    POST   /sandbox/reset            restore the state at the start
    POST   /sandbox/settings         any of Options but host, port, credentials
    GET    /sandbox/clock            POST {"now": "2026-06-30T03:42:00Z"} | {"advance": 60}
                                     | {"shift": -60} | {"run": true}
    GET    /sandbox/requests         ?operation=, ?last=, ?after=; DELETE removes the entries
    GET    /sandbox/faults           POST {"operation", "kind", "code", "times", "skip",
                                     "seconds", "player"}; DELETE removes all of them
    POST   /sandbox/systems          {"D2TransferItem": false}
    POST   /sandbox/components       {"disabled": [304], "withheld": [102], "times": 1,
                                     "player": "Cayde#0006"}
    POST   /sandbox/manifest         {"flips": 0}: publish a new manifest
    POST   /sandbox/alerts           {"html": "...", "level": 2}
    POST   /sandbox/sign-in          {"player": "Cayde#0006"} -> a pair of tokens
    POST   /sandbox/consents         {"player": ...} withdraw consents; {"all": true} invalidate
                                     every token
    GET    /sandbox/players          POST {"name", "memberships", "private", "size": {...}}
    GET    /sandbox/players/<name>   all items of a player
    GET    /sandbox/items/<id>       one instance
    POST   /sandbox/game             {"player", "event": "travel" | "play" | "dismantle" |
                                     "loot" | "delete-character", ...}
"""

from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address
from typing import Any, Final

import msgspec
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from bungie_sandbox.bungie import Bungie
from bungie_sandbox.clock import format_timestamp
from bungie_sandbox.faults import Fault
from bungie_sandbox.http.control_page import control_page
from bungie_sandbox.world import game_events
from bungie_sandbox.world.players import Player, PlayerSpec

_JSON: Final = "application/json; charset=utf-8"
_FIXED_OPTIONS: Final = frozenset({"host", "port", "api_key", "client_id", "client_secret"})
_ROUTES: Final = Map(
    [
        Rule("/sandbox/", endpoint="page"),
        Rule("/sandbox/players/<name>", endpoint="player"),
        Rule("/sandbox/items/<instance_id>", endpoint="item"),
        Rule("/sandbox/<command>", endpoint="command"),
    ]
)

Payload = dict[str, Any]


class Control:
    """Answers the requests under ``/sandbox/``."""

    def __init__(self, bungie: Bungie) -> None:
        self.bungie = bungie
        self._commands: dict[tuple[str, str], Callable[[Payload], Any]] = {
            ("GET", "state"): self._state,
            ("POST", "reset"): lambda _: bungie.reset(),
            ("POST", "settings"): self._settings,
            ("GET", "clock"): self._clock,
            ("POST", "clock"): self._set_clock,
            ("GET", "requests"): self._requests,
            ("DELETE", "requests"): lambda _: bungie.journal.entries.clear(),
            ("GET", "faults"): lambda _: bungie.faults.planned,
            ("POST", "faults"): self._plan_fault,
            ("DELETE", "faults"): lambda _: bungie.faults.clear(),
            ("POST", "systems"): self._systems,
            ("POST", "components"): self._components,
            ("POST", "manifest"): self._manifest,
            ("POST", "alerts"): self._alert,
            ("POST", "sign-in"): self._sign_in,
            ("POST", "consents"): self._consents,
            ("GET", "players"): lambda _: [
                _describe_player(player) for player in bungie.world.players
            ],
            ("POST", "players"): self._add_player,
            ("POST", "game"): self._game,
        }

    def answer(self, request: Request) -> Response:
        """Answer one request, if it comes from this machine."""
        try:
            _require_local_request(request)
            with self.bungie.lock:
                return self._answer(request)
        except HTTPException as error:
            return _json({"error": error.description}, error.code or 500)
        except (ValueError, LookupError, TypeError) as error:
            return _json({"error": str(error)}, 400)

    def _answer(self, request: Request) -> Response:
        endpoint, path_args = _ROUTES.bind("localhost").match(request.path, request.method)
        if endpoint == "page":
            return control_page(self.bungie)
        if endpoint == "player":
            return _json(self._player(path_args["name"]))
        if endpoint == "item":
            return _json(self._item(path_args["instance_id"]))
        carry_out = self._commands.get((request.method, path_args["command"]))
        if carry_out is None:
            raise NotFound
        result = carry_out(_read_payload(request))
        if request.mimetype == "application/x-www-form-urlencoded":
            return Response("", 303, headers={"Location": "/sandbox/"})
        return _json({"ok": True} if result is None else result)

    def _state(self, _: Payload) -> Any:
        bungie = self.bungie
        options = msgspec.to_builtins(bungie.options)
        return {
            "clock": format_timestamp(bungie.clock.now()),
            "options": {key: value for key, value in options.items() if key != "client_secret"},
            "systems": bungie.systems,
            "disabled": sorted(bungie.disabled),
            "faults": bungie.faults.planned,
            "requests": len(bungie.journal.entries),
            "players": [_describe_player(player) for player in bungie.world.players],
        }

    def _settings(self, payload: Payload) -> None:
        """Change options; they apply from the next request on, players stay as they are."""
        if fixed := _FIXED_OPTIONS & payload.keys():
            raise BadRequest(f"cannot be changed while running: {', '.join(sorted(fixed))}")
        self.bungie.configure(payload)

    def _clock(self, _: Payload) -> Any:
        return {"now": format_timestamp(self.bungie.clock.now())}

    def _set_clock(self, payload: Payload) -> Any:
        clock = self.bungie.clock
        if "now" in payload:
            clock.set(datetime.fromisoformat(payload["now"]))
        elif "advance" in payload:
            clock.advance(float(payload["advance"]))
        elif "shift" in payload:
            clock.shift(float(payload["shift"]))
        else:
            clock.run()
        return self._clock({})

    def _requests(self, payload: Payload) -> Any:
        entries = self.bungie.journal.after(int(payload.get("after", 0)))
        if operation := payload.get("operation"):
            entries = [entry for entry in entries if entry.operation == operation]
        return entries[-int(payload.get("last", len(entries) or 1)) :]

    def _plan_fault(self, payload: Payload) -> None:
        self.bungie.faults.plan(msgspec.convert(payload, Fault, strict=False))

    def _systems(self, payload: Payload) -> Any:
        for name, enabled in payload.items():
            if name not in self.bungie.systems:
                raise BadRequest(f"no system {name!r}")
            self.bungie.systems[name] = bool(enabled)
        return self.bungie.systems

    def _components(self, payload: Payload) -> None:
        if "disabled" in payload:
            self.bungie.disabled = set(payload["disabled"])
        if "withheld" in payload:
            player = payload.get("player", "")
            self.bungie.withhold(payload["withheld"], int(payload.get("times", 1)), player)

    def _manifest(self, payload: Payload) -> None:
        self.bungie.change_manifest(flips=int(payload.get("flips", 0)))

    def _alert(self, payload: Payload) -> None:
        self.bungie.alert(payload["html"], int(payload.get("level", 2)))

    def _sign_in(self, payload: Payload) -> Any:
        oauth = self.bungie.oauth
        player = self.bungie.world.player(payload.get("player"))
        return oauth.issue_tokens(oauth.main_app, player.bungie_id)

    def _consents(self, payload: Payload) -> None:
        if payload.get("all"):
            self.bungie.oauth.invalidate_all()
        else:
            self.bungie.oauth.withdraw(self.bungie.world.player(payload.get("player")).bungie_id)

    def _add_player(self, payload: Payload) -> Any:
        spec = msgspec.convert({"size": {}, **payload}, PlayerSpec, strict=False)
        return _describe_player(self.bungie.world.add_player(spec))

    def _player(self, name: str) -> Any:
        player = self.bungie.world.player(name)
        profiles = {
            membership.id: game_events.describe_profile(membership.profile)
            for membership in player.playable
            if membership.profile is not None
        }
        return {**_describe_player(player), "profiles": profiles}

    def _item(self, instance_id: str) -> Any:
        item = self.bungie.world.find_item(instance_id)
        if item is None:
            raise NotFound("there is no item with this instance id")
        return game_events.describe_item(item)

    def _game(self, payload: Payload) -> Any:
        world = self.bungie.world
        profile = world.player(payload.get("player")).main.profile
        if profile is None:
            raise BadRequest("this player has no Destiny account")
        character = payload.get("character") or next(iter(profile.characters), "")
        match payload.get("event"):
            case "travel":
                game_events.travel(profile, character, payload["place"])
            case "play":
                game_events.play(world, profile, character)
            case "dismantle":
                game_events.dismantle(profile, payload["item"])
            case "loot":
                quantity = int(payload.get("quantity", 1))
                item_hash = int(payload["hash"])
                items = game_events.drop_loot(world, profile, character, item_hash, quantity)
                return [game_events.describe_item(item) for item in items]
            case "delete-character":
                game_events.delete_character(profile, character)
            case event:
                raise BadRequest(f"no event {event!r}")
        return None


def _require_local_request(request: Request) -> None:
    """Check that a request comes from this machine, and not from a page of another site.

    Raises:
        Forbidden: another address, another host name, or another origin.
    """
    host = request.host.rpartition(":")[0] if ":" in request.host else request.host
    origin = request.headers.get("Origin")
    if not ip_address(request.remote_addr or "0.0.0.0").is_loopback:  # noqa: S104 (no binding)
        raise Forbidden("the control API is for this machine only")
    if host.strip("[]") not in {"127.0.0.1", "localhost", "::1"}:
        raise Forbidden("the control API answers to a loopback name only")
    if origin is not None and origin.partition("//")[2] != request.host:
        raise Forbidden("the control API answers to its own page only")


def _read_payload(request: Request) -> Payload:
    if request.method in {"GET", "DELETE"}:
        return request.args.to_dict()
    if request.mimetype == "application/x-www-form-urlencoded":
        return {name: value for name, value in request.form.items() if value}
    body = request.get_data()
    payload = msgspec.json.decode(body) if body else {}
    if not isinstance(payload, dict):
        raise BadRequest("a JSON object is needed")
    return payload


def _describe_player(player: Player) -> dict[str, Any]:
    return {
        "name": player.full_name,
        "bungieId": player.bungie_id,
        "private": player.private,
        "memberships": [
            {
                "type": membership.type,
                "id": membership.id,
                "playable": membership in player.playable,
            }
            for membership in player.memberships
        ],
    }


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, content_type=_JSON)
