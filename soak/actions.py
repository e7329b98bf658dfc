"""What a player does: reads pages, sends their forms, and plays the game beside it."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from secrets import token_hex
from typing import Final

from soak import checks, ingame
from soak.browser import Answer, Browser
from soak.game import Game, carried_out
from soak.pages import KEY, Form, Page, Tile

INVENTORY: Final = "/inventory/"
_TRANSFER: Final = "/inventory/transfer"
_PULL: Final = "/inventory/pull"
_EQUIP: Final = "/inventory/equip"
_LOCK: Final = "/inventory/lock"
_UNDO: Final = "/inventory/undo"
_REFRESH: Final = "/inventory/refresh"
_REMEMBERED: Final = 12
_AS_JSON: Final = 0.7


@dataclass(slots=True)
class RecordedStep:
    """What one action has come to.

    Attributes:
        detail: What was done, for the list of a violation's last actions.
        answers: The answers to every request, in order.
        violations: What the action itself has found wrong.
        forms: The forms that were sent, each once however often it was.
    """

    detail: str
    answers: list[Answer] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)


@dataclass(slots=True)
class Hands:
    """What a player acts with.

    Attributes:
        tiles: Of the inventory page that was read last.
        old_forms: Forms of pages that were read some steps ago, with a button of each.
        settle: Waits, given the answers to some requests, until the sandbox has carried out
            every call of these requests.
    """

    browser: Browser
    game: Game
    settle: Callable[[Sequence[Answer]], None]
    tiles: list[Tile] = field(default_factory=list)
    old_forms: deque[tuple[Form, dict[str, str]]] = field(
        default_factory=lambda: deque(maxlen=_REMEMBERED)
    )

    def read_inventory(self, deed: RecordedStep) -> Page:
        """Open the inventory page."""
        answer = self.browser.open(INVENTORY)
        deed.answers.append(answer)
        if answer.page.tiles:
            self.tiles = answer.page.tiles
        return answer.page

    def choose_tile(
        self, deed: RecordedStep, random: Random, choice: Callable[[Tile], bool]
    ) -> Tile | None:
        """Choose one of the tiles that were last seen; read the inventory where none was."""
        if not self.tiles:
            self.read_inventory(deed)
        found = [tile for tile in self.tiles if tile.href and choice(tile)]
        return random.choice(found) if found else None

    def choose_form(
        self, deed: RecordedStep, random: Random, tile: Tile | None, choice: Callable[[Form], bool]
    ) -> tuple[Form, dict[str, str]] | None:
        """Open an item's page, and choose a form of it with one of its buttons."""
        if tile is None:
            return None
        answer = self.browser.open(tile.href)
        deed.answers.append(answer)
        forms = [form for form in answer.page.forms if form.buttons and choice(form)]
        if not forms:
            return None
        form = random.choice(forms)
        name, value = random.choice(form.buttons)
        fields = {name: value} if name else {}
        if form.largest:
            fields["quantity"] = str(random.randint(1, form.largest))
        self.old_forms.append((form, fields))
        return form, fields


def _is_any(_tile: Tile) -> bool:
    return True


def _is_instance(tile: Tile) -> bool:
    return bool(tile.instance_id)


def _is_stack(tile: Tile) -> bool:
    return not tile.instance_id


def _is_lost(tile: Tile) -> bool:
    return tile.location == "postmaster"


def _is_job(form: Form) -> bool:
    return form.path in {_TRANSFER, _PULL, _LOCK}


def _is_move(form: Form) -> bool:
    return form.path == _TRANSFER and "equip" not in form.fields


def _is_equip(form: Form) -> bool:
    return form.path == _TRANSFER and "equip" in form.fields


