"""Random actions, faults and events can be repeated; disturbances exclude checks."""

from collections import Counter
from random import Random
from threading import Thread

import pytest

from bungie_sandbox.faults import KINDS
from destiny_web.config import ROOT
from soak import actions, game_events
from soak.disturbances import DisturbanceLock
from soak.faults import plan_faults, remove_faults


def test_a_seed_draws_the_same_actions_again():
    first, second_check = (
        [actions.draw(Random(f"{seed}/Soak 1/{step}")) for step in range(500)] for seed in (6, 6)
    )
    assert first == second_check
    assert set(first) == set(actions.ACTIONS)


@pytest.mark.parametrize("name", actions.ACTIONS)
def test_every_action_is_documented(name):
    assert name in (ROOT / "docs/reliability.md").read_text("utf-8")


def test_every_fault_that_the_sandbox_knows_is_drawn(bungie):
    random, counts = Random(6), Counter()
    for _ in range(3000):
        counts[plan_faults(random, bungie, "Cayde#0006", hangs=True).kind] += 1
    drawn_kinds = {kind.partition(": ")[2].partition(" ")[0] for kind in counts}
    assert drawn_kinds >= KINDS
    assert "component withheld" in counts


def test_the_faults_of_one_player_end_with_the_action(bungie):
    random = Random(6)
    for _ in range(50):
        plan_faults(random, bungie, "Cayde#0006", hangs=True)
    bungie.fail_next("GetProfile", "html")
    remove_faults(bungie, "Cayde#0006")
    assert [fault.player for fault in bungie.bungie.faults.planned] == [""]
    assert bungie.bungie.take_withheld("Cayde#0006") == frozenset()


def test_every_event_of_the_game_happens(game):
    random = Random(6)
    was_carried_out = Counter(
        game_events.play_random_event(game, random).partition(",")[0] for _ in range(300)
    )
    events = {text.split()[0] for text in was_carried_out}
    assert events >= {"loot", "dismantle", "move", "equip", "lock", "unlock"}


def test_a_disturbance_waits_for_running_checks_and_delays_new_ones():
    lock, order = DisturbanceLock(), []

    def disturb():
        with lock.disturbing():
            order.append("disturbance")

    def check():
        with lock.checking():
            order.append("second check")

    with lock.checking():
        disturber = Thread(target=disturb)
        disturber.start()
        while not lock.is_disturbed:
            assert disturber.is_alive()
        second_check = Thread(target=check)
        second_check.start()
        order.append("first check")
    for thread in (disturber, second_check):
        thread.join(30)
    assert order == ["first check", "disturbance", "second check"]
