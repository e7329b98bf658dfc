"""A Redis for the tests: Debian's server, on a free port, in a temporary folder."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis

from tests.serving import free_port

PROGRAM = "/usr/bin/redis-server"


class RedisServer:
    """A Redis that a test can stop and start again.

    Attributes:
        url: Address of the Redis.
        port: Port in the address.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder = folder
        self.port = free_port()
        self._options = options
        self._process: subprocess.Popen[str] | None = None
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Return when it accepts connections."""
        self._process = subprocess.Popen(
            [
                *(PROGRAM, "--bind", "127.0.0.1", "--port", str(self.port)),
                *("--dir", str(self._folder), "--save", "", *self._options),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        lines = []
        for line in self._process.stdout:
            lines.append(line)
            if "Ready to accept connections" in line:
                return
        raise AssertionError("".join(lines))

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop it; data that is not on disk is lost."""
        if self._process is None:
            return
        with self._process as process:
            process.send_signal(signal.SIGCONT)
            process.send_signal(how)
            process.communicate(timeout=20)
        self._process = None

    def clear(self) -> None:
        """Delete all data and scripts."""
        with Redis.from_url(self.url) as client:
            client.flushall()
            client.script_flush()

    @contextmanager
    def stuck(self) -> Iterator[None]:
        """Make it hang until the block ends: it accepts connections and answers nothing."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)


@contextmanager
def running(folder: Path, *options: str) -> Iterator[RedisServer]:
    """Run a Redis until the block ends."""
    server = RedisServer(folder, *options)
    server.start()
    try:
        yield server
    finally:
        server.stop()
