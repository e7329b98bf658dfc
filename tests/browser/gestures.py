"""Gestures of a mouse and of a finger on the board, and what Bungie received for them."""

from playwright.sync_api import Locator, Page, expect

from bungie_sandbox.server import Sandbox

ACTIONS = {"TransferItem", "EquipItem", "EquipItems", "PullFromPostmaster"}


def sent(bungie: Sandbox) -> list[str]:
    """Return the operation of each action that Bungie received."""
    return [entry.operation for entry in bungie.requests if entry.operation in ACTIONS]


def times_sent(bungie: Sandbox, instance_id: str) -> int:
    """Return how often Bungie was asked to transfer an item: others can make room for it."""
    return sum(
        entry.operation == "TransferItem" and entry.body["itemId"] == instance_id
        for entry in bungie.requests
    )


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
