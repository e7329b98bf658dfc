"""Faults on demand: each kind does what its name says, as often as it was planned."""

import threading

import pytest
import requests

from bungie_sandbox.faults import Fault
from bungie_sandbox.server import running
from tests.sandbox.guest import Guest
from tests.sandbox.picking import bagged

KINETIC = 1498876634


def test_a_planned_refusal_comes_as_often_as_planned_and_does_nothing(bungie, guest):
    item = bagged(guest.profile, guest.characters[0], KINETIC)
    bungie.refuse_next("TransferItem", 1642, times=2)
    codes = [guest.transfer(item, item.holder, to_vault=True) for _ in range(3)]
    assert codes == [1642, 1642, 1]


@pytest.mark.parametrize("name", ["SetLockState", "SetItemLockState"])
def test_an_operation_goes_by_its_name_or_its_path(bungie, guest, name):
    bungie.refuse_next(name, 1618)
    assert guest.act("SetLockState", itemId="5") == 1618
    assert guest.act("SetLockState", itemId="5") == 1623


def test_a_fault_may_go_by_path(bungie, guest):
    bungie.fail_next("/Platform/Destiny2/*/Profile/*", "html")
    assert guest.get("/Destiny2/Manifest/").status_code == 200
    assert guest.get(guest.path, "100").status_code == 500


def test_a_fault_may_let_some_pass_first(bungie, guest):
    bungie.fail_next("GetProfile", "html", skip=2)
    statuses = [guest.get(guest.path, "100").status_code for _ in range(4)]
    assert statuses == [200, 200, 500, 200]


def test_a_fault_may_last_until_it_is_taken_back(bungie, guest):
    bungie.fail_next("*", "maintenance", times=-1)
    for _ in range(3):
        assert guest.get(guest.path, "100").status_code == 503
        assert guest.get("/Destiny2/Manifest/").status_code == 503
    bungie.bungie.faults.clear()
    assert guest.get(guest.path, "100").status_code == 200


def test_an_unknown_code_is_sent_as_it_is(bungie, guest):
    bungie.refuse_next("GetProfile", 98765)
    body = guest.get(guest.path, "100").json()
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
def test_an_outage_has_its_shape_and_does_nothing(bungie, guest, kind, status, is_json):
    item = bagged(guest.profile, guest.characters[0], KINETIC)
    before = item.locked
    bungie.fail_next("SetLockState", kind)
    body = {"itemId": item.instance_id, "state": not before,
            "characterId": item.holder, "membershipType": 3}  # fmt: skip
    answer = guest.post("/Destiny2/Actions/Items/SetLockState/", body)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/json" if is_json else "text/html")
    if kind.startswith("maintenance") and is_json:
        assert answer.json()["ErrorCode"] == 5
    assert item.locked is before


def test_maintenance_at_the_token_endpoint_speaks_its_language(bungie):
    bungie.fail_next("Token", "maintenance")
    answer = requests.post(f"{bungie.root}/Platform/App/OAuth/token/", data={}, timeout=30)
    assert answer.status_code == 400
    assert answer.json() == {"error": "server_error", "error_description": "SystemDisabled"}


@pytest.mark.parametrize(("kind", "done"), [("drop", False), ("lost", True), ("cut", True)])
def test_a_connection_breaks_before_or_after_the_deed(bungie, guest, kind, done):
    item = bagged(guest.profile, guest.characters[0], KINETIC)
    before = item.locked
    bungie.fail_next("SetLockState", kind)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        guest.lock(item, state=not before)
    assert (item.locked is not before) is done
    assert guest.lock(item, state=before) == 1


@pytest.mark.parametrize(("kind", "done"), [("hang", False), ("hang-after", True)])
def test_an_answer_may_never_come(bungie, guest, kind, done):
    item = bagged(guest.profile, guest.characters[0], KINETIC)
    before = item.locked
    bungie.fail_next("SetLockState", kind)
    body = {"itemId": item.instance_id, "state": not before,
            "characterId": item.holder, "membershipType": 3}  # fmt: skip
    address = guest.root + "/Destiny2/Actions/Items/SetLockState/"
    with pytest.raises(requests.ReadTimeout):
        guest.session.post(address, json=body, timeout=0.2)
    assert (item.locked is not before) is done


def test_a_truncated_answer_is_no_json(bungie, guest):
    bungie.fail_next("GetProfile", "truncated")
    answer = guest.get(guest.path, "100")
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_a_slow_answer_comes_late(bungie, guest):
    bungie.fail_next("GetProfile", "slow", seconds=0.2)
    answer = guest.get(guest.path, "100")
    assert answer.elapsed.total_seconds() >= 0.2


def test_operations_may_take_their_time(bungie, guest):
    bungie.configure(latency={"GetGlobalAlerts": (0.15, 0.2)})
    assert guest.get("/GlobalAlerts/").elapsed.total_seconds() >= 0.15
    assert guest.get("/Destiny2/Milestones/").elapsed.total_seconds() < 0.15


def test_stopping_lets_go_of_a_client_for_whom_it_hangs():
    before = set(threading.enumerate())
    with running(vault=0) as bungie:
        bungie.fail_next("GetProfile", "hang")
        with Guest(bungie) as guest, pytest.raises(requests.ReadTimeout):
            guest.session.get(guest.root + guest.path + "?components=100", timeout=0.1)
        assert set(threading.enumerate()) - before
    assert not set(threading.enumerate()) - before


def test_there_is_no_fault_of_an_unknown_kind(bungie):
    with pytest.raises(ValueError, match="no fault of the kind"):
        bungie.fail_next("GetProfile", "earthquake")


def test_the_log_names_the_fault(bungie, guest):
    bungie.fail_next("GetProfile", "lost")
    with pytest.raises(requests.ConnectionError):
        guest.get(guest.path, "100")
    assert (bungie.requests[-1].fault, bungie.requests[-1].code) == ("lost", 1)


def test_a_fault_may_be_for_one_player(bungie, guest):
    with Guest(bungie, "Zavala#0104") as zavala:
        bungie.bungie.faults.plan(Fault(operation="*", kind="html", times=-1, player="Zavala#0104"))
        assert guest.get(guest.path, "100").status_code == 200
        assert zavala.get(zavala.path, "100").status_code == 500
        bungie.bungie.faults.clear("Cayde#0006")
        assert zavala.get(zavala.path, "100").status_code == 500
        bungie.bungie.faults.clear("Zavala#0104")
        assert zavala.get(zavala.path, "100").status_code == 200


def test_a_fault_of_one_player_befalls_the_refresh_of_that_players_token(bungie):
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


def test_components_are_withheld_from_one_players_belongings(bungie, guest):
    bungie.bungie.withhold([102], times=1, player="Cayde#0006")
    with Guest(bungie, "Zavala#0104") as zavala:
        assert "data" in zavala.read(zavala.path, "102")["profileInventory"]
    assert "data" not in guest.read(guest.path, "102")["profileInventory"]
    assert "data" in guest.read(guest.path, "102")["profileInventory"]
