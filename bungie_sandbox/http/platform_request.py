"""One request to the Platform, checked as far as it concerns no operation in particular."""

import msgspec
from werkzeug.wrappers import Request

from bungie_sandbox.bungie import Bungie
from bungie_sandbox.oauth import App
from bungie_sandbox.refusals import Code, Refusal
from bungie_sandbox.responses import components
from bungie_sandbox.world.players import Player


class Call(msgspec.Struct, kw_only=True):
    """One request to the Platform, as far as it has been checked.

    ``server`` is which of the simulated web servers took it; ``changes`` is the membership
    that an action is about.
    """

    bungie: Bungie
    request: Request
    operation: str
    args: dict[str, str]
    app: App
    player: Player | None
    server: int = 0
    changes: str = ""

    def asked(self) -> frozenset[int]:
        """Return the components that were asked for."""
        return components.parse(self.request.args.get("components", ""))

    def signed_in(self) -> Player:
        """Return who is signed in.

        Raises:
            Refusal: 99, nobody.
        """
        if self.player is None:
            raise Refusal(Code.WEB_AUTH_REQUIRED)
        return self.player

    def number(self, name: str) -> int:
        """Return a number of the path.

        Raises:
            Refusal: 7, it is none.
        """
        try:
            return int(self.args[name])
        except ValueError as error:
            raise Refusal(Code.PARAMETER_PARSE_FAILURE, {name: self.args[name]}) from error
