"""The WSGI application: pages, tokens, the Platform, files; faults befall it, the log sees it."""

import time
from collections.abc import Callable, Iterable
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIEnvironment

import msgspec
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request, Response

from bungie_sandbox.bungie import Bungie
from bungie_sandbox.clock import stamp
from bungie_sandbox.faults import BEFORE, Fault
from bungie_sandbox.http import authorize
from bungie_sandbox.http.api import OPERATIONS, ROUTES
from bungie_sandbox.http.call import Call
from bungie_sandbox.http.control import Control
from bungie_sandbox.http.outages import outage
from bungie_sandbox.http.wire import BREAK, CLOSING, Break
from bungie_sandbox.journal import Entry
from bungie_sandbox.manifest import manifest
from bungie_sandbox.pictures import images
from bungie_sandbox.refusals import BadPage, Code, Refusal, TokenRefusal

_TOKEN: Final = "/platform/app/oauth/token/"  # noqa: S105 (a path)
_JSON: Final = "application/json; charset=utf-8"
_LOST: Final = "lostAuthorization"
_A_YEAR: Final = "public, max-age=31536000, immutable"
_WIRE: Final = {
    "drop": Break.DROP,
    "lost": Break.DROP,
    "hang": Break.HANG,
    "hang-after": Break.HANG,
    "cut": Break.CUT,
}


