"""``python bench/run.py``: the parts of a page one by one: decoding, building, planning, sending.

The machine may be shared, so every measurement has its best run too, and decoding is compared with
the standard library's json in the same run.
"""

import json
import random
import re
import sys
import time
from pathlib import Path

import msgspec
import requests

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.measuring import (  # noqa: E402
    measure,
    measure_memory,
    prepared_folder,
    print_machine,
    print_row,
)
from bungie_sandbox.server import Sandbox, running  # noqa: E402
from destiny_web.bungie.models import profile as profile_models  # noqa: E402
from destiny_web.bungie.models.envelope import Envelope  # noqa: E402
from destiny_web.domain.account import from_bungie  # noqa: E402
from destiny_web.domain.account.characters import VAULT, Membership  # noqa: E402
from destiny_web.domain.moves.errors import MoveError  # noqa: E402
from destiny_web.domain.moves.planner import Move, plan  # noqa: E402
from destiny_web.manifest.store import Manifest, path_of  # noqa: E402
from destiny_web.services.definitions import ManifestDefinitions  # noqa: E402
from tests.serving import served  # noqa: E402

COMPONENTS = "100,102,103,200,201,205,300"


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
    print_machine()
    for options in ({"vault": 700}, {"vault": 1300, "full": True}, {"vault": 1299, "full": True}):
        print(f"--- an account with {options}")
        with running(**options) as bungie, prepared_folder(bungie) as folder:
            definitions = ManifestDefinitions(Manifest(path_of(folder, "en")))
            measure_decoding(bungie, definitions)
            measure_planning(bungie, definitions)
            if options["vault"] != 1299:  # the page is the same as with 1300
                measure_page(bungie, folder)


if __name__ == "__main__":
    main()
