"""What a sandbox can be told at its start; ``python -m bungie_sandbox --help`` shows it."""

from typing import Final

import msgspec

API_KEY: Final = "5a4db0c5a4db0c5a4db0c5a4db0c5a4d"
CLIENT_ID: Final = "40006"
CLIENT_SECRET: Final = "sandbox-secret-of-no-worth-to-anyone"  # noqa: S105 (meant to be known)
PUBLIC_CLIENT_ID: Final = "40007"
PUBLIC_API_KEY: Final = "b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0"
REDIRECT_URI: Final = "http://127.0.0.1:5000/auth/callback"


class Options(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Every option, with what a plain test wants as default.

    Attributes:
        redirect_uri: where the application is registered to be sent back to.
        seed, vault, characters, full: the default player's belongings (furnish.Size).
        players: further players, made when they are first asked for.
        vault_capacity: what the bucket table says of the vault; 1300 when not given.
        hostile: every name in the manifest carries markup.
        oddities: the default player too owns items that no table knows.
        novelties: it owns items with enum numbers and a bucket that nobody knows.
        spacing, address_limit: refuse what comes too fast, by 36 and by 51.
        sibling_lock: how often a moved item takes the lock of a copy left behind, 0 to 1.
        servers, cache_seconds, write_lag: simulated web servers, how long each keeps a
            read, and how long a write needs to show on the server that took it.
        latency: seconds that an operation takes, ``{"GetProfile": (0.4, 2.0)}``; "*" for any.
        access_seconds, refresh_seconds, code_seconds, consent_seconds: lives of OAuth things.
        scopes: bits of the scopes that the application is registered with.
        origin: the one Origin that may call with the API key; none: servers only.
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
    """Return the options with everything on that real Bungie enforces."""
    return msgspec.structs.replace(
        options,
        spacing=True,
        address_limit=True,
        servers=3,
        cache_seconds=60.0,
    )
