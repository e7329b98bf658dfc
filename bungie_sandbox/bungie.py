"""The state of one sandbox: everything that a request reads or changes, and the switches."""

from collections.abc import Iterable
from threading import RLock
from typing import Any

import msgspec

from bungie_sandbox.clock import Clock, format_timestamp
from bungie_sandbox.faults import Faults
from bungie_sandbox.journal import Journal
from bungie_sandbox.manifest.tables import Edition
from bungie_sandbox.oauth import OAuth
from bungie_sandbox.options import Options
from bungie_sandbox.pacing import Pacing
from bungie_sandbox.read_lag import ReadLag
from bungie_sandbox.responses.content_responses import SYSTEMS
from bungie_sandbox.world.world import World


class Bungie:
    """The state of one sandbox.

    Attributes:
        systems: name -> whether it is enabled, as in GetCommonSettings; the operations of a
            disabled system are refused with 5.
        disabled: numbers of the components that are switched off.
        alerts: the Response of GetGlobalAlerts.
        lock: is held while a request is carried out.
    """

    def __init__(self, options: Options) -> None:
        self._initial_options = options
        self.lock = RLock()
        self.clock = Clock()
        self.reset()

    def reset(self) -> None:
        """Restore players, faults, journal, switches and options as they were at the start.

        The clock shows real time again, and issued tokens are invalid. Only the redirect
        address stays.
        """
        with self.lock:
            self.options = msgspec.structs.replace(self._initial_options)
            self.clock.run()
            self.world = World(self.options, self.clock)
            self.oauth = OAuth(self.options, self.clock)
            self.faults = Faults()
            self.journal = Journal()
            self.pacing = Pacing(
                spacing=self.options.spacing, address_limit=self.options.address_limit
            )
            self.read_lag = ReadLag(self.options)
            self.systems = dict.fromkeys(SYSTEMS, True)
            self.disabled: set[int] = set()
            self.alerts: list[dict[str, Any]] = []
            self._withheld: dict[str, tuple[frozenset[int], int]] = {}
            self._edition = 1
            self._alternations = 0

    def configure(self, changes: dict[str, Any]) -> None:
        """Change options while running; players and tokens stay as they are.

        Raises:
            ValueError: an option of that name or type does not exist.
        """
        values = {**msgspec.to_builtins(self.options), **changes}
        self.options = msgspec.convert(values, Options, strict=False)
        self._initial_options.redirect_uri = self.options.redirect_uri
        self.oauth.configure(self.options)
        self.pacing = Pacing(spacing=self.options.spacing, address_limit=self.options.address_limit)
        self.read_lag = ReadLag(self.options)

    def current_edition(self) -> Edition:
        """Return the edition of the manifest for this request; ``flips`` let two alternate."""
        number = self._edition
        if self._alternations:
            self._alternations -= 1
            number -= self._alternations % 2
        return self._describe_edition(number)

    def available_editions(self) -> list[Edition]:
        """Return the editions whose files can be downloaded: the newest and its predecessor."""
        numbers = range(max(1, self._edition - 1), self._edition + 1)
        return [self._describe_edition(number) for number in numbers]

    def _describe_edition(self, number: int) -> Edition:
        return Edition(
            number=number,
            hostile=self.options.hostile,
            vault_capacity=self.options.vault_capacity,
        )

    def change_manifest(self, *, flips: int = 0) -> None:
        """Publish a new manifest; for *flips* requests the old and the new one alternate."""
        self._edition += 1
        self._alternations = flips

    def withhold(self, component_numbers: Iterable[int], times: int = 1, player: str = "") -> None:
        """Leave components out of the next *times* reads although they are allowed.

        *player* is the full name of the player whose profile is read; ``""``: every player.
        """
        self._withheld[player] = (frozenset(component_numbers), times)

    def take_withheld(self, player: str) -> frozenset[int]:
        """Return the components to leave out of this read of a player's profile; count the read."""
        for name in (player, ""):
            numbers, times = self._withheld.get(name, (frozenset(), 0))
            if times:
                self._withheld[name] = (numbers, times - 1)
                return numbers
        return frozenset()

    def alert(self, html: str, level: int = 2) -> None:
        """Add a global alert; levels are 1 blue, 2 yellow, 3 red."""
        self.alerts.append(
            {
                "AlertKey": f"SANDBOX-{len(self.alerts) + 1}",
                "AlertHtml": html,
                "AlertTimestamp": format_timestamp(self.clock.now()),
                "AlertLink": "/sandbox/",
                "AlertLevel": level,
                "AlertType": 0,
            }
        )
