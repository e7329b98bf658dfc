"""The import contracts, and the size of modules and views."""

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


def test_no_layer_imports_a_higher_layer():
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_a_module_has_at_most_four_hundred_lines():
    sizes = {module.relative_to(ROOT): len(module.read_text().splitlines()) for module in MODULES}
    assert {module: size for module, size in sizes.items() if size > LARGEST_MODULE} == {}


def test_a_view_is_short():
    views = [
        (module, node)
        for module in MODULES
        if module.name == "views.py"
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.FunctionDef) and node.decorator_list
    ]
    assert len(views) > LARGEST_VIEW
    for module, node in views:
        body = node.body[1:]  # without the docstring
        last_line = body[-1].end_lineno or 0
        assert last_line - body[0].lineno < LARGEST_VIEW, (module, node.name)
