"""The planner's rules, as tables."""

import pytest

from destiny_web.domain.account.characters import ACCOUNT, VAULT
from destiny_web.domain.account.items import Location
from destiny_web.domain.moves.errors import (
    AgainstTheRules,
    BadQuantity,
    ItemElsewhere,
    ItemIsEquipped,
    NoRoomLeft,
    NoSuchItem,
    NoSuchOwner,
    NotEquippable,
    NotTransferable,
    OtherExotic,
    WrongClass,
)
from destiny_web.domain.moves.eviction import ProtectedItems
from destiny_web.domain.moves.planner import plan, plan_equip
from destiny_web.domain.moves.steps import Action, Reason
from tests.builders import (
    CHARACTERS,
    EMBLEM,
    ENERGY,
    HELMET,
    HUNTER,
    KINETIC,
    TITAN,
    WARLOCK,
    make_equipped_weapon,
    make_move,
    make_profile,
    make_stack,
    make_weapon,
    make_weapons,
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
    ("owner", "calls"),
    [
        (VAULT, ["transfer", "equip"]),
        (TITAN, ["transfer", "transfer", "equip"]),
        (HUNTER, ["equip"]),
    ],
)
def test_transfer_and_equip_ends_with_the_equip(owner, calls):
    item = make_weapon(owner=owner)
    steps = plan(make_profile(item), make_move(item, HUNTER, equip=True))
    assert [step.action.value for step in steps] == calls
    assert steps[-1].carrier == HUNTER


def test_an_equipped_item_needs_no_equip_call():
    item = make_equipped_weapon("9", HUNTER)
    assert plan(make_profile(item), make_move(item, HUNTER, equip=True)) == ()


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


def test_the_item_of_the_lowest_rarity_leaves_a_full_bucket_for_the_vault():
    item = make_weapon()
    bag = [
        *make_weapons(TITAN, 7),
        make_weapon("600", TITAN, tier=4, power=900),
        make_weapon("601", TITAN, power=1),
    ]
    profile = make_profile(item, make_equipped_weapon("1", TITAN), *bag)
    steps = plan(profile, make_move(item, TITAN))
    assert summarize(steps) == [("transfer", TITAN, VAULT), ("transfer", VAULT, TITAN)]
    assert (steps[0].instance_id, steps[0].reason) == ("600", Reason.EVICTION)


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({"class_type": 2}, "70"),  # an item that the owner cannot equip leaves first
        ({"tier": 2}, "70"),
        ({"power": 1}, "70"),
        ({"item_type": 8}, "70"),  # engrams leave first
        ({"transferable": False}, "71"),
        ({}, "70"),  # of equal items the lower id: always the same plan
    ],
)
def test_which_item_leaves_a_character_first(changes, first):
    item = make_weapon()
    others = [make_weapon(str(72 + number), TITAN) for number in range(7)]
    bag = [make_weapon("71", TITAN), make_weapon("70", TITAN, **changes), *others]
    profile = make_profile(item, make_equipped_weapon("1", TITAN), *bag)
    assert plan(profile, make_move(item, TITAN))[0].instance_id == first


def test_an_item_that_was_moved_recently_leaves_last():
    item = make_weapon()
    profile = make_profile(
        item, make_equipped_weapon("1", TITAN), *make_weapons(TITAN, 9, start=70)
    )
    assert (
        plan(profile, make_move(item, TITAN), ProtectedItems(recent=frozenset({"70"})))[
            0
        ].instance_id
        == "71"
    )


def test_a_full_bucket_of_items_that_cannot_leave_is_refused():
    item = make_weapon()
    profile = make_profile(
        item,
        make_equipped_weapon("1", TITAN, transferable=False),
        *make_weapons(TITAN, 9, transferable=False),
    )
    with pytest.raises(NoRoomLeft, match="The Titan has no room"):
        plan(profile, make_move(item, TITAN))


@pytest.mark.parametrize(
    ("hunter_weapons", "has_plan"),
    [(0, True), (8, True), (9, False)],  # two items wait with the Hunter at the same time
)
def test_the_requested_item_waits_elsewhere_when_nothing_else_can_leave_a_full_vault(
    hunter_weapons, has_plan
):
    item = make_weapon()
    profile = make_profile(
        item,
        *make_weapons(VAULT, 19, start=700, transferable=False),
        make_equipped_weapon("1", TITAN, transferable=False),
        make_weapon("2", TITAN),
        *make_weapons(TITAN, 8, transferable=False),
        *make_weapons(HUNTER, hunter_weapons, start=600, transferable=False),
        characters=CHARACTERS[:2],
    )
    if not has_plan:
        with pytest.raises(NoRoomLeft, match="The Titan has no room"):
            plan(profile, make_move(item, TITAN))
        return
    steps = plan(profile, make_move(item, TITAN))
    assert [(step.instance_id, step.source, step.destination) for step in steps] == [
        ("9", VAULT, HUNTER),
        ("2", TITAN, VAULT),
        ("2", VAULT, HUNTER),
        ("9", HUNTER, VAULT),
        ("9", VAULT, TITAN),
    ]
    assert steps[0].reason is Reason.REQUESTED


