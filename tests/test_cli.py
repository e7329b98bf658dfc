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
    missing = flask(bungie, tmp_path, "manifest", "status")
    assert missing.returncode == 1
    assert "no manifest yet" in missing.stderr
    first_update = flask(bungie, tmp_path, "manifest", "update")
    assert first_update.returncode == 0, first_update.stderr
    assert "InventoryItem" in first_update.stdout
    assert "in place" in first_update.stdout
    assert "already here" in flask(bungie, tmp_path, "manifest", "update").stdout
    status = flask(bungie, tmp_path, "manifest", "status").stdout
    assert "version" in status
    assert "MB" in status


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
