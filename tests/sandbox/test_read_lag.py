"""Reads that lag behind writes, and the game that goes on meanwhile."""

import pytest

from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.server import running
from bungie_sandbox.world import ingame
from tests.sandbox.guest import Guest
from tests.sandbox.picking import bagged, empty, fill, named


@pytest.fixture
def one_old_server(bungie):
    """One web server that keeps a read for a minute, and a write shows after ten seconds."""
    bungie.configure(cache_seconds=60, write_lag=10)
    bungie.clock.advance(0)
    return bungie


def locks(guest, item):
    told = guest.read(f"{guest.path}Item/{item.instance_id}/", "307")
    return bool(told["item"]["data"]["state"] & 1)


def test_a_write_shows_at_once_where_nothing_is_kept(guest):
    item = bagged(guest.profile, guest.characters[0], Bucket.KINETIC)
    for state in (True, False, True):
        guest.lock(item, state=state)
        assert locks(guest, item) is state


def test_a_write_shows_after_a_while(one_old_server, guest):
    item = bagged(guest.profile, guest.characters[0], Bucket.KINETIC)
    before = locks(guest, item)
    guest.lock(item, state=not before)
    assert locks(guest, item) is before
    one_old_server.clock.advance(10)
    assert locks(guest, item) is not before


def test_a_lag_that_is_forgotten_is_over_at_once(one_old_server, guest):
    item = bagged(guest.profile, guest.characters[0], Bucket.KINETIC)
    before = locks(guest, item)
    guest.lock(item, state=not before)
    one_old_server.bungie.lag.forget("another membership")
    assert locks(guest, item) is before
    one_old_server.bungie.lag.forget(guest.player.main.id)
    assert locks(guest, item) is not before


def test_a_refused_write_refreshes_nothing(one_old_server, guest):
    item = bagged(guest.profile, guest.characters[0], Bucket.KINETIC)
    before = locks(guest, item)
    item.state ^= 1
    assert guest.act("EquipItem", itemId="5") == 1623
    one_old_server.clock.advance(10)
    assert locks(guest, item) is before


def test_what_happens_in_the_game_shows_when_the_copy_is_old(one_old_server, guest):
    item = bagged(guest.profile, guest.characters[0], Bucket.KINETIC)
    assert guest.get(f"{guest.path}Item/{item.instance_id}/", "307").json()["ErrorCode"] == 1
    ingame.dismantle(guest.profile, item.instance_id)
    assert guest.get(f"{guest.path}Item/{item.instance_id}/", "307").json()["ErrorCode"] == 1
    assert guest.equip(item, guest.characters[0]) == 1623
    one_old_server.clock.advance(60)
    assert guest.get(f"{guest.path}Item/{item.instance_id}/", "307").json()["ErrorCode"] == 1623


def test_a_read_says_when_it_was_true(one_old_server, guest):
    first = guest.read(guest.path, "100")["responseMintedTimestamp"]
    one_old_server.clock.advance(59)
    assert guest.read(guest.path, "100")["responseMintedTimestamp"] == first
    one_old_server.clock.advance(1)
    assert guest.read(guest.path, "100")["responseMintedTimestamp"] > first


def test_two_servers_may_go_back_in_time(bungie, guest):
    bungie.configure(servers=2, cache_seconds=60)
    bungie.clock.advance(0)
    minted = []
    for _ in range(60):
        bungie.clock.advance(7)
        minted.append(guest.read(guest.path, "100")["responseMintedTimestamp"])
    assert minted != sorted(minted)


