"""A browser without JavaScript, one for each player, over real HTTP."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urljoin

import requests

from soak.pages import Form, Page, read_page

TIMEOUT: Final = 300.0
"""Seconds that a browser waits for an answer: longer than a request may take."""

Field = str | list[str]
"""The value of a form field, or the values of a field that is sent several times."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_SIGNED_OUT: Final = 401
_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one request.

    Attributes:
        status: The HTTP status; 0 when the connection broke before an answer came.
        report: The JSON object of an action; ``None`` if the answer is not JSON.
        page: The page; an empty one if the answer is not HTML.
        began: When the request was sent, in seconds of the monotonic clock.
        seconds: Duration of the request.
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
        """The message to the player about the action."""
        if self.report is not None:
            return str(self.report.get("message", ""))
        return " ".join([*self.page.notices, *self.page.alerts]) or self.page.text


class Browser:
    """One player's browser.

    Args:
        address: The address of the site.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies: dict[str, str] = {}

    def sign_in(self, bungie_id: str) -> list[Answer]:
        """Sign in through the consent page of the sandbox."""
        self.cookies = {}
        login = self._send("GET", "/auth/login", {})
        if not login.location:
            return [login]
        consent = requests.post(
            login.location,
            data={"decision": "allow", "player": bungie_id},
            allow_redirects=False,
            timeout=TIMEOUT,
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
        """Send a form; follow the redirect if there is one."""
        data: dict[str, Field] = {**form.fields, **changes}
        answer = self._send("POST", form.path, data, accept=_JSON if as_json else "text/html")
        if answer.status not in _REDIRECTS:
            return answer
        last_answer = self.open(answer.location)
        return Answer(
            method="POST",
            path=form.path,
            status=last_answer.status,
            began=answer.began,
            seconds=answer.seconds + last_answer.seconds,
            location=last_answer.location,
            html=last_answer.html,
            page=last_answer.page,
        )

    def submit_twice(self, form: Form, *, as_json: bool, **changes: Field) -> list[Answer]:
        """Send a form two times at once: a double click."""
        with ThreadPoolExecutor(2) as executor:
            futures = [
                executor.submit(self.submit, form, as_json=as_json, **changes) for _ in range(2)
            ]
        return [future.result() for future in futures]

    def _send(
        self, method: str, path: str, data: Mapping[str, Field], accept: str = "text/html"
    ) -> Answer:
        began = time.monotonic()
        try:
            # A new connection for each request: the server may close a kept one at any time.
            response = requests.request(
                method,
                urljoin(self.address, path),
                data=data or None,
                cookies=self.cookies,
                headers={"Accept": accept, "Connection": "close"},
                allow_redirects=False,
                timeout=TIMEOUT,
            )
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            seconds = time.monotonic() - began
            return Answer(method=method, path=path, status=0, began=began, seconds=seconds)
        seconds = time.monotonic() - began
        self.cookies |= {cookie.name: cookie.value or "" for cookie in response.cookies}
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
