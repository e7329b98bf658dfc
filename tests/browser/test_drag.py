"""Gestures that move items without the panel: drag and drop, double click, keys."""

from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import sign_in

pytestmark = pytest.mark.xdist_group("browser")  # one browser at a time: two cores

KINETIC, ENERGY, HELMET = "1498876634", "2465295065", "3448274439"
PHONE = {"width": 390, "height": 844}
ACTIONS = {"TransferItem", "EquipItem", "EquipItems", "PullFromPostmaster"}


@pytest.fixture
def board(chromium, site, request, player, bungie):
    """The inventory of a new player, with JavaScript; every script error fails the test."""
    bungie.bungie.journal.entries.clear()  # these tests count what the sandbox receives
    options = getattr(request, "param", {"viewport": {"width": 1440, "height": 900}})
    context = chromium.new_context(base_url=site, **options)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: errors.append(message.text) if "Content Security" in message.text else None,
    )
    page.set_default_timeout(15_000)
    sign_in(page, player)
    page.locator("[data-shortcuts]:not([hidden])").wait_for(state="attached")  # the scripts run
    yield page
    context.close()
    assert not errors


on_phone = pytest.mark.parametrize(
    "board", [{"viewport": PHONE, "has_touch": True}], indirect=True, ids=["phone"]
)


def sent(bungie) -> list[str]:
    """Return the operation of each action that Bungie received."""
    return [entry.operation for entry in bungie.requests if entry.operation in ACTIONS]


def times_sent(bungie, instance_id: str) -> int:
    """Return how often Bungie was asked to transfer an item: others can make room for it."""
    return sum(
        entry.operation == "TransferItem" and entry.body["itemId"] == instance_id
        for entry in bungie.requests
    )


def vault_weapon(page: Page) -> Locator:
    """Return a weapon of the vault that every character can have."""
    return page.locator(
        f'.vault [data-owner="vault"][data-bucket-hash="{ENERGY}"]:not(.exotic)'
    ).first


def instance_of(tile: Locator) -> str:
    return tile.get_attribute("data-item-instance-id") or ""


def by_instance(page: Page, instance_id: str) -> Locator:
    return page.locator(f'[data-item-instance-id="{instance_id}"]')


def owner_of(page: Page, index: int) -> str:
    return page.locator(f".owner-tabs #on-{index}").get_attribute("value") or ""


def middle_of(target: Locator) -> tuple[float, float]:
    box = target.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 40)


def pick_up(page: Page, tile: Locator) -> None:
    """Drag a tile a little way, and wait until the targets are marked."""
    tile.scroll_into_view_if_needed()
    x, y = middle_of(tile)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y + 3, steps=3)
    expect(page.locator(".drag-picture")).to_be_attached()
    expect(page.locator(".drop-allowed, .drop-refused").first).to_be_attached()


def drag(page: Page, tile: Locator, target: Locator) -> None:
    pick_up(page, tile)
    page.mouse.move(*middle_of(target), steps=4)
    page.mouse.up()


def refusal(page: Page, text: str) -> Locator:
    return page.get_by_role("alert").filter(has_text=text)


def done(page: Page) -> Locator:
    return page.locator("#notices-done .done")


@pytest.mark.parametrize("target", ["#owner-{} .head", "label[for=on-2]"])
def test_an_item_that_is_dropped_on_a_head_or_a_tab_moves_there(board, bungie, target):
    tile = vault_weapon(board)
    index = int(target[-2]) if "on-" in target else 0
    owner = owner_of(board, index)
    instance_id = instance_of(tile)
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
    instance_id = instance_of(tile)
    drag(board, tile, equipped)
    expect(by_instance(board, instance_id)).to_have_attribute("data-location", "equipped")
    assert len(sent(bungie)) == 1
    assert sent(bungie)[0].startswith("EquipItem")


def test_an_item_that_is_dropped_on_the_vault_moves_there_and_the_move_can_be_undone(board, bungie):
    owner = owner_of(board, 0)
    tile = board.locator(
        f'[data-owner="{owner}"][data-bucket-hash="{ENERGY}"][data-location="bag"]'
    ).first
    instance_id = instance_of(tile)
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
    bungie.requests.clear()
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
        instance_of(tile),
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
    first, second = owner_of(board, 0), owner_of(board, 1)
    tile = board.locator(
        f'[data-owner="{first}"][data-bucket-hash="{HELMET}"][data-location="bag"]'
    ).first
    target = board.locator(
        f'[data-owner="{second}"][data-bucket-hash="{HELMET}"][data-location="equipped"]'
    )
    drag(board, tile, target)
    expect(refusal(board, "cannot equip the item. Nothing was sent.")).to_be_visible()
    assert sent(bungie) == []


