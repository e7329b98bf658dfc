"""The settings of one process: every variable named once, typed, and judged all together."""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Self, TypeVar, cast
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values

from destiny_web.services.keys import is_guessable
from destiny_web.services.mail import MailServer, mail_address

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: where ``.env``, ``templates/`` and ``static/`` are."""

BUNGIE = "https://www.bungie.net"
_SECRET_LENGTH = 16
_MOST_PROXIES = 9
_HOW_TO_MAKE_A_KEY = "make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"


class InvalidSettings(SystemExit):
    """One or more variables are wrong: ends the program with all of them named.

    A SystemExit, so that neither gunicorn nor Flask shows a traceback for a typing error.
    """

    def __init__(self, faults: list[str]) -> None:
        lines = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(f"destiny_web cannot start with these settings:\n{lines}")
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says. Secrets stay out of ``repr``.

    Attributes:
        bungie_root: The one address of the outside world, without a slash at its end.
        secret_keys: Newest first; the first seals, all of them open.
        public_url: Scheme and host that the browser sees, without a slash at its end.
        data_dir: Where everything is kept that is kept on disk.
        trusted_proxies: How many proxies in front say who calls, in X-Forwarded-For.
        redis_url: Where sessions, snapshots, locks and rate limits are kept instead; may hold a
            password. Empty: there is no Redis.
        rate_limit_scale: What every rate limit is multiplied by; 0 turns them off.
        smtp_url: Where emails are handed in; may hold a password. Empty: nowhere.
        mail_from: Who sends them.
        mail_unsubscribe: Where readers can leave the list; empty: there is none.
    """

    bungie_api_key: str = field(repr=False)
    bungie_client_id: str
    bungie_client_secret: str = field(repr=False)
    secret_keys: tuple[str, ...] = field(repr=False)
    bungie_root: str = BUNGIE
    public_url: str = "http://127.0.0.1:5000"
    data_dir: Path = ROOT / "instance"
    redis_url: str = field(default="", repr=False)
    rate_limit_scale: float = 1.0
    log_format: str = "text"
    trusted_proxies: int = 0
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    mail_unsubscribe: str = ""
    locale: str = "en"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the environment and, below it, ``.env`` in the checkout.

        Args:
            environ: Read this alone instead.

        Raises:
            InvalidSettings: with every fault, each naming its variable.
        """
        if environ is None:
            beside = {name: value or "" for name, value in dotenv_values(ROOT / ".env").items()}
            environ = {**beside, **os.environ}
        read = _Reader(environ)
        settings = cls(
            bungie_api_key=read("BUNGIE_API_KEY", str),
            bungie_client_id=read("BUNGIE_CLIENT_ID", str),
            bungie_client_secret=read("BUNGIE_CLIENT_SECRET", str),
            secret_keys=read("SECRET_KEY", _keys, hint=_HOW_TO_MAKE_A_KEY),
            bungie_root=read("BUNGIE_ROOT", _bungie, BUNGIE),
            public_url=read("PUBLIC_URL", _public, "http://127.0.0.1:5000"),
            data_dir=read("DATA_DIR", _folder, ROOT / "instance"),
            redis_url=read("REDIS_URL", _redis, ""),
            rate_limit_scale=read("RATE_LIMIT_SCALE", _scale, 1.0),
            log_format=read("LOG_FORMAT", _log_format, "text"),
            trusted_proxies=read("TRUSTED_PROXIES", _count, 0),
            smtp_url=read("SMTP_URL", _mail_server, ""),
            mail_from=read("MAIL_FROM", mail_address, ""),
            mail_unsubscribe=read("MAIL_UNSUBSCRIBE", _unsubscribe, ""),
        )
        if settings.smtp_url and not settings.mail_from and not read.faults:
            read.faults.append("MAIL_FROM is missing; SMTP_URL needs a sender")
        if read.faults:
            raise InvalidSettings(read.faults)
        return settings

    @property
    def is_https(self) -> bool:
        """The browser comes by https."""
        return self.public_url.startswith("https:")

    @property
    def hostname(self) -> str:
        """The host that the browser asks for, without a port."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def is_practice(self) -> bool:
        """The outside world is not Bungie.net itself but something that speaks like it."""
        return self.bungie_root != BUNGIE


