"""The checks of each request: keys, tokens, slashes, bodies, components, privacy, throttles."""

import pytest
import requests

from bungie_sandbox.options import PUBLIC_API_KEY
from bungie_sandbox.server import running
from tests.sandbox.client import SandboxClient
from tests.sandbox.items import find_in_vault, find_unequipped

MANIFEST = "/Destiny2/Manifest/"
CURRENT = "/User/GetMembershipsForCurrentUser/"
KINETIC = 1498876634


def status_and_code(answer: requests.Response) -> tuple[int, int]:
    """HTTP status and ErrorCode."""
    return answer.status_code, answer.json()["ErrorCode"]


def test_a_success_has_a_full_envelope(anonymous_client):
    body = anonymous_client.get(MANIFEST).json()
    assert body.pop("Response")
    assert body == {
        "ErrorCode": 1,
        "ThrottleSeconds": 0,
        "ErrorStatus": "Success",
        "Message": "Ok",
        "MessageData": {},
    }


def test_a_refusal_is_http_500_with_a_good_envelope(client):
    answer = client.post("/Destiny2/Actions/Items/EquipItem/", {
        "itemId": "5", "characterId": client.characters[0], "membershipType": 3})  # fmt: skip
    assert status_and_code(answer) == (500, 1623)
    assert answer.json()["ErrorStatus"] == "DestinyItemNotFound"
    assert "Response" not in answer.json()


@pytest.mark.parametrize(("key", "code"), [("", 2102), (None, 2102), ("wrong", 2101)])
def test_a_call_without_a_good_key_is_refused(anonymous_client, key, code):
    anonymous_client.session.headers["X-API-Key"] = key
    assert status_and_code(anonymous_client.get(MANIFEST)) == (500, code)


def test_a_browsers_origin_is_refused_where_none_is_registered(anonymous_client):
    anonymous_client.session.headers["Origin"] = "https://site.example"
    answer = anonymous_client.get(MANIFEST)
    assert status_and_code(answer) == (500, 2107)
    assert answer.json()["MessageData"] == {"Origin": "https://site.example"}


def test_the_registered_origin_is_let_in(bungie, anonymous_client):
    bungie.configure(origin="https://site.example")
    anonymous_client.session.headers["Origin"] = "https://site.example"
    assert status_and_code(anonymous_client.get(MANIFEST)) == (200, 1)


@pytest.mark.parametrize("path", [CURRENT])
def test_a_read_of_the_user_without_a_token_is_refused(anonymous_client, path):
    assert status_and_code(anonymous_client.get(path)) == (401, 99)


def test_an_action_without_a_token_is_refused(anonymous_client):
    assert status_and_code(anonymous_client.post("/Destiny2/Actions/Items/EquipItem/", {})) == (
        401,
        99,
    )


def test_an_unknown_token_is_refused(anonymous_client):
    anonymous_client.session.headers["Authorization"] = "Bearer nonsense"
    assert status_and_code(anonymous_client.get(CURRENT)) == (401, 99)


def test_a_token_expires(bungie, client):
    bungie.clock.advance(3599)
    assert status_and_code(client.get(CURRENT)) == (200, 1)
    bungie.clock.advance(1)
    assert status_and_code(client.get(CURRENT)) == (401, 2111)


def test_all_tokens_can_be_invalidated_at_once(bungie, client):
    bungie.bungie.oauth.invalidate_all()
    assert status_and_code(client.get(CURRENT)) == (401, 99)


def test_a_token_with_another_applications_key_is_refused(client):
    client.session.headers["X-API-Key"] = PUBLIC_API_KEY
    assert status_and_code(client.get(CURRENT)) == (401, 99)


@pytest.mark.parametrize(("scopes", "code"), [(1 | 64, 2108), (1 | 32 | 64, 1623)])
def test_an_action_needs_its_scope(bungie, client, scopes, code):
    bungie.configure(scopes=scopes)
    assert client.act("EquipItem", itemId="5") == code


def test_a_missing_scope_is_named(bungie, client):
    bungie.configure(scopes=1)
    answer = client.post("/Destiny2/Actions/Items/EquipItem/", {}).json()
    assert answer["MessageData"] == {"RequiredScope": "MoveEquipDestinyItems"}


