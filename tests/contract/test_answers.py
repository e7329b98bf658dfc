"""Every answer of every operation fits Bungie's official description."""

from collections.abc import Iterator

import pytest

from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.http.api import OPERATIONS
from bungie_sandbox.manifest.vendor_table import DARES_XUR, GEAR_OFFERS, MORE_OFFERS, XUR
from bungie_sandbox.server import Sandbox, running
from tests.contract import official
from tests.sandbox.client import EVERYTHING, SandboxClient

PLAYERS = ["Cayde", "Zavala", "Osiris", "Drifter", "New Light", "Fenchurch"]
VENDORS = "400,401,402,300,301,302,303,304,305,306,307,308,309,310,600,1200"


@pytest.fixture(scope="module")
def weekend_sandbox() -> Iterator[Sandbox]:
    """A sandbox on a weekend, so that Xûr is present."""
    with running(vault=30, oddities=True) as bungie:
        bungie.clock.set(bungie.clock.now().replace(year=2026, month=6, day=29))
        bungie.bungie.alert("Something is <b>up</b>")
        yield bungie


def answers_to_reads(bungie: Sandbox, operation: str) -> Iterator[dict]:
    """Yield the bodies of successful answers of an operation that only reads."""
    method, path, *_ = OPERATIONS[operation]
    assert method == "GET"
    path = path.removeprefix("/Platform")
    for name in PLAYERS:
        with SandboxClient(bungie, name) as client:
            yield from _read_paths(client, path)
        with SandboxClient(bungie, None) as anonymous_client:
            anonymous_client.player = bungie.player(name)
            if operation not in {"GetMembershipDataForCurrentUser", "GetVendors", "GetVendor"}:
                yield from _read_paths(anonymous_client, path)


def _read_paths(client: SandboxClient, path: str) -> Iterator[dict]:
    items = [item for item in client.profile.all_items() if item.instance_id]
    one_per_bucket = {item.definition.bucket: item.instance_id for item in items}
    choices = {
        "<membership_type>": [str(client.membership_type)],
        "<membership_id>": [client.player.main.id],
        "<character_id>": client.characters,
        "<item_instance_id>": list(one_per_bucket.values()),
        "<vendor_hash>": [str(vendor) for vendor in (XUR, GEAR_OFFERS, MORE_OFFERS, DARES_XUR)],
        "<entity_type>": ["DestinyInventoryItemDefinition"],
        "<hash_identifier>": ["3853748946"],
        "<term>": ["enhancement"],
    }
    paths = [path]
    for placeholder, values in choices.items():
        paths = [
            concrete_path.replace(placeholder, value)
            for concrete_path in paths
            for value in (values if placeholder in concrete_path else [""])
        ]
    components = VENDORS if "Vendors" in path else EVERYTHING
    for concrete_path in paths:
        query = components if "Profile/" in path or "Vendors" in path else ""
        answer = client.get(concrete_path, query).json()
        if "/Item/" in concrete_path and answer["ErrorCode"] == 1623:
            continue  # other players see only the equipped items of a private player
        assert answer["ErrorCode"] == 1, (concrete_path, answer)
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
def test_an_answer_to_a_read_is_as_described(weekend_sandbox, operation):
    answers = list(answers_to_reads(weekend_sandbox, operation))
    assert answers
    for answer in answers:
        assert official.find_answer_violations(operation, answer) == []


