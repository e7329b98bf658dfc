"""The WSGI application: routes requests, applies planned faults and writes the journal."""

import time
from collections.abc import Callable, Iterable
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIEnvironment

import msgspec
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request, Response

from bungie_sandbox.bungie import Bungie
from bungie_sandbox.clock import format_timestamp
from bungie_sandbox.errors import BadPage, Code, Refusal, TokenRefusal
from bungie_sandbox.faults import BEFORE, Fault
from bungie_sandbox.http import authorize
from bungie_sandbox.http.api import OPERATIONS, ROUTES
from bungie_sandbox.http.control import Control
from bungie_sandbox.http.outages import outage
from bungie_sandbox.http.platform_request import PlatformRequest
from bungie_sandbox.http.wsgi_server import CLOSING, DELIVERY_FAULT, DeliveryFault
from bungie_sandbox.journal import Entry
from bungie_sandbox.manifest import files
from bungie_sandbox.pictures import images

_TOKEN: Final = "/platform/app/oauth/token/"  # noqa: S105 (a path)
_JSON: Final = "application/json; charset=utf-8"
_WITHOUT_AUTHORIZATION: Final = "lostAuthorization"  # a query parameter of the sandbox
_ONE_YEAR: Final = "public, max-age=31536000, immutable"
_DELIVERY_FAULTS: Final = {
    "drop": DeliveryFault.DROP,
    "lost": DeliveryFault.DROP,
    "hang": DeliveryFault.HANG,
    "hang-after": DeliveryFault.HANG,
    "cut": DeliveryFault.CUT,
}


Handler = Callable[[Request, Entry], Response]


