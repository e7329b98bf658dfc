"""The facts equal those of the full official description, if the description is available."""

import json
import sys
from pathlib import Path

from scripts.distil_bungie_api import distil
from tests.contract.official import facts

# Beside a developer's checkout, not in it.
DESCRIPTION = Path(__file__).parents[3] / "shared" / "data" / "bungie-openapi-subset.json"


def test_the_facts_are_those_of_the_official_description(capfd):
    is_available = DESCRIPTION.exists()
    # pytest and xdist suppress the output of a passing test, so capturing is disabled here.
    with capfd.disabled():
        state = (
            "compared with the full description" if is_available else "without the full description"
        )
        sys.stderr.write(f"\nContract: facts of Bungie's API {facts()['version']}, {state}\n")
    if is_available:
        assert distil(json.loads(DESCRIPTION.read_text(encoding="utf-8"))) == facts()
    assert len(facts()["operations"]) >= 26


def test_a_field_that_is_required_is_missed_and_a_new_one_is_found():
    facts_of_a_card = {
        "info": {"version": "1"},
        "paths": {},
        "components": {
            "schemas": {
                "Card": {
                    "type": "object",
                    "properties": {"id": {"type": "integer", "format": "int64"}},
                    "required": ["id"],
                }
            }
        },
    }
    card = distil(facts_of_a_card)["types"]["Card"]
    assert card == {"fields": {"id": "int64"}, "required": ["id"]}
