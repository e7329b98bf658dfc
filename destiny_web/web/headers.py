"""Security headers of every response."""

from secrets import token_urlsafe

from flask import Flask, Response, g, request

from destiny_web.config import Settings
from destiny_web.services.loopback import is_loopback

STATIC_ENDPOINTS = frozenset({"static", "bootstrap.static"})
"""Endpoints of the static files: the site's own, and Bootstrap's."""

_FIRST_ERROR_STATUS = 400


def csp_nonce() -> str:
    """Return this request's nonce, for a script or style inside a page."""
    if "csp_nonce" not in g:
        g.csp_nonce = token_urlsafe(16)
    return str(g.csp_nonce)


def init_app(app: Flask, settings: Settings) -> None:
    """Set the headers of every response."""

    @app.after_request
    def set_headers(response: Response) -> Response:
        nonce = f" 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else ""
        policy = {
            "default-src": "'self'",
            # data: for the small arrows and ticks in Bootstrap's style sheet.
            "img-src": f"'self' data: {settings.bungie_root}",
            "script-src": f"'self'{nonce}",
            "style-src": f"'self'{nonce}",
            "object-src": "'none'",
            "base-uri": "'none'",
            "form-action": "'self'",
            "frame-ancestors": "'none'",
        }
        headers = response.headers
        headers["Content-Security-Policy"] = "; ".join(
            f"{name} {value}" for name, value in policy.items()
        )
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        # Not on loopback: the header would force https on all other ports of the name, too.
        if settings.is_https and not is_loopback(settings.hostname):
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if response.status_code >= _FIRST_ERROR_STATUS:
            # Also for a missing static file: its error page contains the player's name.
            headers["Cache-Control"] = "no-store"
        elif request.endpoint not in STATIC_ENDPOINTS:
            headers.setdefault("Cache-Control", "no-store")
        return response
