"""One policy for what a browser may do with our pages."""

from secrets import token_urlsafe

from flask import Flask, Response, g, request

from destiny_web.config import Settings

_PUBLIC_CACHE = frozenset({"static", "bootstrap.static"})
_AN_ERROR = 400
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def csp_nonce() -> str:
    """Return this request's nonce, for a script or style that stands in a page."""
    if "csp_nonce" not in g:
        g.csp_nonce = token_urlsafe(16)
    return str(g.csp_nonce)


def init_app(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer."""

    @app.after_request
    def protect(response: Response) -> Response:
        nonce = f" 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else ""
        policy = {
            "default-src": "'self'",
            # data: is for the small arrows and ticks in Bootstrap's style sheet.
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
        # On this machine it would bind every other port of the name, too.
        if settings.is_https and settings.hostname not in _LOOPBACK:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if response.status_code >= _AN_ERROR:
            # Also for a missing static file: the page that says so names the player.
            headers["Cache-Control"] = "no-store"
        elif request.endpoint not in _PUBLIC_CACHE:
            headers.setdefault("Cache-Control", "no-store")
        return response