def test_the_equipped_item_uses_one_of_the_ten_slots():
    item = make_weapon()
    profile = make_profile(item, make_equipped_weapon("1", TITAN), *make_weapons(TITAN, 8))
    assert len(plan(profile, make_move(item, TITAN))) == 1


def test_an_item_that_is_evicted_from_a_full_vault_is_put_back():
    item = make_weapon(owner=TITAN)
    profile = make_profile(item, *make_weapons(VAULT, 20))
    steps = plan(profile, make_move(item, HUNTER))
    assert [(step.action.value, step.reason) for step in steps] == [
        ("transfer", Reason.EVICTION),
        ("transfer", Reason.REQUESTED),
        ("transfer", Reason.REQUESTED),
        ("transfer", Reason.RETURN),
    ]
    assert steps[0].instance_id == steps[-1].instance_id
    assert steps[0].destination == WARLOCK  # the character that was played least recently


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({"tier": 6}, "70"),  # the better item leaves the vault: it is of use to a character
        ({"power": 900}, "70"),
        ({"class_type": 0}, "71"),  # the receiving Warlock cannot equip it
        ({"item_type": 8}, "71"),  # engrams leave last
        ({"transferable": False}, "71"),
    ],
)
def test_which_item_leaves_the_vault_first(changes, first):
    item = make_weapon(owner=TITAN)
    vaulted = [make_weapon("71"), make_weapon("70", **changes), *make_weapons(VAULT, 18, start=800)]
    assert plan(make_profile(item, *vaulted), make_move(item, HUNTER))[0].instance_id == first


def test_with_one_free_slot_in_the_vault_a_swap_takes_four_calls():
    item = make_weapon(owner=TITAN)
    profile = make_profile(
        item,
        *make_weapons(TITAN, 9),
        make_equipped_weapon("1", HUNTER),
        *make_weapons(HUNTER, 9, start=600),
        *make_weapons(VAULT, 19, start=700),
    )
    steps = plan(profile, make_move(item, HUNTER))
    assert len([step for step in steps if step.reason is not Reason.RETURN]) == 4


def test_on_an_account_with_one_character_a_full_vault_is_full():
    item = make_weapon(owner=TITAN)
    profile = make_profile(
        item,
        *make_weapons(TITAN, 9),
        *make_weapons(VAULT, 20, start=700),
        characters=CHARACTERS[:1],
    )
    with pytest.raises(NoRoomLeft, match="vault is full"):
        plan(profile, make_move(item, VAULT))


def test_on_an_account_with_one_character_a_full_bucket_makes_room():
    item = make_weapon()
    profile = make_profile(
        item, make_equipped_weapon("1", TITAN), *make_weapons(TITAN, 9), characters=CHARACTERS[:1]
    )
    assert len(plan(profile, make_move(item, TITAN))) == 2


def test_the_requested_item_is_never_evicted():
    item = make_weapon("9", TITAN, tier=6, power=999)
    profile = make_profile(
        item,
        make_equipped_weapon("1", HUNTER),
        *make_weapons(HUNTER, 9, start=600),
        *make_weapons(VAULT, 18, start=700),
    )
    steps = plan(profile, make_move(item, HUNTER))
    assert [step.reason for step in steps if step.instance_id == "9"] == [Reason.REQUESTED] * 2


def test_a_stack_fits_into_a_full_bucket_with_room_in_a_stack_of_the_same_item():
    stack = make_stack(10, VAULT)
    others = [make_stack(99, item_hash=300 + number) for number in range(2)]
    profile = make_profile(stack, make_stack(95), *others)
    assert len(plan(profile, make_move(stack, ACCOUNT, quantity=4))) == 1
    # One more needs a slot of its own: another stack goes to the vault.
    steps = plan(profile, make_move(stack, ACCOUNT, quantity=5))
    assert [step.reason for step in steps] == [Reason.EVICTION, Reason.REQUESTED]


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


@pytest.mark.parametrize(
    ("item", "refusal"),
    [
        (make_weapon(class_type=1), WrongClass),
        (make_weapon(equippable=False), NotEquippable),
        (make_weapon(required_level=51), NotEquippable),
        (make_weapon(owner=TITAN, cannot_equip_reason=1), NotEquippable),
        (make_stack(10, VAULT), NoSuchOwner),
    ],
)
def test_no_character_equips_an_item_that_is_not_for_it(item, refusal):
    with pytest.raises(refusal):
        plan(make_profile(item), make_move(item, TITAN, equip=True))


def test_the_cannot_equip_reason_of_a_vaulted_item_is_ignored():
    item = make_weapon(cannot_equip_reason=16)
    assert plan(make_profile(item), make_move(item, TITAN, equip=True))[-1].action is Action.EQUIP


def test_armour_of_another_class_can_be_moved_to_a_character():
    item = make_weapon(class_type=1, bucket_hash=HELMET)
    assert len(plan(make_profile(item), make_move(item, TITAN))) == 1


