"""Template environment: strict names, and the values that every template has."""

from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from flask import Flask, Response, request, url_for
from jinja2 import StrictUndefined

from destiny_web.config import Settings
from destiny_web.web.headers import STATIC_ENDPOINTS, csp_nonce

_YEAR = 365 * 24 * 3600
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def init_app(app: Flask, settings: Settings) -> None:
    """Make an undefined name in a template an error, and define the common values."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    # Globals, so that macros can use them. Each form that moves an item gets a key of its own.
    app.jinja_env.globals["idempotency_key"] = token_urlsafe
    app.jinja_env.globals["asset"] = asset
    _version_static_files(app)

    @app.context_processor
    def common_values() -> dict[str, Any]:
        return {
            "csp_nonce": csp_nonce,
            "site": {
                "practice": settings.is_practice,
                "bungie_root": settings.bungie_root,
                "public_url": settings.public_url,
            },
        }


def asset(path: str) -> str:
    """Return the address of a static file of the site, with a hash of its content."""
    return url_for("static", filename=path)


def _version_static_files(app: Flask) -> None:
    """Put a hash of the content into the address of each static file, Bootstrap's too.

    A browser keeps what it got by such an address for a year and does not ask again.
    """
    hashes: dict[tuple[str, str], str] = {}

    def content_hash(endpoint: str, path: str) -> str:
        key = (endpoint, path)
        if key not in hashes or app.debug:
            owner = app if endpoint == "static" else app.blueprints[endpoint.partition(".")[0]]
            content = Path(owner.static_folder or "", path).read_bytes()
            hashes[key] = sha256(content).hexdigest()[:10]
        return hashes[key]

    @app.url_defaults
    def add_hash(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint in STATIC_ENDPOINTS:
            values.setdefault("v", content_hash(endpoint, values["filename"]))

    @app.after_request
    def keep_for_a_year(response: Response) -> Response:
        version = request.args.get("v")
        if (
            version
            and request.endpoint in STATIC_ENDPOINTS
            and response.status_code in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}
            # During an update, an old process may be asked for a new file: its answer is not kept.
            and version == content_hash(request.endpoint, (request.view_args or {})["filename"])
        ):
            response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        return response


def age(since: datetime, now: datetime) -> str:
    """Describe the time since a moment in one unit: ``18 s``, ``3 min``, ``2 h``, ``5 d``."""
    seconds = int(max(now - since, timedelta()).total_seconds())
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    return f"{seconds // _HOUR} h" if seconds < _DAY else f"{seconds // _DAY} d"
