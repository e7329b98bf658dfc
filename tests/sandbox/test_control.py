"""The control page and the control API."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests

from bungie_sandbox.game_data.game import Bucket
from tests.sandbox.client import SandboxClient
from tests.sandbox.items import find_in_vault, find_unequipped, hash_of_item


class ControlClient:
    """The control API of a sandbox."""

    def __init__(self, bungie):
        self.root = bungie.root + "/sandbox/"

    def get(self, path="", **query):
        return requests.get(self.root + path, params=query, timeout=30)

    def post(self, path, **body):
        return requests.post(self.root + path, json=body, timeout=30)

    def delete(self, path):
        return requests.delete(self.root + path, timeout=30)


@pytest.fixture
def control(bungie):
    return ControlClient(bungie)


def test_the_clock_is_read_set_moved_and_run(control):
    assert control.post("clock", now="2026-06-30T03:42:00Z").json() == {
        "now": "2026-06-30T03:42:00.000Z"
    }
    assert control.post("clock", advance=60).json() == {"now": "2026-06-30T03:43:00.000Z"}
    assert control.get("clock").json() == {"now": "2026-06-30T03:43:00.000Z"}
    assert control.post("clock", run=True).json()["now"] > "2026-06-30T03:43:00.000Z"


def test_a_clock_that_is_shifted_runs_on_and_is_the_clock_of_the_date_header(control, client):
    before = datetime.now(UTC)
    control.post("clock", shift=-3600)
    control.post("clock", shift=60)
    response = [datetime.fromisoformat(control.get("clock").json()["now"]) for _ in range(2)]
    assert (
        before
        <= response[0] + timedelta(seconds=3540.001)
        <= response[1] + timedelta(seconds=3540.001)
    )
    answer = client.get(client.path, "100")
    minted = datetime.fromisoformat(answer.json()["Response"]["responseMintedTimestamp"])
    assert abs(parsedate_to_datetime(answer.headers["Date"]) - minted) < timedelta(seconds=2)
    assert response[0] <= minted < before
    control.post("clock", run=True)
    assert datetime.fromisoformat(control.get("clock").json()["now"]) > before


def test_requests_are_numbered_and_name_their_player(control, bungie, client):
    client.get(client.path, "100")
    mark = bungie.bungie.journal.last
    bungie.fail_next("GetProfile", "html")
    client.get(client.path, "100")
    (response,) = control.get("requests", after=mark).json()
    assert (response["number"], response["player"], response["code"]) == (mark + 1, "Cayde#0006", 0)
    assert control.get("requests", after=mark + 1).json() == []


def test_the_journal_has_the_result_of_each_item_of_an_equip_of_several(control, client):
    item = find_unequipped(client.profile, client.characters[0], Bucket.KINETIC)
    client.act("EquipItems", itemIds=[item.instance_id, "5"], characterId=item.holder)
    (response,) = control.get("requests", operation="EquipItems").json()
    assert response["results"] == {
        item.instance_id: response["results"][item.instance_id],
        "5": 1623,
    }


def test_a_player_is_signed_in_without_the_pages(control, bungie):
    response = control.post("sign-in", player="Zavala#0104").json()
    assert response["membership_id"] == bungie.player("Zavala").bungie_id
    with SandboxClient(bungie, None) as client:
        client.session.headers["Authorization"] = f"Bearer {response['access_token']}"
        assert client.read("/User/GetMembershipsForCurrentUser/")


def test_faults_are_planned_listed_and_removed(control, client):
    control.post("faults", operation="GetProfile", kind="refuse", code=1618, times=2)
    assert client.get(client.path, "100").json()["ErrorCode"] == 1618
    assert [fault["times"] for fault in control.get("faults").json()] == [1]
    control.delete("faults")
    assert client.get(client.path, "100").json()["ErrorCode"] == 1


def test_requests_are_listed_and_removed(control, client):
    client.get(client.path, "100")
    client.get("/GlobalAlerts/")
    response = control.get("requests", operation="GetProfile").json()
    assert [(entry["method"], entry["status"], entry["code"]) for entry in response] == [
        ("GET", 200, 1)
    ]
    assert len(control.get("requests", last=1).json()) == 1
    control.delete("requests")
    assert control.get("requests").json() == []


def test_a_player_and_an_item_are_described(control, client):
    item = find_unequipped(client.profile, client.characters[0], Bucket.KINETIC)
    response = control.get("players/Cayde%230006").json()
    (profile,) = response["profiles"].values()
    assert [character["characterId"] for character in profile["characters"]] == client.characters
    assert profile["vault"] == {"used": 120, "capacity": 1300}
    assert item.instance_id in {item["itemInstanceId"] for item in profile["items"]}
    answer = control.get(f"items/{item.instance_id}").json()
    assert (answer["holder"], answer["equipped"]) == (client.characters[0], False)
    assert control.get("items/5").status_code == 404


def test_an_item_in_an_unknown_bucket_is_described(control):
    (profile,) = control.get("players/Mithrax").json()["profiles"].values()
    assert None in {item["bucketName"] for item in profile["items"] if item["bucket"] == 97}


def test_players_are_listed_and_added(control):
    before = len(control.get("players").json())
    response = control.post("players", name="Shaxx", code=7, memberships="one", size={"vault": 9})
    assert response.json()["name"] == "Shaxx#0007"
    assert len(control.get("players").json()) == before + 1
    (profile,) = control.get("players/Shaxx").json()["profiles"].values()
    assert profile["vault"]["used"] == 9


def test_a_character_travels(control, client):
    hunter = client.characters[0]
    control.post("game", event="travel", character=hunter, place="activity")
    assert client.equip(find_unequipped(client.profile, hunter, Bucket.KINETIC)) == 1671


def test_an_item_is_dismantled(control, bungie, client):
    item = find_in_vault(client.profile, item_type=3)
    control.post("game", event="dismantle", item=item.instance_id)
    assert bungie.holder_of(item.instance_id) is None
    assert client.transfer(item, client.characters[0], to_vault=False) == 1623


def test_loot_is_dropped(control):
    response = control.post(
        "game", event="loot", hash=hash_of_item("Enhancement Prism"), quantity=2
    ).json()
    assert response[0]["name"] == "Enhancement Prism"


def test_a_character_plays_and_another_is_deleted(control, client):
    warlock = client.characters[2]
    assert control.post("game", event="play", character=warlock).json() == {"ok": True}
    assert control.post("game", event="delete-character", character=warlock).status_code == 200
    assert warlock not in client.read(client.path, "200")["characters"]["data"]


@pytest.mark.parametrize(
    "body",
    [
        {"event": "earthquake"},
        {"event": "travel", "place": "the moon"},
        {"event": "dismantle", "item": "5"},
        {"event": "loot", "hash": 5},
        {"event": "travel"},
        {"event": "play", "player": "Nobody"},
        {"event": "play", "player": "Holliday"},
    ],
)
def test_an_impossible_event_is_refused(control, body):
    answer = control.post("game", **body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_settings_change_and_return_with_a_reset(control, bungie, client):
    assert control.post("settings", spacing=True, vault=5).json() == {"ok": True}
    assert control.get("state").json()["options"]["spacing"] is True
    for changes in ({"port": 1}, {"nonsense": 1}, {"spacing": "perhaps"}):
        assert control.post("settings", **changes).status_code == 400
    control.post("reset")
    assert control.get("state").json()["options"]["spacing"] is False
    assert client.get("/User/GetMembershipsForCurrentUser/").status_code == 401
    assert bungie.requests[0].operation == "GetMembershipDataForCurrentUser"


def test_the_redirect_address_stays_after_a_reset(control, bungie):
    before = bungie.redirect_uri
    control.post("settings", redirect_uri="http://127.0.0.1:9/back")
    control.post("reset")
    assert bungie.redirect_uri == "http://127.0.0.1:9/back"
    bungie.redirect_uri = before


def test_systems_components_manifest_alerts_and_consents_are_switched(control, client):
    version = client.read("/Destiny2/Manifest/")["version"]
    control.post("manifest")
    assert client.read("/Destiny2/Manifest/")["version"] != version
    control.post("components", disabled=[102], withheld=[201], times=1)
    answer = client.read(client.path, "102,201")
    assert "data" not in answer["profileInventory"]
    assert "data" not in answer["characterInventories"]
    control.post("alerts", html="Up", level=3)
    assert client.read("/GlobalAlerts/")[0]["AlertLevel"] == 3
    assert control.post("systems", D2Vendors=False).json()["D2Vendors"] is False
    assert control.post("systems", D3=False).status_code == 400
    control.post("consents", player="Cayde")
    address = client.bungie.root + "/Platform/App/OAuth/token/"
    form = {"grant_type": "refresh_token", "refresh_token": client.tokens["refresh_token"],
            "client_id": client.bungie.client_id,
            "client_secret": client.bungie.client_secret}  # fmt: skip
    assert requests.post(address, data=form, timeout=30).status_code == 400
    control.post("consents", all=True)
    assert client.get("/User/GetMembershipsForCurrentUser/").status_code == 401


def test_the_control_page_shows_players_requests_and_faults(control, bungie, client):
    client.get(client.path, "100")
    bungie.fail_next("EquipItem", "html")
    page = control.get().text
    for words in ("Cayde#0006", "GetProfile", "EquipItem", "120 of 1300"):
        assert words in page


def test_a_form_redirects_to_the_control_page(control, bungie):
    answer = requests.post(
        control.root + "faults",
        data={"operation": "EquipItem", "kind": "refuse", "code": "1671", "times": "2"},
        allow_redirects=False,
        timeout=30,
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sandbox/")
    assert [(fault.code, fault.times) for fault in bungie.bungie.faults.planned] == [(1671, 2)]


def test_the_control_page_escapes_received_text(control, bungie):
    requests.get(bungie.root + "/Platform/<script>alert(1)</script>/", timeout=30)
    assert "<script" not in control.get().text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "sandbox.example"}, 403),
        ({"Host": "127.0.0.1.sandbox.example:80"}, 403),
        ({"Origin": "https://site.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 200),
    ],
)
def test_only_this_machine_and_the_control_page_are_accepted(control, headers, status):
    answer = requests.post(control.root + "reset", headers=headers, timeout=30)
    assert answer.status_code == status


@pytest.mark.parametrize("path", ["nonsense", "players/Nobody", "items/"])
def test_an_unknown_address_is_an_error_in_json(control, path):
    answer = control.get(path)
    assert answer.status_code in {400, 404}
    assert answer.json()["error"]


def test_a_body_that_is_no_object_is_refused(control):
    answer = requests.post(control.root + "clock", data="[1]", timeout=30)
    assert answer.status_code == 400
    assert requests.post(control.root + "clock", data="{", timeout=30).status_code == 400
