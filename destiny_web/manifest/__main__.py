"""Runs one update in a process of its own, so that its memory is freed at its end.

Reads ``{"root", "api_key", "user_agent", "folder", "locale"}``, a JSON object of texts, from
standard input, because other users can read a command line and so the key. Exits with 0 when the
manifest is up to date, or with 1 and one line on standard error.
"""

import sys
from pathlib import Path

import msgspec

from destiny_web.bungie.errors import BungieError
from destiny_web.manifest.errors import ManifestError
from destiny_web.manifest.update import update


class _UpdateRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    root: str
    api_key: str
    user_agent: str
    folder: str
    locale: str = "en"


def main() -> int:
    """Run one update; return the exit code."""
    try:
        request = msgspec.json.decode(sys.stdin.buffer.read(), type=_UpdateRequest)
        update(
            root=request.root,
            api_key=request.api_key,
            user_agent=request.user_agent,
            folder=Path(request.folder),
            locale=request.locale,
        )
    except BungieError as error:
        return _report_failure(f"{error} ({type(error).__name__}: {error.message})")
    except (ManifestError, msgspec.MsgspecError, ValueError) as error:
        return _report_failure(f"{type(error).__name__}: {error}")
    return 0


def _report_failure(reason: str) -> int:
    line = " ".join(reason.split())
    sys.stderr.write(f"The manifest was not updated: {line}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
