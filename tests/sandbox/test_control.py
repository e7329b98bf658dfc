"""The control page and API, from the outside: for other programs, and for people."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests

from bungie_sandbox.game_data.game import Bucket
from tests.sandbox.guest import Guest
from tests.sandbox.picking import bagged, named, stored


class Desk:
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
def desk(bungie):
    return Desk(bungie)


def test_the_clock_is_read_set_moved_and_let_go(desk):
    assert desk.post("clock", now="2026-06-30T03:42:00Z").json() == {
        "now": "2026-06-30T03:42:00.000Z"
    }
    assert desk.post("clock", advance=60).json() == {"now": "2026-06-30T03:43:00.000Z"}
    assert desk.get("clock").json() == {"now": "2026-06-30T03:43:00.000Z"}
    assert desk.post("clock", run=True).json()["now"] > "2026-06-30T03:43:00.000Z"


def test_a_clock_that_is_shifted_runs_on_and_is_the_clock_of_the_date_header(desk, guest):
    before = datetime.now(UTC)
    desk.post("clock", shift=-3600)
    desk.post("clock", shift=60)
    told = [datetime.fromisoformat(desk.get("clock").json()["now"]) for _ in range(2)]
    assert before <= told[0] + timedelta(seconds=3540.001) <= told[1] + timedelta(seconds=3540.001)
    answer = guest.get(guest.path, "100")
    minted = datetime.fromisoformat(answer.json()["Response"]["responseMintedTimestamp"])
    assert abs(parsedate_to_datetime(answer.headers["Date"]) - minted) < timedelta(seconds=2)
    assert told[0] <= minted < before
    desk.post("clock", run=True)
    assert datetime.fromisoformat(desk.get("clock").json()["now"]) > before


def test_requests_are_numbered_and_name_their_player(desk, bungie, guest):
    guest.get(guest.path, "100")
    mark = bungie.bungie.journal.last
    bungie.fail_next("GetProfile", "html")
    guest.get(guest.path, "100")
    (told,) = desk.get("requests", after=mark).json()
    assert (told["number"], told["player"], told["code"]) == (mark + 1, "Cayde#0006", 0)
    assert desk.get("requests", after=mark + 1).json() == []


def test_the_journal_has_the_result_of_each_item_of_an_equip_of_several(desk, guest):
    item = bagged(guest.profile, guest.characters[0], Bucket.KINETIC)
    guest.act("EquipItems", itemIds=[item.instance_id, "5"], characterId=item.holder)
    (told,) = desk.get("requests", operation="EquipItems").json()
    assert told["results"] == {item.instance_id: told["results"][item.instance_id], "5": 1623}


def test_a_player_is_signed_in_without_the_pages(desk, bungie):
    told = desk.post("sign-in", player="Zavala#0104").json()
    assert told["membership_id"] == bungie.player("Zavala").bungie_id
    with Guest(bungie, None) as guest:
        guest.session.headers["Authorization"] = f"Bearer {told['access_token']}"
        assert guest.read("/User/GetMembershipsForCurrentUser/")


def test_faults_are_planned_shown_and_taken_back(desk, guest):
    desk.post("faults", operation="GetProfile", kind="refuse", code=1618, times=2)
    assert guest.get(guest.path, "100").json()["ErrorCode"] == 1618
    assert [fault["times"] for fault in desk.get("faults").json()] == [1]
    desk.delete("faults")
    assert guest.get(guest.path, "100").json()["ErrorCode"] == 1


def test_requests_are_told_and_forgotten(desk, guest):
    guest.get(guest.path, "100")
    guest.get("/GlobalAlerts/")
    told = desk.get("requests", operation="GetProfile").json()
    assert [(one["method"], one["status"], one["code"]) for one in told] == [("GET", 200, 1)]
    assert len(desk.get("requests", last=1).json()) == 1
    desk.delete("requests")
    assert desk.get("requests").json() == []


def test_a_player_and_an_item_are_shown(desk, guest):
    item = bagged(guest.profile, guest.characters[0], Bucket.KINETIC)
    told = desk.get("players/Cayde%230006").json()
    (profile,) = told["profiles"].values()
    assert [one["characterId"] for one in profile["characters"]] == guest.characters
    assert profile["vault"] == {"used": 120, "capacity": 1300}
    assert item.instance_id in {one["itemInstanceId"] for one in profile["items"]}
    one = desk.get(f"items/{item.instance_id}").json()
    assert (one["holder"], one["equipped"]) == (guest.characters[0], False)
    assert desk.get("items/5").status_code == 404


def test_what_nobody_knows_is_shown_all_the_same(desk):
    (profile,) = desk.get("players/Mithrax").json()["profiles"].values()
    assert None in {one["bucketName"] for one in profile["items"] if one["bucket"] == 97}


def test_players_are_listed_and_added(desk):
    before = len(desk.get("players").json())
    told = desk.post("players", name="Shaxx", code=7, memberships="one", size={"vault": 9})
    assert told.json()["name"] == "Shaxx#0007"
    assert len(desk.get("players").json()) == before + 1
    (profile,) = desk.get("players/Shaxx").json()["profiles"].values()
    assert profile["vault"]["used"] == 9


class TestTheGame:
    """What happens in the game can be made to happen."""

    def test_a_character_travels(self, desk, guest):
        hunter = guest.characters[0]
        desk.post("game", event="travel", character=hunter, place="activity")
        assert guest.equip(bagged(guest.profile, hunter, Bucket.KINETIC)) == 1671

    def test_an_item_is_dismantled(self, desk, bungie, guest):
        item = stored(guest.profile, item_type=3)
        desk.post("game", event="dismantle", item=item.instance_id)
        assert bungie.holder_of(item.instance_id) is None
        assert guest.transfer(item, guest.characters[0], to_vault=False) == 1623

    def test_loot_drops(self, desk):
        told = desk.post("game", event="loot", hash=named("Enhancement Prism"), quantity=2).json()
        assert told[0]["name"] == "Enhancement Prism"

    def test_a_character_plays_and_another_is_deleted(self, desk, guest):
        warlock = guest.characters[2]
        assert desk.post("game", event="play", character=warlock).json() == {"ok": True}
        assert desk.post("game", event="delete-character", character=warlock).status_code == 200
        assert warlock not in guest.read(guest.path, "200")["characters"]["data"]

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
    def test_what_cannot_happen_is_refused(self, desk, body):
        answer = desk.post("game", **body)
        assert answer.status_code == 400
        assert answer.json()["error"]


def test_settings_change_and_return_with_a_reset(desk, bungie, guest):
    assert desk.post("settings", spacing=True, vault=5).json() == {"ok": True}
    assert desk.get("state").json()["options"]["spacing"] is True
    for wrong in ({"port": 1}, {"nonsense": 1}, {"spacing": "perhaps"}):
        assert desk.post("settings", **wrong).status_code == 400
    desk.post("reset")
    assert desk.get("state").json()["options"]["spacing"] is False
    assert guest.get("/User/GetMembershipsForCurrentUser/").status_code == 401
    assert bungie.requests[0].operation == "GetMembershipDataForCurrentUser"


def test_the_redirect_address_outlives_a_reset(desk, bungie):
    before = bungie.redirect_uri
    desk.post("settings", redirect_uri="http://127.0.0.1:9/back")
    desk.post("reset")
    assert bungie.redirect_uri == "http://127.0.0.1:9/back"
    bungie.redirect_uri = before


def test_systems_components_manifest_alerts_and_consents_are_switched(desk, guest):
    version = guest.read("/Destiny2/Manifest/")["version"]
    desk.post("manifest")
    assert guest.read("/Destiny2/Manifest/")["version"] != version
    desk.post("components", disabled=[102], withheld=[201], times=1)
    answer = guest.read(guest.path, "102,201")
    assert "data" not in answer["profileInventory"]
    assert "data" not in answer["characterInventories"]
    desk.post("alerts", html="Up", level=3)
    assert guest.read("/GlobalAlerts/")[0]["AlertLevel"] == 3
    assert desk.post("systems", D2Vendors=False).json()["D2Vendors"] is False
    assert desk.post("systems", D3=False).status_code == 400
    desk.post("consents", player="Cayde")
    address = guest.bungie.root + "/Platform/App/OAuth/token/"
    form = {"grant_type": "refresh_token", "refresh_token": guest.tokens["refresh_token"],
            "client_id": guest.bungie.client_id,
            "client_secret": guest.bungie.client_secret}  # fmt: skip
    assert requests.post(address, data=form, timeout=30).status_code == 400
    desk.post("consents", all=True)
    assert guest.get("/User/GetMembershipsForCurrentUser/").status_code == 401


class TestThePage:
    """The same for people."""

    def test_it_shows_what_goes_on(self, desk, bungie, guest):
        guest.get(guest.path, "100")
        bungie.fail_next("EquipItem", "html")
        page = desk.get().text
        for words in ("Cayde#0006", "GetProfile", "EquipItem", "120 of 1300"):
            assert words in page

    def test_a_form_leads_back_to_it(self, desk, bungie):
        answer = requests.post(
            desk.root + "faults",
            data={"operation": "EquipItem", "kind": "refuse", "code": "1671", "times": "2"},
            allow_redirects=False,
            timeout=30,
        )
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sandbox/")
        assert [(one.code, one.times) for one in bungie.bungie.faults.planned] == [(1671, 2)]

    def test_text_that_came_in_is_not_markup(self, desk, bungie):
        requests.get(bungie.root + "/Platform/<script>alert(1)</script>/", timeout=30)
        assert "<script" not in desk.get().text


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
def test_only_this_machine_and_its_own_page_get_in(desk, headers, status):
    answer = requests.post(desk.root + "reset", headers=headers, timeout=30)
    assert answer.status_code == status


@pytest.mark.parametrize("path", ["nonsense", "players/Nobody", "items/"])
def test_what_is_not_there_is_an_error_in_json(desk, path):
    answer = desk.get(path)
    assert answer.status_code in {400, 404}
    assert answer.json()["error"]


def test_a_body_that_is_no_object_is_refused(desk):
    answer = requests.post(desk.root + "clock", data="[1]", timeout=30)
    assert answer.status_code == 400
    assert requests.post(desk.root + "clock", data="{", timeout=30).status_code == 400
