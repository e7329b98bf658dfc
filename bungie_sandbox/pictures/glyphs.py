"""Glyphs by item type: SVG paths in a box of 24 by 24, with fill rule even-odd."""

import json
from functools import cache
from importlib.resources import files


@cache
def glyphs() -> dict[str, str]:
    """Return every glyph by name; the muzzle of a weapon is on the right."""
    paths: dict[str, str] = json.loads(
        files("bungie_sandbox.pictures").joinpath("glyphs.json").read_text("utf-8")
    )
    return paths
