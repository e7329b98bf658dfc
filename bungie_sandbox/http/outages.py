"""The answers during an outage: HTML pages instead of JSON, and three forms of maintenance."""

from typing import Final

import msgspec
from werkzeug.wrappers import Response

from bungie_sandbox.errors import Code, Refusal

_JSON: Final = "application/json; charset=utf-8"
_HTML: Final = "text/html; charset=utf-8"
_PAGES: Final = {
    "html": (500, "500 - Internal Server Error", "There is a problem with the resource."),
    "bad-gateway": (502, "502: Bad gateway", "The web server reported a bad gateway error."),
    "maintenance-html": (503, "Maintenance", "Bungie.net is down for maintenance."),
    "unauthorized": (401, "401 - Unauthorized", "Access is denied due to invalid credentials."),
    "not-found": (404, "404 - File or directory not found.", "It might have been removed."),
}


def outage(kind: str, *, token: bool) -> Response:
    """Return the answer of a fault before which nothing is carried out.

    The token endpoint reports maintenance as an OAuth error. ``drop`` and ``hang`` have an
    answer here too; the server does not send it.
    """
    if kind in _PAGES:
        status, title, text = _PAGES[kind]
        return Response(
            f"<!DOCTYPE html><html><head><title>{title}</title></head>"
            f"<body><h1>{title}</h1><p>{text}</p></body></html>",
            status,
            content_type=_HTML,
        )
    if kind == "oauth-error" or (token and kind.startswith("maintenance")):
        body: object = {"error": "server_error", "error_description": "SystemDisabled"}
        return Response(msgspec.json.encode(body), 400, content_type=_JSON)
    refusal = Refusal(Code.SYSTEM_DISABLED)
    status = 200 if kind == "maintenance-200" else refusal.status
    return Response(msgspec.json.encode(refusal.envelope()), status, content_type=_JSON)
