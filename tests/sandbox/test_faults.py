"""Planned faults: each kind has its effect as often as it was planned."""

import threading

import pytest
import requests

from bungie_sandbox.faults import Fault
from bungie_sandbox.server import running
from tests.sandbox.client import SandboxClient
from tests.sandbox.items import find_unequipped

KINETIC = 1498876634


def test_a_planned_refusal_comes_as_often_as_planned_and_does_nothing(bungie, client):
    item = find_unequipped(client.profile, client.characters[0], KINETIC)
    bungie.refuse_next("TransferItem", 1642, times=2)
    codes = [client.transfer(item, item.holder, to_vault=True) for _ in range(3)]
    assert codes == [1642, 1642, 1]


@pytest.mark.parametrize("name", ["SetLockState", "SetItemLockState"])
def test_an_operation_goes_by_its_name_or_its_path(bungie, client, name):
    bungie.refuse_next(name, 1618)
    assert client.act("SetLockState", itemId="5") == 1618
    assert client.act("SetLockState", itemId="5") == 1623


def test_a_fault_may_go_by_path(bungie, client):
    bungie.fail_next("/Platform/Destiny2/*/Profile/*", "html")
    assert client.get("/Destiny2/Manifest/").status_code == 200
    assert client.get(client.path, "100").status_code == 500


def test_a_fault_may_skip_some_requests(bungie, client):
    bungie.fail_next("GetProfile", "html", skip=2)
    statuses = [client.get(client.path, "100").status_code for _ in range(4)]
    assert statuses == [200, 200, 500, 200]


def test_a_fault_may_last_until_it_is_removed(bungie, client):
    bungie.fail_next("*", "maintenance", times=-1)
    for _ in range(3):
        assert client.get(client.path, "100").status_code == 503
        assert client.get("/Destiny2/Manifest/").status_code == 503
    bungie.bungie.faults.clear()
    assert client.get(client.path, "100").status_code == 200


def test_an_unknown_code_is_sent_as_it_is(bungie, client):
    bungie.refuse_next("GetProfile", 98765)
    body = client.get(client.path, "100").json()
    assert (body["ErrorCode"], body["ErrorStatus"]) == (98765, "Unnamed98765")


@pytest.mark.parametrize(
    ("kind", "status", "is_json"),
    [
        ("html", 500, False),
        ("bad-gateway", 502, False),
        ("maintenance", 503, True),
        ("maintenance-html", 503, False),
        ("maintenance-200", 200, True),
        ("unauthorized", 401, False),
        ("not-found", 404, False),
        ("oauth-error", 400, True),
    ],
)
def test_an_outage_has_its_shape_and_does_nothing(bungie, client, kind, status, is_json):
    item = find_unequipped(client.profile, client.characters[0], KINETIC)
    before = item.locked
    bungie.fail_next("SetLockState", kind)
    body = {"itemId": item.instance_id, "state": not before,
            "characterId": item.holder, "membershipType": 3}  # fmt: skip
    answer = client.post("/Destiny2/Actions/Items/SetLockState/", body)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/json" if is_json else "text/html")
    if kind.startswith("maintenance") and is_json:
        assert answer.json()["ErrorCode"] == 5
    assert item.locked is before


def test_maintenance_at_the_token_endpoint_is_an_oauth_error(bungie):
    bungie.fail_next("Token", "maintenance")
    answer = requests.post(f"{bungie.root}/Platform/App/OAuth/token/", data={}, timeout=30)
    assert answer.status_code == 400
    assert answer.json() == {"error": "server_error", "error_description": "SystemDisabled"}


@pytest.mark.parametrize(
    ("kind", "is_carried_out"), [("drop", False), ("lost", True), ("cut", True)]
)
def test_a_connection_breaks_before_or_after_the_action(bungie, client, kind, is_carried_out):
    item = find_unequipped(client.profile, client.characters[0], KINETIC)
    before = item.locked
    bungie.fail_next("SetLockState", kind)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        client.lock(item, state=not before)
    assert (item.locked is not before) is is_carried_out
    assert client.lock(item, state=before) == 1


