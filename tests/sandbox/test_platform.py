"""How the Platform takes a request: keys, tokens, slashes, components, privacy, throttles."""

import pytest
import requests

from bungie_sandbox.options import PUBLIC_API_KEY
from bungie_sandbox.server import running
from tests.sandbox.guest import Guest
from tests.sandbox.picking import bagged, stored

MANIFEST = "/Destiny2/Manifest/"
CURRENT = "/User/GetMembershipsForCurrentUser/"
KINETIC = 1498876634


def outcome(answer: requests.Response) -> tuple[int, int]:
    """HTTP status and ErrorCode."""
    return answer.status_code, answer.json()["ErrorCode"]


def test_a_success_has_a_full_envelope(stranger):
    body = stranger.get(MANIFEST).json()
    assert body.pop("Response")
    assert body == {
        "ErrorCode": 1,
        "ThrottleSeconds": 0,
        "ErrorStatus": "Success",
        "Message": "Ok",
        "MessageData": {},
    }


def test_a_refusal_is_http_500_with_a_good_envelope(guest):
    answer = guest.post("/Destiny2/Actions/Items/EquipItem/", {
        "itemId": "5", "characterId": guest.characters[0], "membershipType": 3})  # fmt: skip
    assert outcome(answer) == (500, 1623)
    assert answer.json()["ErrorStatus"] == "DestinyItemNotFound"
    assert "Response" not in answer.json()


class TestTheWayIn:
    """Keys, origin and tokens."""

    @pytest.mark.parametrize(("key", "code"), [("", 2102), (None, 2102), ("wrong", 2101)])
    def test_a_call_without_a_good_key_is_refused(self, stranger, key, code):
        stranger.session.headers["X-API-Key"] = key
        assert outcome(stranger.get(MANIFEST)) == (500, code)

    def test_a_browsers_origin_is_refused_where_none_is_registered(self, stranger):
        stranger.session.headers["Origin"] = "https://site.example"
        answer = stranger.get(MANIFEST)
        assert outcome(answer) == (500, 2107)
        assert answer.json()["MessageData"] == {"Origin": "https://site.example"}

    def test_the_registered_origin_is_let_in(self, bungie, stranger):
        bungie.configure(origin="https://site.example")
        stranger.session.headers["Origin"] = "https://site.example"
        assert outcome(stranger.get(MANIFEST)) == (200, 1)

    @pytest.mark.parametrize("path", [CURRENT])
    def test_a_private_read_without_a_token_is_refused(self, stranger, path):
        assert outcome(stranger.get(path)) == (401, 99)

    def test_an_action_without_a_token_is_refused(self, stranger):
        assert outcome(stranger.post("/Destiny2/Actions/Items/EquipItem/", {})) == (401, 99)

    def test_an_unknown_token_is_refused(self, stranger):
        stranger.session.headers["Authorization"] = "Bearer nonsense"
        assert outcome(stranger.get(CURRENT)) == (401, 99)

    def test_a_token_runs_out(self, bungie, guest):
        bungie.clock.advance(3599)
        assert outcome(guest.get(CURRENT)) == (200, 1)
        bungie.clock.advance(1)
        assert outcome(guest.get(CURRENT)) == (401, 2111)

    def test_all_tokens_can_be_worthless_at_once(self, bungie, guest):
        bungie.bungie.oauth.invalidate_all()
        assert outcome(guest.get(CURRENT)) == (401, 99)

    def test_a_token_with_another_applications_key_is_as_none(self, guest):
        guest.session.headers["X-API-Key"] = PUBLIC_API_KEY
        assert outcome(guest.get(CURRENT)) == (401, 99)

    @pytest.mark.parametrize(("scopes", "code"), [(1 | 64, 2108), (1 | 32 | 64, 1623)])
    def test_an_action_needs_its_scope(self, bungie, guest, scopes, code):
        bungie.configure(scopes=scopes)
        assert guest.act("EquipItem", itemId="5") == code

    def test_a_missing_scope_is_named(self, bungie, guest):
        bungie.configure(scopes=1)
        answer = guest.post("/Destiny2/Actions/Items/EquipItem/", {}).json()
        assert answer["MessageData"] == {"RequiredScope": "MoveEquipDestinyItems"}

    def test_without_the_scope_for_it_private_data_is_withheld(self, bungie, guest):
        bungie.player().private = True
        bungie.configure(scopes=1 | 32)
        answer = guest.read(guest.path, "102,200")
        assert answer["profileInventory"] == {"privacy": 2}
        assert "data" in answer["characters"]


