"""Run a sandbox in a thread, with the methods that tests need.

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
from bungie_sandbox.http.wsgi_server import Server
from bungie_sandbox.journal import Entry
from bungie_sandbox.options import Options
from bungie_sandbox.world.belongings import Item, Profile
from bungie_sandbox.world.players import Player, PlayerSpec
from bungie_sandbox.world.world import World


class Sandbox:
    """A running sandbox.

    Attributes:
        bungie: the state of the sandbox, for everything that has no method here.
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
        """The address of the sandbox, without a slash at the end."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    @property
    def api_key(self) -> str:
        """The API key of the confidential application."""
        return self.bungie.options.api_key

    @property
    def client_id(self) -> str:
        """The client id of the confidential application: digits."""
        return self.bungie.options.client_id

    @property
    def client_secret(self) -> str:
        """The client secret of the confidential application."""
        return self.bungie.options.client_secret

    @property
    def redirect_uri(self) -> str:
        """The registered redirect address of the application; may be set at any time."""
        return self.bungie.oauth.main_app.redirect_uri

    @redirect_uri.setter
    def redirect_uri(self, address: str) -> None:
        self.bungie.configure({"redirect_uri": address})

    @property
    def world(self) -> World:
        """The players and their items."""
        return self.bungie.world

    @property
    def clock(self) -> Clock:
        """The sandbox's time."""
        return self.bungie.clock

    @property
    def requests(self) -> list[Entry]:
        """The received requests, oldest first."""
        return list(self.bungie.journal.entries)

    def refuse_next(self, operation: str, code: int, times: int = 1) -> None:
        """Refuse the next calls of an operation with an ErrorCode, without carrying them out."""
        self.bungie.faults.plan(
            Fault(operation=operation, kind="refuse", code=int(code), times=times)
        )

    def fail_next(
        self, operation: str, kind: str, times: int = 1, *, seconds: float = 0.0, skip: int = 0
    ) -> None:
        """Let the next calls of an operation fail; the kinds are listed in ``faults.py``."""
        self.bungie.faults.plan(
            Fault(operation=operation, kind=kind, times=times, seconds=seconds, skip=skip)
        )

    def configure(self, **changes: Any) -> None:
        """Change options while running, see ``options.Options``."""
        self.bungie.configure(changes)

    def player(self, name: str | None = None) -> Player:
        """Return a player by name or id; the default player when *name* is ``None``."""
        return self.world.player(name)

    def profile(self, player: str | None = None) -> Profile:
        """Return the profile of a player's main membership.

        Raises:
            LookupError: this player has no Destiny account.
        """
        profile = self.world.player(player).main.profile
        if profile is None:
            raise LookupError(player)
        return profile

    def add_player(self, **fields: Any) -> Player:
        """Add a player; the arguments are the fields of ``players.PlayerSpec``."""
        return self.world.add_player(PlayerSpec(**fields))

    def holder_of(self, instance_id: str) -> str | None:
        """Return the id of the character that holds an instance, ``"vault"`` or ``None``."""
        return self.world.holder_of(instance_id)

    def item(self, instance_id: str) -> Item:
        """Return the state of an instance.

        Raises:
            LookupError: there is no such instance.
        """
        item = self.world.find_item(instance_id)
        if item is None:
            raise LookupError(instance_id)
        return item

    def sign_in(self, player: str | None = None) -> dict[str, Any]:
        """Return new tokens of a player, without the consent page."""
        bungie_id = self.world.player(player).bungie_id
        return self.bungie.oauth.issue_tokens(self.bungie.oauth.main_app, bungie_id)

    def reset(self) -> None:
        """Restore the state at the start; address and credentials stay the same."""
        self.bungie.reset()


@contextmanager
def running(**options: Any) -> Iterator[Sandbox]:
    """Run a sandbox on a free loopback port until the block ends.

    Args:
        options: any of ``options.Options``.
    """
    sandbox = Sandbox(Options(**options))
    try:
        yield sandbox
    finally:
        sandbox.close()
