"""The state of one sandbox: everything that a request can read or change, and its switches."""

from collections.abc import Iterable
from threading import RLock
from typing import Any

import msgspec

from bungie_sandbox.clock import Clock, stamp
from bungie_sandbox.faults import Faults
from bungie_sandbox.journal import Journal
from bungie_sandbox.manifest.tables import Edition
from bungie_sandbox.oauth import OAuth
from bungie_sandbox.options import Options
from bungie_sandbox.pacing import Pacing
from bungie_sandbox.read_lag import Lag
from bungie_sandbox.responses.content_responses import SYSTEMS
from bungie_sandbox.world.world import World


class Bungie:
    """A Bungie.net without its network.

    Attributes:
        systems: name -> enabled, as GetCommonSettings tells; a disabled one answers 5.
        disabled: components that are switched off.
        alerts: what GetGlobalAlerts answers.
        lock: held while a request is carried out.
    """

    def __init__(self, options: Options) -> None:
        self._started = options
        self.lock = RLock()
        self.clock = Clock()
        self.reset()

    def reset(self) -> None:
        """Start anew: players, tokens, faults, log and switches as at the beginning.

        The clock runs again, tokens that were handed out are worthless, and changed
        options are what they were at the start; only the redirect address stays.
        """
        with self.lock:
            self.options = msgspec.structs.replace(self._started)
            self.clock.run()
            self.world = World(self.options, self.clock)
            self.oauth = OAuth(self.options, self.clock)
            self.faults = Faults()
            self.journal = Journal()
            self.pacing = Pacing(
                spacing=self.options.spacing, address_limit=self.options.address_limit
            )
            self.lag = Lag(self.options)
            self.systems = dict.fromkeys(SYSTEMS, True)
            self.disabled: set[int] = set()
            self.alerts: list[dict[str, Any]] = []
            self._withheld: dict[str, tuple[frozenset[int], int]] = {}
            self._edition = 1
            self._flip = 0

    def configure(self, changes: dict[str, Any]) -> None:
        """Change options while running; the world and the tokens stay as they are.

        Raises:
            ValueError: an option of that name or type does not exist.
        """
        given = {**msgspec.to_builtins(self.options), **changes}
        self.options = msgspec.convert(given, Options, strict=False)
        self._started.redirect_uri = self.options.redirect_uri
        self.oauth.configure(self.options)
        self.pacing = Pacing(spacing=self.options.spacing, address_limit=self.options.address_limit)
        self.lag = Lag(self.options)

    def edition(self) -> Edition:
        """Return the manifest of the moment; while a new one is coming, in turns."""
        number = self._edition
        if self._flip:
            self._flip -= 1
            number -= self._flip % 2
        return Edition(
            number=number,
            hostile=self.options.hostile,
            vault_capacity=self.options.vault_capacity,
        )

    def known_editions(self) -> list[Edition]:
        """Return the manifests whose files are there: this one, and the one before."""
        return [
            Edition(
                number=number,
                hostile=self.options.hostile,
                vault_capacity=self.options.vault_capacity,
            )
            for number in range(max(1, self._edition - 1), self._edition + 1)
        ]

    def change_manifest(self, *, flips: int = 0) -> None:
        """Publish a new manifest; for *flips* answers old and new alternate."""
        self._edition += 1
        self._flip = flips

    def withhold(self, component_numbers: Iterable[int], times: int = 1, player: str = "") -> None:
        """Let components stay away although they are allowed, for that many reads.

        *player* is the full name of the one whose belongings are meant; ``""`` for anyone's.
        """
        self._withheld[player] = (frozenset(component_numbers), times)

    def withheld(self, player: str) -> frozenset[int]:
        """Return what stays away from this read of a player's belongings, and count it."""
        for name in (player, ""):
            numbers, times = self._withheld.get(name, (frozenset(), 0))
            if times:
                self._withheld[name] = (numbers, times - 1)
                return numbers
        return frozenset()

    def alert(self, html: str, level: int = 2) -> None:
        """Put up a global alert; levels are 1 blue, 2 yellow, 3 red."""
        self.alerts.append(
            {
                "AlertKey": f"SANDBOX-{len(self.alerts) + 1}",
                "AlertHtml": html,
                "AlertTimestamp": stamp(self.clock.now()),
                "AlertLink": "/sandbox/",
                "AlertLevel": level,
                "AlertType": 0,
            }
        )
