"""The token against forged requests, in another dress each time it is shown.

A compressed page that repeats a secret can give it away, byte by byte, to who can add text
to the page and watch its size (BREACH). So a page shows the token under a mask that changes
with each page, and the mask comes off before the token is checked.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from secrets import token_bytes
from typing import Any

from flask import Flask
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf


class MaskedCSRF(CSRFProtect):
    """Flask-WTF's guard of every POST, with masked tokens."""

    def init_app(self, app: Flask) -> None:
        """Guard *app*, and give its templates the masked token."""
        super().init_app(app)
        # Flask-WTF gives its own token to templates by both ways, so both are covered.
        app.jinja_env.globals["csrf_token"] = _token
        app.context_processor(lambda: {"csrf_token": _token})

    def _get_csrf_token(self) -> Any:
        token = super()._get_csrf_token()
        return unmasked(token) if token else token


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
