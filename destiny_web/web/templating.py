"""Template environment: strict names, and the values that every template has."""

from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from flask import Flask, request, url_for
from jinja2 import StrictUndefined

from destiny_web.config import Settings
from destiny_web.web.headers import csp_nonce

_YEAR = 365 * 24 * 3600
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def init_app(app: Flask, settings: Settings) -> None:
    """Make an undefined name in a template an error, and define the common values."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    # A global, so that macros can use it: each form that moves an item gets a key of its own.
    app.jinja_env.globals["idempotency_key"] = token_urlsafe
    addresses: dict[str, str] = {}

    def asset(path: str) -> str:
        """Return the address of a static file, with a hash of its content."""
        if path not in addresses or app.debug:
            content = Path(app.static_folder or "", path).read_bytes()
            addresses[path] = url_for("static", filename=path, v=sha256(content).hexdigest()[:10])
        return addresses[path]

    def max_age(_: str | None) -> int | None:
        # Only with a hash: scripts import other scripts by addresses without one.
        return _YEAR if request.args.get("v") else None

    # Flask's documented hook, set as an attribute instead of in a subclass.
    app.get_send_file_max_age = max_age  # type: ignore[method-assign,assignment]

    @app.context_processor
    def common_values() -> dict[str, Any]:
        return {
            "asset": asset,
            "csp_nonce": csp_nonce,
            "site": {
                "practice": settings.is_practice,
                "bungie_root": settings.bungie_root,
                "public_url": settings.public_url,
            },
        }


def age(since: datetime, now: datetime) -> str:
    """Describe the time since a moment in one unit: ``18 s``, ``3 min``, ``2 h``, ``5 d``."""
    seconds = int(max(now - since, timedelta()).total_seconds())
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    return f"{seconds // _HOUR} h" if seconds < _DAY else f"{seconds // _DAY} d"
