"""The house keeps its shape."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from destiny_web.config import ROOT

MODULES = sorted((ROOT / "destiny_web").rglob("*.py"))


def test_an_arrow_only_goes_down():
    linter = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_stays_under_three_hundred_lines(module):
    assert len(module.read_text().splitlines()) < 300


@pytest.mark.parametrize(
    "views",
    [path for path in MODULES if path.name == "views.py"],
    ids=lambda path: path.parent.name,
)
def test_a_view_is_short(views):
    for node in ast.walk(ast.parse(views.read_text())):
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            body = node.body[1:]  # without the docstring
            assert body[-1].end_lineno - body[0].lineno < 20, node.name
