"""One player: draws an action, acts while something fails, and checks what came of it."""

import time
import traceback
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from random import Random
from threading import Event, Thread
from typing import Final

from bungie_sandbox.journal import Entry
from soak import actions, checks
from soak.actions import Hands, RecordedStep
from soak.browser import Answer, Browser
from soak.disturbances import KILL, SIGN_OUT, STORE, Disturber
from soak.faults import LOST, TOKEN, Trouble, end_trouble, plan_trouble
from soak.game import Call, Game, carried_out, left_open
from soak.options import Options
from soak.pages import KEY
from soak.report import Figures, Printer, Record, kind_of

_PAGE_EVERY: Final = 4
_SETTLES_WITHIN: Final = 30.0
_UNREAD: Final = 1.0
_LONGEST: Final = 15.0
"""Seconds that an action may take while nothing fails."""

_REFRESHES_WITHIN: Final = 45.0
_PAUSE: Final = 1.0
_RECENT: Final = 3.0
"""Seconds in which a read counts as simultaneous with a call, while Bungie's clock is another.

The site knows that clock by the ``Date`` header, which has whole seconds.
"""

_SIGN_INS: Final = 20
_NO_TROUBLE: Final = Trouble(kind="", name="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What all players of a run have in common. ``address`` is where the site is."""

    options: Options
    address: str
    disturber: Disturber
    figures: Figures
    printer: Printer


class Player(Thread):
    """One player of the sandbox with one account, who acts until the run is over.

    Attributes:
        past: The last steps.
        has_failed: A violation was found.
    """

    def __init__(self, game: Game, stage: Stage) -> None:
        super().__init__(name=game.name, daemon=True)
        self.game = game
        self.is_over = Event()
        self.has_failed = False
        self._options = stage.options
        self._disturber = stage.disturber
        self._figures = stage.figures
        self._printer = stage.printer
        self._hands = Hands(Browser(stage.address), game, self._settle)
        self._recent = _RECENT if self._options.clock_steps else 0.0
        self._step = 0
        self.past: deque[Record] = deque(maxlen=100)
        self._totals = game.belongings().totals
        self._carried_by_key: defaultdict[str, Counter[Call]] = defaultdict(Counter)
        self._told_by_key: defaultdict[str, Counter[Call]] = defaultdict(Counter)
        self._changed = 0.0
        self._signed_in = (0.0, 0)

    def run(self) -> None:
        """Act until the run is over (the thread's own work)."""
        try:
            self._sign_in()
            while not self.is_over.is_set():
                self._step += 1
                self._act(Random(f"{self._options.seed}/{self.game.name}/{self._step}"))
            self._check_page()
        except Exception:  # noqa: BLE001  # whatever it is, the run has failed and says so
            self._report(["the soak test itself failed", traceback.format_exc()])
        finally:
            end_trouble(self.game.bungie, self.game.name)

    def _act(self, random: Random) -> None:
        name = actions.draw(random)
        trouble = _NO_TROUBLE
        mark, began = self.game.mark(), time.monotonic()
        if name == actions.PLAY:
            deed = self._play(random)
        else:
            if random.random() < self._options.faults:
                trouble = plan_trouble(
                    random,
                    self.game.bungie,
                    self.game.name,
                    hangs=self._options.hangs,
                )
                with self._figures.guard:
                    self._figures.faults[trouble.kind] += 1
            deed = actions.ACTIONS[name][1](self._hands, random)
            self._settle(deed.answers)
            end_trouble(self.game.bungie, self.game.name)
        seconds = time.monotonic() - began
        entries = self.game.entries(mark)
        self._count(name, deed, seconds, entries)
        record = Record(
            step=self._step,
            action=name,
            detail=f"{name}: {deed.detail}",
            trouble=trouble.name,
            outcome=_outcome(deed.answers),
            seconds=seconds,
        )
        self.past.append(record)
        found = self._check(deed, entries, trouble)
        if found:
            self._report(found)
        self._stay_signed_in(deed.answers)
        if self._step % _PAGE_EVERY == 0:
            self._check_page()

    def _play(self, random: Random) -> RecordedStep:
        """Let something happen in the game, and note what it has made or removed."""
        with self.game.bungie.bungie.lock:
            found = checks.check_conservation(self._totals, self.game.belongings().totals)
            deed = actions.play(self._hands, random)
            self._totals = self.game.belongings().totals
        self._changed = time.monotonic()
        deed.violations += found
        return deed

    def _check(self, deed: RecordedStep, entries: list[Entry], trouble: Trouble) -> list[str]:
        carried = carried_out(entries)
        if carried:
            self._changed = time.monotonic()
        disturbed = self._disturbed(deed.answers)
        found = list(deed.violations)
        found += checks.check_conservation(self._totals, self.game.belongings().totals)
        for answer in deed.answers:
            found += checks.check_answer(answer)
        posts = [answer for answer in deed.answers if answer.method == "POST"]
        keys = [form.fields[KEY] for form in deed.forms if KEY in form.fields]
        found += checks.check_reports(
            posts,
            carried,
            sum((self._told_by_key[key] for key in keys), left_open(entries)),
            has_key=bool(keys),
            store_failed=any(name.startswith(STORE) for name in disturbed),
        )
        for key in keys:
            self._carried_by_key[key] += carried
            self._told_by_key[key] += carried + left_open(entries)
        for form in deed.forms:
            key = form.fields.get(KEY, "")
            found += checks.check_repetition(form, self._carried_by_key[key])
        if len(posts) == 1:
            found += checks.check_waiting(posts)
        if any(answer.is_broken for answer in deed.answers) and KILL not in disturbed:
            found.append("a connection broke, and no worker was killed")
        if not trouble.is_silence:
            found += [
                f"{answer.path} took {answer.seconds:.0f} seconds, and nothing hung"
                for answer in deed.answers
                if answer.seconds - self._disturbed_seconds(answer) > _LONGEST
            ]
        return found

    def _check_page(self) -> None:
        """Refresh the page while nothing fails, and compare it with the game."""
        deadline = time.monotonic() + _REFRESHES_WITHIN
        looks = differing = 0
        answer: Answer | None = None
        while True:
            self._settle([answer] if answer else [])
            is_recent = time.monotonic() - self._changed < self._recent
            with self._disturber.calm.checking():
                answer = self._refresh()
                found = checks.check_answer(answer) if answer else ["no page to refresh"]
                is_read = answer is not None and "Read from Bungie" in answer.message
                if answer is not None and is_read:
                    found += checks.check_page(answer.page, self.game.belongings())
            self._stay_signed_in([answer] if answer else [])
            looks += 1
            differing += is_read and bool(found)
            if is_read and not found:
                break
            if time.monotonic() > deadline or (found and not (is_read and is_recent)):
                self._report(found or [f"no refresh succeeds: {answer and answer.message[:300]}"])
                return
            # The site asks Bungie for nothing for some seconds after failures.
            time.sleep(_PAUSE)
        with self._figures.guard:
            self._figures.pages += 1
            self._figures.later_pages += differing > 0
            self._figures.repeated_refreshes += looks - differing - 1

    def _refresh(self) -> Answer | None:
        self.game.forget_lag()
        page = self._hands.read_inventory(RecordedStep("check"))
        for form in page.forms_to("/inventory/refresh"):
            answer = self._hands.browser.submit(form, as_json=False)
            if answer.page.tiles:
                self._hands.tiles = answer.page.tiles
            return answer
        return self._hands.browser.open(actions.INVENTORY)

    def _settle(self, answers: Sequence[Answer] = ()) -> None:
        """Wait until the sandbox has answered every call of this player.

        Args:
            answers: What came back. When one broke, its process was killed, and its last call
                may still lie in the socket, unread.
        """
        if any(answer.is_broken for answer in answers):
            time.sleep(_UNREAD)
        deadline = time.monotonic() + _SETTLES_WITHIN
        mark = max(0, self.game.mark() - 200)
        while time.monotonic() < deadline:
            if all(entry.status for entry in self.game.entries(mark)):
                return
            time.sleep(0.05)

    def _stay_signed_in(self, answers: list[Answer]) -> None:
        """Sign in again when the site has forgotten the player; without a reason it must not."""
        out = [answer for answer in answers if answer.is_signed_out]
        if not out:
            return
        if self._has_reason_to_be_signed_out():
            with self._figures.guard:
                self._figures.signed_out += 1
        else:
            self._report([f"{out[0].path}: signed out without a reason"])
        self._sign_in()

    def _has_reason_to_be_signed_out(self) -> bool:
        """Tell whether a new pair of tokens was lost on the way, or all were made worthless."""
        past = self._disturber.during(self._signed_in[0], time.monotonic())
        renewals = [
            entry
            for entry in self.game.entries(self._signed_in[1])
            if entry.operation == TOKEN and entry.status == HTTPStatus.OK
        ]
        is_lost = any(entry.fault in LOST for entry in renewals)
        return is_lost or SIGN_OUT in past or (bool(renewals) and KILL in past)

    def _sign_in(self) -> None:
        for _ in range(_SIGN_INS):
            began = time.monotonic(), self.game.mark()
            answers = self._hands.browser.sign_in(self.game.player.bungie_id)
            if answers[-1].page.is_signed_in:
                self._signed_in = began
                return
            time.sleep(1)
        self._report([f"no sign-in succeeds: {answers[-1].status} {answers[-1].message[:300]}"])

    def _disturbed(self, answers: list[Answer]) -> list[str]:
        if not answers:
            return []
        began = min(answer.began for answer in answers)
        ended = max(answer.began + answer.seconds for answer in answers)
        return self._disturber.during(began, ended)

    def _disturbed_seconds(self, answer: Answer) -> float:
        return self._disturber.seconds_within(answer.began, answer.began + answer.seconds)

    def _count(self, name: str, deed: RecordedStep, seconds: float, entries: list[Entry]) -> None:
        with self._figures.guard:
            self._figures.actions[name] += 1
            if name != actions.PLAY:
                self._figures.seconds.append(seconds)
            for answer in deed.answers:
                self._figures.answers[str(answer.status or "broken")] += 1
                self._figures.reports += answer.report is not None
            self._figures.undone += any("Undone:" in answer.message for answer in deed.answers)
            for call, count in carried_out(entries).items():
                self._figures.calls[call.action] += count

    def _report(self, found: list[str]) -> None:
        self.has_failed = True
        with self._figures.guard:
            for text in found:
                self._figures.violations[kind_of(text)] += 1
        self._printer.violation(self.game.name, self._step, found, self.past, self.game.entries(0))
        # What is wrong now would be wrong at the next step as well.
        self._totals = self.game.belongings().totals


def _outcome(answers: list[Answer]) -> str:
    posts = [answer for answer in answers if answer.method == "POST"] or answers[-1:]
    return " | ".join(f"{answer.status or 'broken'} {answer.message[:200]}" for answer in posts)
