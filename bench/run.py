"""`make bench`: the measurements of docs/performance.md, against the sandbox, on this machine.

The machine is shared, so every measurement has its best run too, and decoding is compared with the
standard library's json in the same run.
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
from destiny_web.bungie.models.envelope import Envelope  # noqa: E402
from destiny_web.domain.account import from_bungie  # noqa: E402
from destiny_web.domain.account.characters import VAULT, Membership  # noqa: E402
from destiny_web.domain.moves.errors import MoveError  # noqa: E402
from destiny_web.domain.moves.planner import Move, plan  # noqa: E402
from destiny_web.manifest.store import Manifest, path_of  # noqa: E402
from destiny_web.manifest.update import update  # noqa: E402
from destiny_web.services.definitions import ManifestDefinitions  # noqa: E402
from tests.serving import served  # noqa: E402

COMPONENTS = "100,102,103,200,201,205,300"


def measure(work: Callable[[], object], times: int) -> list[float]:
    """Return how long *work* takes, in milliseconds, the fastest first."""
    durations = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        durations.append((time.perf_counter() - start) * 1000)
    return sorted(durations)


def print_row(name: str, durations: list[float], note: str = "") -> None:
    """Print one row: median, 95th percentile, best."""
    p95 = durations[int(len(durations) * 0.95) - 1]
    times = f"p50 {statistics.median(durations):8.2f}  p95 {p95:8.2f}  min {durations[0]:8.2f} ms"
    print(f"{name:<44} {times}  {note}")


def measure_page(bungie: Sandbox, folder: Path) -> None:
    """Measure the inventory page under gunicorn."""
    with served(bungie, folder) as address, requests.Session() as browser:
        consent = browser.get(f"{address}/auth/login", timeout=30)
        inventory = browser.post(consent.url, data={"decision": "allow"}, timeout=60)
        token = re.search(r'csrf-token" content="([^"]+)', inventory.text)
        tiles = inventory.text.count("data-item-hash")
        print_row(
            f"inventory page, kept answer, {tiles} tiles",
            measure(lambda: browser.get(f"{address}/inventory/", timeout=30), 100),
        )
        form = {"csrf_token": token.group(1) if token else ""}
        refresh_times = measure(
            lambda: browser.post(
                f"{address}/inventory/refresh", data=form, timeout=30, allow_redirects=False
            ),
            30,
        )
        print_row("reading the account anew (POST refresh)", refresh_times)
        print_row(
            "a page without work (/healthz)",
            measure(lambda: browser.get(f"{address}/healthz", timeout=30), 100),
        )
        for encoding in ("zstd", "br", "gzip", "identity"):
            answer = browser.get(
                f"{address}/inventory/",
                headers={"Accept-Encoding": encoding},
                stream=True,
                timeout=30,
            )
            print(f"  size with {encoding:<9} {len(answer.raw.read()) / 1000:8.1f} kB")
        print(f"  memory of the worker   {measure_memory(address):8.1f} MB")


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


def measure_decoding(bungie: Sandbox, definitions: ManifestDefinitions) -> None:
    """Measure decoding and building a full account; compare the decoding with json."""
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
    raw = msgspec.json.decode(answer, type=Envelope).response
    decoding_times = measure(lambda: msgspec.json.decode(raw, type=profile_models.Profile), 50)
    json_times = measure(lambda: json.loads(answer), 50)
    print_row(
        f"decoding {len(answer) / 1e6:.1f} MB into our shapes",
        decoding_times,
        f"{json_times[0] / decoding_times[0]:.1f}x faster than json",
    )
    decoded = msgspec.json.decode(raw, type=profile_models.Profile)
    membership = Membership(type=main.type, membership_id=main.id)
    print_row(
        "building the profile from it",
        measure(lambda: from_bungie.build_profile(decoded, definitions, membership), 50),
    )


def measure_planning(bungie: Sandbox, definitions: ManifestDefinitions) -> None:
    """Measure planning random moves on a full account."""
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
    raw = msgspec.json.decode(answer, type=Envelope).response
    profile = from_bungie.build_profile(
        msgspec.json.decode(raw, type=profile_models.Profile),
        definitions,
        Membership(type=main.type, membership_id=main.id),
    )
    generator = random.Random(1)  # noqa: S311  # the same moves each time
    items = [item for item in profile.items if item.instance_id]
    owners = [*(character.character_id for character in profile.characters), VAULT]
    durations, planned = [], 0
    for _ in range(1000):
        item, destination = generator.choice(items), generator.choice(owners)
        move = Move(
            item_hash=item.item_hash,
            instance_id=item.instance_id,
            source=item.owner,
            destination=destination,
            equip=destination != VAULT and generator.random() < 0.4,
        )
        start = time.perf_counter()
        try:
            plan(profile, move)
            planned += 1
        except MoveError:
            pass
        durations.append((time.perf_counter() - start) * 1000)
    free = profile.capacity(VAULT, 0) - profile.count_used(VAULT, 0)
    count = sum(1 for _ in profile.items)
    print_row(
        f"a plan, {count} items, {free} free in the vault",
        sorted(durations),
        f"{planned} of 1000 possible",
    )


def main() -> None:
    """Run all measurements."""
    time_text, load = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", os.getloadavg()[0]
    python = sys.version.split()[0]
    print(f"{time_text}, Python {python}, {os.cpu_count()} cores, load {load:.1f}")
    revision = ["git", "rev-parse", "--short", "HEAD"]
    print(subprocess.run(revision, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    for options in ({"vault": 700}, {"vault": 1300, "full": True}, {"vault": 1299, "full": True}):
        print(f"--- an account with {options}")
        with running(**options) as bungie, tempfile.TemporaryDirectory() as temporary_folder:
            folder = Path(temporary_folder)
            update(root=bungie.root, api_key=bungie.api_key, user_agent="bench", folder=folder)
            (folder / "manifest.looked").touch()
            definitions = ManifestDefinitions(Manifest(path_of(folder, "en")))
            measure_decoding(bungie, definitions)
            measure_planning(bungie, definitions)
            if options["vault"] != 1299:  # the page is the same as with 1300
                measure_page(bungie, folder)


if __name__ == "__main__":
    main()
