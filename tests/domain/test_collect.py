"""Collect all from a postmaster: the order, and what stays."""

import pytest

from destiny_web.domain.account.characters import ACCOUNT, VAULT
from destiny_web.domain.account.items import Location
from destiny_web.domain.moves import collect
from destiny_web.domain.moves.collect import Obstacle
from destiny_web.domain.moves.errors import NoSuchOwner
from destiny_web.domain.moves.steps import Action, Reason
from tests.builders import (
    ENERGY,
    HUNTER,
    TITAN,
    make_profile,
    make_stack,
    make_weapon,
    make_weapons,
)


def lost(instance_id="9", owner=TITAN, **changes):
    """A weapon in a postmaster."""
    return make_weapon(instance_id, owner, location=Location.POSTMASTER, **changes)


def lost_stack(quantity=10, owner=TITAN, **changes):
    """A stack in a postmaster."""
    return make_stack(quantity, owner, location=Location.POSTMASTER, **changes)


def full(bucket_items, count=10):
    return [*bucket_items, *make_weapons(TITAN, count)]


CASES = {
    "an empty postmaster": ([], [], []),
    "the oldest first, by the number of the id": (
        [lost("100"), lost("9"), lost("20")],
        ["9", "20", "100"],
        [],
    ),
    "stacks after instances, in the order of the postmaster": (
        [lost_stack(item_hash=202), lost("9"), lost_stack(item_hash=201)],
        ["9", 202, 201],
        [],
    ),
    "what acts on pick-up stays": (
        [lost("8", pull_has_side_effects=True), lost("9")],
        ["9"],
        [("8", Obstacle.SIDE_EFFECTS)],
    ),
    "a full bucket stops only its own items": (
        full([lost("8"), lost("9", bucket_hash=ENERGY)]),
        ["9"],
        [("8", Obstacle.FULL_BUCKET)],
    ),
    "the last free slot goes to the oldest item": (
        full([lost("9"), lost("8")], count=9),
        ["8"],
        [("9", Obstacle.FULL_BUCKET)],
    ),
    "a stack that fits only in part stays": (
        [lost_stack(10), make_stack(99), make_stack(99), make_stack(95)],
        [],
        [(200, Obstacle.FULL_BUCKET)],
    ),
    "a stack fills the stacks that are there": (
        [lost_stack(10), make_stack(99), make_stack(99), make_stack(89)],
        [200],
        [],
    ),
    "the second of two stacks finds what the first one has filled": (
        [lost_stack(5), lost_stack(5), make_stack(99), make_stack(99), make_stack(90)],
        [200],
        [(200, Obstacle.FULL_BUCKET)],
    ),
    "a stack that may exist only once": (
        [lost_stack(1, unique_stack=True), make_stack(1, unique_stack=True)],
        [],
        [(200, Obstacle.UNIQUE_STACK)],
    ),
    "another character's postmaster stays as it is": (
        [lost("8", HUNTER), lost("9")],
        ["9"],
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_everything_with_room_is_pulled_and_the_rest_is_named(name):
    items, pulled, staying = CASES[name]
    plan = collect.plan(make_profile(*items), TITAN)
    assert [step.instance_id or step.item_hash for step in plan.steps] == pulled
    assert {step.action for step in plan.steps} <= {Action.PULL}
    assert [
        (left_over.item.instance_id or left_over.item.item_hash, left_over.obstacle)
        for left_over in plan.left_overs
    ] == staying


def test_nothing_is_evicted_for_a_pull():
    plan = collect.plan(make_profile(*full([lost()]), make_weapon("7", VAULT)), TITAN)
    assert plan.steps == ()


def test_a_shared_item_is_pulled_to_the_account():
    (step,) = collect.plan(make_profile(lost_stack(10)), TITAN).steps
    assert (step.source, step.destination, step.carrier, step.quantity) == (
        TITAN,
        ACCOUNT,
        TITAN,
        10,
    )


@pytest.mark.parametrize("item", [lost("9"), lost_stack()])
def test_an_item_that_bungie_has_refused_is_left_out(item):
    plan = collect.plan(make_profile(item, lost("10")), TITAN, {collect.key_of(item)})
    assert [step.instance_id for step in plan.steps] == ["10"]
    assert [left_over.obstacle for left_over in plan.left_overs] == [Obstacle.REFUSED]


def test_a_lock_that_bungie_may_copy_from_a_copy_is_repaired_after_its_pull():
    steps = collect.plan(make_profile(lost("8", state=1), lost("9")), TITAN).steps
    assert [(step.instance_id, step.reason) for step in steps] == [
        ("8", Reason.REQUESTED),
        ("8", Reason.LOCK_REPAIR),
        ("9", Reason.REQUESTED),
    ]


def test_a_character_of_another_account_has_no_postmaster_here():
    with pytest.raises(NoSuchOwner):
        collect.plan(make_profile(), "99")