@pytest.mark.parametrize(("kind", "is_carried_out"), [("hang", False), ("hang-after", True)])
def test_an_answer_may_never_come(bungie, client, kind, is_carried_out):
    item = find_unequipped(client.profile, client.characters[0], KINETIC)
    before = item.locked
    bungie.fail_next("SetLockState", kind)
    body = {"itemId": item.instance_id, "state": not before,
            "characterId": item.holder, "membershipType": 3}  # fmt: skip
    address = client.root + "/Destiny2/Actions/Items/SetLockState/"
    with pytest.raises(requests.ReadTimeout):
        client.session.post(address, json=body, timeout=0.2)
    assert (item.locked is not before) is is_carried_out


def test_a_truncated_answer_is_no_json(bungie, client):
    bungie.fail_next("GetProfile", "truncated")
    answer = client.get(client.path, "100")
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_a_slow_answer_comes_late(bungie, client):
    bungie.fail_next("GetProfile", "slow", seconds=0.2)
    answer = client.get(client.path, "100")
    assert answer.elapsed.total_seconds() >= 0.2


def test_operations_may_have_a_latency(bungie, client):
    bungie.configure(latency={"GetGlobalAlerts": (0.15, 0.2)})
    assert client.get("/GlobalAlerts/").elapsed.total_seconds() >= 0.15
    assert client.get("/Destiny2/Milestones/").elapsed.total_seconds() < 0.15


def test_stopping_ends_a_hanging_request():
    before = set(threading.enumerate())
    with running(vault=0) as bungie:
        bungie.fail_next("GetProfile", "hang")
        with SandboxClient(bungie) as client, pytest.raises(requests.ReadTimeout):
            client.session.get(client.root + client.path + "?components=100", timeout=0.1)
        assert set(threading.enumerate()) - before
    assert not set(threading.enumerate()) - before


def test_an_unknown_kind_of_fault_is_an_error(bungie):
    with pytest.raises(ValueError, match="no fault of the kind"):
        bungie.fail_next("GetProfile", "earthquake")


def test_the_journal_names_the_fault(bungie, client):
    bungie.fail_next("GetProfile", "lost")
    with pytest.raises(requests.ConnectionError):
        client.get(client.path, "100")
    assert (bungie.requests[-1].fault, bungie.requests[-1].code) == ("lost", 1)


def test_a_fault_may_be_for_one_player(bungie, client):
    with SandboxClient(bungie, "Zavala#0104") as zavala:
        bungie.bungie.faults.plan(Fault(operation="*", kind="html", times=-1, player="Zavala#0104"))
        assert client.get(client.path, "100").status_code == 200
        assert zavala.get(zavala.path, "100").status_code == 500
        bungie.bungie.faults.clear("Cayde#0006")
        assert zavala.get(zavala.path, "100").status_code == 500
        bungie.bungie.faults.clear("Zavala#0104")
        assert zavala.get(zavala.path, "100").status_code == 200


def test_a_fault_for_one_player_applies_to_the_refresh_of_that_players_token(bungie):
    for player, status in (("Cayde#0006", 200), ("Zavala#0104", 500)):
        bungie.bungie.faults.plan(
            Fault(operation="Token", kind="html", times=-1, player="Zavala#0104")
        )
        form = {
            "grant_type": "refresh_token",
            "refresh_token": bungie.sign_in(player)["refresh_token"],
            "client_id": bungie.client_id,
            "client_secret": bungie.client_secret,
        }
        address = bungie.root + "/Platform/App/OAuth/token/"
        assert requests.post(address, data=form, timeout=10).status_code == status


def test_components_are_withheld_from_one_players_profile(bungie, client):
    bungie.bungie.withhold([102], times=1, player="Cayde#0006")
    with SandboxClient(bungie, "Zavala#0104") as zavala:
        assert "data" in zavala.read(zavala.path, "102")["profileInventory"]
    assert "data" not in client.read(client.path, "102")["profileInventory"]
    assert "data" in client.read(client.path, "102")["profileInventory"]
