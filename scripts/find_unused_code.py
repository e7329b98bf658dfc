"""Finds code that nothing uses, with vulture. An attribute that a template reads counts as used."""

import sys
import tomllib
from pathlib import Path

from jinja2 import Environment, nodes
from vulture import Vulture

ROOT = Path(__file__).resolve().parent.parent


def attributes_in_templates() -> set[str]:
    """Return the name of each attribute that a template reads."""
    environment = Environment(autoescape=True)
    return {
        node.attr
        for template in (ROOT / "templates").rglob("*")
        if template.is_file()
        for node in environment.parse(template.read_text()).find_all(nodes.Getattr)
    }


def main() -> int:
    """Print each unused definition; return 0 if there is none."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["vulture"]
    vulture = Vulture(
        ignore_names=settings["ignore_names"], ignore_decorators=settings["ignore_decorators"]
    )
    vulture.scavenge([ROOT / path for path in settings["paths"]])
    reads = "\n".join(f"_.{name}" for name in sorted(attributes_in_templates()))
    vulture.scan(reads, filename="templates")
    return int(vulture.report())


if __name__ == "__main__":
    sys.exit(main())
