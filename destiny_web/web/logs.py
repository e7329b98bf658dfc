"""The log: one line for each request, with the id of its error page; no secrets, no ids."""

import logging
import re
import sys
import time
from hashlib import blake2b, sha256
from secrets import token_hex
from typing import Any, TextIO
from urllib.parse import quote

from flask import Flask, Response, current_app, g, request
from pythonjsonlogger.json import JsonFormatter

_MAX_LENGTH = 200

_ACCESS = logging.getLogger("destiny_web.access")

# Secrets as they may occur in a message: in a header, a form or a query.
_SECRETS = re.compile(
    r"(?i)\b(bearer|basic|code|state|access_token|refresh_token|client_secret|x-api-key"
    r"|csrf_token|session)(\s+|\s*[=:]\s*[\"']?)[\w~+/.=-]{6,}"
)


# Membership, character and item ids have 19 digits. A Bungie.net id is short; it is recognized
# by its place in the path of a call.
_IDS = re.compile(r"(?<!\d)\d{17,20}(?!\d)|(?<=/Profile/)\d+")


class Censor:
    """Removes secrets from texts for the log, and replaces ids by marks.

    The mark of an id is always the same, so that lines about one account can be found together.
    The mark is a hash with a key: ids are numbers, and a hash without a key could be reversed by
    trying all numbers.
    """

    def __init__(self, key: str) -> None:
        self._key = sha256(key.encode()).digest()

    def __call__(self, text: str) -> str:
        """Return *text* without secrets and with a mark in place of each id."""
        return self.mark_ids(_SECRETS.sub(r"\1\2[redacted]", text))

    def mark_ids(self, text: str) -> str:
        """Return *text* with a mark in place of each id."""
        return _IDS.sub(lambda match: f"id:{self.mark(match[0])}", text)

    def mark(self, number: str) -> str:
        """Return the mark of one id."""
        return blake2b(number.encode(), key=self._key, digest_size=6).hexdigest()


class CensoringFormatter(logging.Formatter):
    """Formats a record with another formatter, and censors the result."""

    def __init__(self, inner: logging.Formatter, key: str) -> None:
        super().__init__()
        self._inner = inner
        self._censor = Censor(key)

    def format(self, record: logging.LogRecord) -> str:
        """Return the censored line, with its traceback."""
        return self._censor(self._inner.format(record))


class _TextFormatter(logging.Formatter):
    """Formats a record as one line with the time in UTC; only a traceback adds lines."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        """Return the line, with line breaks and control characters escaped.

        A message may quote a text of Bungie or of a client.
        """
        return "".join(
            character if character.isprintable() else repr(character)[1:-1]
            for character in super().formatMessage(record)
        )


class _CensoredJsonFormatter(JsonFormatter):
    """Formats a record as one JSON object; each value in it is censored before it is quoted."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03d+00:00"

    def __init__(self, key: str) -> None:
        super().__init__(
            ["asctime", "levelname", "name", "message"],
            rename_fields={
                "asctime": "at",
                "levelname": "level",
                "name": "logger",
                "exc_info": "exception",
            },
            json_ensure_ascii=False,
        )
        self._censor = Censor(key)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Return the fields of the object; the fields of a request are members of their own."""
        log_data |= log_data.pop("fields", {})
        log_data["level"] = log_data["level"].lower()
        return {name: self._censor_value(value) for name, value in log_data.items()}

    def _censor_value(self, value: object) -> object:
        """Return a number without an id as it is, and every other value as censored text."""
        text = self._censor(str(value))
        return value if isinstance(value, int | float) and text == str(value) else text


def configure(log_format: str, key: str) -> None:
    """Write the program's log to standard error. A second call in a process has no effect.

    Args:
        log_format: ``text`` or ``json``.
        key: The key of the marks.
    """
    logger = logging.getLogger("destiny_web")
    if logger.handlers:
        return
    logger.addHandler(_create_handler(log_format, key))
    logger.setLevel(logging.INFO)
    logger.propagate = False
    # Warnings of libraries contain addresses, and addresses contain ids.
    logging.lastResort = _create_handler(log_format, key)
    logging.lastResort.setLevel(logging.WARNING)


def _create_handler(log_format: str, key: str) -> logging.StreamHandler[TextIO]:
    handler = logging.StreamHandler(sys.stderr)
    if log_format == "json":
        handler.setFormatter(_CensoredJsonFormatter(key))
    else:
        text = _TextFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
        handler.setFormatter(CensoringFormatter(text, key))
    return handler


def request_id() -> str:
    """Return the id of the current request, for its log line and its error page."""
    if "request_id" not in g:
        g.request_id = token_hex(6)
    return str(g.request_id)


def seconds_taken() -> float:
    """Return how long the current request has taken so far."""
    now = time.perf_counter()
    return now - float(g.get("started", now))


def player_mark(player_id: str) -> str:
    """Return the mark that replaces a player's id in logs and counters."""
    return _censor().mark(player_id)


def _censor() -> Censor:
    return Censor(str(current_app.secret_key))


def init_app(app: Flask) -> None:
    """Log each request when it is answered."""

    @app.before_request
    def start_clock() -> None:
        g.started = time.perf_counter()
        request_id()

    @app.after_request
    def log_request(response: Response) -> Response:
        fields = {
            "request_id": request_id(),
            "method": _quote_input(request.method),
            # Without the query: the query of the sign-in callback contains the code.
            "path": _quote_input(_censor().mark_ids(request.path)),
            "endpoint": request.endpoint or "",
            "status": response.status_code,
            "ms": round(seconds_taken() * 1000, 1),
            "player": _current_player_mark(),
        }
        _ACCESS.info(
            "%(method)s %(path)s %(status)s %(ms)s ms player=%(player)s [%(request_id)s]",
            fields,
            extra={"fields": fields},
        )
        response.headers["X-Request-Id"] = request_id()
        return response


def _quote_input(text: str) -> str:
    """Return a text of the client, shortened, and without characters that end a line."""
    return quote(text[:_MAX_LENGTH], safe="/:@!$&'()*+,;=~")


def _current_player_mark() -> str:
    # Read only a player that the request has loaded. A style sheet needs no player, and the
    # access line is written although the store does not answer.
    player = g.get("_login_user")
    is_signed_in = player is not None and player.is_authenticated
    return player_mark(str(player.get_id())) if is_signed_in else "-"
