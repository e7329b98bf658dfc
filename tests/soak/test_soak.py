"""A short run of the soak test in a process of its own."""

import subprocess
import sys

import pytest

from destiny_web.config import ROOT
from soak.options import Options

SHORT = Options(minutes=2, seed=6, clock_steps=True, lag=20)


@pytest.mark.xdist_group("soak")
def test_two_minutes_of_random_players_and_faults_break_no_rule():
    run = subprocess.run(
        [sys.executable, *SHORT.command.split()[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "violations               0" in run.stdout