def _send_one(
    name: str, tiles: Callable[[Tile], bool], forms: Callable[[Form], bool]
) -> Callable[[Hands, Random], RecordedStep]:
    """Make the action that sends one form of an item's page."""

    def act(hands: Hands, random: Random) -> RecordedStep:
        deed = RecordedStep(name)
        tile = hands.choose_tile(deed, random, tiles)
        chosen = hands.choose_form(deed, random, tile, forms)
        if chosen is not None:
            form, fields = chosen
            as_json = random.random() < _AS_JSON
            deed.detail = f"{form.path} {_shown(form, fields)}"
            deed.forms.append(form)
            deed.answers.append(hands.browser.submit(form, as_json=as_json, **fields))
        return deed

    return act


def read_pages(hands: Hands, random: Random) -> RecordedStep:
    """Read pages as a visitor does."""
    deed = RecordedStep("read pages")
    path = random.choice((INVENTORY, "/xur/", "/", "item"))
    if path == INVENTORY:
        hands.read_inventory(deed)
    elif path == "item":
        # Its form is remembered, and may be sent some steps later.
        hands.choose_form(deed, random, hands.choose_tile(deed, random, _is_any), _is_job)
    else:
        deed.answers.append(hands.browser.open(path))
    return deed


def preview(hands: Hands, random: Random) -> RecordedStep:
    """Look at the plan of a move, then make it from there."""
    deed = RecordedStep("preview")
    tile = hands.choose_tile(deed, random, _is_instance)
    chosen = hands.choose_form(deed, random, tile, lambda form: form.path == _TRANSFER)
    if chosen is None:
        return deed
    form, fields = chosen
    query = {**form.fields, **fields}
    del query["csrf_token"]
    words = "&".join(f"{name}={value}" for name, value in query.items())
    answer = hands.browser.open(f"/inventory/preview?{words}")
    deed.answers.append(answer)
    for planned in answer.page.forms_to(_TRANSFER):
        deed.detail = f"preview, then {planned.path} {_shown(planned, {})}"
        deed.forms.append(planned)
        deed.answers.append(hands.browser.submit(planned, as_json=False))
    return deed


def refresh(hands: Hands, _random: Random) -> RecordedStep:
    """Read the account anew."""
    deed = RecordedStep("refresh")
    for form in hands.read_inventory(deed).forms_to(_REFRESH):
        deed.answers.append(hands.browser.submit(form, as_json=False))
    return deed


def equip_several(hands: Hands, random: Random) -> RecordedStep:
    """Equip several items of one character in one request, as a program does."""
    deed = RecordedStep("equip several")
    page = hands.read_inventory(deed)
    bags = [tile for tile in page.tiles if tile.location == "bag" and tile.instance_id]
    owners = sorted({tile.owner for tile in bags})
    if not owners:
        return deed
    owner = random.choice(owners)
    held = [tile.instance_id for tile in bags if tile.owner == owner]
    chosen = random.sample(held, min(len(held), random.randint(2, 4)))
    form = Form(path=_EQUIP, fields={"csrf_token": page.token, "character_id": owner})
    if any(KEY in other.fields for other in page.forms):
        form.fields[KEY] = token_hex(16)
    deed.detail = f"equip {', '.join(chosen)} on {owner}"
    deed.forms.append(form)
    deed.answers.append(hands.browser.submit(form, as_json=True, item_instance_id=chosen))
    return deed


def double_click(hands: Hands, random: Random) -> RecordedStep:
    """Send one form two times at once, and now and then once more later."""
    deed = RecordedStep("double click")
    tile = hands.choose_tile(deed, random, random.choice((_is_any, _is_stack)))
    chosen = hands.choose_form(deed, random, tile, _is_job)
    if chosen is None:
        return deed
    form, fields = chosen
    deed.forms.append(form)
    deed.detail = f"two times {form.path} {_shown(form, fields)}"
    deed.answers += hands.browser.submit_twice(form, as_json=True, **fields)
    if random.random() < 0.5:  # noqa: PLR2004
        deed.answers.append(hands.browser.submit(form, as_json=True, **fields))
    return deed


