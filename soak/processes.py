"""The processes of a run: the site under gunicorn, and the Redis of the site."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from subprocess import Popen
from typing import Final

from redis import Redis

from bungie_sandbox.server import Sandbox
from destiny_web.manifest.update import update
from tests import redis_server, serving

WORKERS: Final = 2
STOP_SECONDS: Final = 75.0
"""Seconds: gunicorn's graceful time-out and a margin."""


class Site:
    """The site as an operator runs it: gunicorn with two workers, in a process group.

    Attributes:
        address: The address of the site.
        log: The log file of gunicorn and the site.
    """

    def __init__(self, master: Popen[bytes], address: str, folder: Path) -> None:
        self.address = address
        self.log = folder / "gunicorn.log"
        self._master = master

    def workers(self) -> list[int]:
        """Return the process ids of the running workers."""
        process_ids = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(FileNotFoundError, ProcessLookupError):
                state, parent = stat.read_text().rpartition(")")[2].split()[:2]
                if parent == str(self._master.pid) and state != "Z":
                    process_ids.append(int(stat.parent.name))
        return sorted(process_ids)

    def signal_worker(self, random: Random, number: signal.Signals) -> int:
        """Send a signal to one worker; return its process id, 0 when none runs."""
        workers = self.workers()
        if not workers:
            return 0
        worker = random.choice(workers)
        with suppress(ProcessLookupError):
            os.kill(worker, number)
        return worker

    def resume(self, worker: int) -> None:
        """Continue a worker that was stopped by a signal."""
        if worker:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGCONT)

    def stop(self) -> list[str]:
        """Stop the site with SIGTERM; return violations."""
        self._master.terminate()
        began = time.monotonic()
        while self._master.poll() is None:
            if time.monotonic() - began > STOP_SECONDS:
                return [f"gunicorn has not stopped within {STOP_SECONDS:g} seconds"]
            time.sleep(0.1)
        if survivors := serving.left(self._master.pid):
            return [f"processes survive the stop: {', '.join(survivors)}"]
        return []


class Store:
    """The Redis of a run, with its disturbances."""

    def __init__(self, server: redis_server.RedisServer) -> None:
        self.url = server.url
        self._server = server

    def end_connections(self) -> None:
        """End the connection of every client."""
        with Redis.from_url(self.url) as client:
            client.client_kill_filter(_type="normal", skipme=True)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the server from answering until the block ends."""
        with self._server.stuck():
            yield


@contextmanager
def running_site(bungie: Sandbox, folder: Path, store: Store | None) -> Iterator[Site]:
    """Run the site, with the definitions already built, until the block ends."""
    update(root=bungie.root, api_key=bungie.api_key, user_agent="soak", folder=folder)
    (folder / "manifest.looked").touch()
    environment = {"WEB_CONCURRENCY": str(WORKERS), "RATE_LIMIT_SCALE": "0"}
    if store is not None:
        environment["REDIS_URL"] = store.url
    with serving.started(bungie, folder, **environment) as (master, address):
        yield Site(master, address, folder)


@contextmanager
def running_store(store: str, folder: Path) -> Iterator[Store | None]:
    """Run a Redis if *store* is ``redis``."""
    if store != "redis":
        yield None
        return
    folder.mkdir()
    with redis_server.running(folder) as server:
        yield Store(server)
