"""Drag and drop with a mouse."""

from urllib.parse import parse_qs

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ENERGY, id_of, vault_item
from tests.browser.gestures import (
    by_instance,
    done,
    drag,
    middle_of,
    owner_of,
    pick_up,
    refusal,
    sent,
    times_sent,
)

pytestmark = pytest.mark.xdist_group("browser")  # one browser at a time: two cores

KINETIC, HELMET = "1498876634", "3448274439"


@pytest.mark.parametrize("target", ["#owner-{} .head", "label[for=on-2]"])
def test_an_item_that_is_dropped_on_a_head_or_a_tab_moves_there(board, bungie, target):
    tile = vault_item(board)
    index = int(target[-2]) if "on-" in target else 0
    owner = owner_of(board, index)
    instance_id = id_of(tile)
    drag(board, tile, board.locator(target.format(owner)))
    expect(done(board)).to_be_visible()
    expect(by_instance(board, instance_id)).to_have_attribute("data-owner", owner)
    assert bungie.holder_of(instance_id) == owner
    assert times_sent(bungie, instance_id) == 1
    expect(board.locator("#panel")).to_be_hidden()


def test_an_item_that_is_dropped_on_the_equipped_item_is_equipped(board, bungie):
    owner = owner_of(board, 0)
    tile = board.locator(
        f'[data-owner="{owner}"][data-bucket-hash="{ENERGY}"][data-location="bag"]:not(.exotic)'
    ).first
    equipped = board.locator(
        f'[data-owner="{owner}"][data-bucket-hash="{ENERGY}"][data-location="equipped"]'
    )
    instance_id = id_of(tile)
    drag(board, tile, equipped)
    expect(by_instance(board, instance_id)).to_have_attribute("data-location", "equipped")
    assert len(sent(bungie)) == 1
    assert sent(bungie)[0].startswith("EquipItem")


def test_an_item_that_is_dropped_on_the_vault_moves_there_and_the_move_can_be_undone(board, bungie):
    owner = owner_of(board, 0)
    tile = board.locator(
        f'[data-owner="{owner}"][data-bucket-hash="{ENERGY}"][data-location="bag"]'
    ).first
    instance_id = id_of(tile)
    drag(board, tile, board.locator(".vault-head"))
    expect(by_instance(board, instance_id)).to_have_attribute("data-owner", "vault")
    done(board).get_by_role("button", name="Undo").click()
    expect(by_instance(board, instance_id)).to_have_attribute("data-owner", owner)
    assert bungie.holder_of(instance_id) == owner


def test_a_stack_moves_as_a_whole(board, bungie):
    for section in ("#vault-inventory", "#vault-general"):
        summary = board.locator(f"{section} > summary")
        if summary.count() and board.locator(f"{section}[open]").count() == 0:
            summary.click()
    tile = board.locator('.vault ul.cell [data-owner="account"]:not([data-quantity="1"])').first
    href, quantity = tile.get_attribute("href"), tile.get_attribute("data-quantity")
    drag(board, tile, board.locator(".vault-head"))
    expect(done(board)).to_be_visible()
    bodies = [entry.body for entry in bungie.requests if entry.operation == "TransferItem"]
    assert sum(body["stackSize"] for body in bodies) >= int(quantity)
    expect(board.locator(f'[href="{href}"]')).to_have_count(0)


@pytest.mark.parametrize(
    "item", ["[data-item-instance-id]", ":not([data-item-instance-id])"], ids=["instance", "stack"]
)
def test_an_item_in_the_postmaster_is_dropped_on_its_character(board, bungie, item):
    owner = owner_of(board, 0)
    tile = board.locator(f"#cell-{owner}-215593132 a.tile{item}").first
    href = tile.get_attribute("href")
    drag(board, tile, board.locator(f"#owner-{owner} .head-identity"))
    expect(done(board)).to_be_visible()
    expect(board.locator(f'[data-location="postmaster"][href="{href}"]')).to_have_count(0)
    assert sent(bungie)[-1] == "PullFromPostmaster"


