"""`make bench`: the measurements of docs/performance.md, against the sandbox, on this machine.

A timing alone says little on a shared machine: each is given with its best run, and beside
it stands the same work done the plain way, in the same run.
"""

import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import requests

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bungie_sandbox.server import Sandbox, running  # noqa: E402
from destiny_web.bungie.models import profile as profile_models  # noqa: E402
from destiny_web.domain.account import from_bungie  # noqa: E402
from destiny_web.domain.account.characters import VAULT, Membership  # noqa: E402
from destiny_web.domain.moves.errors import MoveError  # noqa: E402
from destiny_web.domain.moves.planner import Move, plan  # noqa: E402
from destiny_web.manifest.store import Manifest, path_of  # noqa: E402
from destiny_web.manifest.update import update  # noqa: E402
from destiny_web.services.definitions import ManifestDefinitions  # noqa: E402
from tests.serving import served  # noqa: E402

COMPONENTS = "100,102,103,200,201,205,300"


def timed(work: Callable[[], object], times: int) -> list[float]:
    """Return how long *work* takes, in milliseconds, the fastest first."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        took.append((time.perf_counter() - start) * 1000)
    return sorted(took)


def line(name: str, took: list[float], note: str = "") -> None:
    """Print one row: median, 95th percentile, best."""
    p95 = took[int(len(took) * 0.95) - 1]
    figures = f"p50 {statistics.median(took):8.2f}  p95 {p95:8.2f}  min {took[0]:8.2f} ms"
    print(f"{name:<44} {figures}  {note}")


def page(bungie: Sandbox, folder: Path) -> None:
    """The inventory page, as gunicorn serves it."""
    with served(bungie, folder) as address, requests.Session() as browser:
        consent = browser.get(f"{address}/auth/login", timeout=30)
        first = browser.post(consent.url, data={"decision": "allow"}, timeout=60)
        token = re.search(r'csrf-token" content="([^"]+)', first.text)
        tiles = first.text.count("data-item-hash")
        line(
            f"inventory page, kept answer, {tiles} tiles",
            timed(lambda: browser.get(f"{address}/inventory/", timeout=30), 100),
        )
        form = {"csrf_token": token.group(1) if token else ""}
        read = timed(
            lambda: browser.post(
                f"{address}/inventory/refresh", data=form, timeout=30, allow_redirects=False
            ),
            30,
        )
        line("reading the account anew (POST refresh)", read)
        line(
            "a page without work (/healthz)",
            timed(lambda: browser.get(f"{address}/healthz", timeout=30), 100),
        )
        for coding in ("zstd", "br", "gzip", "identity"):
            answer = browser.get(
                f"{address}/inventory/",
                headers={"Accept-Encoding": coding},
                stream=True,
                timeout=30,
            )
            print(f"  size with {coding:<9} {len(answer.raw.read()) / 1000:8.1f} kB")
        print(f"  memory of the worker   {memory(address):8.1f} MB")


def memory(address: str) -> float:
    """Return the largest resident size among the processes that serve *address*, in MB."""
    port = address.rsplit(":", 1)[1]
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes()
            status = (process / "status").read_text()
        except OSError:
            continue
        if b"gunicorn" in command and f"PORT={port}".encode() in environment.split(b"\0"):
            found += [int(kb) / 1000 for kb in re.findall(r"VmRSS:\s+(\d+)", status)]
    return max(found, default=0.0)


def payload(bungie: Sandbox, definitions: ManifestDefinitions) -> None:
    """Decoding and building a full account, beside the plain way."""
    main = bungie.player().main
    answer = requests.get(
        f"{bungie.root}/Platform/Destiny2/{main.type}/Profile/{main.id}/",
        params={"components": COMPONENTS},
        headers={
            "X-API-Key": bungie.api_key,
            "Authorization": f"Bearer {bungie.sign_in()['access_token']}",
        },
        timeout=30,
    ).content
    raw = msgspec.json.decode(answer, type=profile_models.Envelope).response
    ours = timed(lambda: msgspec.json.decode(raw, type=profile_models.Profile), 50)
    plain = timed(lambda: json.loads(answer), 50)
    line(
        f"decoding {len(answer) / 1e6:.1f} MB into our shapes",
        ours,
        f"{plain[0] / ours[0]:.1f}x faster than json",
    )
    decoded = msgspec.json.decode(raw, type=profile_models.Profile)
    who = Membership(type=main.type, membership_id=main.id)
    line(
        "building the profile from it",
        timed(lambda: from_bungie.build_profile(decoded, definitions, who), 50),
    )


def planning(bungie: Sandbox, definitions: ManifestDefinitions) -> None:
    """Planning random moves on a full account."""
    main = bungie.player().main
    headers = {
        "X-API-Key": bungie.api_key,
        "Authorization": f"Bearer {bungie.sign_in()['access_token']}",
    }
    answer = requests.get(
        f"{bungie.root}/Platform/Destiny2/{main.type}/Profile/{main.id}/",
        params={"components": COMPONENTS},
        headers=headers,
        timeout=30,
    ).content
    raw = msgspec.json.decode(answer, type=profile_models.Envelope).response
    profile = from_bungie.build_profile(
        msgspec.json.decode(raw, type=profile_models.Profile),
        definitions,
        Membership(type=main.type, membership_id=main.id),
    )
    chance = random.Random(1)  # noqa: S311  # the same moves each time
    items = [item for item in profile.items if item.instance_id]
    owners = [*(one.character_id for one in profile.characters), VAULT]
    took, planned = [], 0
    for _ in range(1000):
        item, to = chance.choice(items), chance.choice(owners)
        move = Move(
            item_hash=item.item_hash,
            instance_id=item.instance_id,
            source=item.owner,
            destination=to,
            equip=to != VAULT and chance.random() < 0.4,
        )
        start = time.perf_counter()
        try:
            plan(profile, move)
            planned += 1
        except MoveError:
            pass
        took.append((time.perf_counter() - start) * 1000)
    free = profile.capacity(VAULT, 0) - profile.used(VAULT, 0)
    count = sum(1 for _ in profile.items)
    line(
        f"a plan, {count} items, {free} free in the vault",
        sorted(took),
        f"{planned} of 1000 possible",
    )


def main() -> None:
    """Run everything."""
    moment, load = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", os.getloadavg()[0]
    python = sys.version.split()[0]
    print(f"{moment}, Python {python}, {os.cpu_count()} cores, load {load:.1f}")
    revision = ["git", "rev-parse", "--short", "HEAD"]
    print(subprocess.run(revision, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    for options in ({"vault": 700}, {"vault": 1300, "full": True}, {"vault": 1299, "full": True}):
        print(f"--- an account with {options}")
        with running(**options) as bungie, tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            update(root=bungie.root, api_key=bungie.api_key, user_agent="bench", folder=folder)
            (folder / "manifest.looked").touch()
            definitions = ManifestDefinitions(Manifest(path_of(folder, "en")))
            payload(bungie, definitions)
            planning(bungie, definitions)
            if options["vault"] != 1299:  # the page is the same as with 1300
                page(bungie, folder)


if __name__ == "__main__":
    main()
