"""An unknown exception reaches Werkzeug's debugger while a developer works on the site."""

import logging
import subprocess
import sys

import pytest

from destiny_web.bungie.errors import Maintenance
from destiny_web.config import ROOT
from destiny_web.storage.store import Unavailable
from tests.serving import answers, end_group, environment, free_port

BROKEN_SITE = """
from destiny_web.app import create_app

app = create_app()
app.before_request_funcs[None] = []  # no sign-in is needed


@app.get("/broken")
def broken():
    raise RuntimeError("this is a defect")
"""


def open_failing_page(app, error):
    """Open a page whose view raises *error*; return the response."""

    def fail():
        raise error

    app.add_url_rule("/failing", "failing", fail)
    app.before_request_funcs[None] = []  # no sign-in is needed
    return app.test_client().get("/failing")


@pytest.mark.parametrize(
    ("debug", "testing", "configured"),
    [(True, False, None), (False, True, None), (False, False, True)],
)
def test_an_unknown_exception_leaves_the_application(app, debug, testing, configured):
    app.debug, app.testing = debug, testing
    app.config["PROPAGATE_EXCEPTIONS"] = configured
    with pytest.raises(RuntimeError, match="this is a defect"):
        open_failing_page(app, RuntimeError("this is a defect"))


@pytest.mark.parametrize(
    ("debug", "testing", "configured"),
    [(False, False, None), (True, False, False), (False, True, False)],
)
def test_an_unknown_exception_is_a_page_without_the_debugger(
    app, debug, testing, configured, caplog
):
    caplog.set_level(logging.CRITICAL, "destiny_web")
    app.debug, app.testing = debug, testing
    app.config["PROPAGATE_EXCEPTIONS"] = configured
    response = open_failing_page(app, RuntimeError("this is a defect"))
    assert response.status_code == 500
    assert b"defect" not in response.data


@pytest.mark.parametrize(
    ("error", "status"), [(Maintenance(), 503), (Unavailable("the store is gone"), 503)]
)
def test_known_failures_have_their_page_while_debugging(app, error, status, caplog):
    caplog.set_level(logging.CRITICAL, "destiny_web")
    app.debug = True
    response = open_failing_page(app, error)
    assert response.status_code == status
    assert b"<h1" in response.data


@pytest.mark.parametrize("debug", [False, True])
def test_a_session_that_cannot_be_opened_is_a_page(app, folder, debug, caplog):
    caplog.set_level(logging.CRITICAL, "destiny_web")
    app.debug = debug
    app.extensions["destiny_web"].store.close()
    (folder / "store.sqlite").unlink(missing_ok=True)
    (folder / "store.sqlite").mkdir()
    client = app.test_client()
    client.set_cookie("session", "a" * 43)
    response = client.get("/")
    assert response.status_code == 503
    assert b"<h1" in response.data


def test_flask_run_with_debug_shows_the_debugger(bungie, folder, tmp_path):
    port = free_port()
    module = tmp_path / "broken_site.py"
    module.write_text(BROKEN_SITE)
    command = ["flask", "--app", str(module), "run", "--debug", "--no-reload", "--port", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment(bungie, folder, port, PYTHONPATH=str(ROOT)),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        response = answers(f"http://127.0.0.1:{port}/broken")
    finally:
        end_group(process)
    assert response.status_code == 500
    assert "RuntimeError: this is a defect" in response.text
    assert "Werkzeug Debugger" in response.text
