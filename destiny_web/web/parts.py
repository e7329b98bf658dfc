"""Parts of a page: a script gets only those that differ from what it shows.

A template wraps each part in ``{% call part("id") %}``. The part becomes an element with an id and
the digest of its content. A script sends the digests that it has, in the header ``X-Parts``, and
the answer contains the parts with other digests. The content of a part inside another part does
not count for the outer digest: when one tile has moved, only the innermost parts differ.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from zlib import crc32

from flask import Flask, g, request
from markupsafe import Markup, escape

HEADER = "X-Parts"

_AGE_PART = "freshness"
"""The part with the age of the data, which differs on every page."""

# Each page has tokens of its own: they do not make a part differ.
_TOKEN = re.compile(r'(?:csrf_token|idempotency_key)" value="[^"]*"')


@dataclass(slots=True)
class _Part:
    part_id: str
    digest: str = ""
    html: Markup = field(default_factory=Markup)
    inner_parts: list["_Part"] = field(default_factory=list)

    def select_changed(self, known_digests: frozenset[str]) -> Iterator[Markup]:
        if self.digest not in known_digests:
            yield self.html
            return
        for part in self.inner_parts:
            yield from part.select_changed(known_digests)

    def list_digests(self) -> Iterator[str]:
        yield self.digest
        for part in self.inner_parts:
            yield from part.list_digests()


def init_app(app: Flask) -> None:
    """Give the templates the function ``part``, and drop the parts after each request."""
    app.jinja_env.globals["part"] = part
    app.teardown_request(_drop_parts)


def part(part_id: str, tag: str = "div", *, caller: Callable[[], str], **attributes: str) -> Markup:
    """Render a part of the page, as ``{% call %}`` asks for it.

    Args:
        part_id: HTML id of the part's element.
        tag: Tag of the element.
        caller: Renders the content.
        attributes: Further attributes; ``class_`` stands for ``class``, ``aria_label`` for
            ``aria-label``.
    """
    new_part = _Part(part_id)
    stack = _stack()
    stack.append(new_part)
    try:
        content = caller()
    finally:
        stack.pop()
    new_part.digest = _digest(new_part, content)
    text = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for name, value in attributes.items()
    )
    new_part.html = Markup(  # noqa: S704 (the content is rendered, the rest is escaped or ours)
        f'<{tag} id="{escape(part_id)}" data-part="{new_part.digest}"{text}>{content}</{tag}>'
    )
    stack[-1].inner_parts.append(new_part)
    return new_part.html


def wants_changes() -> bool:
    """Whether the request of a script asks only for the parts that have changed."""
    return HEADER in request.headers


def select_changed() -> list[Markup]:
    """Return the parts of the rendered page that the script does not have, outermost ones only."""
    known_digests = frozenset(request.headers.get(HEADER, "").split(","))
    (page,) = _stack()
    return [html for part in page.inner_parts for html in part.select_changed(known_digests)]


def join_digests() -> str:
    """Return the digests of all parts of the rendered page, the age of the data left out."""
    (page,) = _stack()
    return " ".join(
        digest
        for outer_part in page.inner_parts
        if outer_part.part_id != _AGE_PART
        for digest in outer_part.list_digests()
    )


def _drop_parts(_error: BaseException | None) -> None:
    """Drop the parts of the answered page.

    The template's context, which refers to itself, refers to them. Without this, some megabytes of
    HTML would wait for the garbage collector, which runs once in many pages.
    """
    g.pop("parts", None)


def _stack() -> list[_Part]:
    """Return the parts around the present position in the template; the page is the first."""
    if "parts" not in g:
        g.parts = [_Part("page")]
    stack: list[_Part] = g.parts
    return stack


def _digest(new_part: _Part, content: str) -> str:
    """Return the digest of a part's content, with only the ids of the parts inside it."""
    skeleton = [new_part.part_id]
    position = 0
    for inner_part in new_part.inner_parts:  # they are in the order of the page
        start = content.find(inner_part.html, position)
        skeleton += (content[position:start], inner_part.part_id)
        position = start + len(inner_part.html)
    skeleton.append(content[position:])
    text = " ".join(skeleton)
    if "csrf_token" in text:
        text = _TOKEN.sub("", text)
    return f"{crc32(text.encode()):08x}"
