"""One update in a process of its own: what it needs of memory goes with it.

Reads ``{"root", "api_key", "user_agent", "folder", "locale"}``, a JSON object of texts, from
standard input, so that the key is not on the command line for all to see. Ends with 0 when the
manifest is up to date, or with 1 and one line on standard error.
"""

import sys
from pathlib import Path

import msgspec

from destiny_web.bungie.errors import BungieError
from destiny_web.manifest.errors import ManifestError
from destiny_web.manifest.update import update


class _Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    root: str
    api_key: str
    user_agent: str
    folder: str
    locale: str = "en"


def main() -> int:
    """Run one update; return the exit code."""
    try:
        wanted = msgspec.json.decode(sys.stdin.buffer.read(), type=_Wanted)
        update(
            root=wanted.root,
            api_key=wanted.api_key,
            user_agent=wanted.user_agent,
            folder=Path(wanted.folder),
            locale=wanted.locale,
        )
    except BungieError as error:
        return _failed(f"{error} ({type(error).__name__}: {error.message})")
    except (ManifestError, msgspec.MsgspecError, ValueError) as error:
        return _failed(f"{type(error).__name__}: {error}")
    return 0


def _failed(reason: str) -> int:
    line = " ".join(reason.split())
    sys.stderr.write(f"The manifest was not updated: {line}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
