"""What the inventory page and an item's page show."""

from collections import Counter

import pytest
import requests

from tests.inventory.worlds import ARMOR, CONSUMABLES, ENERGY, KINETIC, owners, tiles

PAGE = "/inventory/"
PLAYER_WITH_UNKNOWN_ITEMS = "20006004"  # Osiris: some of the items have no definition


def repeated_ids(page):
    ids = Counter(element.attributes["id"] for element in page.all() if "id" in element.attributes)
    return [html_id for html_id, count in ids.items() if count > 1]


def owned_items(bungie, player=None):
    """Return every item record of a player's GetProfile answer."""
    token = bungie.sign_in(player)["access_token"]
    main = bungie.player(player).main
    answer = requests.get(
        f"{bungie.root}/Platform/Destiny2/{main.type}/Profile/{main.id}/",
        params={"components": "102,201,205"},
        headers={"X-API-Key": bungie.api_key, "Authorization": f"Bearer {token}"},
        timeout=10,
    ).json()["Response"]
    inventories = [answer["profileInventory"]["data"]]
    for component in ("characterInventories", "characterEquipment"):
        inventories += answer[component]["data"].values()
    return [record for inventory in inventories for record in inventory["items"]]


@pytest.mark.parametrize("player", [None, PLAYER_WITH_UNKNOWN_ITEMS])
def test_every_item_is_shown_once(visitor, bungie, player):
    page = visitor.sign_in(player)
    records = owned_items(bungie, player)
    page_tiles = tiles(page.one("main"))
    instances = Counter(
        record["itemInstanceId"] for record in records if "itemInstanceId" in record
    )
    assert (
        Counter(
            tile["data-item-instance-id"] for tile in page_tiles if "data-item-instance-id" in tile
        )
        == instances
    )
    stacks = Counter(
        (record["itemHash"], record["quantity"])
        for record in records
        if "itemInstanceId" not in record
    )
    assert not stacks - Counter(
        (int(tile["data-item-hash"]), int(tile["data-quantity"]))
        for tile in page_tiles
        if "data-item-instance-id" not in tile
    )


def test_an_item_without_a_definition_is_shown_as_unknown(visitor):
    page = visitor.sign_in(PLAYER_WITH_UNKNOWN_ITEMS)
    links = [link for link in page.all("a") if "Unknown item" in link.text]
    assert links
    item_page = visitor.open(links[0].attributes["href"])
    assert item_page.status == 200
    assert "Unknown item" in item_page.one("h1").text


def test_each_tile_has_the_documented_data_attributes(browser):
    page = browser.open(PAGE)
    locations = Counter(tile["data-location"] for tile in tiles(page))
    assert set(locations) == {"equipped", "bag", "vault", "postmaster", "account"}
    characters = owners(page)
    assert len(characters) == 3
    for tile in tiles(page):
        assert tile["data-item-hash"].isdigit()
        assert tile["data-bucket-hash"].isdigit()
        assert tile["data-owner"] in {*characters, "vault", "account"}
        assert int(tile["data-quantity"]) >= 1
        assert tile["data-power"].isdigit()
        assert (tile["data-owner"] == "vault") == (tile["data-location"] == "vault")


def test_an_item_in_the_vault_is_in_the_row_of_its_own_bucket(browser):
    buckets = {tile["data-bucket-hash"] for tile in tiles(browser.open(PAGE), owner="vault")}
    assert {KINETIC, ENERGY} <= buckets
    assert buckets & set(ARMOR)
    assert "138197802" not in buckets


def test_one_item_is_equipped_in_each_bucket(browser):
    equipped = Counter(
        (tile["data-owner"], tile["data-bucket-hash"])
        for tile in tiles(browser.open(PAGE), location="equipped")
    )
    assert set(equipped.values()) == {1}


def test_the_vaults_header_shows_its_used_places(browser):
    page = browser.open(PAGE)
    text = page.one("main").text
    count = len(tiles(page, owner="vault"))
    assert f"{count} of 1,300" in text


def test_html_ids_are_unique(browser):
    page = browser.open(PAGE)
    assert not repeated_ids(page)
    tile = tiles(page, owner="vault", bucket_hash=KINETIC)[0]
    assert not repeated_ids(browser.open(tile["href"]))


@pytest.mark.parametrize(
    "attributes",
    [
        {"owner": "vault", "bucket_hash": KINETIC},
        {"owner": "vault", "bucket_hash": ARMOR[0]},
        {"location": "equipped", "bucket_hash": "3284755031"},
        {"location": "postmaster"},
        {"owner": "account", "bucket_hash": CONSUMABLES},
    ],
)
def test_items_of_every_location_have_a_page(browser, attributes):
    inventory = browser.open(PAGE)
    tile = tiles(inventory, **attributes)[0]
    name = next(iter(inventory.all("a", href=tile["href"]))).text.split(", ")[0]
    page = browser.open(tile["href"])
    assert page.status == 200
    assert page.one("h1").text.endswith(name.split()[-1])
    assert page.title.startswith(page.one("h1").text)


def test_an_items_page_shows_its_stats(browser):
    tile = tiles(browser.open(PAGE), owner="vault", bucket_hash=KINETIC)[0]
    page = browser.open(tile["href"])
    assert {"Range", "Stability", "Magazine"} <= {element.text for element in page.all("dt")}
    assert page.all("meter")


def test_an_item_can_be_moved_when_bungie_does_not_send_its_details(browser, bungie):
    tile = tiles(browser.open(PAGE), owner="vault", bucket_hash=KINETIC)[0]
    bungie.fail_next("GetItem", "html")
    page = browser.open(tile["href"])
    assert page.status == 200
    assert page.all("button", name_="destination")


def test_an_item_of_another_player_is_not_found(browser, bungie):
    records = owned_items(bungie, "20006002")
    instance_id = next(record["itemInstanceId"] for record in records if "itemInstanceId" in record)
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
def test_an_item_that_the_player_does_not_own_is_not_found(browser, path):
    assert browser.open(path).status == 404


def test_markup_in_names_is_shown_as_text(tmp_path):
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
    assert all("src" in script.attributes for script in page.all("script"))
    assert any("<" in link.text for link in page.all("a"))


def test_an_account_without_characters_gets_an_explanation(visitor):
    page = visitor.sign_in(visitor.bungie.player("Fenchurch#0000").bungie_id)
    assert page.status == 200
    assert "character" in page.one("main").text.lower()
