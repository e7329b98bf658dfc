"""What a player without JavaScript has of a page: tiles, forms, messages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

KEY: Final = "idempotency_key"
"""The hidden field by which the site recognizes a form that comes twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """An item, or a stack, as a page shows it. ``instance_id`` is ``""`` for a stack."""

    item_hash: int
    instance_id: str
    owner: str
    location: str
    quantity: int
    locked: bool
    href: str


@dataclass(slots=True, kw_only=True)
class Form:
    """A form with what a browser sends when nobody changes a field.

    Attributes:
        path: Where it goes.
        fields: Names and values, without those of the buttons.
        buttons: Name and value of each button that can be pressed.
        largest: The highest number that ``quantity`` takes; 0 where it is not asked for.
    """

    path: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    largest: int = 0


@dataclass(slots=True)
class Page:
    """One page.

    Attributes:
        text: All text within ``body``.
        notices: What the page tells of the last action, one for each message.
        alerts: What the page tells of its own state: why it is older than it should be.
    """

    tiles: list[Tile] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    text: str = ""

    def forms_to(self, path: str) -> Iterator[Form]:
        """Go through the forms that are sent to *path*."""
        return (form for form in self.forms if form.path == path)

    @property
    def is_signed_in(self) -> bool:
        """The page belongs to a player: it offers to sign out."""
        return any(True for _ in self.forms_to("/auth/logout"))

    @property
    def token(self) -> str:
        """The token against forgery of any form; ``""`` where there is none."""
        return next((form.fields.get("csrf_token", "") for form in self.forms), "")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._form: Form | None = None
        self._is_in_notice = False
        self._words: list[str] | None = None
        self._text: list[str] = []
        self._is_in_body = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "body":
            self._is_in_body = True
        elif tag == "dialog":
            self._is_in_notice = True
        elif tag == "form" and given.get("method") == "post":
            self._form = Form(path=urlsplit(given.get("action", "")).path)
            self.page.forms.append(self._form)
        elif "data-item-hash" in given and "data-owner" in given:
            self.page.tiles.append(_tile(given))
        elif self._form is not None and "disabled" not in given:
            self._field(tag, given)
        if tag == "p" and given.get("role") in {"status", "alert"}:
            self._words = []

    def _field(self, tag: str, given: dict[str, str]) -> None:
        form, name = self._form, given.get("name", "")
        if form is None:
            return
        if tag == "button" and given.get("type", "submit") == "submit":
            form.buttons.append((name, given.get("value", "")))
        elif tag == "input" and name:
            if given.get("type") in {"radio", "checkbox"} and "checked" not in given:
                return
            form.fields[name] = given.get("value", "")
            if given.get("type") == "number":
                form.largest = int(given.get("max") or 0)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "dialog":
            self._is_in_notice = False
        elif tag == "p" and self._words is not None:
            words = " ".join("".join(self._words).split())
            (self.page.notices if self._is_in_notice else self.page.alerts).append(words)
            self._words = None

    def handle_data(self, data: str) -> None:
        if self._words is not None:
            self._words.append(data)
        if self._is_in_body:
            self._text.append(data)

    def close(self) -> None:
        super().close()
        self.page.text = " ".join("".join(self._text).split())


def _tile(given: dict[str, str]) -> Tile:
    return Tile(
        item_hash=int(given["data-item-hash"]),
        instance_id=given.get("data-item-instance-id", ""),
        owner=given["data-owner"],
        location=given["data-location"],
        quantity=int(given["data-quantity"]),
        locked="locked" in given.get("class", "").split(),
        href=given.get("href", ""),
    )


def read_page(html: str) -> Page:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page
