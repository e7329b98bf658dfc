"""The planner compared with an exhaustive search, on small accounts."""

from collections import deque

import msgspec
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st

from destiny_web.domain.account.characters import VAULT
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves.equip_rules import check, find_conflicting_exotic
from destiny_web.domain.moves.errors import MoveError
from destiny_web.domain.moves.planner import Move, plan
from destiny_web.domain.moves.steps import Action, Step
from tests.builders import (
    BUCKETS,
    CHARACTERS,
    ENERGY,
    GENERAL,
    KINETIC,
    make_definition,
    make_profile,
    make_weapon,
)

_MAX_STEPS = 9
_MOST_STATES = 20_000


def legal_successors(profile: Profile, move: Move):
    """Yield the profile after each step that the game would carry out."""
    for item in list(profile.items):
        if item.location is Location.POSTMASTER:
            # Only the requested item is pulled: other items stay in the postmaster.
            if item.instance_id == move.instance_id and profile.room_for(item, item.owner):
                yield carry_out(profile, item, Action.PULL, item.owner)
        elif item.owner == VAULT:
            for character in profile.characters:
                owner = character.character_id
                if item.transferable and profile.room_for(item, owner):
                    yield carry_out(profile, item, Action.TRANSFER, owner)
        elif not item.equipped:
            if item.transferable and profile.room_for(item, VAULT):
                yield carry_out(profile, item, Action.TRANSFER, VAULT)
            if is_equippable(profile, item):
                yield carry_out(profile, item, Action.EQUIP, item.owner)


def is_equippable(profile: Profile, item: Item) -> bool:
    character = profile.character(item.owner)
    try:
        check(profile, item, character)
    except MoveError:
        return False
    return find_conflicting_exotic(profile, item, character) is None


def carry_out(profile, item, action, destination):
    step = Step(
        action=action,
        item_hash=item.item_hash,
        instance_id=item.instance_id,
        source=item.owner,
        destination=destination,
        carrier=destination,
    )
    return profile.after(step, item)


def state_of(profile: Profile):
    return frozenset((item.instance_id, item.owner, item.location) for item in profile.items)


def count_fewest_steps(profile: Profile, move: Move) -> int | None:
    """Return the fewest steps of any plan, by exhaustive search; None when there is no plan."""
    visited = {state_of(profile)}
    waiting = deque([(profile, 0)])
    while waiting:
        current, calls = waiting.popleft()
        if is_reached(current, move):
            return calls
        if calls == _MAX_STEPS:
            continue
        for successor in legal_successors(current, move):
            key = state_of(successor)
            if key not in visited:
                assume(len(visited) < _MOST_STATES)  # a rare account would take minutes
                visited.add(key)
                waiting.append((successor, calls + 1))
    return None


def is_reached(profile: Profile, move: Move) -> bool:
    item = profile.instance(move.instance_id)
    if item.owner != move.destination or item.location is Location.POSTMASTER:
        return False
    return item.equipped or not move.equip


@st.composite
def accounts(draw) -> tuple[Profile, Move]:
    """A profile with a few items and little room, and a request."""
    characters = CHARACTERS[: draw(st.integers(1, 3))]
    owners = [character.character_id for character in characters]
    buckets = dict(BUCKETS)
    for bucket in (KINETIC, ENERGY):
        buckets[bucket] = msgspec.structs.replace(buckets[bucket], capacity=draw(st.integers(1, 3)))
    vault = draw(st.integers(0, 3))
    buckets[GENERAL] = msgspec.structs.replace(buckets[GENERAL], capacity=vault)
    items: list[Item] = []

    def add(owner: str, location: Location, bucket: int) -> None:
        number = len(items) + 1
        definition = make_definition(
            item_hash=number,
            name=f"Item {number}",
            bucket_hash=bucket,
            tier=draw(st.sampled_from([5, 6])),
            class_type=draw(st.sampled_from([3, 3, 3, 0, 1])),
            unique_label=draw(st.sampled_from(["", "", "exotic"])),
            transferable=draw(st.integers(0, 9)) > 0,
        )
        items.append(
            make_weapon(
                str(number), owner, definition=definition, location=location, lockable=False
            )
        )

    for owner in owners:
        for bucket in (KINETIC, ENERGY):
            count = draw(st.integers(0, buckets[bucket].capacity))
            for position in range(count):
                add(owner, Location.EQUIPPED if position == 0 else Location.BAG, bucket)
        if draw(st.integers(0, 3)) == 0:
            add(owner, Location.POSTMASTER, KINETIC)
    for _ in range(draw(st.integers(0, vault))):
        add(VAULT, Location.VAULT, draw(st.sampled_from([KINETIC, ENERGY])))
    if not items:
        add(owners[0], Location.BAG, KINETIC)
    item = draw(st.sampled_from(items))
    destination = draw(st.sampled_from([*owners, VAULT]))
    move = Move(
        item_hash=item.item_hash,
        instance_id=item.instance_id,
        source=item.owner,
        destination=destination,
        equip=destination != VAULT and draw(st.booleans()),
    )
    return make_profile(*items, characters=characters, buckets=buckets), move


def breaks_exotic_rule(profile: Profile) -> bool:
    """Return whether a character has two conflicting exotics equipped; the game forbids it."""
    for character in profile.characters:
        labels = [
            item.definition.unique_label
            for item in profile.items
            if item.owner == character.character_id
            and item.equipped
            and item.definition.unique_label
        ]
        if len(labels) != len(set(labels)):
            return True
    return False


@settings(max_examples=120, deadline=None)
@given(accounts())
def test_an_existing_plan_is_found_and_is_short_and_legal(account):
    profile, move = account
    if breaks_exotic_rule(profile):
        return
    fewest_steps = count_fewest_steps(profile, move)
    try:
        steps = plan(profile, move)
    except MoveError as refusal:
        note(str(refusal))
        assert fewest_steps is None
        return
    note(str(steps))
    assert fewest_steps is not None
    assert len(steps) <= fewest_steps + 2
    for step in steps:
        item = profile.instance(step.instance_id)
        assert profile.after(step, item) in list(legal_successors(profile, move))
        profile = profile.after(step, item)
    assert is_reached(profile, move)
    assert plan(*account) == steps


@settings(max_examples=60, deadline=None)
@given(accounts())
def test_no_plan_changes_the_items_or_overfills_a_bucket(account):
    profile, move = account
    before = sorted(item.instance_id for item in profile.items)
    buckets_with_equipment = {
        key
        for key, bucket_items in profile.places.items()
        if any(item.equipped for item in bucket_items)
    }
    try:
        steps = plan(profile, move)
    except MoveError:
        return
    for step in steps:
        profile = profile.after(step)
    assert sorted(item.instance_id for item in profile.items) == before
    for (owner, bucket), bucket_items in profile.places.items():
        if bucket in (KINETIC, ENERGY) and owner != VAULT:
            assert len(bucket_items) <= profile.bucket(bucket).capacity
            assert sum(item.equipped for item in bucket_items) == (
                (owner, bucket) in buckets_with_equipment
                or any(item.equipped for item in bucket_items)
            )
    assert profile.count_used(VAULT, GENERAL) <= profile.bucket(GENERAL).capacity
