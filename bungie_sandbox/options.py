"""The options of a sandbox; ``python -m bungie_sandbox --help`` lists them."""

from typing import Final

import msgspec

API_KEY: Final = "5a4db0c5a4db0c5a4db0c5a4db0c5a4d"
CLIENT_ID: Final = "40006"
CLIENT_SECRET: Final = "sandbox-secret-of-no-worth-to-anyone"  # noqa: S105 (meant to be known)
PUBLIC_CLIENT_ID: Final = "40007"
PUBLIC_API_KEY: Final = "b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0"
REDIRECT_URI: Final = "http://127.0.0.1:5000/auth/callback"


class Options(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Every option, with the defaults for a simple test.

    Attributes:
        redirect_uri: the registered redirect address of the application.
        seed, vault, characters, full: size of the default player's account (``generate.Size``).
        players: number of further players; their items are generated at the first request.
        vault_capacity: capacity of the vault; the manifest's 1300 when it is ``None``.
        hostile: every name in the manifest contains markup.
        oddities: the default player also owns items without a definition.
        novelties: the default player also owns items with unknown enum numbers and an
            unknown bucket.
        spacing, address_limit: refuse requests that come too fast, with 36 and with 51.
        sibling_lock: probability that a moved item takes over the lock of a copy that stays
            at the source, 0 to 1.
        servers, cache_seconds, write_lag: number of simulated web servers, seconds for which
            each caches a read, and seconds until a write is visible on the server that
            received it.
        latency: minimum and maximum seconds of an operation, ``{"GetProfile": (0.4, 2.0)}``;
            ``"*"`` is for every other operation.
        access_seconds, refresh_seconds, code_seconds, consent_seconds: lifetimes of access
            tokens, refresh tokens, authorization codes and consents.
        scopes: bits of the scopes that the application is registered with.
        origin: the one Origin header that is accepted with the API key; ``""``: none is.
    """

    host: str = "127.0.0.1"
    port: int = 0
    redirect_uri: str = REDIRECT_URI
    api_key: str = API_KEY
    client_id: str = CLIENT_ID
    client_secret: str = CLIENT_SECRET
    seed: int = 6
    vault: int = 700
    characters: int = 3
    full: bool = False
    players: int = 0
    vault_capacity: int | None = None
    hostile: bool = False
    oddities: bool = False
    novelties: bool = False
    spacing: bool = False
    address_limit: bool = False
    sibling_lock: float = 0.0
    servers: int = 1
    cache_seconds: float = 0.0
    write_lag: float = 0.0
    latency: dict[str, tuple[float, float]] = {}
    access_seconds: int = 3600
    refresh_seconds: int = 7_776_000
    code_seconds: int = 300
    consent_seconds: int = 31_536_000
    scopes: int = 1 | 32 | 64
    origin: str = ""


def strict(options: Options) -> Options:
    """Return the options with every limit of the real Bungie.net switched on."""
    return msgspec.structs.replace(
        options,
        spacing=True,
        address_limit=True,
        servers=3,
        cache_seconds=60.0,
    )
