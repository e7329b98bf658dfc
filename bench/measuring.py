"""What the measurements share: times, the site in this process, and the facts of the machine."""

import io
import logging
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from bungie_sandbox.server import Sandbox
from destiny_web.app import create_app
from destiny_web.config import ROOT, Settings
from destiny_web.manifest.update import update
from destiny_web.web.services import EXTENSION_KEY, Services
from tests.browsing import Browser
from tests.serving import KEY

SITE_ADDRESS = "http://127.0.0.1:5000"
INVENTORY = "/inventory/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The site in this process, with a signed-in player.

    Attributes:
        browser: The player's browser.
    """

    app: Flask
    browser: Browser

    @property
    def client(self) -> FlaskClient:
        """The client that sends the requests of the browser."""
        client: FlaskClient = self.browser.client
        return client

    @property
    def services(self) -> Services:
        """The services of the site."""
        services: Services = self.app.extensions[EXTENSION_KEY]
        return services


def measure(work: Callable[[], object], times: int) -> list[float]:
    """Return how long *work* takes, in milliseconds, the fastest first."""
    return sorted(measure_alternately({"": work}, times)[""])


def measure_alternately(
    works: Mapping[str, Callable[[], object]],
    times: int,
    prepare: Mapping[str, Callable[[], object]] | None = None,
) -> dict[str, list[float]]:
    """Measure several works in turn, so that the load of the machine is the same for all.

    Args:
        works: What is measured, by name. Each is run once before.
        times: How often each is measured.
        prepare: What is done before each measurement of a work, outside the measured time.

    Returns:
        The durations of each work in milliseconds, in the order of the runs.
    """
    durations: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(times + 1):
        for name, work in works.items():
            if prepare and name in prepare:
                prepare[name]()
            start = time.perf_counter()
            work()
            if turn:
                durations[name].append((time.perf_counter() - start) * 1000)
    return durations


def percentile(durations: Sequence[float], share: float) -> float:
    """Return the value below which *share* of the durations are."""
    ordered = sorted(durations)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def print_row(name: str, durations: Sequence[float], note: str = "") -> None:
    """Print one row: median, 95th percentile, best."""
    times = (
        f"p50 {statistics.median(durations):8.2f}  p95 {percentile(durations, 0.95):8.2f}"
        f"  min {min(durations):8.2f} ms"
    )
    print(f"{name:<44} {times}  {note}")


def print_goal(name: str, value: float, goal: float, unit: str = "", *, at_least: bool) -> None:
    """Print a figure beside its goal, and whether the goal is reached."""
    is_reached = value >= goal if at_least else value <= goal
    bound = "at least" if at_least else "at most"
    verdict = "reached" if is_reached else "MISSED"
    print(f"{name:<44} {value:10.4g} {unit:<5} {bound} {goal:g}: {verdict}")


def print_machine() -> None:
    """Print time, revision and load: the machine may be shared."""
    revision = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, revision {revision},"
        f" Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )


@contextmanager
def prepared_folder(bungie: Sandbox) -> Iterator[Path]:
    """Make a data folder that has the definitions already."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        update(root=bungie.root, api_key=bungie.api_key, user_agent="bench", folder=folder)
        (folder / "manifest.looked").touch()
        yield folder


def open_site(bungie: Sandbox, folder: Path, bungie_root: str = "") -> Site:
    """Create the site in this process, and sign the first player in.

    Args:
        bungie: The sandbox.
        folder: The data folder.
        bungie_root: Address of Bungie.net, if it is not that of the sandbox itself.
    """
    bungie.redirect_uri = f"{SITE_ADDRESS}/auth/callback"
    app = create_app(
        Settings(
            bungie_api_key=bungie.api_key,
            bungie_client_id=bungie.client_id,
            bungie_client_secret=bungie.client_secret,
            secret_keys=(KEY,),
            bungie_root=bungie_root or bungie.root,
            public_url=SITE_ADDRESS,
            data_dir=folder,
            rate_limit_scale=0.0,
        )
    )
    for handler in logging.getLogger("destiny_web").handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(io.StringIO())  # the lines are written, but not shown
    browser = Browser(app, bungie)
    browser.sign_in()
    return Site(app=app, browser=browser)


def count_tiles(html: str) -> int:
    """Return the number of items on a page."""
    return html.count(" data-item-hash=")


def measure_memory(address: str) -> float:
    """Return the largest resident size among the processes that serve *address*, in MB."""
    port = address.rsplit(":", 1)[1]
    sizes = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes()
            status = (process / "status").read_text()
        except OSError:
            continue
        if b"gunicorn" in command and f"PORT={port}".encode() in environment.split(b"\0"):
            sizes += [int(kb) / 1000 for kb in re.findall(r"VmRSS:\s+(\d+)", status)]
    return max(sizes, default=0.0)
