"""Many players at once: each reads a page every few seconds and moves an item now and then."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any
from urllib.parse import urljoin

import requests
from backports import zstd

from bungie_sandbox.options import CLIENT_SECRET
from destiny_web.config import ROOT
from destiny_web.manifest.update import update
from tests.serving import KEY, answers, end_group, free_port

_PAGE_SECONDS, _PAGES_PER_MOVE = 5.0, 6
_BUNGIE_SECONDS = 0.3
_WORKERS = 2
_TIMEOUT = 60.0
_ENERGY = "2465295065"
_DIGEST = re.compile(r'data-part="([0-9a-f]+)"')
_TOKEN = re.compile(r'csrf-token" content="([^"]+)"')
_CHARACTER = re.compile(r'id="owner-([0-9]+)"')
_CANDIDATE = re.compile(
    r'data-item-hash="(\d+)" data-item-instance-id="(\d+)"'
    rf' data-bucket-hash="{_ENERGY}" data-owner="vault" data-location="vault"'
)
_REDIRECTS = frozenset({301, 302, 303})


@dataclass(slots=True, kw_only=True)
class CrowdResult:
    """What the players saw.

    Attributes:
        page_milliseconds: Durations of the pages.
        move_milliseconds: Durations of the moves, with the page that answers.
        errors: Answers that were no success.
        wrong_words: Pages that showed a moved item where the sandbox did not have it.
        cores: Processor time of each part of the run per second of the run.
    """

    page_milliseconds: list[float] = field(default_factory=list)
    move_milliseconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    wrong_words: list[str] = field(default_factory=list)
    cores: dict[str, float] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    html: str


class _Player:
    """One player with a browser; acts in one thread."""

    def __init__(self, name: str, site: str, sandbox: str, result: CrowdResult) -> None:
        self.name = name
        self._site = site
        self._sandbox = sandbox
        self._result = result
        self._cookies: dict[str, str] = {}
        self._random = Random(name)  # noqa: S311  # the same moves each time
        self._html = ""
        self._places: dict[str, str] = {}
        self._hashes: dict[str, str] = {}

    def sign_in(self) -> None:
        """Sign in, and read the first page."""
        login = requests.get(f"{self._site}/auth/login", allow_redirects=False, timeout=_TIMEOUT)
        self._keep_cookies(login)
        consent = requests.post(
            login.headers["Location"],
            data={"decision": "allow", "player": self.name},
            allow_redirects=False,
            timeout=_TIMEOUT,
        )
        self._html = self._request("GET", consent.headers["Location"]).html
        assert _CHARACTER.search(self._html), f"{self.name} is not signed in"

    def act_until(self, end: float) -> None:
        """Read pages and move items until a time of the monotonic clock."""
        due = time.monotonic() + self._random.random() * _PAGE_SECONDS
        turn = self._random.randrange(_PAGES_PER_MOVE)
        while due < end:
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                self._read_page()
                if turn % _PAGES_PER_MOVE == 0:
                    self._move()
            except requests.RequestException as error:
                self._note_error(type(error).__name__)
            turn += 1
            due += _PAGE_SECONDS

    def _read_page(self) -> None:
        start = time.monotonic()
        reply = self._request("GET", "/inventory/")
        self._count(self._result.page_milliseconds, start)
        if reply.status != 200:
            self._note_error(f"page {reply.status}")
            return
        self._html = reply.html
        for instance_id, owner in self._places.items():
            self._check_place(instance_id, owner, reply.html)

    def _move(self) -> None:
        """Move an item as the script does: the answer has the changed parts only."""
        chosen = self._choose_move()
        if chosen is None:
            return
        instance_id, source, destination = chosen
        fields = {
            "csrf_token": self._find(_TOKEN),
            "item_hash": self._hashes[instance_id],
            "item_instance_id": instance_id,
            "source": source,
            "destination": destination,
        }
        start = time.monotonic()
        digests = ",".join(_DIGEST.findall(self._html))
        reply = self._request("POST", "/inventory/transfer", fields, {"X-Parts": digests})
        self._count(self._result.move_milliseconds, start)
        if reply.status != 200 or "data-changes" not in reply.html:
            self._note_error(f"move {reply.status}")
            return
        owner = self._holder_of(instance_id)
        self._places[instance_id] = owner
        if owner != destination:
            self._note_error(f"move of {instance_id} to {destination} was not carried out")
        self._check_place(instance_id, owner, reply.html)

    def _choose_move(self) -> tuple[str, str, str] | None:
        """Return instance id, source and destination; carried items go back to the vault."""
        for instance_id, owner in self._places.items():
            if owner != "vault":
                return instance_id, owner, "vault"
        candidates = _CANDIDATE.findall(self._html)
        if not candidates:
            return None
        item_hash, instance_id = self._random.choice(candidates)
        self._hashes[instance_id] = item_hash
        return instance_id, "vault", self._random.choice(_CHARACTER.findall(self._html))

    def _check_place(self, instance_id: str, owner: str, html: str) -> None:
        """Check that a page shows an item where the sandbox has it."""
        shown = re.findall(rf'data-item-instance-id="{instance_id}"[^>]* data-owner="(\w+)"', html)
        if shown != [owner]:
            with self._result.lock:
                self._result.wrong_words.append(
                    f"{self.name}: {instance_id} is shown at {shown}, and is at {owner}"
                )

    def _holder_of(self, instance_id: str) -> str:
        item = requests.get(f"{self._sandbox}/sandbox/items/{instance_id}", timeout=_TIMEOUT).json()
        return str(item["holder"])

    def _find(self, pattern: re.Pattern[str]) -> str:
        match = pattern.search(self._html)
        assert match, pattern.pattern
        return match.group(1)

    def _keep_cookies(self, response: requests.Response) -> None:
        self._cookies |= {cookie.name: cookie.value or "" for cookie in response.cookies}

    def _note_error(self, text: str) -> None:
        with self._result.lock:
            self._result.errors.append(f"{self.name}: {text}")

    def _count(self, durations: list[float], start: float) -> None:
        milliseconds = (time.monotonic() - start) * 1000
        with self._result.lock:
            durations.append(milliseconds)

    def _request(
        self,
        method: str,
        path: str,
        fields: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> _Reply:
        """Send a request, and follow redirects as a browser does."""
        sent_headers = {
            "Accept": "text/html",
            "Accept-Encoding": "zstd",
            "Connection": "close",  # the server may close a kept connection at any time
            **(headers or {}),
        }
        for _ in range(5):
            response = requests.request(
                method,
                urljoin(self._site, path),
                data=fields,
                cookies=self._cookies,
                headers=sent_headers,
                allow_redirects=False,
                stream=True,
                timeout=_TIMEOUT,
            )
            body = response.raw.read(decode_content=False)
            self._keep_cookies(response)
            if response.status_code not in _REDIRECTS:
                break
            method, path, fields = "GET", response.headers["Location"], None
        if response.headers.get("Content-Encoding") == "zstd":
            body = zstd.decompress(body)
        return _Reply(response.status_code, body.decode())


def run_crowd(players: int, seconds: float, vault: int) -> CrowdResult:
    """Start the sandbox and the site, sign the players in, and let them act.

    Args:
        players: How many act at once.
        seconds: How long.
        vault: Items in each vault; a player has 377 more.
    """
    result = CrowdResult()
    with (
        TemporaryDirectory() as name,
        _running_sandbox(players, vault, Path(name)) as (
            sandbox,
            sandbox_pid,
        ),
        _running_site(sandbox, Path(name)) as (site, site_pid),
    ):
        names = [player["bungieId"] for player in _get_json(f"{sandbox}/sandbox/players")]
        crowd = [_Player(name, site, sandbox, result) for name in names[-players:]]
        with ThreadPoolExecutor(4) as executor:
            list(executor.map(_Player.sign_in, crowd))
        latency = {"latency": {"*": [_BUNGIE_SECONDS, _BUNGIE_SECONDS]}}
        requests.post(f"{sandbox}/sandbox/settings", json=latency, timeout=_TIMEOUT)
        groups = {"the site": site_pid, "the sandbox": sandbox_pid}
        before = {name: _processor_seconds(pid) for name, pid in groups.items()}
        own_before, start = time.process_time(), time.monotonic()
        with ThreadPoolExecutor(players) as executor:
            list(executor.map(lambda player: player.act_until(start + seconds), crowd))
        duration = time.monotonic() - start
        result.cores = {
            name: (_processor_seconds(pid) - before[name]) / duration
            for name, pid in groups.items()
        }
        result.cores["the players"] = (time.process_time() - own_before) / duration
    return result


@contextmanager
def _running_sandbox(players: int, vault: int, folder: Path) -> Iterator[tuple[str, int]]:
    """Run a sandbox in a process of its own; yield its address and its process group."""
    port = free_port()
    options = {"--port": port, "--players": players, "--vault": vault}
    command = [sys.executable, "-m", "bungie_sandbox"]
    command += [str(text) for pair in options.items() for text in pair]
    with _running(command, dict(os.environ), folder / "sandbox.log") as pid:
        address = f"http://127.0.0.1:{port}"
        answers(f"{address}/sandbox/state")
        yield address, pid


@contextmanager
def _running_site(sandbox: str, folder: Path) -> Iterator[tuple[str, int]]:
    """Run the site under gunicorn; yield its address and its process group."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    options = _get_json(f"{sandbox}/sandbox/state")["options"]
    requests.post(
        f"{sandbox}/sandbox/settings",
        json={"redirect_uri": f"{address}/auth/callback"},
        timeout=_TIMEOUT,
    ).raise_for_status()
    update(root=sandbox, api_key=options["api_key"], user_agent="bench", folder=folder)
    (folder / "manifest.looked").touch()
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "BUNGIE_API_KEY": options["api_key"],
        "BUNGIE_CLIENT_ID": options["client_id"],
        "BUNGIE_CLIENT_SECRET": CLIENT_SECRET,
        "BUNGIE_ROOT": sandbox,
        "SECRET_KEY": KEY,
        "PUBLIC_URL": address,
        "DATA_DIR": str(folder),
        "WEB_CONCURRENCY": str(_WORKERS),
        "RATE_LIMIT_SCALE": "0",
    }
    command = [sys.executable, "-m", "gunicorn", "wsgi:app"]
    with _running(command, environment, folder / "site.log") as pid:
        answers(f"{address}/healthz")
        yield address, pid


@contextmanager
def _running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[int]:
    """Run a program in a process group of its own until the block ends."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process.pid
    finally:
        end_group(process)


def _get_json(address: str) -> Any:
    return requests.get(address, timeout=_TIMEOUT).json()


def _processor_seconds(group: int) -> float:
    """Return the processor time of the running processes of a group."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            values = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if values[2] == str(group):
            ticks += int(values[11]) + int(values[12])
    return ticks / os.sysconf("SC_CLK_TCK")
