"""bungie_sandbox/README.md says all there is to say, and nothing that is not so."""

import re
from pathlib import Path

import pytest

from bungie_sandbox import faults
from bungie_sandbox.errors import Code
from bungie_sandbox.http import control
from bungie_sandbox.options import Options

HERE = Path(__file__).parent
TEXT = (HERE.parents[1] / "bungie_sandbox" / "README.md").read_text()
# Sent by no rule of their own: they are there to be planned.
ONLY_PLANNED = {Code.SUCCESS, Code.UNEXPECTED, Code.RELAY_TIMEOUT, Code.THROTTLED_BY_GAME_SERVER}


@pytest.mark.parametrize("option", Options.__struct_fields__)
def test_every_option_is_told(option):
    assert f"`{option}`" in TEXT


@pytest.mark.parametrize("kind", sorted(faults.KINDS))
def test_every_fault_is_told(kind):
    assert f"`{kind}`" in TEXT


@pytest.mark.parametrize("code", sorted(set(Code) - ONLY_PLANNED))
def test_every_code_is_told(code):
    assert re.search(rf"\b{int(code)}\b", TEXT)


def test_every_player_is_told(bungie):
    for player in bungie.world.players:
        assert f"| {player.full_name} |" in TEXT


def test_every_address_of_the_control_api_is_told():
    addresses = set(re.findall(r"/sandbox/([a-z-]+)", control.__doc__))
    assert addresses
    for address in addresses:
        assert f"/{address}" in TEXT


def test_every_rule_names_a_test_that_is_there():
    tests = {path.stem.removeprefix("test_"): path.read_text() for path in HERE.glob("test_*.py")}
    hash_of_item = re.findall(r"\| (\w+)(?:: ([^|]+))? \|\n", TEXT.partition("## Rules")[2])
    rules = [(file, words) for file, words in hash_of_item if file in tests]
    assert len(rules) > 50
    for file, words in rules:
        for words_of_one in filter(None, re.split(r"[,;] | …", words)):
            wanted = words_of_one.strip()
            present = wanted in tests[file] or wanted.replace(" ", "_") in tests[file]
            assert present, f"{file}: {wanted}"