class _Reader:
    """Reads variables one by one and collects what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.faults: list[str] = []

    def __call__(
        self, name: str, parse: Callable[[str], T], default: T | None = None, *, hint: str = ""
    ) -> T:
        """Return the parsed value, or *default*; without one, a missing value is a fault."""
        text = self._environ.get(name, "").strip()
        if not text:
            if default is None:
                self.faults.append(f"{name} is missing" + (f"; {hint}" if hint else ""))
            return cast("T", default)
        try:
            return parse(text)
        except ValueError as error:
            # The value itself stays out of it: it may be a secret in the wrong place.
            self.faults.append(f"{name} {error}")
            return cast("T", default)  # never used: a fault ends the program


def _keys(text: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    if not keys or any(len(key) < _SECRET_LENGTH for key in keys):
        raise ValueError(
            f"must be one or more keys of at least {_SECRET_LENGTH} characters,"
            f" comma separated; {_HOW_TO_MAKE_A_KEY}"
        )
    if any(is_guessable(key) for key in keys):
        raise ValueError(
            f"is easy to guess: it repeats itself or is made of common words; {_HOW_TO_MAKE_A_KEY}"
        )
    return keys


def _origin(text: str) -> str:
    parts = _address(text)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must be scheme and host only, like https://vault.example.org")
    return f"{parts.scheme}://{parts.netloc}"


def _bungie(text: str) -> str:
    origin = urlsplit(_origin(text))
    if origin.scheme == "http" and not _loopback(origin.hostname or ""):
        raise ValueError("must be https unless it is on this machine: keys and tokens go there")
    return origin.geturl()


def _public(text: str) -> str:
    origin = urlsplit(_origin(text))
    if origin.scheme == "http" and not _loopback(origin.hostname or ""):
        raise ValueError("must be https unless it is on this machine: the session travels there")
    return origin.geturl()


def _address(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        port_fits = False
    if not port_fits or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address that begins with https:// (or http://)")
    if parts.username or parts.password:
        raise ValueError("must not hold a user name or a password")
    return parts


def _mail_server(text: str) -> str:
    MailServer.of(text)
    return text


def _unsubscribe(text: str) -> str:
    parts = urlsplit(text)
    named = parts.netloc if parts.scheme == "https" else "@" in parts.path
    if parts.scheme not in {"https", "mailto"} or not named or not _bare(text):
        raise ValueError("must be an address that begins with https:// or mailto:")
    return text


def _bare(text: str) -> bool:
    """Tell whether text can stand between < and > in a header."""
    return text.isascii() and text.isprintable() and not set(text) & set("<> ,")


def _loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _folder(text: str) -> Path:
    folder = Path(text).expanduser()
    folder = folder if folder.is_absolute() else ROOT / folder
    if folder.exists() and not folder.is_dir():
        raise ValueError("must be a folder, and there is a file of that name")
    return folder


def _redis(text: str) -> str:
    try:
        parts = urlsplit(text)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        port_fits = False
    if port_fits and parts.scheme == "unix" and parts.path:
        return text
    database = parts.path.strip("/") if port_fits else ""
    if (
        not port_fits
        or parts.scheme not in {"redis", "rediss"}
        or not parts.hostname
        or (database and not database.isdecimal())
    ):
        raise ValueError(
            "must be an address like redis://host:6379/0, rediss://:password@host or"
            " unix:///run/redis.sock"
        )
    return text


def _scale(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number >= 0):
        raise ValueError("must be a number that is not negative, like 2 or 0.5; 0 turns them off")
    return number


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > _MOST_PROXIES:
        raise ValueError(f"must be a whole number from 0 to {_MOST_PROXIES}")
    return int(text)


def _log_format(text: str) -> str:
    if text not in {"text", "json"}:
        raise ValueError("must be text or json")
    return text