class TestTheGameGoesOn:
    """Things happen that no client asked for."""

    def test_loot_lands_where_it_belongs(self, bungie, guest):
        hunter = guest.characters[0]
        empty(guest.profile, hunter, Bucket.CHEST, keep=3)
        chest = bagged(guest.profile, hunter, Bucket.CHEST).item_hash
        (item,) = ingame.loot(bungie.world, guest.profile, hunter, chest)
        assert (item.holder, item.bucket) == (hunter, Bucket.CHEST)
        assert bungie.holder_of(item.instance_id) == hunter

    def test_loot_for_a_full_bucket_goes_to_the_postmaster(self, bungie, guest):
        hunter = guest.characters[0]
        fill(guest.profile, hunter, Bucket.CHEST)
        chest = bagged(guest.profile, hunter, Bucket.CHEST).item_hash
        (item,) = ingame.loot(bungie.world, guest.profile, hunter, chest)
        assert item.bucket == Bucket.LOST_ITEMS

    def test_a_full_postmaster_loses_its_oldest_entry(self, bungie, guest):
        hunter = guest.characters[0]
        fill(guest.profile, hunter, Bucket.CHEST)
        fill(guest.profile, hunter, Bucket.LOST_ITEMS)
        lost = guest.profile.inside(hunter, Bucket.LOST_ITEMS)
        oldest, second = lost[0], lost[1]
        assert len(lost) == 21
        chest = bagged(guest.profile, hunter, Bucket.CHEST).item_hash
        (item,) = ingame.loot(bungie.world, guest.profile, hunter, chest)
        after = guest.profile.inside(hunter, Bucket.LOST_ITEMS)
        assert len(after) == 21
        assert oldest not in after
        assert (after[0], after[-1]) == (second, item)

    def test_materials_join_their_stack(self, bungie, guest):
        core = named("Enhancement Core")
        before = guest.read(guest.path, "600")["characterCurrencyLookups"]["data"]
        ingame.loot(bungie.world, guest.profile, guest.characters[0], core, 5)
        after = guest.read(guest.path, "600")["characterCurrencyLookups"]["data"]
        counted = [one[guest.characters[0]]["itemQuantities"][str(core)] for one in (before, after)]
        assert counted[1] == counted[0] + 5

    def test_what_is_worn_is_not_dismantled(self, guest):
        worn = guest.profile.equipped(guest.characters[0], Bucket.KINETIC)
        with pytest.raises(LookupError):
            ingame.dismantle(guest.profile, worn.instance_id)

    def test_a_deleted_character_is_gone_with_all_it_carried(self, bungie, guest):
        hunter = guest.characters[0]
        item = bagged(guest.profile, hunter, Bucket.KINETIC)
        ingame.delete_character(guest.profile, hunter)
        assert bungie.holder_of(item.instance_id) is None
        assert hunter not in guest.read(guest.path, "200")["characters"]["data"]
        assert guest.act("EquipItem", itemId=item.instance_id, characterId=hunter) == 1620

    def test_who_plays_was_played_last(self, bungie, guest):
        titan = guest.characters[1]
        ingame.play(guest.profile, titan, bungie.world)
        answer = guest.read(guest.path, "100,200")
        told = answer["characters"]["data"][titan]["dateLastPlayed"]
        assert answer["profile"]["data"]["dateLastPlayed"] == told

    def test_a_character_is_in_an_activity_for_all_to_see(self, guest):
        ingame.travel(guest.profile, guest.characters[0], "activity")
        told = guest.read(guest.path, "204")["characterActivities"]["data"]
        assert told[guest.characters[0]]["currentActivityHash"]
        assert told[guest.characters[1]]["currentActivityHash"] == 0

    def test_nobody_travels_nowhere(self, guest):
        with pytest.raises(ValueError, match="no place"):
            ingame.travel(guest.profile, guest.characters[0], "the moon")


def test_all_that_bungie_enforces_can_be_switched_on():
    enforced = {"spacing": True, "address_limit": True, "servers": 3, "cache_seconds": 60.0}
    with running(vault=0, **enforced) as bungie, Guest(bungie) as guest:
        codes = {guest.act("TransferItem", itemId="5", stackSize=1) for _ in range(3)}
        assert codes <= {1623, 36}
        assert 36 in codes
