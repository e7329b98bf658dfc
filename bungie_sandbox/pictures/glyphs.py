"""Silhouettes by kind of thing: SVG paths in a box of 24 by 24, filled even-odd."""

import json
from functools import cache
from importlib.resources import files


@cache
def glyphs() -> dict[str, str]:
    """Return every silhouette by its name; weapons have their muzzle to the right."""
    read: dict[str, str] = json.loads(
        files("bungie_sandbox.pictures").joinpath("glyphs.json").read_text("utf-8")
    )
    return read
