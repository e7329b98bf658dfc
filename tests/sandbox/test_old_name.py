"""The former command of the sandbox names the new one."""

import subprocess
import sys

from destiny_web.config import ROOT


def test_the_old_command_tells_the_new_one():
    command = [sys.executable, "-m", "destiny_web.sandbox", "--help"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "python -m bungie_sandbox" in ended.stderr
