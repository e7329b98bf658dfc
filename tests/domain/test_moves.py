"""Which calls a move needs, and which moves the rules refuse, as tables."""

import pytest

from destiny_web.domain.account.characters import ACCOUNT, VAULT
from destiny_web.domain.account.items import Location
from destiny_web.domain.moves.errors import (
    AgainstTheRules,
    BadQuantity,
    ItemElsewhere,
    ItemIsEquipped,
    NoSuchItem,
    NoSuchOwner,
    NotTransferable,
)
from destiny_web.domain.moves.planner import plan
from destiny_web.domain.moves.steps import Action, Reason
from tests.builders import (
    EMBLEM,
    HELMET,
    HUNTER,
    TITAN,
    WARLOCK,
    make_equipped_weapon,
    make_move,
    make_profile,
    make_stack,
    make_weapon,
)


def summarize(steps):
    return [(step.action.value, step.source, step.destination) for step in steps]


@pytest.mark.parametrize(
    ("owner", "to", "calls"),
    [
        (VAULT, TITAN, [("transfer", VAULT, TITAN)]),
        (TITAN, VAULT, [("transfer", TITAN, VAULT)]),
        (TITAN, HUNTER, [("transfer", TITAN, VAULT), ("transfer", VAULT, HUNTER)]),
        (TITAN, TITAN, []),
        (VAULT, VAULT, []),
    ],
)
def test_a_plan_stops_at_the_vault_between_characters(owner, to, calls):
    item = make_weapon(owner=owner)
    assert summarize(plan(make_profile(item), make_move(item, to))) == calls


@pytest.mark.parametrize(
    ("to", "calls"),
    [
        (HUNTER, [("pull", HUNTER, HUNTER)]),
        (VAULT, [("pull", HUNTER, HUNTER), ("transfer", HUNTER, VAULT)]),
        (
            TITAN,
            [("pull", HUNTER, HUNTER), ("transfer", HUNTER, VAULT), ("transfer", VAULT, TITAN)],
        ),
    ],
)
def test_an_item_in_the_postmaster_is_pulled_to_its_own_character_first(to, calls):
    item = make_weapon(owner=HUNTER, location=Location.POSTMASTER)
    assert summarize(plan(make_profile(item), make_move(item, to))) == calls


@pytest.mark.parametrize("requested", [TITAN, HUNTER, WARLOCK, ACCOUNT])
def test_a_shared_stack_goes_to_the_account_for_every_requested_owner(requested):
    stack = make_stack(10, VAULT)
    steps = plan(make_profile(stack), make_move(stack, requested, quantity=4))
    assert [(step.destination, step.quantity, step.carrier) for step in steps] == [
        (ACCOUNT, 4, TITAN)
    ]


@pytest.mark.parametrize("quantity", [-1, 0, 11, 10**9])
def test_a_quantity_is_from_one_to_the_total_of_the_stacks(quantity):
    stack = make_stack(10)
    with pytest.raises(BadQuantity, match="from 1 to 10"):
        plan(make_profile(stack), make_move(stack, VAULT, quantity=quantity))


def test_a_quantity_may_span_several_stacks():
    first, second = make_stack(99), make_stack(20)
    (step,) = plan(make_profile(first, second), make_move(first, VAULT, quantity=110))
    assert step.quantity == 110


def test_a_unique_stack_moves_whole():
    stack = make_stack(5, unique_stack=True)
    with pytest.raises(BadQuantity, match="whole stack"):
        plan(make_profile(stack), make_move(stack, VAULT, quantity=2))


def test_the_quantity_of_an_instance_is_one():
    item = make_weapon()
    with pytest.raises(BadQuantity):
        plan(make_profile(item), make_move(item, TITAN, quantity=2))


@pytest.mark.parametrize(
    ("item", "to", "refusal"),
    [
        (make_weapon(owner=TITAN, transferable=False), VAULT, NotTransferable),
        (make_weapon(owner=TITAN, transfer_status=2), VAULT, NotTransferable),
        (make_weapon(owner=TITAN, bucket_hash=EMBLEM), VAULT, NotTransferable),
        (
            make_equipped_weapon("9", TITAN),
            VAULT,
            ItemIsEquipped,
        ),  # and the character has no other item
        (make_equipped_weapon("9", TITAN), HUNTER, ItemIsEquipped),
        (make_weapon(), "4040", NoSuchOwner),
        (make_weapon(), ACCOUNT, NotTransferable),
        (
            make_weapon(owner=TITAN, location=Location.POSTMASTER, pull_has_side_effects=True),
            TITAN,
            NotTransferable,
        ),
    ],
)
def test_the_rules_refuse(item, to, refusal):
    with pytest.raises(refusal):
        plan(make_profile(item), make_move(item, to))


def test_armour_of_another_class_can_be_moved_to_a_character():
    item = make_weapon(class_type=1, bucket_hash=HELMET)
    assert len(plan(make_profile(item), make_move(item, TITAN))) == 1


@pytest.mark.parametrize(
    ("locks_of_copies", "is_repaired"),
    [([True], True), ([False], False), ([], False), ([False, True], True)],
)
def test_a_lock_is_repaired_when_a_copy_may_have_changed_it(locks_of_copies, is_repaired):
    item = make_weapon()
    copies = [
        make_weapon(str(70 + number), state=int(locked))
        for number, locked in enumerate(locks_of_copies)
    ]
    steps = plan(make_profile(item, *copies), make_move(item, TITAN))
    assert ([step.action for step in steps[1:]] == [Action.LOCK]) is is_repaired
    if is_repaired:
        assert (steps[1].reason, steps[1].locked, steps[1].carrier) == (
            Reason.LOCK_REPAIR,
            False,
            TITAN,
        )


def test_an_item_that_has_another_owner_by_now_is_not_moved():
    item = make_weapon(owner=HUNTER)
    with pytest.raises(ItemElsewhere, match="it is with the Hunter now"):
        plan(make_profile(item), make_move(item, TITAN, source=VAULT))


def test_the_second_of_two_equal_requests_needs_no_call():
    item = make_weapon(owner=TITAN)
    assert plan(make_profile(item), make_move(item, TITAN, source=VAULT)) == ()


@pytest.mark.parametrize("changes", [{"instance_id": "8"}, {"item_hash": 101}, {"source": "4040"}])
def test_an_item_that_the_account_does_not_have_is_refused(changes):
    item = make_weapon()
    with pytest.raises((NoSuchItem, NoSuchOwner)):
        plan(make_profile(item), make_move(item, TITAN, **changes))


def test_an_item_in_an_unknown_bucket_is_planned_and_the_game_decides():
    item = make_weapon(owner=TITAN, bucket_hash=77)
    assert [step.destination for step in plan(make_profile(item), make_move(item, HUNTER))] == [
        VAULT,
        HUNTER,
    ]


def test_a_refusal_is_a_text_for_the_player():
    item = make_equipped_weapon("9", TITAN)
    with pytest.raises(AgainstTheRules) as caught:
        plan(make_profile(item), make_move(item, VAULT))
    assert str(caught.value) == (
        "The Titan has Old Faithful equipped, and nothing else to equip in its place."
    )