class Application:
    """Answers requests on one sandbox's state."""

    def __init__(self, bungie: Bungie) -> None:
        self.bungie = bungie
        self._control = Control(bungie)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (WSGI)."""
        request = Request(environ)
        if request.path.startswith("/sandbox"):
            response = self._control.answer(request)
            return response(environ, start_response)
        operation, act = self._route(request)
        player = self._player(request, operation)
        entry = self._open(request, operation, player)
        with self.bungie.lock:
            fault = self.bungie.faults.take(operation, request.path, player)
        self._wait(environ, operation, fault)
        if fault is not None and fault.kind in BEFORE:
            entry.fault = fault.kind
            response = self._refused(fault, operation, entry)
        else:
            response = self._carry_out(act, request, entry)
        if fault is not None:
            entry.fault = fault.kind
            if fault.kind in _WIRE:
                environ[BREAK] = _WIRE[fault.kind]
            elif fault.kind == "truncated":
                response.set_data(response.get_data()[: -max(len(response.get_data()) // 2, 1)])
        if self.bungie.clock.ahead:
            response.date = self.bungie.clock.now()
        entry.status = response.status_code
        return response(environ, start_response)

    def _open(self, request: Request, operation: str, player: str) -> Entry:
        return self.bungie.journal.open(request, operation, stamp(self.bungie.clock.now()), player)

    def _player(self, request: Request, operation: str) -> str:
        """Return the full name of the player whose token came with a request, or ``""``."""
        used_up = request.form.get("refresh_token", "") if operation == "Token" else ""
        with self.bungie.lock:
            bungie_id = self.bungie.oauth.holder(request.headers.get("Authorization", ""), used_up)
            player = self.bungie.world.by_bungie_id(bungie_id) if bungie_id else None
        return player.full_name if player else ""

    def _wait(self, environ: WSGIEnvironment, operation: str, fault: Fault | None) -> None:
        low, high = self.bungie.options.latency.get(
            operation, self.bungie.options.latency.get("*", (0.0, 0.0))
        )
        seconds = self.bungie.world.draw.uniform(low, high) if high else 0.0
        if fault is not None and fault.kind == "slow":
            seconds += fault.seconds
        if seconds:
            closing = environ.get(CLOSING)
            if closing is None:
                time.sleep(seconds)
            else:
                closing.wait(seconds)

    def _refused(self, fault: Fault, operation: str, entry: Entry) -> Response:
        if fault.kind == "refuse":
            refusal = Refusal(fault.code)
            entry.code = refusal.code
            return _json(refusal.envelope(), refusal.status)
        return outage(fault.kind, token=operation == "Token")

    def _carry_out(
        self, act: Callable[[Request, Entry], Response], request: Request, entry: Entry
    ) -> Response:
        try:
            with self.bungie.lock:
                return act(request, entry)
        except Refusal as refusal:
            entry.code = refusal.code
            return _json(refusal.envelope(), refusal.status)
        except TokenRefusal as refusal:
            body = {"error": refusal.error, "error_description": refusal.description}
            return _json(body, refusal.status)
        except BadPage as error:
            return authorize.page("Error", f"<h1>That did not work</h1><p>{error}</p>", 400)
        except HTTPException as error:
            words = f"<h1>{error.code} {error.name}</h1><p>Bungie.net has no such thing.</p>"
            return authorize.page(error.name, words, error.code or 500)

    def _route(self, request: Request) -> tuple[str, Callable[[Request, Entry], Response]]:
        """Return the operation's name, and what carries it out."""
        path = request.path
        if path.lower() == _TOKEN:
            return "Token", self._token
        if path.lower().rstrip("/").endswith("/oauth/authorize"):
            return "Authorize", self._authorize
        if path.startswith("/Platform/"):
            return self._operation(request)
        if path.startswith(("/common/destiny2_content/json/", "/common/destiny2_content/sqlite/")):
            return "Content", self._content
        return "Image", self._image

    def _operation(self, request: Request) -> tuple[str, Callable[[Request, Entry], Response]]:
        try:
            name, args = ROUTES.bind("localhost").match(request.path, request.method)
        except MethodNotAllowed as error:
            failure: HTTPException = error
        except HTTPException as error:
            failure = error
        else:
            return name, lambda request, entry: self._platform(request, entry, name, dict(args))

        def fail(_request: Request, _entry: Entry) -> Response:
            raise failure

        return "Unknown", fail

    def _token(self, request: Request, _entry: Entry) -> Response:
        if request.method != "POST":
            raise MethodNotAllowed
        answer = self.bungie.oauth.token(request.form, request.headers.get("Authorization", ""))
        response = _json(answer)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _authorize(self, request: Request, _entry: Entry) -> Response:
        return authorize.consent_page(request, self.bungie.oauth, self.bungie.world)

    def _content(self, request: Request, _entry: Entry) -> Response:
        for edition in self.bungie.known_editions():
            found = manifest.manifest_file(edition, request.path)
            if found is not None:
                return _file(request, *found)
        return _page_not_found()

    def _image(self, request: Request, _entry: Entry) -> Response:
        found = images.draw(request.path)
        return _page_not_found() if found is None else _file(request, *found)

    def _platform(
        self, request: Request, entry: Entry, operation: str, args: dict[str, str]
    ) -> Response:
        """Check a request in Bungie's order, then carry it out."""
        if not request.path.endswith("/"):
            return _to_the_slash(request)
        bungie = self.bungie
        app = bungie.oauth.app_of_key(request.headers.get("X-API-Key"))
        origin = request.headers.get("Origin")
        if origin is not None and origin != app.origin:
            raise Refusal(Code.ORIGIN_MISMATCH, {"Origin": origin})
        _, _, act, system = OPERATIONS[operation]
        if not (bungie.systems["Destiny2"] and bungie.systems.get(system, True)):
            raise Refusal(Code.SYSTEM_DISABLED)
        lost = _LOST in request.args
        bearer = "" if lost else request.headers.get("Authorization", "")
        bungie_id = bungie.oauth.bearer(app, bearer)
        player = bungie.world.by_bungie_id(bungie_id) if bungie_id else None
        bungie.pacing.address(request.remote_addr or "", bungie.clock.now())
        entry.player = player.full_name if player else ""
        call = Call(
            bungie=bungie,
            request=request,
            operation=operation,
            args=args,
            app=app,
            player=player,
            server=bungie.world.draw.randrange(bungie.lag.servers),
        )
        answer = act(call)
        if call.changes:
            bungie.lag.wrote(call.server, call.changes, bungie.clock.now())
        entry.code = int(Code.SUCCESS)
        if isinstance(answer, dict) and "equipResults" in answer:
            results = answer["equipResults"]
            entry.results = {one["itemInstanceId"]: int(one["equipStatus"]) for one in results}
        return _json(
            {
                "Response": answer,
                "ErrorCode": int(Code.SUCCESS),
                "ThrottleSeconds": 0,
                "ErrorStatus": "Success",
                "Message": "Ok",
                "MessageData": {},
            }
        )


def _json(body: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, content_type=_JSON)


def _page_not_found() -> Response:
    return authorize.page("Not found", "<h1>404</h1><p>There is no such file.</p>", 404)


def _to_the_slash(request: Request) -> Response:
    """Redirect to the path with its slash, on which the Authorization header is lost."""
    # Bungie loses it because the redirect leaves the host; here the query says so.
    query = "&".join(part for part in (request.query_string.decode(), f"{_LOST}=1") if part)
    return Response("", 301, headers={"Location": f"{request.path}/?{query}"})


def _file(request: Request, data: bytes, media_type: str) -> Response:
    """Answer with a file that never changes under its name."""
    response = Response(data, content_type=media_type)
    response.headers["Cache-Control"] = _A_YEAR
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.add_etag()
    return response.make_conditional(request.environ)
