"""The journal: every request and its answer, without secrets."""

from collections import deque
from itertools import takewhile
from threading import Lock
from typing import Any, Final

import msgspec
from werkzeug.wrappers import Request

_CAPACITY: Final = 5000
_SECRET_HEADERS: Final = frozenset({"authorization", "x-api-key", "cookie"})
_SECRET_FIELDS: Final = frozenset({"client_secret", "code", "refresh_token"})


class Entry(msgspec.Struct, kw_only=True):
    """One request and its answer.

    ``body`` is the JSON or the form of the request; ``code`` is the ErrorCode of the answer, 0
    for an answer without an envelope; ``fault`` is the kind of the planned fault. ``number``
    counts all requests since the start, from 1. ``player`` is the owner of the token in the
    request, also of an expired token. ``results`` has the ErrorCode of each instance of an
    EquipItems.
    """

    number: int
    time: str
    method: str
    path: str
    query: dict[str, str]
    operation: str
    headers: dict[str, str]
    body: Any
    player: str = ""
    status: int = 0
    code: int = 0
    fault: str = ""
    results: dict[str, int] = {}


class Journal:
    """The newest entries, oldest first."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=_CAPACITY)
        self._last = 0
        self._lock = Lock()

    @property
    def last(self) -> int:
        """The number of the newest entry; 0 when there is none."""
        return self._last

    def after(self, number: int) -> list[Entry]:
        """Return the entries with a higher number, oldest first."""
        with self._lock:
            newer = list(takewhile(lambda entry: entry.number > number, reversed(self.entries)))
        return newer[::-1]

    def add(self, request: Request, operation: str, time: str, player: str = "") -> Entry:
        """Add an entry for a request; the fields of the answer are filled in later."""
        entry = Entry(
            number=0,
            time=time,
            method=request.method,
            path=request.path,
            query=request.args.to_dict(),
            operation=operation,
            headers={
                name: "(withheld)" if name.lower() in _SECRET_HEADERS else value
                for name, value in request.headers.items()
            },
            body=_read_body(request),
            player=player,
        )
        with self._lock:
            self._last += 1
            entry.number = self._last
            self.entries.append(entry)
        return entry


def _read_body(request: Request) -> Any:
    raw = request.get_data(cache=True, parse_form_data=False)
    if not raw:
        return None
    if request.mimetype == "application/x-www-form-urlencoded":
        return {
            name: "(withheld)" if name in _SECRET_FIELDS else value
            for name, value in request.form.items()
        }
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return raw.decode("utf-8", "replace")
