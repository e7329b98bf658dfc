"""Reads that lag behind writes, and events of the game."""

import pytest

from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.server import running
from bungie_sandbox.world import game_events
from tests.sandbox.client import SandboxClient
from tests.sandbox.items import empty_bucket, fill_bucket, find_unequipped, hash_of_item


@pytest.fixture
def lagging_sandbox(bungie):
    """One web server that keeps a read for a minute, and a write shows after ten seconds."""
    bungie.configure(cache_seconds=60, write_lag=10)
    bungie.clock.advance(0)
    return bungie


def is_locked(client, item):
    response = client.read(f"{client.path}Item/{item.instance_id}/", "307")
    return bool(response["item"]["data"]["state"] & 1)


def test_a_write_is_visible_at_once_without_a_cache(client):
    item = find_unequipped(client.profile, client.characters[0], Bucket.KINETIC)
    for state in (True, False, True):
        client.lock(item, state=state)
        assert is_locked(client, item) is state


def test_a_write_is_visible_after_the_write_lag(lagging_sandbox, client):
    item = find_unequipped(client.profile, client.characters[0], Bucket.KINETIC)
    before = is_locked(client, item)
    client.lock(item, state=not before)
    assert is_locked(client, item) is before
    lagging_sandbox.clock.advance(10)
    assert is_locked(client, item) is not before


def test_writes_are_visible_at_once_after_the_cache_is_forgotten(lagging_sandbox, client):
    item = find_unequipped(client.profile, client.characters[0], Bucket.KINETIC)
    before = is_locked(client, item)
    client.lock(item, state=not before)
    lagging_sandbox.bungie.read_lag.forget("another membership")
    assert is_locked(client, item) is before
    lagging_sandbox.bungie.read_lag.forget(client.player.main.id)
    assert is_locked(client, item) is not before


def test_a_refused_write_refreshes_nothing(lagging_sandbox, client):
    item = find_unequipped(client.profile, client.characters[0], Bucket.KINETIC)
    before = is_locked(client, item)
    item.state ^= 1
    assert client.act("EquipItem", itemId="5") == 1623
    lagging_sandbox.clock.advance(10)
    assert is_locked(client, item) is before


def test_an_event_of_the_game_is_visible_when_the_cache_expires(lagging_sandbox, client):
    item = find_unequipped(client.profile, client.characters[0], Bucket.KINETIC)
    assert client.get(f"{client.path}Item/{item.instance_id}/", "307").json()["ErrorCode"] == 1
    game_events.dismantle(client.profile, item.instance_id)
    assert client.get(f"{client.path}Item/{item.instance_id}/", "307").json()["ErrorCode"] == 1
    assert client.equip(item, client.characters[0]) == 1623
    lagging_sandbox.clock.advance(60)
    assert client.get(f"{client.path}Item/{item.instance_id}/", "307").json()["ErrorCode"] == 1623


def test_a_read_has_the_time_of_its_state(lagging_sandbox, client):
    first = client.read(client.path, "100")["responseMintedTimestamp"]
    lagging_sandbox.clock.advance(59)
    assert client.read(client.path, "100")["responseMintedTimestamp"] == first
    lagging_sandbox.clock.advance(1)
    assert client.read(client.path, "100")["responseMintedTimestamp"] > first


def test_two_servers_may_go_back_in_time(bungie, client):
    bungie.configure(servers=2, cache_seconds=60)
    bungie.clock.advance(0)
    minted = []
    for _ in range(60):
        bungie.clock.advance(7)
        minted.append(client.read(client.path, "100")["responseMintedTimestamp"])
    assert minted != sorted(minted)


def test_loot_goes_into_the_bucket_of_its_definition(bungie, client):
    hunter = client.characters[0]
    empty_bucket(client.profile, hunter, Bucket.CHEST, keep=3)
    chest = find_unequipped(client.profile, hunter, Bucket.CHEST).item_hash
    (item,) = game_events.drop_loot(bungie.world, client.profile, hunter, chest)
    assert (item.holder, item.bucket) == (hunter, Bucket.CHEST)
    assert bungie.holder_of(item.instance_id) == hunter


