"""Manifest updater: downloads the first manifest and newer versions, in a process of its own."""

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

FIRST_DOWNLOAD_WAIT = 25.0
"""Seconds that a request waits for the first download before it says "in preparation"."""

CHECK_INTERVAL = 1800.0
"""Seconds between two checks for a newer version: most game updates come on Tuesdays."""

UNKNOWN_ITEM_INTERVAL = 300.0
"""Seconds between two checks when a player owns an item that the manifest does not have."""

_PAUSE_AFTER_FAILURE = 10.0

# The process that updates does not need them.
_SECRETS = frozenset({"SECRET_KEY", "BUNGIE_CLIENT_SECRET", "REDIS_URL", "SMTP_URL"})


class DownloadOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Input of the process that updates, sent to its standard input."""

    root: str
    api_key: str
    locale: str
    folder: str
    user_agent: str


class ManifestUpdater:
    """Starts the process that downloads the manifest.

    Reducing the game's definitions needs about 200 MB for a short time. A worker that serves
    pages would keep that memory, a process of its own gives it back. When several workers start
    an update, the download is done once.
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
        self._mutex = Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self._failed_at = 0.0

    def ensure(self, wait: float = FIRST_DOWNLOAD_WAIT) -> None:
        """Return when there is a manifest; wait *wait* seconds at most for the first download.

        Raises:
            NoManifest: there is none yet; the download goes on, or is tried again.
        """
        if self._exists():
            self.look(CHECK_INTERVAL)
            return
        process = self._start()
        if process is not None:
            try:
                process.wait(timeout=wait)
            except subprocess.TimeoutExpired:
                _LOG.debug("the first manifest is not complete yet")
        if not self._exists():
            raise NoManifest("The game's definitions are being prepared.")

    def is_ready(self) -> bool:
        """Tell whether there is a manifest; starts nothing and writes nothing."""
        return self._exists()

    def look(self, after: float) -> None:
        """Check for a newer version in another process, at most once in *after* seconds."""
        try:
            checked_at = self._check_file.stat().st_mtime
        except FileNotFoundError:
            checked_at = 0.0
        if self._clock() - checked_at > after:
            self._check_file.parent.mkdir(parents=True, exist_ok=True)
            self._check_file.touch()  # so that other workers do not check as well
            self._start()

    @property
    def _check_file(self) -> Path:
        return Path(self._order.folder) / "manifest.looked"

    def _exists(self) -> bool:
        try:
            _ = self._manifest.edition
        except NoManifest:
            return False
        return True

    def _start(self) -> subprocess.Popen[bytes] | None:
        """Start the update, or return the running one; None shortly after a failure."""
        with self._mutex:
            if self._running is not None:
                code = self._running.poll()
                if code is None:
                    return self._running
                self._running = None
                if code != 0:
                    self._failed_at = self._clock()
            if self._clock() - self._failed_at < _PAUSE_AFTER_FAILURE:
                return None
            process = subprocess.Popen(
                [sys.executable, "-m", "destiny_web.manifest"],
                stdin=subprocess.PIPE,
                env={name: value for name, value in os.environ.items() if name not in _SECRETS},
                cwd=Path(__file__).resolve().parent.parent.parent,
            )
            if process.stdin is not None:
                # By standard input, because all users of the machine can read the arguments.
                process.stdin.write(msgspec.json.encode(self._order))
                process.stdin.close()
            self._running = process
            return process
