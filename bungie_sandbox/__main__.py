"""``python -m bungie_sandbox``: run a local Bungie.net."""

import argparse
import signal
import sys

from bungie_sandbox.options import Options, strict
from bungie_sandbox.server import Sandbox

_STOP_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM})
_DEFAULT_PORT = 5055


def _create_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bungie_sandbox",
        description="A local Bungie.net for Destiny 2 clients: OAuth, API, manifest, images."
        " bungie_sandbox/README.md describes it.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    _add_server_options(parser.add_argument_group("server and application"))
    _add_account_options(parser.add_argument_group("players and their items"))
    _add_behavior_options(parser.add_argument_group("behavior of Bungie.net"))
    return parser


def _add_server_options(group: argparse._ArgumentGroup) -> None:
    default = Options()
    add = group.add_argument
    add("--host", default=default.host, help="address to listen on")
    add("--port", type=int, default=_DEFAULT_PORT, help="port; 0: a free one")
    add("--redirect-uri", default=default.redirect_uri, help="the registered redirect address")
    add("--api-key", default=default.api_key, help="X-API-Key of the application")
    add("--client-id", default=default.client_id, help="client id of the application")
    add("--client-secret", default=default.client_secret, help="secret of the application")
    add("--scopes", type=int, default=default.scopes, help="bits of the registered scopes")
    add("--origin", default=default.origin, help="the only accepted Origin header")
    for name, description in (
        ("access", "an access token"),
        ("refresh", "a refresh token"),
        ("code", "an authorization code"),
        ("consent", "a consent"),
    ):
        lifetime = getattr(default, f"{name}_seconds")
        add(f"--{name}-seconds", type=int, default=lifetime, help=f"lifetime of {description}")


def _add_account_options(group: argparse._ArgumentGroup) -> None:
    default = Options()
    add = group.add_argument
    add("--seed", type=int, default=default.seed, help="determines the items")
    add("--vault", type=int, default=default.vault, help="items in the default player's vault")
    add("--vault-capacity", type=int, default=default.vault_capacity, help="1300 if not given")
    add(
        "--characters",
        type=int,
        choices=range(4),
        default=default.characters,
        help="characters of the default player",
    )
    add("--full", action="store_true", help="fill every bucket of the characters")
    add("--players", type=int, default=default.players, metavar="N", help="additional players")
    add("--hostile", action="store_true", help="markup in every name of the manifest")
    add("--oddities", action="store_true", help="items without a definition, classified items")
    add("--novelties", action="store_true", help="unknown enum numbers, an unknown bucket")


def _add_behavior_options(group: argparse._ArgumentGroup) -> None:
    default = Options()
    add = group.add_argument
    add("--spacing", action="store_true", help="refuse actions that come too fast with 36")
    add("--address-limit", action="store_true", help="refuse too many requests with 51")
    add(
        "--sibling-lock",
        type=float,
        default=default.sibling_lock,
        metavar="P",
        help="probability that a moved item takes over the lock of another copy, 0 to 1",
    )
    add("--servers", type=int, default=default.servers, help="simulated web servers")
    add(
        "--cache-seconds",
        type=float,
        default=default.cache_seconds,
        help="how long a server caches a read",
    )
    add(
        "--write-lag",
        type=float,
        default=default.write_lag,
        metavar="SECONDS",
        help="how long a write stays invisible",
    )
    add(
        "--latency",
        type=_parse_latency,
        action="append",
        default=[],
        metavar="OPERATION=MIN:MAX",
        help="seconds that an operation takes; * for every operation; may be repeated",
    )
    add(
        "--strict",
        action="store_true",
        help="every limit of Bungie: spacing, address limit, three servers that cache reads",
    )


def _parse_latency(text: str) -> tuple[str, tuple[float, float]]:
    """Parse ``OPERATION=MIN:MAX``."""
    operation, _, seconds = text.rpartition("=")
    shortest, _, longest = seconds.partition(":")
    if not operation:
        raise ValueError(text)
    return operation, (float(shortest), float(longest))


def parse(arguments: list[str] | None = None) -> Options:
    """Return the options on the command line; a wrong one ends the program with a message."""
    values = vars(_create_parser().parse_args(arguments))
    is_strict = values.pop("strict")
    options = Options(**{**values, "latency": dict(values["latency"])})
    return strict(options) if is_strict else options


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; return the exit status."""
    options = parse(arguments)
    # The signals are blocked and waited for: a handler may interrupt itself, and Ctrl-C sends
    # two signals. The threads of the server, started later, do not receive them either.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    try:
        sandbox = Sandbox(options)
    except OSError as error:
        sys.stderr.write(f"Cannot listen on {options.host}:{options.port}: {error.strerror}\n")
        return 1
    sys.stdout.write(
        f"Sandbox: a local Bungie.net at {sandbox.root}\n"
        f"  BUNGIE_ROOT={sandbox.root}\n"
        f"  BUNGIE_API_KEY={sandbox.api_key}\n"
        f"  BUNGIE_CLIENT_ID={sandbox.client_id}\n"
        f"  BUNGIE_CLIENT_SECRET={sandbox.client_secret}\n"
        f"  registered redirect address: {sandbox.redirect_uri}\n"
        f"  consent page: {sandbox.root}/en/OAuth/Authorize\n"
        f"  token endpoint: {sandbox.root}/Platform/App/OAuth/token/\n"
        f"  control page: {sandbox.root}/sandbox/\n"
    )
    sys.stdout.flush()
    signal.sigwait(_STOP_SIGNALS)
    sandbox.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
