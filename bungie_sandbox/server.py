"""A sandbox in a thread, with the handles that tests need.

::

    with running(vault=100) as bungie:
        tokens = bungie.sign_in()
        requests.get(bungie.root + "/Platform/...")
        assert bungie.holder_of("6917529...") == "vault"
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bungie_sandbox.bungie import Bungie
from bungie_sandbox.clock import Clock
from bungie_sandbox.faults import Fault
from bungie_sandbox.http.application import Application
from bungie_sandbox.http.wire import Server
from bungie_sandbox.journal import Entry
from bungie_sandbox.options import Options
from bungie_sandbox.world.belongings import Item, Profile
from bungie_sandbox.world.players import Player, Sort
from bungie_sandbox.world.world import World


class Sandbox:
    """A running sandbox, seen from the outside.

    Attributes:
        bungie: the state behind it, for what has no handle of its own here.
    """

    def __init__(self, options: Options) -> None:
        self.bungie = Bungie(options)
        self._server = Server(options.host, options.port, Application(self.bungie))
        self._server.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.close()

    @property
    def root(self) -> str:
        """The address, without a slash at its end."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    @property
    def api_key(self) -> str:
        """The API key of the application that the sandbox is for."""
        return self.bungie.options.api_key

    @property
    def client_id(self) -> str:
        """Its client id: digits."""
        return self.bungie.options.client_id

    @property
    def client_secret(self) -> str:
        """Its client secret."""
        return self.bungie.options.client_secret

    @property
    def redirect_uri(self) -> str:
        """Where it is registered to be sent back to; may be set at any time."""
        return self.bungie.oauth.main_app.redirect_uri

    @redirect_uri.setter
    def redirect_uri(self, address: str) -> None:
        self.bungie.configure({"redirect_uri": address})

    @property
    def world(self) -> World:
        """The players and what is theirs."""
        return self.bungie.world

    @property
    def clock(self) -> Clock:
        """The sandbox's time."""
        return self.bungie.clock

    @property
    def requests(self) -> list[Entry]:
        """What came in, oldest first."""
        return list(self.bungie.journal.entries)

    def refuse_next(self, operation: str, code: int, times: int = 1) -> None:
        """Answer the next calls of an operation with an ErrorCode; nothing is done."""
        self.bungie.faults.plan(
            Fault(operation=operation, kind="refuse", code=int(code), times=times)
        )

    def fail_next(
        self, operation: str, kind: str, times: int = 1, *, seconds: float = 0.0, skip: int = 0
    ) -> None:
        """Let the next calls of an operation fail; the kinds are in ``faults.py``."""
        self.bungie.faults.plan(
            Fault(operation=operation, kind=kind, times=times, seconds=seconds, skip=skip)
        )

    def configure(self, **changes: Any) -> None:
        """Change options while running, see ``options.Options``."""
        self.bungie.configure(changes)

    def player(self, name: str | None = None) -> Player:
        """Return a player by name or id; the default one without."""
        return self.world.player(name)

    def profile(self, player: str | None = None) -> Profile:
        """Return what a player owns on the membership that is played.

        Raises:
            LookupError: this player has no Destiny account.
        """
        main = self.world.player(player).main.profile
        if main is None:
            raise LookupError(player)
        return main

    def add_player(self, **sort: Any) -> Player:
        """Add a player; the arguments are those of ``players.Sort``."""
        return self.world.add_player(Sort(**sort))

    def holder_of(self, instance_id: str) -> str | None:
        """Return the character that holds an instance, ``"vault"``, or ``None``: nowhere."""
        return self.world.holder_of(instance_id)

    def item(self, instance_id: str) -> Item:
        """Return the state of an instance.

        Raises:
            LookupError: there is no such instance.
        """
        found = self.world.find(instance_id)
        if found is None:
            raise LookupError(instance_id)
        return found

    def sign_in(self, player: str | None = None) -> dict[str, Any]:
        """Return a token answer for a player, as if all pages had been walked through."""
        chosen = self.world.player(player)
        return self.bungie.oauth.mint(self.bungie.oauth.main_app, chosen.bungie_id)

    def reset(self) -> None:
        """Start anew: as it was started, at the same addresses and with the same credentials."""
        self.bungie.reset()


@contextmanager
def running(**options: Any) -> Iterator[Sandbox]:
    """Run a sandbox on a free loopback port for as long as the block lasts.

    Args:
        options: any of ``options.Options``.
    """
    sandbox = Sandbox(Options(**options))
    try:
        yield sandbox
    finally:
        sandbox.close()