def test_the_targets_are_marked_by_the_rules_of_the_buttons(board):
    board.set_viewport_size({"width": 1700, "height": 900})
    owner = owner_of(board, 1)
    tile = board.locator(
        f'[data-owner="{owner}"][data-bucket-hash="{HELMET}"][data-location="equipped"]'
    )
    answer = board.evaluate(
        "async (id) => (await fetch(`/inventory/destinations?item_instance_id=${id}`)).json()",
        id_of(tile),
    )
    pick_up(board, tile)
    for destination in answer["move"]:
        name = destination["owner"]
        target = board.locator("#vault" if name == "vault" else f"#owner-{name}")
        marks = set((target.get_attribute("class") or "").split())
        is_there = not destination["is_available"] and not destination["reason"]
        assert ("drop-allowed" in marks) is destination["is_available"]
        assert ("drop-refused" in marks) is (not destination["is_available"] and not is_there)
    equipped = f'[data-bucket-hash="{HELMET}"][data-location="equipped"]'
    expect(board.locator(f"{equipped}.drop-refused")).to_have_count(2)
    board.keyboard.press("Escape")
    expect(board.locator(".drop-allowed, .drop-refused")).to_have_count(0)
    board.mouse.up()


def test_an_illegal_drop_sends_nothing_and_says_why(board, bungie):
    board.set_viewport_size({"width": 1700, "height": 900})
    first, second = (
        board.locator(
            f'[data-owner="{owner_of(board, index)}"][data-bucket-hash="{HELMET}"]'
            '[data-location="equipped"]'
        )
        for index in (0, 1)
    )
    drag(board, first, second)  # a helmet that is worn is of the class of its character
    expect(refusal(board, "cannot equip the item. Nothing was sent.")).to_be_visible()
    assert sent(bungie) == []


def test_a_drop_on_its_own_cell_does_nothing(board, bungie):
    tile = vault_item(board)
    pick_up(board, tile)
    board.mouse.up()
    expect(board.locator(".drag-picture")).to_have_count(0)
    board.wait_for_load_state("networkidle")
    expect(board.locator("#panel")).to_be_hidden()
    expect(board.locator("#notices [data-notice]")).to_have_count(0)
    assert sent(bungie) == []
    tile.click()
    expect(board.locator("#panel")).to_be_visible()


def test_escape_cancels_the_drag_and_leaves_the_panel_open(board, bungie):
    board.locator(f'.vault [data-bucket-hash="{KINETIC}"]').first.click()
    expect(board.locator("#panel")).to_be_visible()
    address = board.url
    pick_up(board, vault_item(board))
    board.mouse.move(*middle_of(board.locator(".owner .head").first))
    board.keyboard.press("Escape")
    expect(board.locator(".drag-picture, .drop-allowed, .dragging")).to_have_count(0)
    board.mouse.up()
    board.wait_for_load_state("networkidle")
    expect(board.locator("#panel")).to_be_visible()
    assert board.url == address
    assert sent(bungie) == []


def test_a_drop_before_the_rules_arrive_waits_for_them(board, bungie):
    held = []

    def hold(route) -> None:
        held.append(route)

    board.route("**/inventory/destinations?*", hold)
    tile = vault_item(board)
    instance_id = id_of(tile)
    owner = owner_of(board, 0)
    with board.expect_request("**/inventory/destinations?*"):
        board.mouse.move(*middle_of(tile))
        board.mouse.down()
        board.mouse.move(*middle_of(board.locator(".owner .head").first), steps=4)
    board.mouse.up()
    expect(board.locator(".drag-picture")).to_be_attached()
    held[0].continue_()
    expect(by_instance(board, instance_id)).to_have_attribute("data-owner", owner)
    assert bungie.holder_of(instance_id) == owner


def test_while_bungie_is_slow_the_item_is_busy_and_nothing_else_is_sent(board, bungie):
    bungie.fail_next("TransferItem", "slow", seconds=1)
    tile = vault_item(board)
    instance_id = id_of(tile)
    head = board.locator(".owner .head").first
    other = board.locator(
        f'.vault [data-owner="vault"][data-bucket-hash="{KINETIC}"]:not(.exotic)'
    ).first
    drag(board, tile, head)
    expect(by_instance(board, instance_id)).to_have_attribute("aria-busy", "true")
    drag(board, other, head)
    expect(refusal(board, "still under way. Nothing was sent.")).to_be_visible()
    expect(done(board)).to_be_visible()
    assert bungie.holder_of(instance_id) == owner_of(board, 0)
    assert times_sent(bungie, instance_id) == 1