class TestThePath:
    """A path ends with a slash."""

    def test_without_it_a_redirect_loses_the_token(self, guest):
        answer = guest.session.get(guest.root + CURRENT.rstrip("/"), timeout=30)
        assert [one.status_code for one in answer.history] == [301]
        assert outcome(answer) == (401, 99)

    def test_without_it_public_data_still_comes(self, guest):
        answer = guest.session.get(guest.root + MANIFEST.rstrip("/"), timeout=30)
        assert outcome(answer) == (200, 1)

    def test_without_it_a_post_ends_on_a_page(self, guest):
        address = guest.root + "/Destiny2/Actions/Items/EquipItem"
        answer = guest.session.post(address, json={}, timeout=30)
        assert answer.status_code == 405
        assert answer.headers["Content-Type"].startswith("text/html")

    @pytest.mark.parametrize("path", ["/Nowhere/", "/Destiny2/", "/Destiny2/Actions/Items/Sell/"])
    def test_an_unknown_path_ends_on_a_page(self, guest, path):
        answer = guest.get(path)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith("text/html")


class TestTheBody:
    """Actions take a JSON object."""

    def send(self, guest, **given):
        address = guest.root + "/Destiny2/Actions/Items/EquipItem/"
        return guest.session.post(address, timeout=30, **given).json()["ErrorCode"]

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({"data": {"itemId": "5"}}, 30),
            ({"json": {"itemId": ["5"]}}, 30),
            ({"json": {"itemId": "five"}}, 30),
            ({"json": [1]}, 25),
            ({"data": b"{", "headers": {"Content-Type": "application/json"}}, 30),
            ({}, 26),
        ],
    )
    def test_anything_else_is_refused(self, guest, given, code):
        assert self.send(guest, **given) == code

    def test_an_int64_may_be_a_string_or_a_number(self, guest):
        hunter = guest.characters[0]
        item = bagged(guest.profile, hunter, KINETIC)
        for number in (str, int):
            body = {"itemId": number(item.instance_id), "characterId": number(hunter)}
            assert guest.act("EquipItem", **body) == 1

    def test_unknown_fields_are_ignored(self, guest):
        item = bagged(guest.profile, guest.characters[0], KINETIC)
        assert guest.act("EquipItem", itemId=item.instance_id, targetCharacterId="5") == 1


class TestComponents:
    """A read names what it wants."""

    @pytest.mark.parametrize("asked", ["200,100", "Characters,Profiles", "characters, 100"])
    def test_they_come_by_number_or_by_name(self, guest, asked):
        answer = guest.read(guest.path, asked)
        assert {"profile", "characters"} <= answer.keys()
        assert "profileInventory" not in answer

    @pytest.mark.parametrize(
        ("asked", "status", "code"), [("", 400, 18), ("Nonsense", 400, 7), ("123", 400, 7)]
    )
    def test_none_or_an_unknown_one_is_refused(self, guest, asked, status, code):
        assert outcome(guest.get(guest.path, asked)) == (status, code)

    def test_item_components_are_there_even_when_none_is_asked_for(self, guest):
        assert guest.read(guest.path, "200")["itemComponents"] == {}

    def test_item_components_cover_only_what_is_shown(self, guest):
        worn = guest.read(guest.path, "205,300")["itemComponents"]["instances"]["data"]
        everything = guest.read(guest.path, "102,201,205,300")["itemComponents"]["instances"]
        assert len(worn) < len(everything["data"])
        assert {one["isEquipped"] for one in worn.values()} == {True}

    def test_a_disabled_one_comes_without_data(self, bungie, guest):
        bungie.bungie.disabled = {102, 304}
        answer = guest.read(guest.path, "100,102,205,304")
        assert answer["profileInventory"] == {"privacy": 2, "disabled": True}
        assert "data" not in answer["itemComponents"]["stats"]
        assert "data" in answer["profile"]

    def test_one_can_be_missing_for_a_while(self, bungie, guest):
        bungie.bungie.withhold([102], times=2)
        told = [guest.read(guest.path, "102")["profileInventory"] for _ in range(3)]
        assert ["data" in one for one in told] == [False, False, True]

    def test_transitory_data_is_there_only_while_somebody_plays(self, guest):
        assert "data" not in guest.read(guest.path, "1000")["profileTransitoryData"]
        guest.profile.characters[guest.characters[0]].place = "orbit"
        assert "data" in guest.read(guest.path, "1000")["profileTransitoryData"]