def test_loot_for_a_full_bucket_goes_to_the_postmaster(bungie, client):
    hunter = client.characters[0]
    fill_bucket(client.profile, hunter, Bucket.CHEST)
    chest = find_unequipped(client.profile, hunter, Bucket.CHEST).item_hash
    (item,) = game_events.drop_loot(bungie.world, client.profile, hunter, chest)
    assert item.bucket == Bucket.LOST_ITEMS


def test_a_full_postmaster_loses_its_oldest_entry(bungie, client):
    hunter = client.characters[0]
    fill_bucket(client.profile, hunter, Bucket.CHEST)
    fill_bucket(client.profile, hunter, Bucket.LOST_ITEMS)
    postmaster = client.profile.items_in(hunter, Bucket.LOST_ITEMS)
    oldest, second = postmaster[0], postmaster[1]
    assert len(postmaster) == 21
    chest = find_unequipped(client.profile, hunter, Bucket.CHEST).item_hash
    (item,) = game_events.drop_loot(bungie.world, client.profile, hunter, chest)
    after = client.profile.items_in(hunter, Bucket.LOST_ITEMS)
    assert len(after) == 21
    assert oldest not in after
    assert (after[0], after[-1]) == (second, item)


def test_materials_join_their_stack(bungie, client):
    core = hash_of_item("Enhancement Core")
    before = client.read(client.path, "600")["characterCurrencyLookups"]["data"]
    game_events.drop_loot(bungie.world, client.profile, client.characters[0], core, 5)
    after = client.read(client.path, "600")["characterCurrencyLookups"]["data"]
    quantities = [
        lookups[client.characters[0]]["itemQuantities"][str(core)] for lookups in (before, after)
    ]
    assert quantities[1] == quantities[0] + 5


def test_an_equipped_item_is_not_dismantled(client):
    equipped_item = client.profile.equipped(client.characters[0], Bucket.KINETIC)
    with pytest.raises(LookupError):
        game_events.dismantle(client.profile, equipped_item.instance_id)


def test_a_deleted_character_is_removed_with_its_items(bungie, client):
    hunter = client.characters[0]
    item = find_unequipped(client.profile, hunter, Bucket.KINETIC)
    game_events.delete_character(client.profile, hunter)
    assert bungie.holder_of(item.instance_id) is None
    assert hunter not in client.read(client.path, "200")["characters"]["data"]
    assert client.act("EquipItem", itemId=item.instance_id, characterId=hunter) == 1620


def test_the_character_that_plays_was_played_last(bungie, client):
    titan = client.characters[1]
    game_events.play(bungie.world, client.profile, titan)
    answer = client.read(client.path, "100,200")
    response = answer["characters"]["data"][titan]["dateLastPlayed"]
    assert answer["profile"]["data"]["dateLastPlayed"] == response


def test_an_activity_is_in_the_profile(client):
    game_events.travel(client.profile, client.characters[0], "activity")
    response = client.read(client.path, "204")["characterActivities"]["data"]
    assert response[client.characters[0]]["currentActivityHash"]
    assert response[client.characters[1]]["currentActivityHash"] == 0


def test_travelling_to_an_unknown_place_is_an_error(client):
    with pytest.raises(ValueError, match="no place"):
        game_events.travel(client.profile, client.characters[0], "the moon")


def test_every_limit_of_bungie_can_be_switched_on():
    enforced = {"spacing": True, "address_limit": True, "servers": 3, "cache_seconds": 60.0}
    with running(vault=0, **enforced) as bungie, SandboxClient(bungie) as client:
        codes = {client.act("TransferItem", itemId="5", stackSize=1) for _ in range(3)}
        assert codes <= {1623, 36}
        assert 36 in codes
