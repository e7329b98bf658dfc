"""The planner against a search that tries everything, on worlds that are small enough."""

from collections import deque

import msgspec
from hypothesis import given, note, settings
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
    gun,
    held,
    kind,
)

_DEEPEST = 9


def legal(profile: Profile, move: Move):
    """Yield what each call that the game would carry out makes of the profile."""
    for item in list(profile.items):
        if item.location is Location.POSTMASTER:
            # Only what was asked for is collected: the rest waits for the player.
            if item.instance_id == move.instance_id and profile.room_for(item, item.owner):
                yield call(profile, item, Action.PULL, item.owner)
        elif item.owner == VAULT:
            owners = (one.character_id for one in profile.characters)
            for owner in owners:
                if item.transferable and profile.room_for(item, owner):
                    yield call(profile, item, Action.TRANSFER, owner)
        elif not item.equipped:
            if item.transferable and profile.room_for(item, VAULT):
                yield call(profile, item, Action.TRANSFER, VAULT)
            if wearable(profile, item):
                yield call(profile, item, Action.EQUIP, item.owner)


def wearable(profile: Profile, item: Item) -> bool:
    character = profile.character(item.owner)
    try:
        check(profile, item, character)
    except MoveError:
        return False
    return find_conflicting_exotic(profile, item, character) is None


def call(profile, item, action, destination):
    step = Step(
        action=action,
        item_hash=item.item_hash,
        instance_id=item.instance_id,
        source=item.owner,
        destination=destination,
        carrier=destination,
    )
    return profile.after(step, item)


def state(profile: Profile):
    return frozenset((item.instance_id, item.owner, item.location) for item in profile.items)


def shortest(profile: Profile, move: Move) -> int | None:
    """Return the fewest calls that do it, by trying everything; None when nothing does."""
    seen = {state(profile)}
    waiting = deque([(profile, 0)])
    while waiting:
        now, calls = waiting.popleft()
        if reached(now, move):
            return calls
        if calls == _DEEPEST:
            continue
        for following in legal(now, move):
            key = state(following)
            if key not in seen:
                seen.add(key)
                waiting.append((following, calls + 1))
    return None


def reached(profile: Profile, move: Move) -> bool:
    item = profile.instance(move.instance_id)
    if item.owner != move.destination or item.location is Location.POSTMASTER:
        return False
    return item.equipped or not move.equip


@st.composite
def worlds(draw) -> tuple[Profile, Move]:
    """A few items, hardly any room, and a request."""
    characters = CHARACTERS[: draw(st.integers(1, 3))]
    owners = [one.character_id for one in characters]
    buckets = dict(BUCKETS)
    for bucket in (KINETIC, ENERGY):
        buckets[bucket] = msgspec.structs.replace(buckets[bucket], capacity=draw(st.integers(1, 3)))
    vault = draw(st.integers(0, 3))
    buckets[GENERAL] = msgspec.structs.replace(buckets[GENERAL], capacity=vault)
    items: list[Item] = []

    def add(owner: str, location: Location, bucket: int) -> None:
        number = len(items) + 1
        definition = kind(
            item_hash=number,
            name=f"Item {number}",
            bucket_hash=bucket,
            tier=draw(st.sampled_from([5, 6])),
            class_type=draw(st.sampled_from([3, 3, 3, 0, 1])),
            unique_label=draw(st.sampled_from(["", "", "exotic"])),
            transferable=draw(st.integers(0, 9)) > 0,
        )
        items.append(
            gun(str(number), owner, definition=definition, location=location, lockable=False)
        )

    for owner in owners:
        for bucket in (KINETIC, ENERGY):
            count = draw(st.integers(0, buckets[bucket].capacity))
            for place in range(count):
                add(owner, Location.EQUIPPED if place == 0 else Location.BAG, bucket)
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
    return held(*items, characters=characters, buckets=buckets), move


def worn_together(profile: Profile) -> bool:
    """Tell whether somebody wears what cannot be worn together: the game has no such world."""
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
@given(worlds())
def test_a_plan_is_found_whenever_there_is_one_and_is_short_and_legal(world):
    profile, move = world
    if worn_together(profile):
        return
    least = shortest(profile, move)
    try:
        steps = plan(profile, move)
    except MoveError as refusal:
        note(str(refusal))
        assert least is None
        return
    note(str(steps))
    assert least is not None
    assert len(steps) <= least + 2
    for step in steps:
        item = profile.instance(step.instance_id)
        assert profile.after(step, item) in list(legal(profile, move))
        profile = profile.after(step, item)
    assert reached(profile, move)
    assert plan(*world) == steps


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_no_plan_loses_makes_or_overfills_anything(world):
    profile, move = world
    before = sorted(item.instance_id for item in profile.items)
    slots = {
        place
        for place, held_there in profile.places.items()
        if any(one.equipped for one in held_there)
    }
    try:
        steps = plan(profile, move)
    except MoveError:
        return
    for step in steps:
        profile = profile.after(step)
    assert sorted(item.instance_id for item in profile.items) == before
    for (owner, bucket), there in profile.places.items():
        if bucket in (KINETIC, ENERGY) and owner != VAULT:
            assert len(there) <= profile.bucket(bucket).capacity
            assert sum(one.equipped for one in there) == (
                (owner, bucket) in slots or any(one.equipped for one in there)
            )
    assert profile.used(VAULT, GENERAL) <= profile.bucket(GENERAL).capacity