def test_a_drop_on_its_own_cell_does_nothing(board, bungie):
    tile = vault_weapon(board)
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
    pick_up(board, vault_weapon(board))
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
    tile = vault_weapon(board)
    instance_id = instance_of(tile)
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
    tile = vault_weapon(board)
    instance_id = instance_of(tile)
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
    tile = vault_weapon(board)
    instance_id = instance_of(tile)
    head = board.locator(".owner .head").first
    drag(board, tile, head)
    expect(refusal(board, "Nothing was changed")).to_be_visible()
    assert bungie.holder_of(instance_id) == "vault"
    expect(by_instance(board, instance_id)).not_to_have_attribute("aria-busy", "true")
    drag(board, by_instance(board, instance_id), head)
    expect(by_instance(board, instance_id)).to_have_attribute("data-owner", owner_of(board, 0))


def test_a_drop_whose_answer_bungie_loses_is_looked_up(board, bungie):
    bungie.fail_next("TransferItem", "lost")
    tile = vault_weapon(board)
    instance_id = instance_of(tile)
    drag(board, tile, board.locator(".owner .head").first)
    expect(by_instance(board, instance_id)).to_have_attribute("data-owner", owner_of(board, 0))
    assert times_sent(bungie, instance_id) == 1


def test_a_drop_whose_answer_gets_lost_is_not_carried_out_again(board, bungie):
    tile = vault_weapon(board)
    instance_id = instance_of(tile)
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


def test_a_drag_without_a_connection_ends_with_a_notice(board, bungie):
    tile = vault_weapon(board)
    board.route("**/inventory/destinations?*", lambda route: route.abort())
    board.mouse.move(*middle_of(tile))
    board.mouse.down()
    board.mouse.move(*middle_of(board.locator(".owner .head").first), steps=4)
    expect(refusal(board, "The site cannot be reached. Nothing was sent.")).to_be_visible()
    expect(board.locator(".drag-picture, .dragged")).to_have_count(0)
    board.mouse.up()
    assert sent(bungie) == []


def test_an_item_that_is_gone_cannot_be_dragged(board):
    tile = vault_weapon(board)
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
    instance_id = instance_of(row)
    drag(board, row.locator("a"), board.locator("label[for=on-1]"))
    expect(by_instance(board, instance_id)).to_have_attribute("data-owner", owner_of(board, 1))


# Fingers


