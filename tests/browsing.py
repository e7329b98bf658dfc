"""A browser without JavaScript: it opens pages, follows redirects and submits forms."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests
from flask import Flask

from bungie_sandbox.server import Sandbox

_VOID = frozenset(
    {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_SVG_LEAVES = frozenset({"path", "use", "circle", "rect", "line", "polygon"})


@dataclass
class Element:
    """An element of a page, with its content."""

    tag: str
    attributes: dict[str, str]
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text of the element, with white space folded."""
        return " ".join("".join(self.texts()).split())

    def texts(self):
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child.texts()
                yield " "

    def all(self, tag: str | None = None, **attributes: str):
        """Return every element below that has these attributes; ``data_x`` stands for data-x."""
        expected = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        elements = []
        for child in self.children:
            if isinstance(child, str):
                continue
            is_match = tag in {None, child.tag} and all(
                child.attributes.get(name) == value for name, value in expected.items()
            )
            if is_match:
                elements.append(child)
            elements += child.all(tag, **attributes)
        return elements

    def one(self, tag: str | None = None, **attributes: str) -> "Element":
        """Return the only element below that has these attributes."""
        (element,) = self.all(tag, **attributes)
        return element


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]
        self.faults: list[str] = []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        self.faults += [f"{tag} has two {name}" for name in set(names) if names.count(name) > 1]
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if self.open[-1].tag != tag:
            self.faults.append(f"</{tag}> closes <{self.open[-1].tag}>")
            return
        self.open.pop()

    def handle_data(self, data):
        self.open[-1].children.append(data)


class Page(Element):
    """The page of a response."""

    def __init__(self, response, path: str) -> None:
        builder = _Builder()
        html = response.get_data(as_text=True)
        if response.mimetype == "text/html":
            builder.feed(html)
            builder.close()
        super().__init__("", {}, builder.root.children)
        self.response = response
        self.status = response.status_code
        self.html = html
        self.path = path
        self.faults = builder.faults + [f"<{element.tag}> is open" for element in builder.open[1:]]

    @property
    def title(self) -> str:
        return self.one("title").text

    @property
    def said(self) -> list[str]:
        """Messages of the page about the last action."""
        return [
            element.text
            for element in (*self.all(role="status"), *self.all(role="alert"))
            if element.text
        ]

    @property
    def alerts(self) -> list[str]:
        """What the page says with ``role="alert"``: refusals, and why the page is not complete."""
        return [element.text for element in self.all(role="alert") if element.text]

    def tile(self, instance_id: str) -> Element:
        return self.one(data_item_instance_id=instance_id)


class Browser:
    """Uses Flask's test client for the site, and real HTTP for Bungie."""

    def __init__(self, app: Flask, bungie: Sandbox) -> None:
        self.client = app.test_client()
        self.app = app
        self.bungie = bungie

    def open(self, path: str, **headers: str) -> Page:
        """GET a page, follow redirects within the site, and check the page's HTML."""
        return self._follow(self.client.get(path, headers=headers), path)

    def submit(self, path: str, /, **fields: object) -> Page:
        """POST a form with this session's token, and follow the redirect."""
        return self._follow(self.post(path, **fields), path)

    def post(self, path: str, /, **fields: object):
        """POST a form with this session's token; return the response."""
        accept = fields.pop("accept", "text/html")
        return self.client.post(
            path, data={"csrf_token": self.token(), **fields}, headers={"Accept": accept}
        )

    def json(self, path: str, /, **fields: object):
        """POST for JSON; return status and body."""
        answer = self.post(path, accept="application/json", **fields)
        return answer.status_code, answer.get_json()

    def token(self) -> str:
        # Any page of a player has the token, and this one needs no answer of Bungie.
        page = Page(self.client.get("/no/such/page"), "/no/such/page")
        return next(
            (element.attributes["content"] for element in page.all("meta", name_="csrf-token")), ""
        )

    def sign_in(self, player: str | None = None, *, decision: str = "allow", path="") -> Page:
        """Start a sign-in, send *decision* to Bungie's page, and open the callback."""
        answer = self.client.get(f"/auth/login{path}")
        address = answer.headers["Location"]
        form = {"decision": decision} | ({"player": player} if player else {})
        redirect = requests.post(address, data=form, allow_redirects=False, timeout=10)
        target = urlsplit(redirect.headers["Location"])
        return self.open(f"{target.path}?{target.query}")

    def _follow(self, response, path: str) -> Page:
        for _ in range(5):
            if response.status_code not in {301, 302, 303, 307, 308}:
                break
            path = urljoin(path, response.headers["Location"])
            if urlsplit(path).netloc not in {"", "127.0.0.1:5000", "localhost"}:
                break
            response = self.client.get(path)
        page = Page(response, path)
        assert not page.faults, page.faults
        return page