class TestPrivacy:
    """Who sees what."""

    def seen(self, viewer, owner):
        viewer.player = owner
        answer = viewer.read(viewer.path, "100,102,103,200,201,202,205")
        return {key for key, value in answer.items() if isinstance(value, dict) and "data" in value}

    def test_strangers_see_what_is_worn_of_a_private_player(self, bungie, guest, stranger):
        private = bungie.player("Drifter")
        for viewer in (guest, stranger):
            assert self.seen(viewer, private) == {"profile", "characters", "characterEquipment"}

    def test_the_owner_sees_everything(self, bungie):
        with Guest(bungie, "Drifter") as owner:
            assert len(self.seen(owner, owner.player)) == 7

    def test_private_data_says_so_even_to_the_owner(self, guest):
        assert guest.read(guest.path, "102")["profileInventory"]["privacy"] == 2

    def test_another_players_vendors_are_private(self, bungie, guest):
        other = bungie.player("Zavala")
        character = next(iter(bungie.profile("Zavala").characters))
        path = f"/Destiny2/3/Profile/{other.main.id}/Character/{character}/Vendors/"
        assert guest.get(path, "400").json()["ErrorCode"] == 1665


class TestAccounts:
    """Cross save, several accounts, none."""

    def test_cross_save_leaves_one_profile_and_four_errors(self, guest):
        path = f"/Destiny2/254/Profile/{guest.player.bungie_id}/LinkedProfiles/"
        answer = guest.read(path)
        assert [one["membershipType"] for one in answer["profiles"]] == [3]
        assert answer["profiles"][0]["applicableMembershipTypes"] == [3, 1, 2, 5, 6]
        assert answer["profiles"][0]["isCrossSavePrimary"] is True
        assert [one["errorCode"] for one in answer["profilesWithErrors"]] == [1601] * 4
        cards = [one["infoCard"] for one in answer["profilesWithErrors"]]
        assert {tuple(card["applicableMembershipTypes"]) for card in cards} == {()}

    def test_without_cross_save_there_are_several(self, bungie):
        with Guest(bungie, "Zavala") as guest:
            path = f"/Destiny2/254/Profile/{guest.player.bungie_id}/LinkedProfiles/"
            answer = guest.read(path)
            assert [one["membershipType"] for one in answer["profiles"]] == [3, 1]
            for one in answer["profiles"]:
                profile = f"/Destiny2/{one['membershipType']}/Profile/{one['membershipId']}/"
                assert guest.read(profile, "200")["characters"]["data"]
            assert "primaryMembershipId" not in guest.read(CURRENT)

    def test_a_bungie_account_may_have_no_destiny(self, bungie, stranger):
        nobody = bungie.player("Holliday")
        path = f"/Destiny2/254/Profile/{nobody.bungie_id}/LinkedProfiles/"
        answer = stranger.read(path)
        assert (answer["profiles"], answer["profilesWithErrors"]) == ([], [])

    def test_an_account_may_have_no_characters(self, bungie):
        with Guest(bungie, "Fenchurch") as guest:
            answer = guest.read(guest.path, "100,200,201")
            assert answer["profile"]["data"]["characterIds"] == []
            assert answer["characters"]["data"] == {}

    def test_a_wrong_type_is_told_the_right_one(self, guest):
        path = guest.path.replace("/Destiny2/3/", "/Destiny2/2/")
        answer = guest.get(path, "100")
        assert outcome(answer) == (400, 18)
        assert answer.json()["MessageData"]["membershipInfo.membershipType"] == "3"

    def test_an_overridden_membership_has_no_destiny_account(self, guest):
        other = guest.player.memberships[1]
        path = f"/Destiny2/{other.type}/Profile/{other.id}/"
        assert outcome(guest.get(path, "100")) == (500, 1601)

    @pytest.mark.parametrize(("path", "code"), [("3/Profile/1/", 1601), ("77/Profile/1/", 1630),
                                               ("x/Profile/1/", 7)])  # fmt: skip
    def test_what_nobody_has_is_refused(self, guest, path, code):
        assert guest.get(f"/Destiny2/{path}", "100").json()["ErrorCode"] == code

    def test_the_profile_was_played_when_its_last_character_was(self, guest):
        answer = guest.read(guest.path, "100,200")
        dates = [one["dateLastPlayed"] for one in answer["characters"]["data"].values()]
        assert answer["profile"]["data"]["dateLastPlayed"] == max(dates)
        assert len(set(dates)) == 3

    def test_a_character_that_is_gone_gives_a_hollow_success(self, guest):
        answer = guest.read(f"{guest.path}Character/5/", "200")
        assert answer == {"itemComponents": {}}