class Finger:
    """A finger on the screen."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)

    def send(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def press(self, x: float, y: float) -> None:
        self.send("touchStart", (x, y))

    def move(self, start: tuple[float, float], end: tuple[float, float], steps: int = 6) -> None:
        for step in range(1, steps + 1):
            share = step / steps
            x = start[0] + (end[0] - start[0]) * share
            y = start[1] + (end[1] - start[1]) * share
            self.send("touchMove", (x, y))

    def lift(self) -> None:
        self.send("touchEnd")


def show_vault(page: Page) -> Locator:
    page.locator("label[for=on-vault]").tap()
    tile = vault_weapon(page)
    tile.scroll_into_view_if_needed()
    return tile


@on_phone
def test_a_finger_that_rests_on_an_item_drags_it_to_a_tab(board, bungie):
    tile = show_vault(board)
    instance_id = instance_of(tile)
    finger = Finger(board)
    start, end = middle_of(tile), middle_of(board.locator("label[for=on-1]"))
    before = board.evaluate("scrollY")
    finger.press(*start)
    expect(board.locator(".drag-picture")).to_be_attached()
    finger.move(start, (195, 400))
    assert board.evaluate("scrollY") == before
    finger.move((195, 400), end)
    expect(board.locator("label[for=on-1]")).to_contain_class("drop-over")
    finger.lift()
    expect(by_instance(board, instance_id)).to_have_attribute("data-owner", owner_of(board, 1))
    expect(board.locator("#panel")).to_be_hidden()
    assert times_sent(bungie, instance_id) == 1


@on_phone
def test_an_item_that_rests_on_a_tab_shows_its_owner_and_is_equipped_there(board, bungie):
    tile = show_vault(board)
    instance_id = instance_of(tile)
    tab = board.locator("label[for=on-0]")
    finger = Finger(board)
    start, middle = middle_of(tile), middle_of(tab)
    finger.press(*start)
    expect(board.locator(".drag-picture")).to_be_attached()
    finger.move(start, middle)
    expect(board.locator("[data-board]")).to_have_attribute("data-shown", "0")
    equipped = board.locator(
        f'[data-owner="{owner_of(board, 0)}"][data-bucket-hash="{ENERGY}"]'
        '[data-location="equipped"]'
    )
    finger.move(middle, middle_of(equipped))
    finger.lift()
    expect(by_instance(board, instance_id)).to_have_attribute("data-location", "equipped")
    assert times_sent(bungie, instance_id) == 1


@on_phone
def test_a_finger_that_moves_at_once_scrolls(board, bungie):
    tile = show_vault(board)
    finger = Finger(board)
    before = board.evaluate("scrollY")
    x, y = middle_of(tile)
    finger.press(x, y)
    finger.move((x, y), (x, y - 300), steps=10)
    board.wait_for_timeout(500)  # longer than a long press
    expect(board.locator(".drag-picture")).to_have_count(0)
    finger.lift()
    assert board.evaluate("scrollY") > before
    assert sent(bungie) == []


@on_phone
def test_a_second_finger_ends_the_drag(board, bungie):
    tile = show_vault(board)
    finger = Finger(board)
    start, end = middle_of(tile), middle_of(board.locator("label[for=on-1]"))
    finger.press(*start)
    expect(board.locator(".drop-allowed").first).to_be_attached()
    finger.move(start, end)
    finger.send("touchStart", end, (50, 300))
    expect(board.locator(".drag-picture")).to_have_count(0)
    finger.lift()
    assert sent(bungie) == []


@on_phone
def test_a_tap_opens_the_item(board):
    show_vault(board).tap()
    expect(board.locator("#panel")).to_be_visible()


@on_phone
def test_the_page_scrolls_while_an_item_is_near_the_edge(board):
    tile = show_vault(board)
    finger = Finger(board)
    start = middle_of(tile)
    tabs = board.locator(".owner-tabs").bounding_box()
    assert tabs
    lower = board.locator("#vault-helmet > summary")
    expect(lower).not_to_be_in_viewport()
    finger.press(*start)
    expect(board.locator(".drag-picture")).to_be_attached()
    finger.move(start, (start[0], tabs["y"] - 8))
    expect(lower).to_be_in_viewport()
    finger.send("touchCancel")
    expect(board.locator(".drag-picture")).to_have_count(0)


# Double click


def test_a_double_click_moves_the_item_if_the_player_wants_that(board, bungie):
    tile = vault_weapon(board)
    instance_id = instance_of(tile)
    tile.dblclick()
    expect(board.locator("#panel")).to_be_visible()
    assert sent(bungie) == []
    board.locator("#panel [data-close]").click()
    board.locator(".view-menu > summary").click()
    board.get_by_label("Moves it to the shown character").check()
    board.get_by_role("button", name="Apply").click()
    expect(board.locator("[data-board]")).to_have_attribute("data-double-click", "on")
    board.locator("label[for=on-1]").click()
    tile.dblclick()
    expect(by_instance(board, instance_id)).to_have_attribute("data-owner", owner_of(board, 1))
    expect(by_instance(board, instance_id)).to_have_attribute("data-location", "bag")
    expect(board.locator("#panel")).to_be_hidden()
    assert times_sent(bungie, instance_id) == 1
    by_instance(board, instance_id).dblclick()
    expect(refusal(board, "The item is there already")).to_be_visible()
    vault_weapon(board).click()
    expect(board.locator("#panel")).to_be_visible()


# Keys


@pytest.mark.parametrize(("key", "index"), [("2", 1), ("m", 2)])
def test_the_key_m_and_the_key_of_an_owner_move_the_focused_item(board, bungie, key, index):
    board.locator("label[for=on-2]").click()
    tile = vault_weapon(board)
    instance_id = instance_of(tile)
    tile.focus()
    board.keyboard.press("m")
    names = board.locator(".owner h2").all_text_contents()
    words = ", ".join(f"{number} {name.strip()}" for number, name in enumerate(names, 1))
    expect(board.locator("#notices-done")).to_contain_text(f"Move to: {words}, v Vault")
    board.keyboard.press(key)
    expect(by_instance(board, instance_id)).to_have_attribute("data-owner", owner_of(board, index))
    expect(board.get_by_text("Move to: 1")).to_have_count(0)
    assert times_sent(bungie, instance_id) == 1


def test_the_keys_m_and_v_move_the_focused_item_to_the_vault(board, bungie):
    owner = owner_of(board, 0)
    tile = board.locator(
        f'[data-owner="{owner}"][data-bucket-hash="{ENERGY}"][data-location="bag"]'
    ).first
    instance_id = instance_of(tile)
    tile.focus()
    board.keyboard.press("m")
    board.keyboard.press("v")
    expect(by_instance(board, instance_id)).to_have_attribute("data-owner", "vault")
    assert times_sent(bungie, instance_id) == 1


@pytest.mark.parametrize("key", ["Escape", "9"])
def test_another_key_ends_the_choice(board, bungie, key):
    vault_weapon(board).focus()
    board.keyboard.press("m")
    prompt = board.get_by_text("Move to: 1")
    expect(prompt).to_be_visible()
    board.keyboard.press(key)
    expect(prompt).to_have_count(0)
    board.keyboard.press("2")
    board.wait_for_load_state("networkidle")
    assert sent(bungie) == []


def test_the_keys_are_in_the_help_and_can_be_switched_off(board):
    board.keyboard.press("?")
    dialog = board.get_by_role("dialog")
    expect(dialog.get_by_role("row").filter(has_text="Move the item to the vault")).to_be_visible()
    dialog.get_by_role("switch").uncheck()
    board.keyboard.press("Escape")
    asked = []
    board.on("request", lambda request: asked.append(request.url))
    vault_weapon(board).focus()
    board.keyboard.press("m")
    expect(board.get_by_text("Move to: 1")).to_have_count(0)
    board.keyboard.press("1")
    expect(board.locator(".column-0 a.tile:focus")).to_have_count(0)
    assert asked == []
