"""The layers, and the size of modules and views."""

import ast
import subprocess
import sys
from pathlib import Path

from destiny_web.config import ROOT

MODULES = sorted(
    path
    for package in ("destiny_web", "bungie_sandbox", "soak")
    for path in (ROOT / package).rglob("*.py")
)
LARGEST_MODULE = 400
LARGEST_VIEW = 20


def test_an_arrow_only_goes_down():
    linter = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


def test_a_module_is_one_topic_of_four_hundred_lines_at_most():
    lines = {module.relative_to(ROOT): len(module.read_text().splitlines()) for module in MODULES}
    assert {module: size for module, size in lines.items() if size > LARGEST_MODULE} == {}


def test_a_view_is_short():
    views = [
        (path, node)
        for path in MODULES
        if path.name == "views.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.decorator_list
    ]
    assert len(views) > LARGEST_VIEW
    for path, node in views:
        body = node.body[1:]  # without the docstring
        assert body[-1].end_lineno - body[0].lineno < LARGEST_VIEW, (path, node.name)
