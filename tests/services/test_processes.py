"""One account, several processes; and processes that die in the middle of a move."""

import json
import random
import signal
import subprocess
import sys
from contextlib import closing

import pytest
import requests

from destiny_web.config import ROOT
from destiny_web.domain.moves.planner import Move
from destiny_web.services.moves.commands import MoveItem
from tests.services.mover import tools

ENERGY = 2465295065


@pytest.fixture
def order(bungie, folder):
    """What a mover has to be told, but for its moves."""
    main = bungie.player().main
    return {
        "root": bungie.root,
        "api_key": bungie.api_key,
        "token": bungie.sign_in()["access_token"],
        "type": main.type,
        "membership": main.id,
        "folder": str(folder),
    }


@pytest.fixture
def account(order):
    """The same tools in this process, on the same store."""
    moves, profiles, client, membership, (store, session) = tools(order)
    with closing(store), session:
        yield moves, profiles, client, membership


def spawn(order, moves):
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.services.mover"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdin.write(json.dumps(order | {"moves": moves}))
    process.stdin.close()
    assert process.stdout.readline() == "ready\n"
    return process


def wanted(item, destination):
    return {
        "item_hash": item.item_hash,
        "instance_id": item.instance_id,
        "source": item.owner,
        "destination": destination,
    }


def guns(profile, owner):
    return [item for item in profile.at(owner, ENERGY) if not item.equipped and item.instance_id]


def actions(bungie):
    return [one for one in bungie.requests if "/Actions/" in one.path]


def settle(bungie):
    """Return when Bungie has carried out what a dead process had still sent."""
    while any(one.status == 0 for one in bungie.requests):
        requests.get(f"{bungie.root}/sandbox/state", timeout=10)


def agrees(profile, bungie):
    """Check that a profile is what the game has."""
    for item in profile.items:
        if item.instance_id is not None:
            assert bungie.holder_of(item.instance_id) == item.owner, item.name
            assert bungie.item(item.instance_id).equipped == item.equipped, item.name


def test_fifty_moves_from_two_processes_are_done_one_at_a_time_and_none_twice(
    order, account, bungie
):
    requests.post(f"{bungie.root}/sandbox/settings", json={"spacing": True}, timeout=10)
    _, profiles, client, membership = account
    profile = profiles.load(client, membership).profile
    chance = random.Random(7)
    owners = [one.character_id for one in profile.characters]
    items = guns(profile, "vault") + [gun for owner in owners for gun in guns(profile, owner)]
    chance.shuffle(items)
    moves = [
        wanted(item, chance.choice([one for one in (*owners, "vault") if one != item.owner]))
        for item in (items * 4)[:50]
    ]
    crowd = [spawn(order, moves[half::2]) for half in range(2)]
    said = [json.loads(line) for one in crowd for line in one.stdout]
    assert [one.wait() for one in crowd] == [0, 0]
    for one in crowd:
        one.stdout.close()
    requests.post(f"{bungie.root}/sandbox/settings", json={"spacing": False}, timeout=10)
    assert len(said) == 50
    assert all(one["ok"] or one["said"].endswith(".") for one in said)
    # Bungie's spacing held between the two, and every call that was reported was made once.
    assert [one.code for one in actions(bungie) if one.code != 1] == []
    assert sum(one["steps"] for one in said) == sum(one.method == "POST" for one in actions(bungie))
    agrees(profiles.load(client, membership, anew=True).profile, bungie)


@pytest.mark.parametrize("seed", range(5))
def test_a_process_that_is_killed_in_a_move_leaves_the_truth_and_the_next_move_works(
    order, account, bungie, seed
):
    moves, profiles, client, membership = account
    chance = random.Random(seed)
    latency = {"TransferItem": [0.0, 0.06], "EquipItem": [0.0, 0.06]}
    requests.post(f"{bungie.root}/sandbox/settings", json={"latency": latency}, timeout=10)
    for _ in range(10):
        profile = profiles.load(client, membership, anew=True).profile
        owners = [one.character_id for one in profile.characters]
        item = chance.choice([gun for owner in owners for gun in guns(profile, owner)])
        to = chance.choice([one for one in owners if one != item.owner])
        victim = spawn(order, [wanted(item, to)])
        try:
            victim.wait(timeout=chance.uniform(0.0, 0.35))
        except subprocess.TimeoutExpired:
            victim.send_signal(signal.SIGKILL)
        victim.wait()
        victim.stdout.close()
        settle(bungie)
        # What the page would show now, without being told to ask Bungie:
        agrees(profiles.load(client, membership).profile, bungie)
        profile = profiles.load(client, membership).profile
        again = profile.instance(item.instance_id)
        if again.owner != to:
            report = moves.run(client, membership, MoveItem(move=Move(**wanted(again, to))))
            assert report.ok, report.message
        assert bungie.holder_of(item.instance_id) == to
    requests.post(f"{bungie.root}/sandbox/settings", json={"latency": {}}, timeout=10)
