"""Random moves on random accounts, over HTTP: no item is lost and no bucket is too full."""

from collections import Counter
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from bungie_sandbox.server import running
from destiny_web.domain.account.characters import ACCOUNT, VAULT
from destiny_web.domain.account.items import Location
from destiny_web.domain.moves.errors import MoveError
from destiny_web.domain.moves.planner import Move
from destiny_web.manifest.update import update
from destiny_web.services.moves.commands import MoveItem
from tests.services.mover import build_services

_FULL_VAULT = 30


@pytest.fixture(scope="module")
def crowded_bungie(tmp_path_factory):
    """A sandbox whose players have very little room, and its manifest."""
    folder = tmp_path_factory.mktemp("crowded_bungie")
    with running(vault=_FULL_VAULT, vault_capacity=_FULL_VAULT + 2, full=True) as bungie:
        update(root=bungie.root, api_key=bungie.api_key, user_agent="tests", folder=folder)
        yield bungie, folder


def account(bungie, folder, name):
    main = bungie.player(name).main
    return build_services(
        {
            "root": bungie.root,
            "api_key": bungie.api_key,
            "token": bungie.sign_in(name)["access_token"],
            "type": main.type,
            "membership": main.id,
            "folder": str(folder),
        }
    )


def count_items(profile):
    """Count the instances, and the quantity of each kind of stack."""
    counts = Counter()
    for item in profile.items:
        counts[item.instance_id or item.item_hash] += item.quantity
    return counts


def check_buckets(profile, slots):
    """Check that no bucket is too full, and that each slot of *slots* has an equipped item."""
    for (owner, bucket_hash), items in profile.places.items():
        bucket = profile.bucket(bucket_hash)
        if owner != VAULT and bucket.capacity > 1:
            assert len(items) <= bucket.capacity, bucket.name
        equipped_count = sum(item.equipped for item in items)
        assert equipped_count == ((owner, bucket_hash) in slots)
    assert profile.count_used(VAULT, 0) <= profile.capacity(VAULT, 0)


def equipped_slots(profile):
    return {slot for slot, items in profile.places.items() if any(item.equipped for item in items)}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_move_loses_an_item_or_overfills_a_bucket(crowded_bungie, data):
    bungie, folder = crowded_bungie
    bungie.reset()
    name = data.draw(st.sampled_from(["Cayde#0006", "Zavala#0104", "New Light#0001"]))
    moves, profiles, client, membership, (store, session) = account(bungie, folder, name)
    with closing(store), session:
        profile = profiles.load(client, membership, anew=True).profile
        before, slots = count_items(profile), equipped_slots(profile)
        for _ in range(data.draw(st.integers(1, 6))):
            item = data.draw(st.sampled_from(list(profile.items)))
            owners = [character.character_id for character in profile.characters]
            move = Move(
                item_hash=item.item_hash,
                instance_id=item.instance_id,
                quantity=data.draw(st.integers(1, item.quantity)),
                source=item.owner,
                destination=data.draw(st.sampled_from([*owners, VAULT, ACCOUNT])),
                equip=data.draw(st.booleans()),
                lost=item.location is Location.POSTMASTER,
            )
            note(f"{item.name} {item.location} {move}")
            try:
                report = moves.run(client, membership, MoveItem(move=move))
            except MoveError as refusal:
                note(str(refusal))
                report = None
            kept_profile = profiles.load(client, membership).profile
            profile = profiles.load(client, membership, anew=True).profile
            assert count_items(kept_profile) == count_items(profile) == before
            assert {i.instance_id: i.owner for i in kept_profile.items if i.instance_id} == {
                i.instance_id: i.owner for i in profile.items if i.instance_id
            }
            check_buckets(profile, slots)
            if report is not None:
                note(report.message)
                assert report.ok, report.message
                assert all(result.ok for result in report.results)
                if item.instance_id is not None and move.destination in {*owners, VAULT}:
                    moved_item = profile.instance(item.instance_id)
                    assert moved_item.owner == move.destination
                    assert moved_item.equipped or not move.equip
