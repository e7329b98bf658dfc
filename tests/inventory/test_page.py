"""What the inventory page and an item's page show."""

from collections import Counter

import pytest
import requests

from tests.inventory.worlds import ARMOR, CONSUMABLES, ENERGY, KINETIC, owners, tiles

PAGE = "/inventory/"
ODD = "20006004"  # Osiris owns things that no definition knows


def ids(page):
    return [one.attributes["id"] for one in page.all() if "id" in one.attributes]


def control(bungie, what, **payload):
    answer = requests.post(f"{bungie.root}/sandbox/{what}", json=payload, timeout=10)
    answer.raise_for_status()


def everything(bungie, player=None):
    """Return what a player owns, as GetProfile has it: a list of records."""
    token = bungie.sign_in(player)["access_token"]
    main = bungie.player(player).main
    answer = requests.get(
        f"{bungie.root}/Platform/Destiny2/{main.type}/Profile/{main.id}/",
        params={"components": "102,201,205"},
        headers={"X-API-Key": bungie.api_key, "Authorization": f"Bearer {token}"},
        timeout=10,
    ).json()["Response"]
    lists = [answer["profileInventory"]["data"]]
    for part in ("characterInventories", "characterEquipment"):
        lists += answer[part]["data"].values()
    return [record for one in lists for record in one["items"]]


@pytest.mark.parametrize("player", [None, ODD])
def test_everything_is_shown_once_and_nothing_is_dropped(visitor, bungie, player):
    page = visitor.sign_in(player)
    owned = everything(bungie, player)
    shown = tiles(page.one("main"))
    instances = Counter(one["itemInstanceId"] for one in owned if "itemInstanceId" in one)
    assert (
        Counter(one["data-item-instance-id"] for one in shown if "data-item-instance-id" in one)
        == instances
    )
    stacks = Counter(
        (one["itemHash"], one["quantity"]) for one in owned if "itemInstanceId" not in one
    )
    assert not stacks - Counter(
        (int(one["data-item-hash"]), int(one["data-quantity"]))
        for one in shown
        if "data-item-instance-id" not in one
    )


def test_an_item_without_a_definition_is_shown_as_what_it_is(visitor):
    page = visitor.sign_in(ODD)
    unknown = [one for one in page.all("a") if "Unknown item" in one.text]
    assert unknown
    item = visitor.open(unknown[0].attributes["href"])
    assert item.status == 200
    assert "Unknown item" in item.one("h1").text


def test_each_tile_carries_what_is_promised(browser):
    page = browser.open(PAGE)
    locations = Counter(one["data-location"] for one in tiles(page))
    assert set(locations) == {"equipped", "bag", "vault", "postmaster", "account"}
    characters = owners(page)
    assert len(characters) == 3
    for one in tiles(page):
        assert one["data-item-hash"].isdigit()
        assert one["data-bucket-hash"].isdigit()
        assert one["data-owner"] in {*characters, "vault", "account"}
        assert int(one["data-quantity"]) >= 1
        assert one["data-power"].isdigit()
        assert (one["data-owner"] == "vault") == (one["data-location"] == "vault")


def test_a_vaulted_item_is_in_the_row_of_its_home(browser):
    homes = {one["data-bucket-hash"] for one in tiles(browser.open(PAGE), owner="vault")}
    assert {KINETIC, ENERGY} <= homes
    assert homes & set(ARMOR)
    assert "138197802" not in homes


def test_one_item_is_worn_in_each_slot(browser):
    worn = Counter(
        (one["data-owner"], one["data-bucket-hash"])
        for one in tiles(browser.open(PAGE), location="equipped")
    )
    assert set(worn.values()) == {1}


def test_the_vault_says_how_full_it_is(browser):
    page = browser.open(PAGE)
    text = page.one("main").text
    held = len(tiles(page, owner="vault"))
    assert f"{held} of 1,300" in text


def test_no_id_is_there_twice(browser):
    page = browser.open(PAGE)
    assert not [one for one, count in Counter(ids(page)).items() if count > 1]
    item = tiles(page, owner="vault", bucket_hash=KINETIC)[0]
    detail = browser.open(item["href"])
    assert not [one for one, count in Counter(ids(detail)).items() if count > 1]


@pytest.mark.parametrize(
    "wanted",
    [
        {"owner": "vault", "bucket_hash": KINETIC},
        {"owner": "vault", "bucket_hash": ARMOR[0]},
        {"location": "equipped", "bucket_hash": "3284755031"},
        {"location": "postmaster"},
        {"owner": "account", "bucket_hash": CONSUMABLES},
    ],
)
def test_every_kind_of_item_has_a_page(browser, wanted):
    inventory = browser.open(PAGE)
    tile = tiles(inventory, **wanted)[0]
    name = next(one for one in inventory.all("a", href=tile["href"])).text.split(", ")[0]
    page = browser.open(tile["href"])
    assert page.status == 200
    assert page.one("h1").text.endswith(name.split()[-1])
    assert page.title.startswith(page.one("h1").text)


def test_an_items_page_shows_its_figures_and_perks(browser):
    tile = tiles(browser.open(PAGE), owner="vault", bucket_hash=KINETIC)[0]
    page = browser.open(tile["href"])
    assert {"Range", "Stability", "Magazine"} <= {one.text for one in page.all("dt")}
    assert page.all("meter")


def test_without_bungies_details_an_item_can_still_be_moved(browser, bungie):
    tile = tiles(browser.open(PAGE), owner="vault", bucket_hash=KINETIC)[0]
    bungie.fail_next("GetItem", "html")
    page = browser.open(tile["href"])
    assert page.status == 200
    assert page.all("button", name_="destination")


def test_an_item_of_another_player_has_no_page_here(browser, bungie):
    other = everything(bungie, "20006002")
    instance_id = next(one["itemInstanceId"] for one in other if "itemInstanceId" in one)
    assert browser.open(f"/inventory/items/{instance_id}").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/inventory/items/1",
        "/inventory/items/%00",
        "/inventory/stacks/vault/1",
        "/inventory/stacks/x/9",
    ],
)
def test_what_is_not_there_is_not_found(browser, path):
    assert browser.open(path).status == 404


def test_hostile_names_stay_text(tmp_path):
    from bungie_sandbox.server import running  # noqa: PLC0415
    from destiny_web.app import create_app  # noqa: PLC0415
    from tests.browsing import Browser  # noqa: PLC0415
    from tests.conftest import settings_for  # noqa: PLC0415

    with running(vault=20, hostile=True) as hostile:
        hostile.redirect_uri = "http://127.0.0.1:5000/auth/callback"
        app = create_app(settings_for(hostile, tmp_path))
        page = Browser(app, hostile).sign_in()
        app.extensions["destiny_web"].store.close()
    assert page.status == 200
    assert not page.all("script", src="")
    assert all("src" in one.attributes for one in page.all("script"))
    assert any("<" in one.text for one in page.all("a"))


def test_an_account_without_characters_gets_a_friendly_page(visitor):
    page = visitor.sign_in(visitor.bungie.player("Fenchurch#0000").bungie_id)
    assert page.status == 200
    assert "character" in page.one("main").text.lower()
