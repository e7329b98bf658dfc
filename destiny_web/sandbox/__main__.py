"""``python -m destiny_web.sandbox``: tells the new name of the sandbox, until release 0.3."""

import sys

sys.exit("The sandbox has a package of its own now: python -m bungie_sandbox")
