"""The token against forged requests, in another dress each time it is shown.

A compressed page that repeats a secret can give it away, byte by byte, to who can add text
to the page and watch its size (BREACH). So a page shows the token under a mask that changes
with each page, and the mask comes off before the token is checked.

A browser says from which site a form was sent. A form of another site is refused even when its
token is good: a token can leak.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from secrets import token_bytes
from typing import Any
from urllib.parse import SplitResult, urlsplit

from flask import Flask, current_app, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError, generate_csrf

from destiny_web.web.services import current_services

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PORTS = {"http": 80, "https": 443}


class ForeignOrigin(CSRFError):
    """The browser says that the form was sent from another site."""


class MaskedCSRF(CSRFProtect):
    """Flask-WTF's guard of every POST, with masked tokens."""

    def init_app(self, app: Flask) -> None:
        """Guard *app*, and give its templates the masked token."""
        super().init_app(app)
        # Flask-WTF gives its own token to templates by both ways, so both are covered.
        app.jinja_env.globals["csrf_token"] = _token
        app.context_processor(lambda: {"csrf_token": _token})

    def protect(self, apply_exemptions: bool = False) -> None:  # noqa: FBT001, FBT002 (Flask-WTF's)
        """Refuse a form of another site, then a form without a good token.

        Raises:
            CSRFError: the form is refused.
        """
        if request.method in current_app.config["WTF_CSRF_METHODS"] and _is_foreign():
            raise ForeignOrigin("The form was sent from another site.")
        super().protect(apply_exemptions)

    def _get_csrf_token(self) -> Any:
        token = super()._get_csrf_token()
        return unmasked(token) if token else token


def _is_foreign() -> bool:
    """Tell whether the browser says that the request comes from another site.

    Old browsers and scripts send neither header; for them the token alone decides.
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

    The names of this machine stand for each other, as they do in the Host header.
    """
    try:
        sent, ours = urlsplit(origin), urlsplit(public_url)
        same_door = (sent.scheme, _port(sent)) == (ours.scheme, _port(ours))
    except ValueError:
        return False
    same_host = sent.hostname == ours.hostname or {sent.hostname, ours.hostname} <= _LOOPBACK
    return same_door and same_host


def _port(address: SplitResult) -> int | None:
    return address.port or _PORTS.get(address.scheme)


def _token() -> str:
    return masked(generate_csrf())


def masked(token: str) -> str:
    """Return *token* as a page may show it: never twice the same."""
    plain = token.encode()
    mask = token_bytes(len(plain))
    return urlsafe_b64encode(mask + _xor(plain, mask)).decode()


def unmasked(shown: str) -> str:
    """Return the token that a page has shown; nonsense stays nonsense, for the check to refuse."""
    try:
        raw = urlsafe_b64decode(shown.encode())
        half = len(raw) // 2
        return _xor(raw[half:], raw[:half]).decode()
    except (Error, ValueError):
        return ""


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=False))
