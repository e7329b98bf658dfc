"""The actions of a player: read pages, send forms, and play the game at the same time."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from secrets import token_hex
from typing import Final

from soak import checks, game_events
from soak.browser import Answer, Browser
from soak.game import Game, find_executed_calls
from soak.pages import IDEMPOTENCY_KEY, Form, Page, Tile

INVENTORY: Final = "/inventory/"
_TRANSFER: Final = "/inventory/transfer"
_PULL: Final = "/inventory/pull"
_EQUIP: Final = "/inventory/equip"
_LOCK: Final = "/inventory/lock"
_UNDO: Final = "/inventory/undo"
_REFRESH: Final = "/inventory/refresh"
_MAX_OLD_FORMS: Final = 12
_JSON_PROBABILITY: Final = 0.7


@dataclass(slots=True)
class StepRecord:
    """The record of one action.

    Attributes:
        detail: Description for the list of the last actions before a violation.
        answers: The answers to all requests, in order.
        violations: Violations that the action itself has found.
        forms: The forms that were sent; a form that was sent twice is listed once.
    """

    detail: str
    answers: list[Answer] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)


@dataclass(slots=True)
class ActionContext:
    """The browser, the game and the memory of a player, for the actions.

    Attributes:
        tiles: The tiles of the last inventory page.
        old_forms: Forms of earlier pages, each with the fields of one button.
        settle: Waits, given the answers to some requests, until the sandbox has carried out
            every call of these requests.
    """

    browser: Browser
    game: Game
    wait_until_idle: Callable[[Sequence[Answer]], None]
    tiles: list[Tile] = field(default_factory=list)
    old_forms: deque[tuple[Form, dict[str, str]]] = field(
        default_factory=lambda: deque(maxlen=_MAX_OLD_FORMS)
    )

    def read_inventory(self, step_record: StepRecord) -> Page:
        """Open the inventory page."""
        answer = self.browser.open(INVENTORY)
        step_record.answers.append(answer)
        if answer.page.tiles:
            self.tiles = answer.page.tiles
        return answer.page

    def choose_tile(
        self, step_record: StepRecord, random: Random, choice: Callable[[Tile], bool]
    ) -> Tile | None:
        """Choose one of the last tiles; read the inventory if there are none."""
        if not self.tiles:
            self.read_inventory(step_record)
        matching_tiles = [tile for tile in self.tiles if tile.href and choice(tile)]
        return random.choice(matching_tiles) if matching_tiles else None

    def choose_form(
        self,
        step_record: StepRecord,
        random: Random,
        tile: Tile | None,
        choice: Callable[[Form], bool],
    ) -> tuple[Form, dict[str, str]] | None:
        """Open an item's page, and choose a form of it with one of its buttons."""
        if tile is None:
            return None
        answer = self.browser.open(tile.href)
        step_record.answers.append(answer)
        forms = [form for form in answer.page.forms if form.buttons and choice(form)]
        if not forms:
            return None
        form = random.choice(forms)
        name, value = random.choice(form.buttons)
        fields = {name: value} if name else {}
        if form.max_quantity:
            fields["quantity"] = str(random.randint(1, form.max_quantity))
        self.old_forms.append((form, fields))
        return form, fields


def _is_any(_tile: Tile) -> bool:
    return True


def _is_instance(tile: Tile) -> bool:
    return bool(tile.instance_id)


def _is_stack(tile: Tile) -> bool:
    return not tile.instance_id


def _is_in_postmaster(tile: Tile) -> bool:
    return tile.location == "postmaster"


def _is_job(form: Form) -> bool:
    return form.path in {_TRANSFER, _PULL, _LOCK}


def _is_move(form: Form) -> bool:
    return form.path == _TRANSFER and "equip" not in form.fields


def _is_equip(form: Form) -> bool:
    return form.path == _TRANSFER and "equip" in form.fields


