"""Read a page as a browser without JavaScript does: tiles, forms, messages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

IDEMPOTENCY_KEY: Final = "idempotency_key"
"""The hidden field by which the site recognizes a repeated form."""


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
    """A form with the fields that a browser sends when the player changes none.

    Attributes:
        path: The path of the request.
        fields: Names and values, without those of the buttons.
        buttons: Name and value of each enabled button.
        max_quantity: The maximum of the field ``quantity``; 0 without such a field.
    """

    path: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    max_quantity: int = 0


@dataclass(slots=True)
class Page:
    """One page.

    Attributes:
        text: All text within ``body``.
        notices: The messages about the last action.
        alerts: The messages about the state of the page, such as why it is old.
    """

    tiles: list[Tile] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    text: str = ""

    def forms_to(self, path: str) -> Iterator[Form]:
        """Iterate over the forms that are sent to *path*."""
        return (form for form in self.forms if form.path == path)

    @property
    def is_signed_in(self) -> bool:
        """The page belongs to a player: it offers to sign out."""
        return any(True for _ in self.forms_to("/auth/logout"))

    @property
    def token(self) -> str:
        """The CSRF token of a form; ``""`` without a form."""
        return next((form.fields.get("csrf_token", "") for form in self.forms), "")


class _PageParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._form: Form | None = None
        self._is_in_notice = False
        self._words: list[str] | None = None
        self._text: list[str] = []
        self._is_in_body = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "body":
            self._is_in_body = True
        elif "data-notice" in attributes:
            self._is_in_notice = True
        elif tag == "form" and attributes.get("method") == "post":
            self._form = Form(path=urlsplit(attributes.get("action", "")).path)
            self.page.forms.append(self._form)
        elif "data-item-hash" in attributes and "data-owner" in attributes:
            self.page.tiles.append(_tile(attributes))
        elif self._form is not None and "disabled" not in attributes:
            self._field(tag, attributes)
        if tag == "p" and (self._is_in_notice or attributes.get("role") in {"status", "alert"}):
            self._words = []

    def _field(self, tag: str, attributes: dict[str, str]) -> None:
        form, name = self._form, attributes.get("name", "")
        if form is None:
            return
        if tag == "button" and attributes.get("type", "submit") == "submit":
            form.buttons.append((name, attributes.get("value", "")))
        elif tag == "input" and name:
            if attributes.get("type") in {"radio", "checkbox"} and "checked" not in attributes:
                return
            form.fields[name] = attributes.get("value", "")
            if attributes.get("type") == "number":
                form.max_quantity = int(attributes.get("max") or 0)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "p" and self._words is not None:
            message = " ".join("".join(self._words).split())
            (self.page.notices if self._is_in_notice else self.page.alerts).append(message)
            self._words, self._is_in_notice = None, False

    def handle_data(self, data: str) -> None:
        if self._words is not None:
            self._words.append(data)
        if self._is_in_body:
            self._text.append(data)

    def close(self) -> None:
        super().close()
        self.page.text = " ".join("".join(self._text).split())


def _tile(attributes: dict[str, str]) -> Tile:
    return Tile(
        item_hash=int(attributes["data-item-hash"]),
        instance_id=attributes.get("data-item-instance-id", ""),
        owner=attributes["data-owner"],
        location=attributes["data-location"],
        quantity=int(attributes["data-quantity"]),
        locked="locked" in attributes.get("class", "").split(),
        href=attributes.get("href", ""),
    )


def read_page(html: str) -> Page:
    """Read a page."""
    reader = _PageParser()
    reader.feed(html)
    reader.close()
    return reader.page
