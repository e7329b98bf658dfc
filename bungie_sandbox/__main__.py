"""``python -m bungie_sandbox``: the local Bungie.net by itself."""

import argparse
import signal
import sys

from bungie_sandbox import options as defaults
from bungie_sandbox.options import Options, strict
from bungie_sandbox.server import Sandbox

_ENDINGS = frozenset({signal.SIGINT, signal.SIGTERM})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bungie_sandbox",
        description="A local Bungie.net for Destiny 2 clients: OAuth, API, manifest, images."
        " bungie_sandbox/README.md tells the rest.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on")
    add("--port", type=int, default=5055, help="port; 0 takes a free one")
    add(
        "--redirect-uri",
        default=defaults.REDIRECT_URI,
        help="where the application is sent back to",
    )
    add("--api-key", default=defaults.API_KEY, help="X-API-Key of the application")
    add("--client-id", default=defaults.CLIENT_ID, help="its client id")
    add("--client-secret", default=defaults.CLIENT_SECRET, help="its client secret")
    add("--seed", type=int, default=6, help="another seed, other belongings")
    add("--vault", type=int, default=700, help="items in the default player's vault")
    add("--vault-capacity", type=int, default=None, help="what the manifest says of the vault")
    add("--characters", type=int, choices=range(4), default=3, help="characters of that player")
    add("--full", action="store_true", help="fill every bag to the last place")
    add("--players", type=int, default=0, metavar="N", help="so many more players like it")
    add("--hostile", action="store_true", help="markup in every name of the manifest")
    add("--oddities", action="store_true", help="items that no table knows, classified ones")
    add("--novelties", action="store_true", help="enum numbers that nobody knows yet")
    add(
        "--strict",
        action="store_true",
        help="all that Bungie enforces: spacing, address limit, three servers with old reads",
    )
    return parser  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM, then stop without a word."""
    given = vars(_parser().parse_args(arguments))
    enforce = given.pop("strict")
    chosen = Options(**given)
    # Waited for, not handled: a handler may interrupt itself, and Ctrl-C sends two signals.
    # The threads of the server, started later, do not get them either.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)
    try:
        sandbox = Sandbox(strict(chosen) if enforce else chosen)
    except OSError as error:
        sys.stderr.write(f"Cannot listen on {chosen.host}:{chosen.port}: {error.strerror}\n")
        return 1
    sys.stdout.write(
        f"Sandbox: a Bungie.net of your own at {sandbox.root}\n"
        f"  BUNGIE_ROOT={sandbox.root}\n"
        f"  BUNGIE_API_KEY={sandbox.api_key}\n"
        f"  BUNGIE_CLIENT_ID={sandbox.client_id}\n"
        f"  BUNGIE_CLIENT_SECRET={sandbox.client_secret}\n"
        f"  sends players back to {sandbox.redirect_uri}\n"
        f"  control page: {sandbox.root}/sandbox/\n"
    )
    sys.stdout.flush()
    signal.sigwait(_ENDINGS)
    sandbox.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
