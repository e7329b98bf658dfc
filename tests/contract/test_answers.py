"""Every answer of every operation is what Bungie's own description says."""

from collections.abc import Iterator

import pytest

from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.http.api import OPERATIONS
from bungie_sandbox.manifest.vendor_table import DARES_XUR, GEAR_OFFERS, MORE_OFFERS, XUR
from bungie_sandbox.server import Sandbox, running
from tests.contract import official
from tests.sandbox.guest import EVERYTHING, Guest

PLAYERS = ["Cayde", "Zavala", "Osiris", "Drifter", "New Light", "Fenchurch"]
VENDORS = "400,401,402,300,301,302,303,304,305,306,307,308,309,310,600,1200"


@pytest.fixture(scope="module")
def fair() -> Iterator[Sandbox]:
    """A sandbox on a weekend, so that Xûr is there."""
    with running(vault=30, oddities=True) as bungie:
        bungie.clock.set(bungie.clock.now().replace(year=2026, month=6, day=29))
        bungie.bungie.alert("Something is <b>up</b>")
        yield bungie


def answers_to_reads(bungie: Sandbox, operation: str) -> Iterator[dict]:
    """Bodies of successful answers of an operation that only reads."""
    method, path, *_ = OPERATIONS[operation]
    assert method == "GET"
    path = path.removeprefix("/Platform")
    for name in PLAYERS:
        with Guest(bungie, name) as guest:
            yield from _asked(guest, path)
        with Guest(bungie, None) as stranger:
            stranger.player = bungie.player(name)
            if operation not in {"GetMembershipDataForCurrentUser", "GetVendors", "GetVendor"}:
                yield from _asked(stranger, path)


def _asked(guest: Guest, path: str) -> Iterator[dict]:
    items = [item for item in guest.profile.everything() if item.instance_id]
    per_home = {item.definition.bucket: item.instance_id for item in items}
    choices = {
        "<membership_type>": [str(guest.kind)],
        "<membership_id>": [guest.player.main.id],
        "<character_id>": guest.characters,
        "<item_instance_id>": list(per_home.values()),
        "<vendor_hash>": [str(vendor) for vendor in (XUR, GEAR_OFFERS, MORE_OFFERS, DARES_XUR)],
        "<entity_type>": ["DestinyInventoryItemDefinition"],
        "<hash_identifier>": ["3853748946"],
        "<term>": ["enhancement"],
    }
    paths = [path]
    for placeholder, values in choices.items():
        paths = [
            one.replace(placeholder, value)
            for one in paths
            for value in (values if placeholder in one else [""])
        ]
    asked = VENDORS if "Vendors" in path else EVERYTHING
    for one in paths:
        query = asked if "Profile/" in path or "Vendors" in path else ""
        answer = guest.get(one, query).json()
        if "/Item/" in one and answer["ErrorCode"] == 1623:
            continue  # a stranger may not see what a private player does not wear
        assert answer["ErrorCode"] == 1, (one, answer)
        yield answer


READS = [name for name, (method, *_) in OPERATIONS.items() if method == "GET"]
ACTIONS = [name for name, (method, *_) in OPERATIONS.items() if method == "POST"]


def test_every_operation_of_the_description_is_served():
    served = {
        name: (method, path.removeprefix("/Platform"))
        for name, (method, path, *_) in OPERATIONS.items()
    }
    assert served.keys() == official.operations().keys()
    for name, (method, path) in official.operations().items():
        assert served[name][0] == method
        assert served[name][1].count("<") == path.count("{")


@pytest.mark.parametrize("operation", READS)
def test_an_answer_to_a_read_is_as_described(fair, operation):
    answers = list(answers_to_reads(fair, operation))
    assert answers
    for answer in answers:
        assert official.faults_of_answer(operation, answer) == []


