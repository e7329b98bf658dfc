"""The site as an operator runs it: gunicorn, in processes of its own."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from urllib3 import Retry

from destiny_web.config import ROOT
from destiny_web.sandbox.server import Sandbox


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(bungie: Sandbox, folder: Path, port: int, **more: str) -> dict[str, str]:
    """Return what the environment of a site must say."""
    return {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "BUNGIE_API_KEY": bungie.api_key,
        "BUNGIE_CLIENT_ID": bungie.client_id,
        "BUNGIE_CLIENT_SECRET": bungie.client_secret,
        "BUNGIE_ROOT": bungie.root,
        "SECRET_KEY": "k" * 32,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATA_DIR": str(folder),
        "WEB_CONCURRENCY": "1",
    } | more


@contextmanager
def served(bungie: Sandbox, folder: Path, **more: str) -> Iterator[str]:
    """Serve the site until the block ends; yield its address."""
    port = free_port()
    env = environment(bungie, folder, port, **more)
    address = env["PUBLIC_URL"]
    bungie.redirect_uri = f"{address}/auth/callback"
    with (folder / "gunicorn.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "wsgi:app"], cwd=ROOT, env=env, stderr=log
        )
        try:
            answers(f"{address}/healthz")
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)


def answers(address: str) -> requests.Response:
    """Ask until somebody answers, for ten seconds at most."""
    with requests.Session() as session:
        patient = Retry(total=12, connect=12, backoff_factor=0.1, backoff_max=1)
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=patient))
        return session.get(address, timeout=30)
