"""EquipItem and EquipItems: the game's rules with their codes."""

import pytest

from bungie_sandbox.game_data.catalog import catalog, in_bucket
from bungie_sandbox.game_data.game import GEAR, WEAPONS, Bucket
from bungie_sandbox.world.belongings import VAULT
from tests.sandbox.picking import bagged, put, stored


def exotic(bucket, class_type=3):
    return next(one for one in in_bucket(bucket, class_type) if one.unique_label)


def wear_nothing_exotic(profile, character):
    """Leave only plain things worn, as the rules would have it."""
    for bucket in GEAR:
        worn = profile.equipped(character, bucket)
        if worn.definition.unique_label:
            plain = bagged(profile, character, bucket)
            worn.equipped, plain.equipped = False, True
            profile.changed(worn)
            profile.changed(plain)


def test_what_is_equipped_takes_the_place_of_what_was(guest):
    hunter = guest.characters[0]
    worn = guest.profile.equipped(hunter, Bucket.KINETIC)
    item = bagged(guest.profile, hunter, Bucket.KINETIC)
    assert guest.equip(item) == 1
    assert (item.equipped, worn.equipped) == (True, False)
    told = guest.read(guest.path, "205")["characterEquipment"]["data"][hunter]["items"]
    kinetic = [one for one in told if one["bucketHash"] == Bucket.KINETIC]
    assert [(one["itemInstanceId"], one["transferStatus"]) for one in kinetic] == [
        (item.instance_id, 1)
    ]


def test_the_characters_power_follows(guest):
    hunter = guest.characters[0]
    before = guest.read(guest.path, "200")["characters"]["data"][hunter]["light"]
    weak = put(guest.profile, bagged(guest.profile, hunter, Bucket.LEG).item_hash, hunter,
               Bucket.LEG, power=12)  # fmt: skip
    assert guest.equip(weak) == 1
    assert guest.read(guest.path, "200")["characters"]["data"][hunter]["light"] < before


def test_the_characters_emblem_follows(guest):
    hunter = guest.characters[0]
    emblem = bagged(guest.profile, hunter, Bucket.EMBLEM)
    assert guest.equip(emblem) == 1
    told = guest.read(guest.path, "200")["characters"]["data"][hunter]
    assert told["emblemHash"] == emblem.item_hash
    assert f"{emblem.item_hash:08x}" in told["emblemPath"]


def test_equipping_what_is_worn_is_a_success(guest):
    worn = guest.profile.equipped(guest.characters[0], Bucket.KINETIC)
    assert guest.equip(worn) == 1
    assert worn.equipped


def _cases():
    def in_vault(g):
        return g.equip(stored(g.profile, item_type=3), g.characters[0])

    def in_postmaster(g):
        lost = g.profile.inside(g.characters[0], Bucket.LOST_ITEMS)[0]
        return g.equip(lost)

    def another_characters(g):
        return g.equip(bagged(g.profile, g.characters[1], Bucket.KINETIC), g.characters[0])

    def quest(g):
        return g.equip(g.profile.inside(g.characters[0], Bucket.QUESTS)[0])

    def another_class(g):
        titans = next(one for one in in_bucket(Bucket.HELMET, 0) if one.class_type == 0)
        return g.equip(put(g.profile, titans.item_hash, g.characters[0], Bucket.HELMET))

    def too_high_a_level(g):
        high = next(one for one in catalog().values() if one.level)
        return g.equip(put(g.profile, high.item_hash, g.characters[0], high.bucket))

    def placed(place):
        def act(g):
            g.profile.characters[g.characters[0]].place = place
            return g.equip(bagged(g.profile, g.characters[0], Bucket.KINETIC))

        return act

    return {
        "in the vault": (in_vault, 1623),
        "in the postmaster": (in_postmaster, 1623),
        "another character's": (another_characters, 1623),
        "a quest": (quest, 1640),
        "for another class": (another_class, 1639),
        "for a higher level": (too_high_a_level, 1638),
        "in an activity": (placed("activity"), 1671),
        "with locked equipment": (placed("locked"), 1640),
        "in orbit": (placed("orbit"), 1),
        "in a social space": (placed("social"), 1),
        "no such item": (lambda g: g.act("EquipItem", itemId="5"), 1623),
        "no such character": (lambda g: g.act("EquipItem", itemId="5", characterId="5"), 1620),
    }


@pytest.mark.parametrize("case", _cases())
def test_equipping_is_judged_by_the_rules(guest, case):
    act, code = _cases()[case]
    assert act(guest) == code


