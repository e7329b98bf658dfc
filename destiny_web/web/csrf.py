"""CSRF protection: a token that is masked per response (against BREACH), and an origin check.

BREACH reads a secret out of a compressed page: an attacker adds text to the page and watches its
size. So each page contains the token under another random mask, and the mask is removed before
the token is checked.

A browser says from which site a form was sent. A form of another site is refused even when its
token is valid, because a token can leak.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from secrets import token_bytes
from typing import Any
from urllib.parse import SplitResult, urlsplit

from flask import Flask, current_app, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError, generate_csrf

from destiny_web.services.loopback import is_loopback
from destiny_web.web.services import current_services

_PORTS = {"http": 80, "https": 443}


class ForeignOrigin(CSRFError):
    """The browser says that the form was sent from another site."""


class MaskedCSRF(CSRFProtect):
    """Flask-WTF's check of every POST, with masked tokens."""

    def init_app(self, app: Flask) -> None:
        """Protect *app*, and give its templates the masked token."""
        super().init_app(app)
        # Flask-WTF sets its own token in both places, so both are replaced.
        app.jinja_env.globals["csrf_token"] = _generate_token
        app.context_processor(lambda: {"csrf_token": _generate_token})

    def protect(self, apply_exemptions: bool = False) -> None:  # noqa: FBT001, FBT002 (Flask-WTF's)
        """Refuse a form of another site, then a form without a valid token.

        Raises:
            CSRFError: the form is refused.
        """
        if request.method in current_app.config["WTF_CSRF_METHODS"] and _is_foreign():
            raise ForeignOrigin("The form was sent from another site.")
        super().protect(apply_exemptions)

    def _get_csrf_token(self) -> Any:
        token = super()._get_csrf_token()
        return unmask_token(token) if token else token


def _is_foreign() -> bool:
    """Tell whether the browser says that the request comes from another site.

    Old browsers and scripts send neither header; their forms are checked by the token alone.
    """
    fetch_site = request.headers.get("Sec-Fetch-Site", "")
    origin = request.headers.get("Origin")
    if fetch_site == "cross-site":
        return True
    if origin is None:
        return False
    if origin == "null":  # sent, for example, from a sandboxed frame or after a redirect
        return fetch_site != "same-origin"
    return not is_same_origin(origin, current_services().settings.public_url)


def is_same_origin(origin: str, public_url: str) -> bool:
    """Tell whether an Origin header names this site.

    All loopback names count as the same host, as they do in the Host header.
    """
    try:
        origin_url, site_url = urlsplit(origin), urlsplit(public_url)
        has_same_port = (origin_url.scheme, _port(origin_url)) == (site_url.scheme, _port(site_url))
    except ValueError:
        return False
    origin_host, site_host = origin_url.hostname or "", site_url.hostname or ""
    has_same_host = origin_host == site_host or (
        is_loopback(origin_host) and is_loopback(site_host)
    )
    return has_same_port and has_same_host


def _port(url: SplitResult) -> int | None:
    return url.port or _PORTS.get(url.scheme)


def _generate_token() -> str:
    return mask_token(generate_csrf())


def mask_token(token: str) -> str:
    """Return *token* under a new random mask."""
    raw = token.encode()
    mask = token_bytes(len(raw))
    return urlsafe_b64encode(mask + _xor(raw, mask)).decode()


def unmask_token(masked_token: str) -> str:
    """Return the token under the mask; for an invalid text, a token that the check refuses."""
    try:
        raw = urlsafe_b64decode(masked_token.encode())
        half = len(raw) // 2
        return _xor(raw[half:], raw[:half]).decode()
    except (Error, ValueError):
        return ""


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(left_byte ^ right_byte for left_byte, right_byte in zip(left, right, strict=False))