def test_a_drop_that_the_game_refuses_says_so_and_can_be_repeated(board, bungie):
    bungie.refuse_next("TransferItem", 4242)
    tile = vault_item(board)
    instance_id = id_of(tile)
    head = board.locator(".owner .head").first
    drag(board, tile, head)
    expect(refusal(board, "Nothing was changed")).to_be_visible()
    assert bungie.holder_of(instance_id) == "vault"
    expect(by_instance(board, instance_id)).not_to_have_attribute("aria-busy", "true")
    drag(board, by_instance(board, instance_id), head)
    expect(by_instance(board, instance_id)).to_have_attribute("data-owner", owner_of(board, 0))


def test_a_drop_whose_answer_bungie_loses_is_looked_up(board, bungie):
    bungie.fail_next("TransferItem", "lost")
    tile = vault_item(board)
    instance_id = id_of(tile)
    drag(board, tile, board.locator(".owner .head").first)
    expect(by_instance(board, instance_id)).to_have_attribute("data-owner", owner_of(board, 0))
    assert times_sent(bungie, instance_id) == 1


def test_a_drop_whose_answer_gets_lost_is_not_carried_out_again(board, bungie, expected_errors):
    expected_errors.append("net::ERR_FAILED")
    tile = vault_item(board)
    instance_id = id_of(tile)
    head = board.locator(".owner .head").first
    keys = []

    def keep_key(request) -> None:
        if request.method == "POST":
            keys.append(parse_qs(request.post_data)["idempotency_key"][0])

    board.on("request", keep_key)
    board.route(
        "**/inventory/transfer", lambda route: (route.fetch(max_redirects=0), route.abort())
    )
    # The second drag starts from the same kept profile as the first.
    answer = board.evaluate(
        "async (id) => (await fetch(`/inventory/destinations?item_instance_id=${id}`)).text()",
        instance_id,
    )
    board.route("**/inventory/destinations?*", lambda route: route.fulfill(body=answer))
    drag(board, tile, head)
    expect(board.get_by_text("No answer arrived").first).to_be_visible()
    board.unroute("**/inventory/transfer")
    drag(board, tile, head)
    expect(by_instance(board, instance_id)).to_have_attribute("data-owner", owner_of(board, 0))
    assert times_sent(bungie, instance_id) == 1
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_a_drag_without_a_connection_ends_with_a_notice(board, bungie, expected_errors):
    expected_errors.append("net::ERR_FAILED")
    tile = vault_item(board)
    board.route("**/inventory/destinations?*", lambda route: route.abort())
    board.mouse.move(*middle_of(tile))
    board.mouse.down()
    board.mouse.move(*middle_of(board.locator(".owner .head").first), steps=4)
    expect(refusal(board, "The site cannot be reached. Nothing was sent.")).to_be_visible()
    expect(board.locator(".drag-picture, .dragged")).to_have_count(0)
    board.mouse.up()
    assert sent(bungie) == []


def test_an_item_that_is_gone_cannot_be_dragged(board, expected_errors):
    expected_errors.append("404 ")
    tile = vault_item(board)
    tile.evaluate("(tile) => { tile.dataset.itemInstanceId = '1' }")
    board.mouse.move(*middle_of(tile))
    board.mouse.down()
    board.mouse.move(*middle_of(board.locator(".owner .head").first), steps=4)
    expect(refusal(board, "not there any more")).to_be_visible()
    board.mouse.up()


def test_a_row_of_the_table_can_be_dragged(board):
    board.locator(".view-menu > summary").click()
    board.get_by_label("Table").check()
    board.get_by_role("button", name="Apply").click()
    row = board.locator(f'.item-table tr[data-bucket-hash="{ENERGY}"]').first
    instance_id = id_of(row)
    drag(board, row.locator("a"), board.locator("label[for=on-1]"))
    expect(by_instance(board, instance_id)).to_have_attribute("data-owner", owner_of(board, 1))