def act_in_two_tabs(hands: Hands, random: Random) -> RecordedStep:
    """Send two different forms at once."""
    deed = RecordedStep("two tabs")
    chosen = [
        hands.choose_form(deed, random, hands.choose_tile(deed, random, _is_any), _is_job)
        for _ in range(2)
    ]
    forms = [one for one in chosen if one is not None]
    with ThreadPoolExecutor(2) as tabs:
        futures = [
            tabs.submit(hands.browser.submit, form, as_json=True, **fields)
            for form, fields in forms
        ]
    deed.answers += [future.result() for future in futures]
    deed.forms += [form for form, _ in forms]
    deed.detail = "at once: " + "; ".join(f"{form.path} {_shown(form, on)}" for form, on in forms)
    return deed


def send_old_form(hands: Hands, random: Random) -> RecordedStep:
    """Send a form of a page that was read some steps ago."""
    deed = RecordedStep("old form")
    if hands.old_forms:
        form, fields = random.choice(hands.old_forms)
        deed.forms.append(form)
        deed.detail = f"old {form.path} {_shown(form, fields)}"
        as_json = random.random() < _AS_JSON
        deed.answers.append(hands.browser.submit(form, as_json=as_json, **fields))
    return deed


def undo(hands: Hands, random: Random) -> RecordedStep:
    """Do a job, undo it, and undo it once more."""
    deed = RecordedStep("undo")
    before = hands.game.belongings()
    tile = hands.choose_tile(deed, random, _is_any)
    chosen = hands.choose_form(deed, random, tile, _is_job)
    if chosen is None:
        return deed
    form, fields = chosen
    job = hands.browser.submit(form, as_json=True, **fields)
    deed.detail = f"undo {form.path} {_shown(form, fields)}"
    deed.forms.append(form)
    deed.answers.append(job)
    steps = job.report["steps"] if job.report else []
    if not steps or not all(step["ok"] for step in steps):
        return deed
    offer = next(hands.read_inventory(deed).forms_to(_UNDO), None)
    if offer is None:
        return deed
    if random.random() < 0.5:  # noqa: PLR2004
        answers = hands.browser.submit_twice(offer, as_json=True)
    else:
        answers = [hands.browser.submit(offer, as_json=True)]
    hands.settle(answers)
    after, mark = hands.game.belongings(), hands.game.mark()
    deed.forms.append(offer)
    deed.answers += answers
    if any(answer.report and answer.report["ok"] for answer in answers):
        deed.answers.append(hands.browser.submit(offer, as_json=True))
        hands.settle(deed.answers[-1:])
    again = carried_out(hands.game.entries(mark))
    deed.violations += checks.check_undo(before, after, answers, again)
    return deed


def play(hands: Hands, random: Random) -> RecordedStep:
    """Do something in the game; what that makes or removes is noted by the caller."""
    return RecordedStep(ingame.happen(hands.game, random))


PLAY: Final = "play in the game"

ACTIONS: Final[dict[str, tuple[int, Callable[[Hands, Random], RecordedStep]]]] = {
    "read pages": (8, read_pages),
    "refresh": (3, refresh),
    "move": (14, _send_one("move", _is_instance, _is_move)),
    "move part of a stack": (6, _send_one("move part of a stack", _is_stack, _is_move)),
    "equip": (10, _send_one("equip", _is_instance, _is_equip)),
    "equip several": (5, equip_several),
    "lock": (6, _send_one("lock", _is_instance, lambda form: form.path == _LOCK)),
    "pull from the postmaster": (5, _send_one("pull", _is_lost, lambda form: form.path == _PULL)),
    "preview": (3, preview),
    "double click": (7, double_click),
    "two tabs": (5, act_in_two_tabs),
    "old form": (6, send_old_form),
    "undo": (9, undo),
    PLAY: (13, play),
}


def draw(random: Random) -> str:
    """Draw the name of an action."""
    weights = Counter({name: weight for name, (weight, _) in ACTIONS.items()})
    return random.choices(list(weights), list(weights.values()))[0]


def _shown(form: Form, fields: dict[str, str]) -> str:
    sent = {**form.fields, **fields}
    secret = {"csrf_token", KEY}
    return " ".join(f"{name}={value}" for name, value in sent.items() if name not in secret)
