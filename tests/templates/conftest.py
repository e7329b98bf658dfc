"""Pages rendered from view models that the tests build: no Bungie, no network."""

import logging

import pytest
from flask import flash, g, render_template

from destiny_web.app import create_app
from destiny_web.auth.user import Player
from destiny_web.config import Settings
from tests.builders import MEMBERSHIP
from tests.serving import KEY
from tests.templates.checked_page import CheckedPage


@pytest.fixture
def flashed():
    """The messages that the next page shows: pairs of category and text."""
    return []


@pytest.fixture
def render(tmp_path, flashed):
    """Return a function that renders a template for a player and checks the page."""
    application = create_app(
        Settings(
            bungie_api_key="key",
            bungie_client_id="id",
            bungie_client_secret="secret",
            secret_keys=(KEY,),
            bungie_root="http://127.0.0.1:5055",
            data_dir=tmp_path,
        )
    )

    def render_page(template, *, player=MEMBERSHIP, **context):
        with application.test_request_context("/"):
            if player:
                g._login_user = Player("1", player)  # noqa: SLF001 (as Flask-Login keeps it)
            for category, message in flashed:
                flash(message, category)
            return CheckedPage(render_template(template, **context))

    yield render_page
    application.extensions["destiny_web"].store.close()
    logging.getLogger("destiny_web").handlers.clear()
