"""The settings of one process: each environment variable is named once, typed and checked."""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self, TypeVar, cast
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values

from destiny_web.services.keys import is_guessable
from destiny_web.services.loopback import is_loopback
from destiny_web.services.mail import MailServer, mail_address

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent
"""The folder of the checkout: it holds ``.env``, ``templates/`` and ``static/``."""

BUNGIE = "https://www.bungie.net"
_MIN_KEY_LENGTH: Final = 16
_MAX_PROXIES: Final = 9
_KEY_HINT: Final = "make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"


class InvalidSettings(SystemExit):
    """One or more variables are missing or wrong: ends the program with all of them named.

    It is a SystemExit, so that neither gunicorn nor Flask shows a traceback for it.

    Attributes:
        faults: One line for each fault; it begins with the name of the variable.
    """

    def __init__(self, faults: list[str]) -> None:
        lines = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(f"destiny_web cannot start with these settings:\n{lines}")
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The values of the environment variables. Secrets are not part of ``repr``.

    Attributes:
        bungie_root: Address of the API, the sign-in and the definitions, without a slash at its
            end.
        secret_keys: Newest first; the first encrypts, all of them decrypt.
        public_url: Scheme and host of the site as the browser sees it, without a slash at its
            end.
        data_dir: The folder for all data on disk.
        redis_url: The Redis that holds sessions, snapshots, locks and rate limits; may contain a
            password. Empty: SQLite holds them.
        rate_limit_scale: The factor for every rate limit; 0 turns the limits off.
        log_format: ``text`` or ``json``.
        trusted_proxies: The number of proxies whose X-Forwarded-For and X-Forwarded-Proto are
            believed.
        smtp_url: The mail server; may contain a password. Empty: no emails are sent.
        mail_from: The sender of the emails.
        mail_unsubscribe: The address at which a reader can leave the mailing list. Empty: none.
        locale: The language of the definitions; no variable sets it yet.
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
        """Read the settings from the environment and from ``.env`` in the checkout.

        A variable of the environment replaces the variable of the same name in ``.env``.

        Args:
            environ: The only source of variables, if it is given.

        Raises:
            InvalidSettings: with every fault, each naming its variable.
        """
        if environ is None:
            dotenv = {name: value or "" for name, value in dotenv_values(ROOT / ".env").items()}
            environ = {**dotenv, **os.environ}
        read = _VariableReader(environ)
        settings = cls(
            bungie_api_key=read("BUNGIE_API_KEY", str),
            bungie_client_id=read("BUNGIE_CLIENT_ID", str),
            bungie_client_secret=read("BUNGIE_CLIENT_SECRET", str),
            secret_keys=read("SECRET_KEY", _parse_secret_keys, hint=_KEY_HINT),
            bungie_root=read("BUNGIE_ROOT", _parse_bungie_root, BUNGIE),
            public_url=read("PUBLIC_URL", _parse_public_url, "http://127.0.0.1:5000"),
            data_dir=read("DATA_DIR", _parse_folder, ROOT / "instance"),
            redis_url=read("REDIS_URL", _check_redis_url, ""),
            rate_limit_scale=read("RATE_LIMIT_SCALE", _parse_scale, 1.0),
            log_format=read("LOG_FORMAT", _check_log_format, "text"),
            trusted_proxies=read("TRUSTED_PROXIES", _parse_proxy_count, 0),
            smtp_url=read("SMTP_URL", _check_smtp_url, ""),
            mail_from=read("MAIL_FROM", mail_address, ""),
            mail_unsubscribe=read("MAIL_UNSUBSCRIBE", _check_unsubscribe_address, ""),
        )
        if settings.smtp_url and not settings.mail_from and not read.faults:
            read.faults.append("MAIL_FROM is missing; SMTP_URL needs a sender")
        if read.faults:
            raise InvalidSettings(read.faults)
        return settings

    @property
    def is_https(self) -> bool:
        """Whether the browser reaches the site by https."""
        return self.public_url.startswith("https:")

    @property
    def hostname(self) -> str:
        """The host of the site as the browser sees it, without a port."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def is_practice(self) -> bool:
        """Whether the site runs against the sandbox, not against Bungie.net."""
        return self.bungie_root != BUNGIE


class _VariableReader:
    """Reads and parses variables one by one, and collects the faults.

    The library `environs` was tried for this: docs/adr/0008-libraries-or-our-own.md.
    """

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
            # The fault does not contain the value: it may be a secret in the wrong variable.
            self.faults.append(f"{name} {error}")
            return cast("T", default)  # never used: a fault ends the program


def _parse_secret_keys(text: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    if not keys or any(len(key) < _MIN_KEY_LENGTH for key in keys):
        raise ValueError(
            f"must be one or more keys of at least {_MIN_KEY_LENGTH} characters,"
            f" comma separated; {_KEY_HINT}"
        )
    if any(is_guessable(key) for key in keys):
        raise ValueError(
            f"is easy to guess: it repeats itself or is made of common words; {_KEY_HINT}"
        )
    return keys


def _parse_bungie_root(text: str) -> str:
    return _parse_origin(text, "keys and tokens go there")


def _parse_public_url(text: str) -> str:
    return _parse_origin(text, "the session travels there")


def _parse_origin(text: str, reason: str) -> str:
    """Return scheme, host and port of an address; http is for this machine only.

    Args:
        text: The address, as the variable says it.
        reason: Why http to another machine is refused; part of the fault.
    """
    parts = _split_address(text)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must be scheme and host only, like https://vault.example.org")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError(f"must be https unless it is on this machine: {reason}")
    return f"{parts.scheme}://{parts.netloc}"


def _split_address(text: str) -> SplitResult:
    parts = _split_url(text)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address that begins with https:// (or http://)")
    if parts.username or parts.password:
        raise ValueError("must not hold a user name or a password")
    return parts


def _split_url(text: str) -> SplitResult | None:
    """Split an address; None if it is malformed or its port is not from 1 to 65535."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    return None if port == 0 else parts


