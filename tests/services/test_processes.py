"""One account and several processes; processes that are killed during a move."""

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
from tests.services.mover import build_services

ENERGY = 2465295065


@pytest.fixture
def order(bungie, folder):
    """Input of a mover process, without its moves."""
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
    """Services and client in this process, on the same store."""
    moves, profiles, client, membership, (store, session) = build_services(order)
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


def move_order(item, destination):
    return {
        "item_hash": item.item_hash,
        "instance_id": item.instance_id,
        "source": item.owner,
        "destination": destination,
    }


def list_guns(profile, owner):
    return [
        item for item in profile.items_in(owner, ENERGY) if not item.equipped and item.instance_id
    ]


def list_actions(bungie):
    return [entry for entry in bungie.requests if "/Actions/" in entry.path]


def wait_for_bungie(bungie):
    """Return when Bungie has carried out the calls that a killed process had sent."""
    while any(entry.status == 0 for entry in bungie.requests):
        requests.get(f"{bungie.root}/sandbox/state", timeout=10)


def check_profile(profile, bungie):
    """Check that a profile is equal to the state of the game."""
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
    random_source = random.Random(7)
    owners = [character.character_id for character in profile.characters]
    items = list_guns(profile, "vault") + [
        gun for owner in owners for gun in list_guns(profile, owner)
    ]
    random_source.shuffle(items)
    moves = [
        move_order(
            item,
            random_source.choice(
                [character_id for character_id in (*owners, "vault") if character_id != item.owner]
            ),
        )
        for item in (items * 4)[:50]
    ]
    processes = [spawn(order, moves[half::2]) for half in range(2)]
    results = [json.loads(line) for process in processes for line in process.stdout]
    assert [process.wait() for process in processes] == [0, 0]
    for process in processes:
        process.stdout.close()
    requests.post(f"{bungie.root}/sandbox/settings", json={"spacing": False}, timeout=10)
    assert len(results) == 50
    assert all(result["ok"] or result["said"].endswith(".") for result in results)
    # Bungie's spacing held between the two, and every call that was reported was made once.
    assert [entry.code for entry in list_actions(bungie) if entry.code != 1] == []
    assert sum(result["steps"] for result in results) == sum(
        entry.method == "POST" for entry in list_actions(bungie)
    )
    check_profile(profiles.load(client, membership, anew=True).profile, bungie)


@pytest.mark.parametrize("seed", range(5))
def test_after_a_process_is_killed_in_a_move_the_profile_is_right_and_the_next_move_works(
    order, account, bungie, seed
):
    moves, profiles, client, membership = account
    random_source = random.Random(seed)
    latency = {"TransferItem": [0.0, 0.06], "EquipItem": [0.0, 0.06]}
    requests.post(f"{bungie.root}/sandbox/settings", json={"latency": latency}, timeout=10)
    for _ in range(10):
        profile = profiles.load(client, membership, anew=True).profile
        owners = [character.character_id for character in profile.characters]
        item = random_source.choice([gun for owner in owners for gun in list_guns(profile, owner)])
        to = random_source.choice(
            [character_id for character_id in owners if character_id != item.owner]
        )
        process = spawn(order, [move_order(item, to)])
        try:
            process.wait(timeout=random_source.uniform(0.0, 0.35))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        wait_for_bungie(bungie)
        # The profile of the next page, without a request to read it from Bungie:
        check_profile(profiles.load(client, membership).profile, bungie)
        profile = profiles.load(client, membership).profile
        item_now = profile.instance(item.instance_id)
        if item_now.owner != to:
            report = moves.run(client, membership, MoveItem(move=Move(**move_order(item_now, to))))
            assert report.ok, report.message
        assert bungie.holder_of(item.instance_id) == to
    requests.post(f"{bungie.root}/sandbox/settings", json={"latency": {}}, timeout=10)
