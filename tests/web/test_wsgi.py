"""Starting the program, as an operator does."""

import os
import subprocess
import sys

import pytest

from destiny_web.config import ROOT


def run(*command, **env):
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=clean | env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "command",
    [
        ("gunicorn", "wsgi:app"),
        ("flask", "--app", "wsgi", "routes"),
        ("flask", "--app", "wsgi", "manifest", "status"),
    ],
)
def test_wrong_settings_end_the_start_with_all_faults_and_no_traceback(command):
    ended = run(*command, PUBLIC_URL="http://vault.example.org", LOG_FORMAT="xml")
    said = ended.stdout + ended.stderr
    assert ended.returncode != 0
    for name in ("BUNGIE_API_KEY", "SECRET_KEY", "PUBLIC_URL", "LOG_FORMAT"):
        assert name in said
    assert "Traceback" not in said


def test_importing_the_ground_does_not_load_flask():
    modules = "destiny_web.domain.moves.planner, destiny_web.services.moves.service"
    code = f"import {modules}, sys; sys.exit('flask' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