def _bodies(client: SandboxClient) -> dict[str, dict]:
    """Return for each action a body that succeeds."""
    profile, character = client.profile, client.characters[0]
    vault_item = next(item for item in profile.items_in("vault", Bucket.VAULT) if item.instance_id)
    vault_item = next(
        item
        for item in profile.items_in("vault", Bucket.VAULT)
        if item.instance_id and profile.free_slots(character, item.definition.bucket) > 0
    )
    postmaster_item = next(
        item
        for item in profile.items_in(character, Bucket.LOST_ITEMS)
        if not item.instance_id and not item.definition.side_effects
    )
    leg_items = [item for item in profile.items_in(character, Bucket.LEG) if not item.equipped]
    equippable = next(
        item
        for item in leg_items
        if item.definition.class_type == 1 and not item.definition.unique_label
    )
    quest = profile.items_in(character, Bucket.QUESTS)[0]
    weapon = next(
        item for item in profile.items_in(character, Bucket.ENERGY) if len(item.roll.options[3]) > 1
    )
    item = {"itemId": equippable.instance_id}
    stack = {
        "itemReferenceHash": vault_item.item_hash,
        "itemId": vault_item.instance_id,
        "stackSize": 1,
    }
    postmaster_stack = {
        "itemReferenceHash": postmaster_item.item_hash,
        "itemId": "0",
        "stackSize": 1,
    }
    loadout = {"loadoutIndex": 0}
    return {
        "TransferItem": stack | {"transferToVault": False},
        "PullFromPostmaster": postmaster_stack,
        "EquipItem": item,
        "EquipItems": {"itemIds": [equippable.instance_id, quest.instance_id]},
        "SetItemLockState": item | {"state": True},
        "SetQuestTrackedState": {"itemId": quest.instance_id, "state": True},
        "InsertSocketPlugFree": {
            "itemId": weapon.instance_id,
            "plug": {
                "socketIndex": 3,
                "socketArrayType": 0,
                "plugItemHash": weapon.roll.options[3][1],
            },
        },
        "SnapshotLoadout": loadout | {"colorHash": 1, "iconHash": 2, "nameHash": 3},
        "UpdateLoadoutIdentifiers": loadout | {"nameHash": 4},
        "EquipLoadout": loadout,
        "ClearLoadout": loadout,
    }


@pytest.mark.parametrize("operation", ACTIONS)
def test_an_answer_to_an_action_is_as_described(operation):
    with running(vault=200) as bungie, SandboxClient(bungie) as client:
        common = {"characterId": client.characters[0], "membershipType": client.membership_type}
        bodies = _bodies(client)
        if "Loadout" in operation:
            path = "/Destiny2/Actions/Loadouts/SnapshotLoadout/"
            client.post(path, bodies["SnapshotLoadout"] | common)
        body = bodies[operation] | common
        method, path, *_ = OPERATIONS[operation]
        path = path.removeprefix("/Platform")
        assert official.find_request_violations(method, path, {}, body) == []
        answer = client.post(path, body).json()
        assert answer["ErrorCode"] == 1, answer
        assert official.find_answer_violations(operation, answer) == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_refusal_is_an_envelope_as_described(weekend_sandbox, operation):
    method, path, *_ = OPERATIONS[operation]
    weekend_sandbox.refuse_next(operation, 1618)
    path = weekend_sandbox.root + path.replace("<", "").replace(">", "")
    with SandboxClient(weekend_sandbox) as client:
        answer = client.session.request(method, path, timeout=10).json()
    assert answer["ErrorCode"] == 1618
    assert official.find_answer_violations(operation, answer) == []


def test_what_is_not_as_described_is_found():
    good = {"Response": 0, "ErrorCode": 1, "ThrottleSeconds": 0, "ErrorStatus": "Success"}
    assert official.find_answer_violations("TransferItem", good) == []
    assert official.find_answer_violations("TransferItem", good | {"ErrorCode": "1"})
    assert official.find_answer_violations("TransferItem", good | {"ErrorCode": 999999})
    assert official.find_request_violations("GET", "/Destiny2/3/Profile/x/", {}, None)
    assert official.find_request_violations("GET", "/Nowhere/", {}, None)
    assert official.find_request_violations("GET", "/Destiny2/Vendors/", {"components": "4"}, None)
    assert official.find_request_violations(
        "POST", "/Destiny2/Actions/Items/EquipItem/", {}, {"itemId": 5, "extra": 1}
    )
