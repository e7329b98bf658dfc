"""``python -m soak``: see ``docs/reliability.md``."""

import sys

from soak.options import parse
from soak.run import run

if __name__ == "__main__":
    sys.exit(run(parse()))
