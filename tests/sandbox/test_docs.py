"""bungie_sandbox/README.md describes all of the sandbox, and agrees with the code."""

import re
from pathlib import Path

import pytest

from bungie_sandbox import faults
from bungie_sandbox.errors import Code
from bungie_sandbox.http import control
from bungie_sandbox.options import Options
from bungie_sandbox.server import Sandbox

TESTS = Path(__file__).parent
ROOT = TESTS.parents[1]
TEXT = (ROOT / "bungie_sandbox" / "README.md").read_text("utf-8")
# No rule has these codes: tests plan them.
ONLY_PLANNED = {Code.SUCCESS, Code.UNEXPECTED, Code.RELAY_TIMEOUT, Code.THROTTLED_BY_GAME_SERVER}


@pytest.mark.parametrize("option", Options.__struct_fields__)
def test_every_option_is_documented(option):
    assert f"`{option}`" in TEXT


@pytest.mark.parametrize("kind", sorted(faults.KINDS))
def test_every_fault_is_documented(kind):
    assert f"`{kind}`" in TEXT


@pytest.mark.parametrize("code", sorted(set(Code) - ONLY_PLANNED))
def test_every_code_is_documented(code):
    assert re.search(rf"\b{int(code)}\b", TEXT)


def test_every_player_is_documented(bungie):
    for player in bungie.world.players:
        assert f"| {player.full_name} |" in TEXT


def test_every_address_of_the_control_api_is_documented():
    addresses = set(re.findall(r"/sandbox/([a-z-]+)", control.__doc__))
    assert addresses
    for address in addresses:
        assert f"/{address}" in TEXT


def test_every_path_is_true():
    paths = set(re.findall(r"`((?:bungie_sandbox|tests)/[\w./-]+)`", TEXT))
    assert len(paths) >= 7
    for path in paths:
        assert (ROOT / path).exists(), path


def test_every_method_of_the_table_exists():
    table = TEXT.partition("| method or property of `Sandbox` |")[2].partition("\n\n")[0]
    first_cells = " ".join(row.split("|")[1] for row in table.splitlines()[2:])
    names = set(re.findall(r"`(\w+)", first_cells))
    assert len(names) > 15
    for name in names - {"bungie"}:
        assert hasattr(Sandbox, name), name


def test_every_rule_names_a_test():
    tests = {path.stem.removeprefix("test_"): path.read_text() for path in TESTS.glob("test_*.py")}
    cells = re.findall(r"\| (\w+): ([^|]+) \|\n", TEXT.partition("## Rules")[2])
    rules = [(file, words) for file, words in cells if file in tests]
    assert len(rules) > 50
    for file, words in rules:
        for test in words.split(","):
            name = test.strip()
            is_named = name in tests[file] or name.replace(" ", "_") in tests[file]
            assert is_named, f"{file}: {name}"
