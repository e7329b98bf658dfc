"""One line a request, with an id that also stands on error pages, and never a secret."""

import json
import logging
import re
import sys
import time
from datetime import UTC, datetime
from hashlib import blake2b, sha256
from secrets import token_hex
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, current_app, g, request

_LONGEST = 200

_ACCESS = logging.getLogger("destiny_web.access")

# What a secret looks like where one could slip into a message: a header, a form, a query.
_SECRETS = re.compile(
    r"(?i)\b(bearer|basic|code|state|access_token|refresh_token|client_secret|x-api-key"
    r"|csrf_token|session)(\s+|\s*[=:]\s*[\"']?)[\w~+/.=-]{6,}"
)


class _Redacting(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        redacted = _redacted(message)
        if redacted != message:
            record.msg, record.args = redacted, ()
        return True


def _redacted(text: str) -> str:
    return _SECRETS.sub(r"\1\2[redacted]", text)


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

    def formatException(self, ei: Any) -> str:  # noqa: N802 (logging's name)
        return _redacted(super().formatException(ei))


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            fields["exception"] = _redacted(self.formatException(record.exc_info))
        return json.dumps(fields, ensure_ascii=False)


def configure(log_format: str) -> None:
    """Send the program's log to standard error, once a process."""
    logger = logging.getLogger("destiny_web")
    if logger.handlers:
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Redacting())
    handler.setFormatter(
        _Json()
        if log_format == "json"
        else _Text("%(asctime)s %(levelname)s %(name)s: %(message)s")
    )
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


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
    """Return what stands for a player in logs and counters: the same each time, and no id.

    Ids are short numbers, so a plain hash could be tried out; this one needs our key.
    """
    key = sha256(str(current_app.secret_key).encode()).digest()
    return blake2b(player_id.encode(), key=key, digest_size=6).hexdigest()


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
            "path": _line(request.path),  # never the query: the callback's holds the code
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