def _create_send_action(
    name: str, tiles: Callable[[Tile], bool], forms: Callable[[Form], bool]
) -> Callable[[ActionContext, Random], StepRecord]:
    """Make the action that sends one form of an item's page."""

    def send_one_form(context: ActionContext, random: Random) -> StepRecord:
        step_record = StepRecord(name)
        tile = context.choose_tile(step_record, random, tiles)
        selection = context.choose_form(step_record, random, tile, forms)
        if selection is not None:
            form, fields = selection
            as_json = random.random() < _JSON_PROBABILITY
            step_record.detail = f"{form.path} {_describe_fields(form, fields)}"
            step_record.forms.append(form)
            step_record.answers.append(context.browser.submit(form, as_json=as_json, **fields))
        return step_record

    return send_one_form


def read_pages(context: ActionContext, random: Random) -> StepRecord:
    """Read a page, without sending a form."""
    step_record = StepRecord("read pages")
    path = random.choice((INVENTORY, "/xur/", "/", "item"))
    if path == INVENTORY:
        context.read_inventory(step_record)
    elif path == "item":
        # The form is stored and may be sent some steps later.
        context.choose_form(
            step_record, random, context.choose_tile(step_record, random, _is_any), _is_job
        )
    else:
        step_record.answers.append(context.browser.open(path))
    return step_record


def preview(context: ActionContext, random: Random) -> StepRecord:
    """Open the preview of a move, then send the form of the preview."""
    step_record = StepRecord("preview")
    tile = context.choose_tile(step_record, random, _is_instance)
    selection = context.choose_form(step_record, random, tile, lambda form: form.path == _TRANSFER)
    if selection is None:
        return step_record
    form, fields = selection
    query = {**form.fields, **fields}
    del query["csrf_token"]
    query_text = "&".join(f"{name}={value}" for name, value in query.items())
    answer = context.browser.open(f"/inventory/preview?{query_text}")
    step_record.answers.append(answer)
    for planned in answer.page.forms_to(_TRANSFER):
        step_record.detail = f"preview, then {planned.path} {_describe_fields(planned, {})}"
        step_record.forms.append(planned)
        step_record.answers.append(context.browser.submit(planned, as_json=False))
    return step_record


def refresh(context: ActionContext, _random: Random) -> StepRecord:
    """Refresh the inventory from Bungie."""
    step_record = StepRecord("refresh")
    for form in context.read_inventory(step_record).forms_to(_REFRESH):
        step_record.answers.append(context.browser.submit(form, as_json=False))
    return step_record


def equip_several(context: ActionContext, random: Random) -> StepRecord:
    """Equip several items of one character in one request, as an API client does."""
    step_record = StepRecord("equip several")
    page = context.read_inventory(step_record)
    unequipped = [tile for tile in page.tiles if tile.location == "bag" and tile.instance_id]
    owners = sorted({tile.owner for tile in unequipped})
    if not owners:
        return step_record
    owner = random.choice(owners)
    instance_ids = [tile.instance_id for tile in unequipped if tile.owner == owner]
    selection = random.sample(instance_ids, min(len(instance_ids), random.randint(2, 4)))
    form = Form(path=_EQUIP, fields={"csrf_token": page.token, "character_id": owner})
    if any(IDEMPOTENCY_KEY in page_form.fields for page_form in page.forms):
        form.fields[IDEMPOTENCY_KEY] = token_hex(16)
    step_record.detail = f"equip {', '.join(selection)} on {owner}"
    step_record.forms.append(form)
    step_record.answers.append(
        context.browser.submit(form, as_json=True, item_instance_id=selection)
    )
    return step_record


def double_click(context: ActionContext, random: Random) -> StepRecord:
    """Send one form two times at once, and sometimes a third time afterwards."""
    step_record = StepRecord("double click")
    tile = context.choose_tile(step_record, random, random.choice((_is_any, _is_stack)))
    selection = context.choose_form(step_record, random, tile, _is_job)
    if selection is None:
        return step_record
    form, fields = selection
    step_record.forms.append(form)
    step_record.detail = f"two times {form.path} {_describe_fields(form, fields)}"
    step_record.answers += context.browser.submit_twice(form, as_json=True, **fields)
    if random.random() < 0.5:  # noqa: PLR2004
        step_record.answers.append(context.browser.submit(form, as_json=True, **fields))
    return step_record