def _bodies(guest: Guest) -> dict[str, dict]:
    """For each action a body that succeeds."""
    profile, character = guest.profile, guest.characters[0]
    stored = next(item for item in profile.inside("vault", Bucket.VAULT) if item.instance_id)
    stored = next(
        item
        for item in profile.inside("vault", Bucket.VAULT)
        if item.instance_id and profile.room(character, item.definition.bucket) > 0
    )
    lost = next(
        item
        for item in profile.inside(character, Bucket.LOST_ITEMS)
        if not item.instance_id and not item.definition.side_effects
    )
    bag = [item for item in profile.inside(character, Bucket.LEG) if not item.equipped]
    wearable = next(
        item for item in bag if item.definition.class_type == 1 and not item.definition.unique_label
    )
    quest = profile.inside(character, Bucket.QUESTS)[0]
    gun = next(
        item for item in profile.inside(character, Bucket.ENERGY) if len(item.roll.options[3]) > 1
    )
    item = {"itemId": wearable.instance_id}
    stack = {"itemReferenceHash": stored.item_hash, "itemId": stored.instance_id, "stackSize": 1}
    pulled = {"itemReferenceHash": lost.item_hash, "itemId": "0", "stackSize": 1}
    loadout = {"loadoutIndex": 0}
    return {
        "TransferItem": stack | {"transferToVault": False},
        "PullFromPostmaster": pulled,
        "EquipItem": item,
        "EquipItems": {"itemIds": [wearable.instance_id, quest.instance_id]},
        "SetItemLockState": item | {"state": True},
        "SetQuestTrackedState": {"itemId": quest.instance_id, "state": True},
        "InsertSocketPlugFree": {
            "itemId": gun.instance_id,
            "plug": {
                "socketIndex": 3,
                "socketArrayType": 0,
                "plugItemHash": gun.roll.options[3][1],
            },
        },
        "SnapshotLoadout": loadout | {"colorHash": 1, "iconHash": 2, "nameHash": 3},
        "UpdateLoadoutIdentifiers": loadout | {"nameHash": 4},
        "EquipLoadout": loadout,
        "ClearLoadout": loadout,
    }


@pytest.mark.parametrize("operation", ACTIONS)
def test_an_answer_to_an_action_is_as_described(operation):
    with running(vault=200) as bungie, Guest(bungie) as guest:
        common = {"characterId": guest.characters[0], "membershipType": guest.kind}
        bodies = _bodies(guest)
        if "Loadout" in operation:
            path = "/Destiny2/Actions/Loadouts/SnapshotLoadout/"
            guest.post(path, bodies["SnapshotLoadout"] | common)
        body = bodies[operation] | common
        method, path, *_ = OPERATIONS[operation]
        path = path.removeprefix("/Platform")
        assert official.faults_of_request(method, path, {}, body) == []
        answer = guest.post(path, body).json()
        assert answer["ErrorCode"] == 1, answer
        assert official.faults_of_answer(operation, answer) == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_refusal_is_an_envelope_as_described(fair, operation):
    method, path, *_ = OPERATIONS[operation]
    fair.refuse_next(operation, 1618)
    path = fair.root + path.replace("<", "").replace(">", "")
    with Guest(fair) as guest:
        answer = guest.session.request(method, path, timeout=10).json()
    assert answer["ErrorCode"] == 1618
    assert official.faults_of_answer(operation, answer) == []


def test_what_is_not_as_described_is_found():
    good = {"Response": 0, "ErrorCode": 1, "ThrottleSeconds": 0, "ErrorStatus": "Success"}
    assert official.faults_of_answer("TransferItem", good) == []
    assert official.faults_of_answer("TransferItem", good | {"ErrorCode": "1"})
    assert official.faults_of_answer("TransferItem", good | {"ErrorCode": 999999})
    assert official.faults_of_request("GET", "/Destiny2/3/Profile/x/", {}, None)
    assert official.faults_of_request("GET", "/Nowhere/", {}, None)
    assert official.faults_of_request("GET", "/Destiny2/Vendors/", {"components": "4"}, None)
    assert official.faults_of_request(
        "POST", "/Destiny2/Actions/Items/EquipItem/", {}, {"itemId": 5, "extra": 1}
    )
