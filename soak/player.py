"""One player: draws random actions, carries them out during faults, and checks the results."""

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
from soak.actions import ActionContext, StepRecord
from soak.browser import Answer, Browser
from soak.disturbances import STORE_PREFIX, TOKENS_INVALIDATED, WORKER_KILLED, Disturber
from soak.faults import KINDS_WITHOUT_ANSWER, TOKEN, PlannedFaults, plan_faults, remove_faults
from soak.game import Call, Game, find_executed_calls, find_uncertain_calls
from soak.options import Options
from soak.pages import IDEMPOTENCY_KEY
from soak.report import Printer, Record, Statistics, summarize_violation

_STEPS_PER_PAGE_CHECK: Final = 4
_SETTLE_SECONDS: Final = 30.0
_UNREAD_CALL_SECONDS: Final = 1.0
_MAX_ACTION_SECONDS: Final = 15.0
"""Seconds that an action may take without a fault."""

_REFRESH_SECONDS: Final = 45.0
_PAUSE: Final = 1.0
_RECENT_SECONDS: Final = 3.0
"""Seconds in which the site cannot tell whether a read is older than a call, after a clock step.

The site knows Bungie's clock from the ``Date`` header, which has whole seconds.
"""

_MAX_SIGN_INS: Final = 20
_NO_FAULTS: Final = PlannedFaults(kind="", name="")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """The parts of a run that all players share. ``address`` is the address of the site."""

    options: Options
    address: str
    disturber: Disturber
    statistics: Statistics
    printer: Printer


