"""The site under gunicorn, in processes of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests
from urllib3 import Retry

from bungie_sandbox.server import Sandbox
from destiny_web.config import ROOT

KEY = "7d0f5c1e9ab34862f3c8e7a1d4b6905c"
"""A key that looks random: the site does not start with a guessable key."""


def free_port() -> int:
    """Return a port on which no process listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(bungie: Sandbox, folder: Path, port: int, **more: str) -> dict[str, str]:
    """Return the environment variables of a site."""
    return {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "BUNGIE_API_KEY": bungie.api_key,
        "BUNGIE_CLIENT_ID": bungie.client_id,
        "BUNGIE_CLIENT_SECRET": bungie.client_secret,
        "BUNGIE_ROOT": bungie.root,
        "SECRET_KEY": KEY,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATA_DIR": str(folder),
        "WEB_CONCURRENCY": "1",
    } | more


@contextmanager
def started(
    bungie: Sandbox, folder: Path, **more: str
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Serve the site, in a group of its own; yield its master process and its address."""
    port = free_port()
    env = environment(bungie, folder, port, **more)
    address = env["PUBLIC_URL"]
    bungie.redirect_uri = f"{address}/auth/callback"
    with (folder / "gunicorn.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "wsgi:app"],
            cwd=ROOT,
            env=env,
            stderr=log,
            start_new_session=True,
        )
        try:
            answers(f"{address}/healthz")
            yield process, address
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            finally:
                end_group(process)


def left(group: int) -> list[str]:
    """Wait ten seconds at most for the end of a process group; return what still runs.

    A zombie process counts as ended.
    """
    for _ in range(100):
        running = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(FileNotFoundError, ProcessLookupError):
                state, _parent, its_group = stat.read_text().rpartition(")")[2].split()[:3]
                if its_group == str(group) and state != "Z":
                    running.append(stat.with_name("cmdline").read_text().replace("\0", " "))
        if not running:
            break
        time.sleep(0.1)
    return running


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the process group, so that no process outlives a failed test."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def served(bungie: Sandbox, folder: Path, **more: str) -> Iterator[str]:
    """Serve the site until the block ends; yield its address."""
    with started(bungie, folder, **more) as (_, address):
        yield address


def answers(address: str) -> requests.Response:
    """Repeat a request until it is answered, for ten seconds at most."""
    with requests.Session() as session:
        retry = Retry(total=12, connect=12, backoff_factor=0.1, backoff_max=1)
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retry))
        return session.get(address, timeout=30)
