"""One line a request, with an id that also stands on error pages, and never a secret."""

import json
import logging
import re
import sys
import time
from datetime import UTC, datetime
from hashlib import blake2b, sha256
from secrets import token_hex
from typing import TextIO
from urllib.parse import quote

from flask import Flask, Response, current_app, g, request

_LONGEST = 200

_ACCESS = logging.getLogger("destiny_web.access")

# What a secret looks like where one could slip into a message: a header, a form, a query.
_SECRETS = re.compile(
    r"(?i)\b(bearer|basic|code|state|access_token|refresh_token|client_secret|x-api-key"
    r"|csrf_token|session)(\s+|\s*[=:]\s*[\"']?)[\w~+/.=-]{6,}"
)


# Membership, character and item ids have 19 digits; a Bungie.net id is short, and known by its
# place in the path of a call.
_IDS = re.compile(r"(?<!\d)\d{17,20}(?!\d)|(?<=/Profile/)\d+")


class Censor:
    """Takes secrets out of what is logged, and puts marks in place of ids.

    A mark is the same each time, so that lines about one account can be found together. Ids
    are numbers, so a plain hash could be tried out; a mark needs our key.
    """

    def __init__(self, key: str) -> None:
        self._key = sha256(key.encode()).digest()

    def __call__(self, text: str) -> str:
        """Return *text* as it may be logged."""
        return self.mark_ids(_SECRETS.sub(r"\1\2[redacted]", text))

    def mark_ids(self, text: str) -> str:
        """Return *text* with a mark in place of each id."""
        return _IDS.sub(lambda match: f"id:{self.mark(match[0])}", text)

    def mark(self, number: str) -> str:
        """Return the mark of one id."""
        return blake2b(number.encode(), key=self._key, digest_size=6).hexdigest()


class CensoringFormatter(logging.Formatter):
    """Has another formatter make the line, then takes secrets and ids out of it."""

    def __init__(self, inner: logging.Formatter, key: str) -> None:
        super().__init__()
        self._inner = inner
        self._censor = Censor(key)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, traceback included."""
        return self._censor(self._inner.format(record))


class _Text(logging.Formatter):
    """One line a record, in UTC; only a traceback, ours alone, may have more."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        """Keep what others have said, Bungie too, within its line."""
        return "".join(
            sign if sign.isprintable() else repr(sign)[1:-1]
            for sign in super().formatMessage(record)
        )


class _Json(logging.Formatter):
    """One JSON object a record; each text in it is censored before it is quoted."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self._censor = Censor(key)

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        censored = {
            name: self._censor(value) if isinstance(value, str) else value
            for name, value in fields.items()
        }
        return json.dumps(censored, ensure_ascii=False)


def configure(log_format: str, key: str) -> None:
    """Send the program's log to standard error, once a process.

    Args:
        log_format: ``text`` or ``json``.
        key: What marks are made with.
    """
    logger = logging.getLogger("destiny_web")
    if logger.handlers:
        return
    logger.addHandler(_handler(log_format, key))
    logger.setLevel(logging.INFO)
    logger.propagate = False
    # Warnings of libraries name addresses, and ids in them.
    logging.lastResort = _handler(log_format, key)
    logging.lastResort.setLevel(logging.WARNING)


def _handler(log_format: str, key: str) -> logging.StreamHandler[TextIO]:
    handler = logging.StreamHandler(sys.stderr)
    text = _Text("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(_Json(key) if log_format == "json" else CensoringFormatter(text, key))
    return handler


def request_id() -> str:
    """Return the id of the request at hand, for its log line and its error page."""
    if "request_id" not in g:
        g.request_id = token_hex(6)
    return str(g.request_id)


def seconds_taken() -> float:
    """Return how long the request at hand has taken so far."""
    now = time.perf_counter()
    return now - float(g.get("started", now))


def mark_of(player_id: str) -> str:
    """Return what stands for a player in logs and counters: the same each time, and no id."""
    return _censor().mark(player_id)


def _censor() -> Censor:
    return Censor(str(current_app.secret_key))


def init_app(app: Flask) -> None:
    """Log each request when it is answered."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()
        request_id()

    @app.after_request
    def log(response: Response) -> Response:
        fields = {
            "request_id": request_id(),
            "method": _line(request.method),
            # Never the query: the callback's holds the code.
            "path": _line(_censor().mark_ids(request.path)),
            "endpoint": request.endpoint or "",
            "status": response.status_code,
            "ms": round(seconds_taken() * 1000, 1),
            "player": _player(),
        }
        _ACCESS.info(
            "%(method)s %(path)s %(status)s %(ms)s ms player=%(player)s [%(request_id)s]",
            fields,
            extra={"fields": fields},
        )
        response.headers["X-Request-Id"] = request_id()
        return response


def _line(text: str) -> str:
    """Return what a caller has sent such that it stays within its line, and short."""
    return quote(text[:_LONGEST], safe="/:@!$&'()*+,;=~")


def _player() -> str:
    # Only who was asked for anyway: a style sheet needs no player, and a store that is away
    # must not break the line that says so.
    player = g.get("_login_user")
    known = player is not None and player.is_authenticated
    return mark_of(str(player.get_id())) if known else "-"
