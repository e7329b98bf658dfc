"""One request to the Platform, after the checks that all operations share."""

import msgspec
from werkzeug.wrappers import Request

from bungie_sandbox.bungie import Bungie
from bungie_sandbox.errors import Code, Refusal
from bungie_sandbox.oauth import App
from bungie_sandbox.responses import components
from bungie_sandbox.world.players import Player


class PlatformRequest(msgspec.Struct, kw_only=True):
    """One request to the Platform, after the checks that all operations share.

    ``path_args`` are the variable parts of the path; ``player`` is the owner of the token,
    ``None`` without a token; ``server`` is the number of the simulated web server that received
    the request; ``changed_membership`` is the id of the membership that an action changes.
    """

    bungie: Bungie
    http_request: Request
    operation: str
    path_args: dict[str, str]
    app: App
    player: Player | None
    server: int = 0
    changed_membership: str = ""

    def requested_components(self) -> frozenset[int]:
        """Return the numbers of the components in the query."""
        return components.parse(self.http_request.args.get("components", ""))

    def require_player(self) -> Player:
        """Return the player whose token came with the request.

        Raises:
            Refusal: 99, there is no token.
        """
        if self.player is None:
            raise Refusal(Code.WEB_AUTH_REQUIRED)
        return self.player

    def path_number(self, name: str) -> int:
        """Return a part of the path as a number.

        Raises:
            Refusal: 7, it is not a number.
        """
        text = self.path_args[name]
        try:
            return int(text)
        except ValueError as error:
            raise Refusal(Code.PARAMETER_PARSE_FAILURE, {name: text}) from error
