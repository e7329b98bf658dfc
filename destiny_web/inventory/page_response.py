"""Answers with the inventory page: as a whole, or for a script only what has changed."""

from hashlib import sha256
from typing import Any

from flask import get_flashed_messages, make_response, render_template, request
from flask.typing import ResponseReturnValue

from destiny_web.web import parts


def respond_with_page(context: dict[str, Any]) -> ResponseReturnValue:
    """Render the page and answer with it.

    A script that sends the digests of the parts that it shows gets the other parts. A request
    with the entity tag of the page (``If-None-Match``) gets 304 while nothing has changed; a
    message for the player counts as a change, so that none is lost.

    Args:
        context: The template variables, as ``loader.page_context`` returns them.
    """
    page = render_template("inventory/index.html", **context)
    entity_tag = sha256(parts.join_digests().encode()).hexdigest()[:32]
    if parts.wants_changes():
        page = render_template("inventory/changes.html", parts=parts.select_changed(), **context)
    response = make_response(page)
    response.set_etag(entity_tag, weak=True)
    if not get_flashed_messages():
        response.make_conditional(request)
    return response