class Application:
    """Answers requests from the state of one sandbox."""

    def __init__(self, bungie: Bungie) -> None:
        self.bungie = bungie
        self._control = Control(bungie)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (WSGI)."""
        request = Request(environ)
        if request.path.startswith("/sandbox"):
            response = self._control.answer(request)
            return response(environ, start_response)
        operation, handler = self._route(request)
        request.get_data(cache=True)  # the form would consume the body, and the journal needs it
        player = self._find_token_owner(request, operation)
        entry = self._add_entry(request, operation, player)
        with self.bungie.lock:
            fault = self.bungie.faults.take(operation, request.path, player)
        self._wait(environ, operation, fault)
        if fault is not None and fault.kind in BEFORE:
            entry.fault = fault.kind
            response = self._fail(fault, operation, entry)
        else:
            response = self._carry_out(handler, request, entry)
        if fault is not None:
            entry.fault = fault.kind
            if fault.kind in _DELIVERY_FAULTS:
                environ[DELIVERY_FAULT] = _DELIVERY_FAULTS[fault.kind]
            elif fault.kind == "truncated":
                response.set_data(response.get_data()[: -max(len(response.get_data()) // 2, 1)])
        if self.bungie.clock.ahead:
            response.date = self.bungie.clock.now()
        entry.status = response.status_code
        return response(environ, start_response)

    def _add_entry(self, request: Request, operation: str, player: str) -> Entry:
        time_text = format_timestamp(self.bungie.clock.now())
        return self.bungie.journal.add(request, operation, time_text, player)

    def _find_token_owner(self, request: Request, operation: str) -> str:
        """Return the full name of the player whose token came with a request, or ``""``."""
        authorization = request.headers.get("Authorization", "")
        refresh_token = request.form.get("refresh_token", "") if operation == "Token" else ""
        with self.bungie.lock:
            bungie_id = self.bungie.oauth.token_owner(authorization, refresh_token)
            player = self.bungie.world.by_bungie_id(bungie_id) if bungie_id else None
        return player.full_name if player else ""

    def _wait(self, environ: WSGIEnvironment, operation: str, fault: Fault | None) -> None:
        shortest, longest = self.bungie.options.latency.get(
            operation, self.bungie.options.latency.get("*", (0.0, 0.0))
        )
        seconds = self.bungie.world.random.uniform(shortest, longest) if longest else 0.0
        if fault is not None and fault.kind == "slow":
            seconds += fault.seconds
        if seconds:
            closing = environ.get(CLOSING)
            if closing is None:
                time.sleep(seconds)
            else:
                closing.wait(seconds)

    def _fail(self, fault: Fault, operation: str, entry: Entry) -> Response:
        if fault.kind == "refuse":
            refusal = Refusal(fault.code)
            entry.code = refusal.code
            return _json(refusal.envelope(), refusal.status)
        return outage(fault.kind, token=operation == "Token")

    def _carry_out(self, handler: Handler, request: Request, entry: Entry) -> Response:
        try:
            with self.bungie.lock:
                return handler(request, entry)
        except Refusal as refusal:
            entry.code = refusal.code
            return _json(refusal.envelope(), refusal.status)
        except TokenRefusal as refusal:
            body = {"error": refusal.error, "error_description": refusal.description}
            return _json(body, refusal.status)
        except BadPage as error:
            html = f"<h1>Sign-in failed</h1><p>{error}</p>"
            return authorize.render_page("Error", html, 400)
        except HTTPException as error:
            html = f"<h1>{error.code} {error.name}</h1><p>Bungie.net has no such address.</p>"
            return authorize.render_page(error.name, html, error.code or 500)

    def _route(self, request: Request) -> tuple[str, Handler]:
        """Return the operation's name and its handler."""
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

    def _operation(self, request: Request) -> tuple[str, Handler]:
        try:
            name, path_args = ROUTES.bind("localhost").match(request.path, request.method)
        except HTTPException as error:
            failure = error
        else:
            return name, lambda request, entry: self._platform(
                request, entry, name, dict(path_args)
            )

        def fail(_request: Request, _entry: Entry) -> Response:
            raise failure

        return "Unknown", fail

    def _token(self, request: Request, _entry: Entry) -> Response:
        if request.method != "POST":
            raise MethodNotAllowed
        answer = self.bungie.oauth.answer_token_request(
            request.form, request.headers.get("Authorization", "")
        )
        response = _json(answer)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _authorize(self, request: Request, _entry: Entry) -> Response:
        return authorize.consent_page(request, self.bungie.oauth, self.bungie.world)

    def _content(self, request: Request, _entry: Entry) -> Response:
        for edition in self.bungie.available_editions():
            file = files.read_file(edition, request.path)
            if file is not None:
                return _send_file(request, *file)
        return _file_not_found()

    def _image(self, request: Request, _entry: Entry) -> Response:
        image = images.draw(request.path)
        return _file_not_found() if image is None else _send_file(request, *image)

    def _platform(
        self, request: Request, entry: Entry, operation: str, path_args: dict[str, str]
    ) -> Response:
        """Check a request in Bungie's order, then carry it out."""
        if not request.path.endswith("/"):
            return _redirect_to_slash(request)
        bungie = self.bungie
        app = bungie.oauth.find_app(request.headers.get("X-API-Key"))
        origin = request.headers.get("Origin")
        if origin is not None and origin != app.origin:
            raise Refusal(Code.ORIGIN_MISMATCH, {"Origin": origin})
        _, _, handle, system = OPERATIONS[operation]
        if not (bungie.systems["Destiny2"] and bungie.systems.get(system, True)):
            raise Refusal(Code.SYSTEM_DISABLED)
        has_lost_token = _WITHOUT_AUTHORIZATION in request.args
        authorization = "" if has_lost_token else request.headers.get("Authorization", "")
        bungie_id = bungie.oauth.authenticate(app, authorization)
        player = bungie.world.by_bungie_id(bungie_id) if bungie_id else None
        bungie.pacing.check_address(request.remote_addr or "", bungie.clock.now())
        entry.player = player.full_name if player else ""
        platform_request = PlatformRequest(
            bungie=bungie,
            http_request=request,
            operation=operation,
            path_args=path_args,
            app=app,
            player=player,
            server=bungie.world.random.randrange(bungie.read_lag.servers),
        )
        payload = handle(platform_request)
        if membership_id := platform_request.changed_membership:
            bungie.read_lag.note_write(platform_request.server, membership_id, bungie.clock.now())
        entry.code = int(Code.SUCCESS)
        if isinstance(payload, dict) and "equipResults" in payload:
            entry.results = {
                result["itemInstanceId"]: int(result["equipStatus"])
                for result in payload["equipResults"]
            }
        return _json(
            {
                "Response": payload,
                "ErrorCode": int(Code.SUCCESS),
                "ThrottleSeconds": 0,
                "ErrorStatus": "Success",
                "Message": "Ok",
                "MessageData": {},
            }
        )


def _json(body: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, content_type=_JSON)


def _file_not_found() -> Response:
    return authorize.render_page("Not found", "<h1>404</h1><p>There is no such file.</p>", 404)


def _redirect_to_slash(request: Request) -> Response:
    """Redirect to the path with a slash at the end; the Authorization header is lost there."""
    # At Bungie the header is lost because the redirect leads to another host. Here a parameter
    # in the query tells the next request to ignore the header.
    parameters = (request.query_string.decode(), f"{_WITHOUT_AUTHORIZATION}=1")
    query = "&".join(parameter for parameter in parameters if parameter)
    return Response("", 301, headers={"Location": f"{request.path}/?{query}"})


def _send_file(request: Request, data: bytes, media_type: str) -> Response:
    """Answer with a file whose content never changes."""
    response = Response(data, content_type=media_type)
    response.headers["Cache-Control"] = _ONE_YEAR
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.add_etag()
    return response.make_conditional(request.environ)