class Player(Thread):
    """The thread of one player with an account of its own, which acts until the run is over.

    Attributes:
        recent_steps: The last steps.
        has_failed: A violation was found.
    """

    def __init__(self, game: Game, run_context: RunContext) -> None:
        super().__init__(name=game.name, daemon=True)
        self.game = game
        self.is_over = Event()
        self.has_failed = False
        self._options = run_context.options
        self._disturber = run_context.disturber
        self._statistics = run_context.statistics
        self._printer = run_context.printer
        self._context = ActionContext(Browser(run_context.address), game, self._settle)
        self._recent = _RECENT_SECONDS if self._options.clock_steps else 0.0
        self._step = 0
        self.recent_steps: deque[Record] = deque(maxlen=100)
        self._expected_totals = game.read_belongings().totals
        self._executed_by_key: defaultdict[str, Counter[Call]] = defaultdict(Counter)
        self._reportable_by_key: defaultdict[str, Counter[Call]] = defaultdict(Counter)
        self._changed_at = 0.0
        self._signed_in = (0.0, 0)

    def run(self) -> None:
        """Act until the run is over (runs in the thread)."""
        try:
            self._sign_in()
            while not self.is_over.is_set():
                self._step += 1
                self._act(Random(f"{self._options.seed}/{self.game.name}/{self._step}"))
            self._check_page()
        except Exception:  # noqa: BLE001  # any error of the soak test is reported as a violation
            self._report(["the soak test itself failed", traceback.format_exc()])
        finally:
            remove_faults(self.game.bungie, self.game.name)

    def _act(self, random: Random) -> None:
        name = actions.draw(random)
        planned_faults = _NO_FAULTS
        mark, began = self.game.newest_entry_number(), time.monotonic()
        if name == actions.PLAY:
            step_record = self._play(random)
        else:
            if random.random() < self._options.faults:
                planned_faults = plan_faults(
                    random,
                    self.game.bungie,
                    self.game.name,
                    hangs=self._options.hangs,
                )
                with self._statistics.lock:
                    self._statistics.faults[planned_faults.kind] += 1
            step_record = actions.ACTIONS[name][1](self._context, random)
            self._settle(step_record.answers)
            remove_faults(self.game.bungie, self.game.name)
        seconds = time.monotonic() - began
        entries = self.game.entries(mark)
        self._count(name, step_record, seconds, entries)
        record = Record(
            step=self._step,
            action=name,
            detail=f"{name}: {step_record.detail}",
            planned_faults=planned_faults.name,
            outcome=_outcome(step_record.answers),
            seconds=seconds,
        )
        self.recent_steps.append(record)
        violations = self._check(step_record, entries, planned_faults)
        if violations:
            self._report(violations)
        self._stay_signed_in(step_record.answers)
        if self._step % _STEPS_PER_PAGE_CHECK == 0:
            self._check_page()

    def _play(self, random: Random) -> StepRecord:
        """Play one event of the game, and update the expected totals."""
        with self.game.bungie.bungie.lock:
            violations = checks.check_conservation(
                self._expected_totals, self.game.read_belongings().totals
            )
            step_record = actions.play(self._context, random)
            self._expected_totals = self.game.read_belongings().totals
        self._changed_at = time.monotonic()
        step_record.violations += violations
        return step_record

    def _check(
        self, step_record: StepRecord, entries: list[Entry], planned_faults: PlannedFaults
    ) -> list[str]:
        executed = find_executed_calls(entries)
        if executed:
            self._changed_at = time.monotonic()
        disturbances = self._find_disturbances(step_record.answers)
        violations = list(step_record.violations)
        violations += checks.check_conservation(
            self._expected_totals, self.game.read_belongings().totals
        )
        for answer in step_record.answers:
            violations += checks.check_answer(answer)
        posts = [answer for answer in step_record.answers if answer.method == "POST"]
        keys = [
            form.fields[IDEMPOTENCY_KEY]
            for form in step_record.forms
            if IDEMPOTENCY_KEY in form.fields
        ]
        violations += checks.check_reports(
            posts,
            executed,
            sum((self._reportable_by_key[key] for key in keys), find_uncertain_calls(entries)),
            has_key=bool(keys),
            store_failed=any(name.startswith(STORE_PREFIX) for name in disturbances),
        )
        for key in keys:
            self._executed_by_key[key] += executed
            self._reportable_by_key[key] += executed + find_uncertain_calls(entries)
        for form in step_record.forms:
            key = form.fields.get(IDEMPOTENCY_KEY, "")
            violations += checks.check_repetition(form, self._executed_by_key[key])
        if len(posts) == 1:
            violations += checks.check_no_foreign_job(posts)
        if (
            any(answer.is_broken for answer in step_record.answers)
            and WORKER_KILLED not in disturbances
        ):
            violations.append("a connection broke, and no worker was killed")
        if not planned_faults.is_silence:
            violations += [
                f"{answer.path} took {answer.seconds:.0f} seconds, and nothing hung"
                for answer in step_record.answers
                if answer.seconds - self._disturbed_seconds(answer) > _MAX_ACTION_SECONDS
            ]
        return violations

    def _check_page(self) -> None:
        """Refresh the page without disturbances, and compare it with the game."""
        deadline = time.monotonic() + _REFRESH_SECONDS
        attempts = differing = 0
        answer: Answer | None = None
        while True:
            self._settle([answer] if answer else [])
            is_recent = time.monotonic() - self._changed_at < self._recent
            with self._disturber.lock.checking():
                answer = self._refresh()
                violations = checks.check_answer(answer) if answer else ["no page to refresh"]
                is_read = answer is not None and "Read from Bungie" in answer.message
                if answer is not None and is_read:
                    violations += checks.check_page(answer.page, self.game.read_belongings())
            self._stay_signed_in([answer] if answer else [])
            attempts += 1
            differing += is_read and bool(violations)
            if is_read and not violations:
                break
            if time.monotonic() > deadline or (violations and not (is_read and is_recent)):
                self._report(
                    violations or [f"no refresh succeeds: {answer and answer.message[:300]}"]
                )
                return
            # After failures the site's circuit breaker is open for some seconds.
            time.sleep(_PAUSE)
        with self._statistics.lock:
            self._statistics.pages += 1
            self._statistics.later_pages += differing > 0
            self._statistics.repeated_refreshes += attempts - differing - 1

    def _refresh(self) -> Answer | None:
        self.game.end_read_lag()
        page = self._context.read_inventory(StepRecord("check"))
        for form in page.forms_to("/inventory/refresh"):
            answer = self._context.browser.submit(form, as_json=False)
            if answer.page.tiles:
                self._context.tiles = answer.page.tiles
            return answer
        return self._context.browser.open(actions.INVENTORY)

    def _settle(self, answers: Sequence[Answer] = ()) -> None:
        """Wait until the sandbox has answered every call of this player.

        Args:
            answers: The answers of the site. When a connection broke, the process was killed,
                and its last call may still be unread in the socket.
        """
        if any(answer.is_broken for answer in answers):
            time.sleep(_UNREAD_CALL_SECONDS)
        deadline = time.monotonic() + _SETTLE_SECONDS
        mark = max(0, self.game.newest_entry_number() - 200)
        while time.monotonic() < deadline:
            if all(entry.status for entry in self.game.entries(mark)):
                return
            time.sleep(0.05)

    def _stay_signed_in(self, answers: list[Answer]) -> None:
        """Sign in again after the site has signed the player out; report it without a reason."""
        signed_out_answers = [answer for answer in answers if answer.is_signed_out]
        if not signed_out_answers:
            return
        if self._has_reason_to_be_signed_out():
            with self._statistics.lock:
                self._statistics.signed_out += 1
        else:
            self._report([f"{signed_out_answers[0].path}: signed out without a reason"])
        self._sign_in()

    def _has_reason_to_be_signed_out(self) -> bool:
        """Tell whether the answer with new tokens was lost, or all tokens were invalidated."""
        disturbances = self._disturber.during(self._signed_in[0], time.monotonic())
        renewals = [
            entry
            for entry in self.game.entries(self._signed_in[1])
            if entry.operation == TOKEN and entry.status == HTTPStatus.OK
        ]
        has_lost_answer = any(entry.fault in KINDS_WITHOUT_ANSWER for entry in renewals)
        if has_lost_answer or TOKENS_INVALIDATED in disturbances:
            return True
        return bool(renewals) and WORKER_KILLED in disturbances

    def _sign_in(self) -> None:
        for _ in range(_MAX_SIGN_INS):
            began = time.monotonic(), self.game.newest_entry_number()
            answers = self._context.browser.sign_in(self.game.player.bungie_id)
            if answers[-1].page.is_signed_in:
                self._signed_in = began
                return
            time.sleep(1)
        self._report([f"no sign-in succeeds: {answers[-1].status} {answers[-1].message[:300]}"])

    def _find_disturbances(self, answers: list[Answer]) -> list[str]:
        if not answers:
            return []
        began = min(answer.began for answer in answers)
        ended = max(answer.began + answer.seconds for answer in answers)
        return self._disturber.during(began, ended)

    def _disturbed_seconds(self, answer: Answer) -> float:
        return self._disturber.seconds_within(answer.began, answer.began + answer.seconds)

    def _count(
        self, name: str, step_record: StepRecord, seconds: float, entries: list[Entry]
    ) -> None:
        with self._statistics.lock:
            self._statistics.actions[name] += 1
            if name != actions.PLAY:
                self._statistics.seconds.append(seconds)
            for answer in step_record.answers:
                self._statistics.answers[str(answer.status or "broken")] += 1
                self._statistics.reports += answer.report is not None
            self._statistics.undone += any(
                "Undone:" in answer.message for answer in step_record.answers
            )
            for call, count in find_executed_calls(entries).items():
                self._statistics.calls[call.action] += count

    def _report(self, violations: list[str]) -> None:
        self.has_failed = True
        with self._statistics.lock:
            for text in violations:
                self._statistics.violations[summarize_violation(text)] += 1
        self._printer.print_violation(
            self.game.name, self._step, violations, self.recent_steps, self.game.entries(0)
        )
        # The next step must not report the same violation again.
        self._expected_totals = self.game.read_belongings().totals


def _outcome(answers: list[Answer]) -> str:
    posts = [answer for answer in answers if answer.method == "POST"] or answers[-1:]
    return " | ".join(f"{answer.status or 'broken'} {answer.message[:200]}" for answer in posts)
