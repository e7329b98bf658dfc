"""Keeping the manifest: there is one, and it is not old."""

import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

import msgspec

from destiny_web.manifest.errors import NoManifest
from destiny_web.manifest.store import Manifest

_LOG = logging.getLogger("destiny_web.manifest")

PATIENCE = 25.0
"""Seconds that a request waits for the first download before it says "in preparation"."""

ROUND = 1800.0
"""Seconds between two looks for a newer version: game updates come on Tuesdays, mostly."""

UNKNOWN_SEEN = 300.0
"""The same, when a player owns something that the manifest does not have."""

_PAUSE = 10.0

# The updating process needs none of these.
_SECRETS = frozenset({"SECRET_KEY", "BUNGIE_CLIENT_SECRET", "REDIS_URL", "SMTP_URL"})


class DownloadOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the updating process is told, on its standard input."""

    root: str
    api_key: str
    locale: str
    folder: str
    user_agent: str


class ManifestUpdater:
    """Sees to it that there is a manifest, by a process of its own.

    Slimming the game's definitions takes some 200 MB for a moment, which a worker that
    serves pages would keep; any number of workers may ask, the work is done once.
    """

    def __init__(
        self,
        manifest: Manifest,
        order: DownloadOrder,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._manifest = manifest
        self._order = order
        self._clock = clock
        self._guard = Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self._failed_at = 0.0

    def ensure(self, wait: float = PATIENCE) -> None:
        """Return when there is a manifest; download the first one, for *wait* seconds at most.

        Raises:
            NoManifest: there is none yet; the download goes on, or is tried again.
        """
        if self._exists():
            self.look(ROUND)
            return
        process = self._start()
        if process is not None:
            try:
                process.wait(timeout=wait)
            except subprocess.TimeoutExpired:
                _LOG.debug("the first manifest is still on its way")
        if not self._exists():
            raise NoManifest("The game's definitions are being prepared.")

    def is_ready(self) -> bool:
        """Tell whether there is a manifest; starts nothing and writes nothing."""
        return self._exists()

    def look(self, after: float) -> None:
        """Look for a newer version, in the background, if the last look is *after* seconds ago."""
        try:
            looked = self._mark.stat().st_mtime
        except FileNotFoundError:
            looked = 0.0
        if self._clock() - looked > after:
            self._mark.parent.mkdir(parents=True, exist_ok=True)
            self._mark.touch()  # other workers need not look too
            self._start()

    @property
    def _mark(self) -> Path:
        return Path(self._order.folder) / "manifest.looked"

    def _exists(self) -> bool:
        try:
            _ = self._manifest.edition
        except NoManifest:
            return False
        return True

    def _start(self) -> subprocess.Popen[bytes] | None:
        """Start the update, or join the one that runs; None so soon after a failure."""
        with self._guard:
            if self._running is not None:
                code = self._running.poll()
                if code is None:
                    return self._running
                self._running = None
                if code != 0:
                    self._failed_at = self._clock()
            if self._clock() - self._failed_at < _PAUSE:
                return None
            process = subprocess.Popen(
                [sys.executable, "-m", "destiny_web.manifest"],
                stdin=subprocess.PIPE,
                env={name: value for name, value in os.environ.items() if name not in _SECRETS},
                cwd=Path(__file__).resolve().parent.parent.parent,
            )
            if process.stdin is not None:
                # By standard input: a process's arguments are for everybody to see.
                process.stdin.write(msgspec.json.encode(self._order))
                process.stdin.close()
            self._running = process
            return process