class TestExotics:
    """One exotic weapon and one exotic piece of armour, whatever the slot."""

    def hold(self, guest, bucket, number):
        hunter = guest.characters[0]
        made = exotic(bucket, 1)
        return put(guest.profile, made.item_hash, hunter, bucket, instance_id=f"69170000{number}")

    def test_a_second_exotic_weapon_is_refused(self, guest):
        wear_nothing_exotic(guest.profile, guest.characters[0])
        assert guest.equip(self.hold(guest, Bucket.KINETIC, 1)) == 1
        assert guest.equip(self.hold(guest, Bucket.ENERGY, 2)) == 1641

    def test_a_second_exotic_piece_of_armour_is_refused(self, guest):
        wear_nothing_exotic(guest.profile, guest.characters[0])
        assert guest.equip(self.hold(guest, Bucket.HELMET, 1)) == 1
        assert guest.equip(self.hold(guest, Bucket.LEG, 2)) == 1641

    def test_a_weapon_and_a_piece_of_armour_go_together(self, guest):
        wear_nothing_exotic(guest.profile, guest.characters[0])
        assert guest.equip(self.hold(guest, Bucket.POWER, 1)) == 1
        assert guest.equip(self.hold(guest, Bucket.CHEST, 2)) == 1

    def test_one_exotic_takes_anothers_place_in_the_same_slot(self, guest):
        wear_nothing_exotic(guest.profile, guest.characters[0])
        assert guest.equip(self.hold(guest, Bucket.ENERGY, 1)) == 1
        assert guest.equip(self.hold(guest, Bucket.ENERGY, 2)) == 1

    def test_a_profile_says_which_exotics_cannot_be_worn_now(self, guest):
        wear_nothing_exotic(guest.profile, guest.characters[0])
        other = self.hold(guest, Bucket.ENERGY, 2)

        def reason():
            told = guest.read(guest.path, "201,300")["itemComponents"]["instances"]["data"]
            return told[other.instance_id]["cannotEquipReason"]

        assert reason() == 0
        guest.equip(self.hold(guest, Bucket.KINETIC, 1))
        assert reason() == 2


class TestSeveral:
    """EquipItems works through its list in order."""

    def results(self, guest, *items):
        body = {
            "itemIds": [item.instance_id for item in items],
            "characterId": guest.characters[0],
            "membershipType": guest.kind,
        }
        answer = guest.post("/Destiny2/Actions/Items/EquipItems/", body)
        assert answer.status_code == 200
        assert answer.json()["ErrorCode"] == 1
        return [
            (one["itemInstanceId"], one["equipStatus"])
            for one in answer.json()["Response"]["equipResults"]
        ]

    def test_each_item_has_its_own_code(self, guest):
        gun = bagged(guest.profile, guest.characters[0], Bucket.KINETIC)
        far = stored(guest.profile, item_type=2)
        assert self.results(guest, gun, far) == [(gun.instance_id, 1), (far.instance_id, 1623)]
        assert gun.equipped

    def test_one_item_where_a_list_belongs_is_a_servers_error(self, guest):
        gun = bagged(guest.profile, guest.characters[0], Bucket.KINETIC)
        assert guest.act("EquipItems", itemId=gun.instance_id) == 3

    @pytest.mark.parametrize(("plain_first", "code"), [(True, 1), (False, 1641)])
    def test_an_item_is_judged_by_what_the_one_before_left(self, guest, plain_first, code):
        hunter = guest.characters[0]
        wear_nothing_exotic(guest.profile, hunter)
        worn = put(guest.profile, exotic(Bucket.KINETIC).item_hash, hunter, Bucket.KINETIC)
        guest.equip(worn)
        other = put(guest.profile, exotic(Bucket.ENERGY).item_hash, hunter, Bucket.ENERGY,
                    instance_id="69170001")  # fmt: skip
        plain = bagged(guest.profile, hunter, Bucket.KINETIC)
        order = (plain, other) if plain_first else (other, plain)
        assert dict(self.results(guest, *order))[other.instance_id] == code


class TestMarks:
    """SetLockState and SetTrackedState."""

    @pytest.mark.parametrize("state", [True, False])
    def test_a_lock_is_set_and_taken(self, guest, state):
        item = bagged(guest.profile, guest.characters[0], Bucket.KINETIC)
        item.state ^= int(item.locked == state)
        assert guest.lock(item, state=state) == 1
        assert item.locked is state
        told = guest.read(f"{guest.path}Item/{item.instance_id}/", "307")
        assert told["item"]["data"]["state"] & 1 == state

    def test_any_character_may_lock_what_is_in_the_vault(self, guest):
        item = stored(guest.profile, item_type=3)
        for character in guest.characters:
            assert guest.lock(item, state=True, character=character) == 1

    def test_another_characters_item_is_not_found(self, guest):
        item = bagged(guest.profile, guest.characters[1], Bucket.KINETIC)
        assert guest.lock(item, state=True, character=guest.characters[0]) == 1623

    def test_what_has_no_lock_is_refused(self, guest):
        emblem = bagged(guest.profile, guest.characters[0], Bucket.EMBLEM)
        assert guest.lock(emblem, state=True) == 1663

    def test_quests_are_tracked_up_to_a_limit_and_not_twice(self, guest):
        quests = guest.profile.inside(guest.characters[0], Bucket.QUESTS)
        codes = [
            guest.act("SetTrackedState", itemId=quest.instance_id, state=True)
            for quest in (*quests[:4], quests[0], quests[4])
        ]
        assert codes == [1, 1, 1, 1, 1658, 1659]
        assert guest.act("SetTrackedState", itemId=quests[0].instance_id, state=False) == 1
        assert guest.act("SetTrackedState", itemId=quests[4].instance_id, state=True) == 1

    def test_only_quests_are_tracked(self, guest):
        item = bagged(guest.profile, guest.characters[0], Bucket.KINETIC)
        assert guest.act("SetTrackedState", itemId=item.instance_id, state=True) == 1663


def test_every_slot_of_a_new_player_has_one_thing_worn(guest):
    for character in guest.characters:
        for bucket in GEAR:
            worn = [item for item in guest.profile.inside(character, bucket) if item.equipped]
            assert len(worn) == 1
        for among in (WEAPONS, set(GEAR) - set(WEAPONS)):
            worn = [guest.profile.equipped(character, bucket) for bucket in among]
            assert sum(bool(item.definition.unique_label) for item in worn) <= 1
    assert guest.profile.inside(VAULT, Bucket.VAULT)