@pytest.mark.parametrize(
    ("bucket", "label", "calls"),
    [
        (ENERGY, "exotic_weapon", ["transfer", "equip", "equip"]),
        (KINETIC, "exotic_weapon", ["transfer", "equip"]),
        (ENERGY, "exotic_armor", ["transfer", "equip"]),
        (ENERGY, "", ["transfer", "equip"]),
    ],
)
def test_a_conflicting_exotic_is_replaced_first(bucket, label, calls):
    item = make_weapon(unique_label="exotic_weapon", name="Sunshot")
    exotic = make_equipped_weapon(
        "1", TITAN, bucket_hash=bucket, unique_label=label, name="Riskrunner"
    )
    replacement = make_weapon("2", TITAN, bucket_hash=ENERGY)
    steps = plan(make_profile(item, exotic, replacement), make_move(item, TITAN, equip=True))
    assert [step.action.value for step in steps] == calls
    assert steps[-1].instance_id == "9"
    if len(calls) > 2:
        assert "2" in {step.instance_id for step in steps}


def test_an_exotic_never_replaces_a_conflicting_exotic_of_the_same_kind():
    item = make_weapon(unique_label="exotic_weapon")
    exotic = make_equipped_weapon(
        "1", TITAN, bucket_hash=ENERGY, unique_label="exotic_weapon", name="Riskrunner"
    )
    other = make_weapon("2", TITAN, bucket_hash=ENERGY, unique_label="exotic_weapon")
    with pytest.raises(OtherExotic, match="The Titan has Riskrunner equipped"):
        plan(make_profile(item, exotic, other), make_move(item, TITAN, equip=True))


def test_an_equipped_item_leaves_after_another_one_was_equipped():
    item = make_equipped_weapon("9", TITAN)
    profile = make_profile(item, make_weapon("2", TITAN, tier=4), make_weapon("3", TITAN))
    steps = plan(profile, make_move(item, VAULT))
    assert summarize(steps) == [("equip", TITAN, TITAN), ("transfer", TITAN, VAULT)]
    assert steps[0].instance_id == "3"


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({}, {"unique_label": "exotic_weapon"}),
        ({}, {"type_name": "Bow"}),
        ({"tier": 5}, {"tier": 4}),
        ({"power": 401}, {"power": 400}),
    ],
)
def test_which_item_replaces_an_equipped_one(better, worse):
    item = make_equipped_weapon("9", TITAN)
    profile = make_profile(
        item, make_weapon("2", TITAN, **worse), make_weapon("3", TITAN, **better)
    )
    assert plan(profile, make_move(item, VAULT))[0].instance_id == "3"


def test_an_item_of_the_same_character_is_equipped_before_a_better_one_is_fetched():
    item = make_equipped_weapon("9", TITAN)
    profile = make_profile(item, make_weapon("2", TITAN, tier=2), make_weapon("3", VAULT, tier=6))
    assert plan(profile, make_move(item, VAULT))[0].instance_id == "2"


@pytest.mark.parametrize(("owner", "calls"), [(VAULT, 3), (HUNTER, 4)])
def test_a_replacement_is_fetched_when_the_character_has_none(owner, calls):
    item = make_equipped_weapon("9", TITAN)
    profile = make_profile(item, make_weapon("3", owner), make_weapon("4", owner, class_type=2))
    steps = plan(profile, make_move(item, VAULT))
    assert len(steps) == calls
    assert {step.instance_id for step in steps} == {"3", "9"}


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


def test_several_items_are_equipped_one_after_the_other_exotics_last():
    new_exotic = make_weapon("2", TITAN, unique_label="exotic_weapon", tier=6)
    plain = make_weapon("3", TITAN, bucket_hash=ENERGY)
    exotic = make_equipped_weapon("1", TITAN, bucket_hash=ENERGY, unique_label="exotic_weapon")
    steps = plan_equip(make_profile(new_exotic, plain, exotic), TITAN, ["2", "3"])
    assert [step.instance_id for step in steps] == ["3", "2"]


@pytest.mark.parametrize(
    "changes",
    [
        {},  # the same slot
        {"bucket_hash": ENERGY, "unique_label": "exotic_weapon"},
        {"bucket_hash": ENERGY, "owner": VAULT},
    ],
)
def test_items_that_cannot_be_equipped_together_are_refused(changes):
    first = make_weapon("2", TITAN, unique_label="exotic_weapon")
    second = make_weapon("3", changes.pop("owner", TITAN), **changes)
    with pytest.raises(NotEquippable):
        plan_equip(make_profile(first, second), TITAN, ["2", "3"])


def test_a_refusal_is_a_text_for_the_player():
    item = make_equipped_weapon("9", TITAN)
    with pytest.raises(AgainstTheRules) as caught:
        plan(make_profile(item), make_move(item, VAULT))
    assert str(caught.value) == (
        "The Titan has Old Faithful equipped, and nothing else to equip in its place."
    )
