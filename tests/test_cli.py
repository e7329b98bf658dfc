"""Commands for operators, in a process of their own."""

import subprocess
import sys

from destiny_web.config import ROOT
from tests.serving import environment


def flask(bungie, folder, *command):
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT,
        env=environment(bungie, folder, 5000),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_manifest_is_downloaded_once_and_its_state_is_shown(bungie, tmp_path):
    none = flask(bungie, tmp_path, "manifest", "status")
    assert none.returncode == 1
    assert "no manifest yet" in none.stderr
    first = flask(bungie, tmp_path, "manifest", "update")
    assert first.returncode == 0, first.stderr
    assert "InventoryItem" in first.stdout
    assert "in place" in first.stdout
    assert "already here" in flask(bungie, tmp_path, "manifest", "update").stdout
    shown = flask(bungie, tmp_path, "manifest", "status").stdout
    assert "version" in shown
    assert "MB" in shown


def test_a_failed_update_says_why_and_leaves_what_is_there(bungie, folder):
    before = next(folder.glob("manifest-*.sqlite3")).read_bytes()
    bungie.fail_next("GetDestinyManifest", "maintenance")
    ended = flask(bungie, folder, "manifest", "update")
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "untouched" in ended.stderr
    assert next(folder.glob("manifest-*.sqlite3")).read_bytes() == before


def test_purging_says_how_much_it_dropped(bungie, folder):
    assert "0 expired records dropped" in flask(bungie, folder, "sessions", "purge").stdout