def act_in_two_tabs(context: ActionContext, random: Random) -> StepRecord:
    """Send two different forms at once."""
    step_record = StepRecord("two tabs")
    selection = [
        context.choose_form(
            step_record, random, context.choose_tile(step_record, random, _is_any), _is_job
        )
        for _ in range(2)
    ]
    forms = [pair for pair in selection if pair is not None]
    with ThreadPoolExecutor(2) as executor:
        futures = [
            executor.submit(context.browser.submit, form, as_json=True, **fields)
            for form, fields in forms
        ]
    step_record.answers += [future.result() for future in futures]
    step_record.forms += [form for form, _ in forms]
    step_record.detail = "at once: " + "; ".join(
        f"{form.path} {_describe_fields(form, fields)}" for form, fields in forms
    )
    return step_record


def send_old_form(context: ActionContext, random: Random) -> StepRecord:
    """Send a form of an earlier page."""
    step_record = StepRecord("old form")
    if context.old_forms:
        form, fields = random.choice(context.old_forms)
        step_record.forms.append(form)
        step_record.detail = f"old {form.path} {_describe_fields(form, fields)}"
        as_json = random.random() < _JSON_PROBABILITY
        step_record.answers.append(context.browser.submit(form, as_json=as_json, **fields))
    return step_record


def undo(context: ActionContext, random: Random) -> StepRecord:
    """Send a job, undo it, and undo it a second time."""
    step_record = StepRecord("undo")
    before = context.game.read_belongings()
    tile = context.choose_tile(step_record, random, _is_any)
    selection = context.choose_form(step_record, random, tile, _is_job)
    if selection is None:
        return step_record
    form, fields = selection
    job = context.browser.submit(form, as_json=True, **fields)
    step_record.detail = f"undo {form.path} {_describe_fields(form, fields)}"
    step_record.forms.append(form)
    step_record.answers.append(job)
    steps = job.report["steps"] if job.report else []
    if not steps or not all(step["ok"] for step in steps):
        return step_record
    offer = next(context.read_inventory(step_record).forms_to(_UNDO), None)
    if offer is None:
        return step_record
    if random.random() < 0.5:  # noqa: PLR2004
        answers = context.browser.submit_twice(offer, as_json=True)
    else:
        answers = [context.browser.submit(offer, as_json=True)]
    context.wait_until_idle(answers)
    after, mark = context.game.read_belongings(), context.game.newest_entry_number()
    step_record.forms.append(offer)
    step_record.answers += answers
    if any(answer.report and answer.report["ok"] for answer in answers):
        step_record.answers.append(context.browser.submit(offer, as_json=True))
        context.wait_until_idle(step_record.answers[-1:])
    second_calls = find_executed_calls(context.game.entries(mark))
    step_record.violations += checks.check_undo(before, after, answers, second_calls)
    return step_record


def play(context: ActionContext, random: Random) -> StepRecord:
    """Play one event of the game; the caller updates the expected totals."""
    return StepRecord(game_events.play_random_event(context.game, random))


PLAY: Final = "play in the game"

ACTIONS: Final[dict[str, tuple[int, Callable[[ActionContext, Random], StepRecord]]]] = {
    "read pages": (8, read_pages),
    "refresh": (3, refresh),
    "move": (14, _create_send_action("move", _is_instance, _is_move)),
    "move part of a stack": (6, _create_send_action("move part of a stack", _is_stack, _is_move)),
    "equip": (10, _create_send_action("equip", _is_instance, _is_equip)),
    "equip several": (5, equip_several),
    "lock": (6, _create_send_action("lock", _is_instance, lambda form: form.path == _LOCK)),
    "pull from the postmaster": (
        5,
        _create_send_action("pull", _is_in_postmaster, lambda form: form.path == _PULL),
    ),
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


def _describe_fields(form: Form, fields: dict[str, str]) -> str:
    all_fields = {**form.fields, **fields}
    secret_fields = {"csrf_token", IDEMPOTENCY_KEY}
    return " ".join(
        f"{name}={value}" for name, value in all_fields.items() if name not in secret_fields
    )
