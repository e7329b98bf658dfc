"""Random accounts, random requests, over HTTP: whatever is asked, the account stays whole."""

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
from tests.services.mover import tools

_FULL_VAULT = 30


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """A sandbox whose players have hardly any room, and a manifest that says so."""
    folder = tmp_path_factory.mktemp("crowded")
    with running(vault=_FULL_VAULT, vault_capacity=_FULL_VAULT + 2, full=True) as bungie:
        update(root=bungie.root, api_key=bungie.api_key, user_agent="tests", folder=folder)
        yield bungie, folder


def account(bungie, folder, name):
    main = bungie.player(name).main
    return tools(
        {
            "root": bungie.root,
            "api_key": bungie.api_key,
            "token": bungie.sign_in(name)["access_token"],
            "type": main.type,
            "membership": main.id,
            "folder": str(folder),
        }
    )


def inventory(profile):
    """Count what there is: instances, and how many of each stack."""
    counted = Counter()
    for item in profile.items:
        counted[item.instance_id or item.item_hash] += item.quantity
    return counted


def whole(profile, slots):
    """Check that nothing is overfull, and that each slot that had something worn still has one."""
    for (owner, bucket_hash), held in profile.places.items():
        bucket = profile.bucket(bucket_hash)
        if owner != VAULT and bucket.capacity > 1:
            assert len(held) <= bucket.capacity, bucket.name
        worn = sum(item.equipped for item in held)
        assert worn == ((owner, bucket_hash) in slots)
    assert profile.used(VAULT, 0) <= profile.capacity(VAULT, 0)


def slots_of(profile):
    return {place for place, held in profile.places.items() if any(item.equipped for item in held)}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_is_asked_the_account_stays_whole(crowded, data):
    bungie, folder = crowded
    bungie.reset()
    name = data.draw(st.sampled_from(["Cayde#0006", "Zavala#0104", "New Light#0001"]))
    moves, profiles, client, membership, (store, session) = account(bungie, folder, name)
    with closing(store), session:
        profile = profiles.load(client, membership, anew=True).profile
        before, slots = inventory(profile), slots_of(profile)
        for _ in range(data.draw(st.integers(1, 6))):
            item = data.draw(st.sampled_from(list(profile.items)))
            owners = [one.character_id for one in profile.characters]
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
            shown = profiles.load(client, membership).profile
            profile = profiles.load(client, membership, anew=True).profile
            assert inventory(shown) == inventory(profile) == before
            assert {i.instance_id: i.owner for i in shown.items if i.instance_id} == {
                i.instance_id: i.owner for i in profile.items if i.instance_id
            }
            whole(profile, slots)
            if report is not None:
                note(report.message)
                assert report.ok, report.message
                assert all(done.ok for done in report.results)
                if item.instance_id is not None and move.destination in {*owners, VAULT}:
                    moved = profile.instance(item.instance_id)
                    assert moved.owner == move.destination
                    assert moved.equipped or not move.equip
