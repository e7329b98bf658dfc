"""Pages rendered from made-up view models: no Bungie, no network."""

import logging

import pytest
from flask import g, render_template

from destiny_web.app import create_app
from destiny_web.auth.user import Player
from destiny_web.config import Settings
from tests.builders import MEMBERSHIP
from tests.serving import KEY
from tests.templates.sound import Sound


@pytest.fixture
def render(tmp_path):
    """Render a template as a player sees it, and check what holds for every page."""
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

    def made(template, *, player=MEMBERSHIP, **words):
        with application.test_request_context("/"):
            if player:
                g._login_user = Player("1", player)  # noqa: SLF001 (as Flask-Login keeps it)
            return Sound(render_template(template, **words))

    yield made
    application.extensions["destiny_web"].store.close()
    logging.getLogger("destiny_web").handlers.clear()
