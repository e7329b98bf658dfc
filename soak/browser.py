"""A browser without JavaScript, one for each player, over real HTTP."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urljoin

import requests

from soak.pages import Form, Page, read_page

PATIENCE: Final = 300.0
"""Seconds that a browser waits for an answer: longer than any request may take."""

Field = str | list[str]
"""The value of a field of a form, or the values of one that comes several times."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_SIGNED_OUT: Final = 401
_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back for one request.

    Attributes:
        status: The HTTP status; 0 when the connection broke before an answer came.
        report: The JSON object of an action, where JSON was asked for and came.
        page: The page, where one came.
        began: When the request was sent, in seconds of the monotonic clock.
        seconds: How long it took.
    """

    method: str
    path: str
    status: int
    began: float
    seconds: float
    location: str = ""
    html: str = ""
    report: dict[str, Any] | None = None
    page: Page = field(default_factory=Page)

    @property
    def is_broken(self) -> bool:
        """The connection broke before an answer came."""
        return self.status == 0

    @property
    def is_signed_out(self) -> bool:
        """The site does not know the player."""
        return self.status == _SIGNED_OUT or "/auth/login" in self.location

    @property
    def message(self) -> str:
        """What the answer tells the player of the action."""
        if self.report is not None:
            return str(self.report.get("message", ""))
        return " ".join([*self.page.notices, *self.page.alerts]) or self.page.text


class Browser:
    """One player's browser.

    Args:
        address: Where the site is.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies: dict[str, str] = {}

    def sign_in(self, bungie_id: str) -> list[Answer]:
        """Walk from the site to the consent page of the sandbox and back."""
        self.cookies = {}
        login = self._send("GET", "/auth/login", {})
        if not login.location:
            return [login]
        consent = requests.post(
            login.location,
            data={"decision": "allow", "player": bungie_id},
            allow_redirects=False,
            timeout=PATIENCE,
        )
        return [login, self.open(consent.headers["Location"].removeprefix(self.address))]

    def open(self, path: str) -> Answer:
        """Open a page, following redirects within the site."""
        answer = self._send("GET", path, {})
        for _ in range(5):
            if answer.status not in _REDIRECTS:
                break
            answer = self._send("GET", answer.location, {})
        return answer

    def submit(self, form: Form, *, as_json: bool, **changes: Field) -> Answer:
        """Send a form, and with a page in mind follow where it leads."""
        data: dict[str, Field] = {**form.fields, **changes}
        answer = self._send("POST", form.path, data, accept=_JSON if as_json else "text/html")
        if answer.status not in _REDIRECTS:
            return answer
        shown = self.open(answer.location)
        return Answer(
            method="POST",
            path=form.path,
            status=shown.status,
            began=answer.began,
            seconds=answer.seconds + shown.seconds,
            location=shown.location,
            html=shown.html,
            page=shown.page,
        )

    def submit_twice(self, form: Form, *, as_json: bool, **changes: Field) -> list[Answer]:
        """Send a form two times at once: a double click."""
        with ThreadPoolExecutor(2) as clicks:
            futures = [
                clicks.submit(self.submit, form, as_json=as_json, **changes) for _ in range(2)
            ]
        return [future.result() for future in futures]

    def _send(
        self, method: str, path: str, data: Mapping[str, Field], accept: str = "text/html"
    ) -> Answer:
        began = time.monotonic()
        try:
            # A connection for each request: one that is kept may end as a request is sent.
            response = requests.request(
                method,
                urljoin(self.address, path),
                data=data or None,
                cookies=self.cookies,
                headers={"Accept": accept, "Connection": "close"},
                allow_redirects=False,
                timeout=PATIENCE,
            )
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            seconds = time.monotonic() - began
            return Answer(method=method, path=path, status=0, began=began, seconds=seconds)
        seconds = time.monotonic() - began
        self.cookies |= {one.name: one.value or "" for one in response.cookies}
        media_type = response.headers.get("Content-Type", "").partition(";")[0]
        return Answer(
            method=method,
            path=path,
            status=response.status_code,
            began=began,
            seconds=seconds,
            location=response.headers.get("Location", ""),
            html=response.text if media_type == "text/html" else "",
            report=response.json() if media_type == _JSON else None,
            page=read_page(response.text) if media_type == "text/html" else Page(),
        )