def _check_smtp_url(text: str) -> str:
    MailServer.of(text)
    return text


def _check_unsubscribe_address(text: str) -> str:
    parts = urlsplit(text)
    has_target = bool(parts.netloc) if parts.scheme == "https" else "@" in parts.path
    if parts.scheme not in {"https", "mailto"} or not has_target or not _fits_in_brackets(text):
        raise ValueError("must be an address that begins with https:// or mailto:")
    return text


def _fits_in_brackets(text: str) -> bool:
    """Tell whether *text* can stand between < and > in the header of an email."""
    return text.isascii() and text.isprintable() and not set(text) & set("<> ,")


def _parse_folder(text: str) -> Path:
    folder = Path(text).expanduser()
    folder = folder if folder.is_absolute() else ROOT / folder
    if folder.exists() and not folder.is_dir():
        raise ValueError("must be a folder, and there is a file of that name")
    return folder


def _check_redis_url(text: str) -> str:
    parts = _split_url(text)
    if parts is None or not (_is_redis_socket(parts) or _is_redis_server(parts)):
        raise ValueError(
            "must be an address like redis://host:6379/0, rediss://:password@host or"
            " unix:///run/redis.sock"
        )
    return text


def _is_redis_socket(parts: SplitResult) -> bool:
    return parts.scheme == "unix" and bool(parts.path)


def _is_redis_server(parts: SplitResult) -> bool:
    database = parts.path.strip("/")
    return (
        parts.scheme in {"redis", "rediss"}
        and bool(parts.hostname)
        and (not database or database.isdecimal())
    )


def _parse_scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = math.nan
    if not (math.isfinite(scale) and scale >= 0):
        raise ValueError("must be a number that is not negative, like 2 or 0.5; 0 turns them off")
    return scale


def _parse_proxy_count(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > _MAX_PROXIES:
        raise ValueError(f"must be a whole number from 0 to {_MAX_PROXIES}")
    return int(text)


def _check_log_format(text: str) -> str:
    if text not in {"text", "json"}:
        raise ValueError("must be text or json")
    return text