class TestThrottles:
    """What comes too fast is refused, where that is switched on."""

    def test_two_actions_of_a_kind_keep_their_distance(self, bungie, guest):
        bungie.configure(spacing=True)
        bungie.clock.advance(0)
        item = stored(guest.profile, item_type=3)
        codes = [guest.lock(item, state=True) for _ in range(2)]
        bungie.clock.advance(0.1)
        codes.append(guest.lock(item, state=True))
        assert codes == [1, 36, 1]

    @pytest.mark.parametrize(
        ("action", "seconds"), [("SetTrackedState", 1.0), ("InsertSocketPlugFree", 0.5)]
    )
    def test_each_action_has_its_own_distance(self, bungie, guest, action, seconds):
        bungie.configure(spacing=True)
        bungie.clock.advance(0)
        assert guest.act(action, itemId="5") == 1623
        bungie.clock.advance(seconds - 0.01)
        assert guest.act(action, itemId="5") == 36
        bungie.clock.advance(0.01)
        assert guest.act(action, itemId="5") == 1623

    def test_a_throttled_call_says_how_long_to_wait(self, bungie, guest):
        bungie.refuse_next("GetProfile", 36)
        assert guest.get(guest.path, "100").json()["ThrottleSeconds"] == 1
        bungie.refuse_next("GetProfile", 51)
        assert guest.get(guest.path, "100").json()["ThrottleSeconds"] == 10

    def test_an_address_gets_250_requests_in_ten_seconds(self, bungie, stranger):
        bungie.configure(address_limit=True)
        bungie.clock.advance(0)
        codes = [stranger.get("/GlobalAlerts/").json()["ErrorCode"] for _ in range(251)]
        assert codes == [1] * 250 + [51]
        bungie.clock.advance(10)
        assert stranger.get("/GlobalAlerts/").json()["ErrorCode"] == 1


def test_a_system_that_is_switched_off_answers_maintenance(bungie, guest):
    bungie.bungie.systems["D2TransferItem"] = False
    assert guest.act("TransferItem", itemId="5") == 5
    assert guest.act("EquipItem", itemId="5") == 1623
    told = guest.read("/Settings/")["systems"]
    assert told["D2TransferItem"]["enabled"] is False


def test_a_switched_off_game_answers_maintenance_to_everything(bungie, guest):
    bungie.bungie.systems["Destiny2"] = False
    assert outcome(guest.get(MANIFEST)) == (503, 5)
    assert outcome(guest.get(guest.path, "100")) == (503, 5)


def test_a_log_entry_holds_no_secret(bungie, guest):
    address = f"{bungie.root}/Platform/App/OAuth/token/"
    form = {"grant_type": "refresh_token", "refresh_token": guest.tokens["refresh_token"],
            "client_secret": bungie.client_secret}  # fmt: skip
    requests.post(address, data=form, timeout=30)
    guest.read(CURRENT)
    logged = repr(bungie.requests)
    for secret in (*guest.tokens.values(), bungie.client_secret, bungie.api_key):
        if isinstance(secret, str) and secret not in {"Bearer", guest.player.bungie_id}:
            assert secret not in logged
    assert [entry.operation for entry in bungie.requests] == [
        "Token", "GetMembershipDataForCurrentUser",
    ]  # fmt: skip


def test_an_application_may_be_told_apart_by_its_own_key():
    with running(api_key="mine", vault=0) as bungie, Guest(bungie, None) as guest:
        assert outcome(guest.get(MANIFEST)) == (200, 1)