def test_private_data_without_its_scope_is_withheld(bungie, client):
    bungie.player().private = True
    bungie.configure(scopes=1 | 32)
    answer = client.read(client.path, "102,200")
    assert answer["profileInventory"] == {"privacy": 2}
    assert "data" in answer["characters"]


def test_a_path_without_slash_redirects_and_loses_the_token(client):
    answer = client.session.get(client.root + CURRENT.rstrip("/"), timeout=30)
    assert [redirect.status_code for redirect in answer.history] == [301]
    assert status_and_code(answer) == (401, 99)


def test_a_path_without_slash_still_gets_public_data(client):
    answer = client.session.get(client.root + MANIFEST.rstrip("/"), timeout=30)
    assert status_and_code(answer) == (200, 1)


def test_a_post_to_a_path_without_slash_gets_a_405_page(client):
    address = client.root + "/Destiny2/Actions/Items/EquipItem"
    answer = client.session.post(address, json={}, timeout=30)
    assert answer.status_code == 405
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/Nowhere/", "/Destiny2/", "/Destiny2/Actions/Items/Sell/"])
def test_an_unknown_path_gets_a_404_page(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")


def send_equip(client, **request_arguments):
    address = client.root + "/Destiny2/Actions/Items/EquipItem/"
    return client.session.post(address, timeout=30, **request_arguments).json()["ErrorCode"]


@pytest.mark.parametrize(
    ("request_arguments", "code"),
    [
        ({"data": {"itemId": "5"}}, 30),
        ({"json": {"itemId": ["5"]}}, 30),
        ({"json": {"itemId": "five"}}, 30),
        ({"json": [1]}, 25),
        ({"data": b"{", "headers": {"Content-Type": "application/json"}}, 30),
        ({}, 26),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(client, request_arguments, code):
    assert send_equip(client, **request_arguments) == code


def test_an_int64_may_be_a_string_or_a_number(client):
    hunter = client.characters[0]
    item = find_unequipped(client.profile, hunter, KINETIC)
    for number in (str, int):
        body = {"itemId": number(item.instance_id), "characterId": number(hunter)}
        assert client.act("EquipItem", **body) == 1


def test_unknown_fields_are_ignored(client):
    item = find_unequipped(client.profile, client.characters[0], KINETIC)
    assert client.act("EquipItem", itemId=item.instance_id, targetCharacterId="5") == 1


@pytest.mark.parametrize("components", ["200,100", "Characters,Profiles", "characters, 100"])
def test_components_are_requested_by_number_or_by_name(client, components):
    answer = client.read(client.path, components)
    assert {"profile", "characters"} <= answer.keys()
    assert "profileInventory" not in answer


@pytest.mark.parametrize(
    ("components", "status", "code"), [("", 400, 18), ("Nonsense", 400, 7), ("123", 400, 7)]
)
def test_no_component_or_an_unknown_one_is_refused(client, components, status, code):
    assert status_and_code(client.get(client.path, components)) == (status, code)


def test_item_components_are_present_even_if_none_is_requested(client):
    assert client.read(client.path, "200")["itemComponents"] == {}


def test_item_components_cover_only_the_listed_items(client):
    equipped_instances = client.read(client.path, "205,300")["itemComponents"]["instances"]["data"]
    all_instances = client.read(client.path, "102,201,205,300")["itemComponents"]["instances"]
    assert len(equipped_instances) < len(all_instances["data"])
    assert {instance["isEquipped"] for instance in equipped_instances.values()} == {True}


def test_a_disabled_component_has_no_data(bungie, client):
    bungie.bungie.disabled = {102, 304}
    answer = client.read(client.path, "100,102,205,304")
    assert answer["profileInventory"] == {"privacy": 2, "disabled": True}
    assert "data" not in answer["itemComponents"]["stats"]
    assert "data" in answer["profile"]


def test_a_component_can_be_withheld_for_some_reads(bungie, client):
    bungie.bungie.withhold([102], times=2)
    components = [client.read(client.path, "102")["profileInventory"] for _ in range(3)]
    assert ["data" in component for component in components] == [False, False, True]


def test_transitory_data_is_present_only_while_a_character_plays(client):
    assert "data" not in client.read(client.path, "1000")["profileTransitoryData"]
    client.profile.characters[client.characters[0]].place = "orbit"
    assert "data" in client.read(client.path, "1000")["profileTransitoryData"]


def list_visible_components(viewer, owner):
    viewer.player = owner
    answer = viewer.read(viewer.path, "100,102,103,200,201,202,205")
    return {key for key, value in answer.items() if isinstance(value, dict) and "data" in value}


def test_other_players_see_only_the_equipment_of_a_private_player(bungie, client, anonymous_client):
    private = bungie.player("Drifter")
    for viewer in (client, anonymous_client):
        assert list_visible_components(viewer, private) == {
            "profile",
            "characters",
            "characterEquipment",
        }


def test_the_owner_sees_everything(bungie):
    with SandboxClient(bungie, "Drifter") as owner:
        assert len(list_visible_components(owner, owner.player)) == 7


def test_private_data_is_marked_for_the_owner_too(client):
    assert client.read(client.path, "102")["profileInventory"]["privacy"] == 2


def test_another_players_vendors_are_private(bungie, client):
    other_player = bungie.player("Zavala")
    character = next(iter(bungie.profile("Zavala").characters))
    path = f"/Destiny2/3/Profile/{other_player.main.id}/Character/{character}/Vendors/"
    assert client.get(path, "400").json()["ErrorCode"] == 1665


def test_cross_save_leaves_one_profile_and_four_errors(client):
    path = f"/Destiny2/254/Profile/{client.player.bungie_id}/LinkedProfiles/"
    answer = client.read(path)
    assert [profile["membershipType"] for profile in answer["profiles"]] == [3]
    assert answer["profiles"][0]["applicableMembershipTypes"] == [3, 1, 2, 5, 6]
    assert answer["profiles"][0]["isCrossSavePrimary"] is True
    assert [failure["errorCode"] for failure in answer["profilesWithErrors"]] == [1601] * 4
    cards = [failure["infoCard"] for failure in answer["profilesWithErrors"]]
    assert {tuple(card["applicableMembershipTypes"]) for card in cards} == {()}


def test_without_cross_save_there_are_several_profiles(bungie):
    with SandboxClient(bungie, "Zavala") as client:
        path = f"/Destiny2/254/Profile/{client.player.bungie_id}/LinkedProfiles/"
        answer = client.read(path)
        assert [linked_profile["membershipType"] for linked_profile in answer["profiles"]] == [3, 1]
        for linked_profile in answer["profiles"]:
            membership_type, membership_id = (
                linked_profile["membershipType"],
                linked_profile["membershipId"],
            )
            path = f"/Destiny2/{membership_type}/Profile/{membership_id}/"
            assert client.read(path, "200")["characters"]["data"]
        assert "primaryMembershipId" not in client.read(CURRENT)


def test_a_bungie_account_may_have_no_destiny(bungie, anonymous_client):
    player_without_destiny = bungie.player("Holliday")
    path = f"/Destiny2/254/Profile/{player_without_destiny.bungie_id}/LinkedProfiles/"
    answer = anonymous_client.read(path)
    assert (answer["profiles"], answer["profilesWithErrors"]) == ([], [])


def test_an_account_may_have_no_characters(bungie):
    with SandboxClient(bungie, "Fenchurch") as client:
        answer = client.read(client.path, "100,200,201")
        assert answer["profile"]["data"]["characterIds"] == []
        assert answer["characters"]["data"] == {}


def test_a_wrong_membership_type_is_answered_with_the_right_one(client):
    path = client.path.replace("/Destiny2/3/", "/Destiny2/2/")
    answer = client.get(path, "100")
    assert status_and_code(answer) == (400, 18)
    assert answer.json()["MessageData"]["membershipInfo.membershipType"] == "3"


def test_an_overridden_membership_has_no_destiny_account(client):
    other_player = client.player.memberships[1]
    path = f"/Destiny2/{other_player.type}/Profile/{other_player.id}/"
    assert status_and_code(client.get(path, "100")) == (500, 1601)


@pytest.mark.parametrize(("path", "code"), [("3/Profile/1/", 1601), ("77/Profile/1/", 1630),
                                           ("x/Profile/1/", 7)])  # fmt: skip
def test_an_unknown_membership_is_refused(client, path, code):
    assert client.get(f"/Destiny2/{path}", "100").json()["ErrorCode"] == code


def test_the_profile_was_played_when_its_last_character_was(client):
    answer = client.read(client.path, "100,200")
    dates = [character["dateLastPlayed"] for character in answer["characters"]["data"].values()]
    assert answer["profile"]["data"]["dateLastPlayed"] == max(dates)
    assert len(set(dates)) == 3


def test_an_unknown_character_gives_an_empty_success(client):
    answer = client.read(f"{client.path}Character/5/", "200")
    assert answer == {"itemComponents": {}}


def test_two_calls_of_an_action_need_their_spacing(bungie, client):
    bungie.configure(spacing=True)
    bungie.clock.advance(0)
    item = find_in_vault(client.profile, item_type=3)
    codes = [client.lock(item, state=True) for _ in range(2)]
    bungie.clock.advance(0.1)
    codes.append(client.lock(item, state=True))
    assert codes == [1, 36, 1]


@pytest.mark.parametrize(
    ("action", "seconds"), [("SetTrackedState", 1.0), ("InsertSocketPlugFree", 0.5)]
)
def test_each_action_has_its_own_spacing(bungie, client, action, seconds):
    bungie.configure(spacing=True)
    bungie.clock.advance(0)
    assert client.act(action, itemId="5") == 1623
    bungie.clock.advance(seconds - 0.01)
    assert client.act(action, itemId="5") == 36
    bungie.clock.advance(0.01)
    assert client.act(action, itemId="5") == 1623


def test_a_throttled_call_has_its_throttle_seconds(bungie, client):
    bungie.refuse_next("GetProfile", 36)
    assert client.get(client.path, "100").json()["ThrottleSeconds"] == 1
    bungie.refuse_next("GetProfile", 51)
    assert client.get(client.path, "100").json()["ThrottleSeconds"] == 10


def test_an_address_gets_250_requests_in_ten_seconds(bungie, anonymous_client):
    bungie.configure(address_limit=True)
    bungie.clock.advance(0)
    codes = [anonymous_client.get("/GlobalAlerts/").json()["ErrorCode"] for _ in range(251)]
    assert codes == [1] * 250 + [51]
    bungie.clock.advance(10)
    assert anonymous_client.get("/GlobalAlerts/").json()["ErrorCode"] == 1


def test_a_system_that_is_switched_off_answers_maintenance(bungie, client):
    bungie.bungie.systems["D2TransferItem"] = False
    assert client.act("TransferItem", itemId="5") == 5
    assert client.act("EquipItem", itemId="5") == 1623
    systems = client.read("/Settings/")["systems"]
    assert systems["D2TransferItem"]["enabled"] is False


def test_a_switched_off_game_answers_maintenance_to_everything(bungie, client):
    bungie.bungie.systems["Destiny2"] = False
    assert status_and_code(client.get(MANIFEST)) == (503, 5)
    assert status_and_code(client.get(client.path, "100")) == (503, 5)


def test_a_log_entry_holds_no_secret(bungie, client):
    address = f"{bungie.root}/Platform/App/OAuth/token/"
    form = {"grant_type": "refresh_token", "refresh_token": client.tokens["refresh_token"],
            "client_secret": bungie.client_secret}  # fmt: skip
    requests.post(address, data=form, timeout=30)
    client.read(CURRENT)
    logged = repr(bungie.requests)
    for secret in (*client.tokens.values(), bungie.client_secret, bungie.api_key):
        if isinstance(secret, str) and secret not in {"Bearer", client.player.bungie_id}:
            assert secret not in logged
    assert [entry.operation for entry in bungie.requests] == [
        "Token", "GetMembershipDataForCurrentUser",
    ]  # fmt: skip


def test_the_api_key_can_be_set():
    with running(api_key="mine", vault=0) as bungie, SandboxClient(bungie, None) as client:
        assert status_and_code(client.get(MANIFEST)) == (200, 1)
