"""Execution of a plan while the account may change: send calls, record them, read, plan again."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from destiny_web.bungie.client import BungieClient
from destiny_web.bungie.errors import (
    AnswerLost,
    BungieError,
    ItemEquipped,
    ItemNotFound,
    NoRoom,
    NotTransferable,
    Refused,
    Throttled,
    error_class_of,
)
from destiny_web.bungie.models.enums import ErrorCode
from destiny_web.domain.account.characters import Membership
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves.cleanup import plan_returns
from destiny_web.domain.moves.errors import MoveError
from destiny_web.domain.moves.eviction import ProtectedItems
from destiny_web.domain.moves.steps import Action, Reason, Step
from destiny_web.services.moves.calls import group_into_calls, send, was_carried_out
from destiny_web.services.moves.commands import Command, PlanContext
from destiny_web.services.moves.job_records import LastJob
from destiny_web.services.moves.outcome import CallResult, Failure, Outcome, select_refused
from destiny_web.services.profiles import LoadedProfile, Profiles
from destiny_web.storage.heartbeat import Heartbeat
from destiny_web.storage.store import StoreError

_LOG = logging.getLogger("destiny_web.moves")

_MAX_REPLANS = 2
_OLD_READ = timedelta(seconds=10)
"""A refusal that comes from an older read is planned again with a new read."""

_DEFAULT_PAUSE = 0.5
_LONGEST_PAUSE = 3.0
"""Seconds that the thread of a request sleeps at most when Bungie throttles us."""

_READ_PAUSES = (0.0, 1.0, 1.5)
"""Seconds to wait before each read that looks for the result of a lost answer."""

_CLEANUP_REASONS = frozenset({Reason.LOCK_REPAIR, Reason.RETURN})
"""Reasons of steps that may fail without making the job fail."""

_FailedStep = tuple[BungieError, Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobContext:
    """Input of a job.

    Attributes:
        client: Calls Bungie in the player's name.
        membership: The account whose items are moved.
        heartbeat: Renews the account's lock while the job runs.
        last_job: The account's last job, which the command ``Undo`` reverses.
        recently_moved: Instances that the player has moved in the last hours.
    """

    client: BungieClient
    membership: Membership
    heartbeat: Heartbeat
    last_job: LastJob | None
    recently_moved: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPlan:
    """The plan that a job begins with, and the profile that it was made from."""

    profile: Profile
    steps: tuple[Step, ...]


class MoveExecutor:
    """Carries out one command of one account, under that account's lock."""

    def __init__(
        self,
        profiles: Profiles,
        context: JobContext,
        now: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._profiles = profiles
        self._client = context.client
        self._membership = context.membership
        self._heartbeat = context.heartbeat
        self._last_job = context.last_job
        self._recently_moved = context.recently_moved
        self._now = now
        self._sleep = sleep
        self._results: list[CallResult] = []
        self._corrections: list[Callable[[Profile], Profile]] = []
        self._immovable: set[str] = set()
        self._before: Profile | None = None
        self._last_planned: Profile | None = None

    def first_plan(self, command: Command) -> FirstPlan:
        """Read the account and plan; nothing is sent yet.

        Raises:
            MoveError: the request is not valid, or the game would refuse it.
            BungieError: the account could not be read.
        """
        loaded = self._profiles.load(self._client, self._membership)
        try:
            return self._plan(command, loaded)
        except MoveError:
            if timedelta() <= self._now() - loaded.read_at < _OLD_READ:
                raise
        # The refusal may come from an old read: plan again with a new one.
        reloaded = self._profiles.load(self._client, self._membership, anew=True)
        return self._plan(command, reloaded)

    def run(self, command: Command, plan: FirstPlan) -> Outcome:
        """Send the calls of *plan*, and plan again where that helps.

        Raises no failure: a call may have been sent already, so the outcome holds the steps that
        were carried out and the failure.
        """
        self._before = plan.profile
        failure: Failure | None = None
        try:
            failure = self._carry_out_and_replan(command, plan.steps)
        except StoreError as error:
            failure = error
        if failure is not None:
            self._clean_up(failure)
        return Outcome(
            before=plan.profile,
            last_planned=self._last_planned or plan.profile,
            results=tuple(self._results),
            failure=failure,
            is_redo=self._undoes_an_undo(command),
        )

    def _plan(self, command: Command, loaded: LoadedProfile) -> FirstPlan:
        steps = command.plan(loaded.profile, self._plan_context())
        return FirstPlan(profile=loaded.profile, steps=steps)

    def _plan_context(self) -> PlanContext:
        return PlanContext(
            protected=ProtectedItems(recent=self._recently_moved, never=frozenset(self._immovable)),
            last_job=self._last_job,
            is_replan=bool(self._results),
            carried_out=self._carried_out(),
            before=self._before,
            refused=select_refused(self._results),
        )

    def _undoes_an_undo(self, command: Command) -> bool:
        return command.consumes_last_job and bool(self._last_job and self._last_job.is_undo)

    def _carried_out(self) -> tuple[Step, ...]:
        return tuple(result.step for result in self._results if result.ok)

    def _carry_out_and_replan(self, command: Command, steps: Sequence[Step]) -> Failure | None:
        """Return the failure of the job; None when everything is done."""
        replans_left = _MAX_REPLANS
        while (failed_step := self._carry_out(steps)) is not None:
            error, step = failed_step
            if command.continues_after_refusal and isinstance(error, Refused):
                # Not counted: the next plan leaves out the refused item, so the plans come to
                # an end.
                self._prepare_replan(error, step)
            # After the last replan the player reads Bungie's failure, not the planner's.
            elif not replans_left or not self._prepare_replan(error, step):
                return error
            else:
                replans_left -= 1
            try:
                self._last_planned = self._reread()
                steps = command.plan(self._last_planned, self._plan_context())
            except (BungieError, MoveError) as replan_error:
                return replan_error
        return None

    def _carry_out(self, steps: Sequence[Step]) -> _FailedStep | None:
        """Send the calls; return the first failure, unless it is one of the cleanup.

        Raises:
            StoreError: the account's lock is lost, or the store failed.
        """
        for call in group_into_calls(steps):
            self._heartbeat.check()
            failed_step = self._send_and_record(call)
            if failed_step is not None and failed_step[1].reason not in _CLEANUP_REASONS:
                return failed_step
        return None

    def _send_and_record(self, call: Sequence[Step]) -> _FailedStep | None:
        """Send one call, and record its results; return the first step that failed."""
        # Until the result is recorded, pages ask Bungie, also when this process ends here.
        self._profiles.doubt(self._membership)
        sent_at = self._now()
        try:
            codes = send(self._client, self._membership, call)
        except AnswerLost as error:
            return self._resolve_lost_answer(call, error, sent_at)
        except BungieError as error:
            self._results += [CallResult(step=step, ok=False, code=error.code) for step in call]
            return error, call[0]
        self._record(call, codes)
        failed_step = next(
            (
                (error_class_of(code)(code=code), step)
                for step, code in zip(call, codes, strict=True)
                if code != ErrorCode.SUCCESS
            ),
            None,
        )
        if failed_step is None:
            self._profiles.trust(self._membership)
        return failed_step

    def _record(self, call: Sequence[Step], codes: Sequence[int | None]) -> None:
        """Record each step's code for the report, then successful steps in the journal."""
        results = [
            CallResult(step=step, ok=code == ErrorCode.SUCCESS, code=code)
            for step, code in zip(call, codes, strict=True)
        ]
        self._results += results
        for result in results:
            if result.ok:
                self._profiles.advance(self._membership, result.step)

    def _resolve_lost_answer(
        self, call: Sequence[Step], error: AnswerLost, sent_at: datetime
    ) -> _FailedStep | None:
        """Find out whether a call was carried out, before another call is sent."""
        carried_out: list[bool] | None = None
        try:
            carried_out = self._read_results(call, sent_at)
        finally:
            if carried_out is None:
                self._results += [
                    CallResult(step=step, ok=False, code=error.code, in_doubt=True) for step in call
                ]
        if carried_out is None:
            return error, call[0]
        success = int(ErrorCode.SUCCESS)
        self._record(call, [success if is_done else error.code for is_done in carried_out])
        return None if all(carried_out) else (_NotCarriedOut(code=error.code), call[0])

    def _read_results(self, call: Sequence[Step], sent_at: datetime) -> list[bool] | None:
        """Tell from reads whether each step was carried out; None when the reads do not show it."""
        kept = self._profiles.load_kept(self._membership)
        for pause in _READ_PAUSES:
            self._sleep(pause)
            self._heartbeat.check()
            try:
                loaded = self._profiles.load(self._client, self._membership, anew=True)
            except BungieError:
                continue
            before = kept.profile if kept else loaded.profile
            carried_out = [was_carried_out(before, loaded.profile, step, sent_at) for step in call]
            if None not in carried_out:
                return [bool(is_done) for is_done in carried_out]
        return None

    def _prepare_replan(self, error: BungieError, step: Step) -> bool:
        """Correct the next read by a failure; tell whether another plan may succeed."""
        if isinstance(error, NoRoom):
            self._correct_full_bucket(step)
        elif isinstance(error, ItemEquipped):
            self._correct_equipped(step)
        elif isinstance(error, Throttled):
            # Bungie has refused the call, so it can be sent again after a pause.
            pause = error.retry_after or _DEFAULT_PAUSE
            if pause > _LONGEST_PAUSE:
                return False
            self._sleep(pause)
        elif step.reason is Reason.EVICTION and isinstance(error, ItemNotFound | NotTransferable):
            self._immovable.add(step.instance_id or "")
        else:
            return isinstance(error, ItemNotFound | _NotCarriedOut)
        return True

    def _correct_full_bucket(self, step: Step) -> None:
        """Treat the destination's bucket as full, also when the next read shows room in it."""

        def with_full_bucket(profile: Profile) -> Profile:
            item = profile.instance(step.instance_id or "") or next(
                iter(profile.stacks(step.item_hash, step.source)), None
            )
            return profile.with_full_bucket(step.destination, item.bucket_hash) if item else profile

        self._corrections.append(with_full_bucket)

    def _correct_equipped(self, step: Step) -> None:
        """Treat the item as equipped, also when the next read does not show it."""
        equipped = Step(
            action=Action.EQUIP,
            item_hash=step.item_hash,
            instance_id=step.instance_id,
            source=step.source,
            destination=step.source,
            carrier=step.source,
        )
        self._corrections.append(lambda profile: profile.after(equipped))

    def _reread(self) -> Profile:
        profile = self._profiles.load(self._client, self._membership, anew=True).profile
        for correct in self._corrections:
            profile = correct(profile)
        return profile

    def _clean_up(self, failure: Failure) -> None:
        """Move evicted items back after a failure, if Bungie answers and the lock is held."""
        try:
            # The account is not as the plan expected: the next page asks Bungie.
            self._profiles.doubt(self._membership)
            if not isinstance(failure, Refused | MoveError):
                return
            kept = self._profiles.load_kept(self._membership)
            carried_out = self._carried_out()
            if kept is not None and carried_out:
                self._carry_out(plan_returns(kept.profile, carried_out))
                self._profiles.doubt(self._membership)
        except StoreError as error:
            _LOG.warning("cleaning up after a job failed: %s", type(error).__name__)


class _NotCarriedOut(AnswerLost):
    """The answer was lost, and the call was not carried out."""
