"""Carrying out a plan in a game that goes on: call, record, read again, plan again."""

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
from destiny_web.domain.moves.cleanup import put_back
from destiny_web.domain.moves.errors import MoveError
from destiny_web.domain.moves.eviction import ProtectedItems
from destiny_web.domain.moves.steps import Action, Reason, Step
from destiny_web.services.moves.calls import group_into_calls, send, was_carried_out
from destiny_web.services.moves.commands import Command, PlanContext
from destiny_web.services.moves.job_records import LastJob
from destiny_web.services.moves.outcome import CallResult, Failure, Outcome
from destiny_web.services.profiles import LoadedProfile, Profiles
from destiny_web.storage.heartbeat import Heartbeat
from destiny_web.storage.store import StoreError

_LOG = logging.getLogger("destiny_web.moves")

_REPLANS = 2
_OLD = timedelta(seconds=10)
_PAUSE = 0.5
_LONGEST_PAUSE = 3.0
"""A request's thread does not sleep longer than this because Bungie asks for patience."""

_LOOKS = (0.0, 1.0, 1.5)
"""Seconds to wait before each look at what became of a lost answer."""

_AFTERWARDS = frozenset({Reason.LOCK_REPAIR, Reason.BACK})
"""Why a step is made that may fail without making the job fail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobContext:
    """What a job works with.

    Attributes:
        client: Calls Bungie in the player's name.
        membership: Whose items are moved.
        heartbeat: Keeps the account's lock while the job lives.
        last_job: The account's last job, which an undo takes back.
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
        self._never: set[str] = set()

    def first_plan(self, command: Command) -> FirstPlan:
        """Read the account and plan; nothing is sent yet.

        Raises:
            MoveError: the request does not add up, or the game would refuse.
            BungieError: the account could not be read.
        """
        loaded = self._profiles.load(self._client, self._membership)
        try:
            return self._planned(command, loaded)
        except MoveError:
            if timedelta() <= self._now() - loaded.read_at < _OLD:
                raise
        # A refusal that comes from an old read is thought over with a new one.
        return self._planned(
            command, self._profiles.load(self._client, self._membership, anew=True)
        )

    def run(self, command: Command, plan: FirstPlan) -> Outcome:
        """Send the calls of *plan*, and plan again where that helps, until all is done or not.

        Never raises what went wrong on the way: once a call may have been sent, the outcome
        tells what was carried out and what stopped the job.
        """
        failure: Failure | None = None
        try:
            failure = self._carry_out_and_replan(command, plan.steps)
        except StoreError as error:
            failure = error
        if failure is not None:
            self._clean_up(failure)
        return Outcome(before=plan.profile, results=tuple(self._results), failure=failure)

    def _planned(self, command: Command, loaded: LoadedProfile) -> FirstPlan:
        steps = command.plan(loaded.profile, self._plan_context())
        return FirstPlan(profile=loaded.profile, steps=steps)

    def _plan_context(self) -> PlanContext:
        return PlanContext(
            protected=ProtectedItems(recent=self._recently_moved, never=frozenset(self._never)),
            last_job=self._last_job,
            is_replan=bool(self._results),
            carried_out=self._carried_out(),
        )

    def _carried_out(self) -> tuple[Step, ...]:
        return tuple(result.step for result in self._results if result.ok)

    def _carry_out_and_replan(self, command: Command, steps: Sequence[Step]) -> Failure | None:
        """Return what stopped the job; None when everything is done."""
        for replans_left in range(_REPLANS, -1, -1):
            failed = self._carry_out(steps)
            if failed is None:
                return None
            # The last failure is the reason that the player reads: no plan after it.
            if not replans_left or not self._helps_to_plan_again(*failed):
                return failed[0]
            try:
                steps = command.plan(self._reread(), self._plan_context())
            except (BungieError, MoveError) as error:
                return error
        return None

    def _carry_out(self, steps: Sequence[Step]) -> tuple[BungieError, Step] | None:
        """Make the calls; return what went wrong with which of them.

        Raises:
            StoreError: the account's lock is lost, or the store failed.
        """
        for call in group_into_calls(steps):
            self._heartbeat.check()
            failed = self._make(call)
            if failed is not None and failed[1].reason not in _AFTERWARDS:
                return failed
        return None

    def _make(self, call: Sequence[Step]) -> tuple[BungieError, Step] | None:
        """Make one call, and record what came of it."""
        # Until its outcome is recorded the page asks Bungie, also when this process dies here.
        self._profiles.doubt(self._membership)
        sent_at = self._now()
        try:
            codes = send(self._client, self._membership, call)
        except AnswerLost as error:
            return self._after_a_lost_answer(call, error, sent_at)
        except BungieError as error:
            self._results += [CallResult(step=step, ok=False, code=error.code) for step in call]
            return error, call[0]
        self._record(call, codes)
        failed = next(
            (
                (error_class_of(code)(code=code), step)
                for step, code in zip(call, codes, strict=True)
                if code != ErrorCode.SUCCESS
            ),
            None,
        )
        if failed is None:
            self._profiles.trust(self._membership)
        return failed

    def _record(self, call: Sequence[Step], codes: Sequence[int | None]) -> None:
        """Record each step's code for the report, then what was carried out for the page."""
        steps = list(zip(call, codes, strict=True))
        self._results += [
            CallResult(step=step, ok=code == ErrorCode.SUCCESS, code=code) for step, code in steps
        ]
        for step, code in steps:
            if code == ErrorCode.SUCCESS:
                self._profiles.advance(self._membership, step)

    def _after_a_lost_answer(
        self, call: Sequence[Step], error: AnswerLost, sent_at: datetime
    ) -> tuple[BungieError, Step] | None:
        """Find out what became of a call, before anything else is sent."""
        carried_out: list[bool] | None = None
        try:
            carried_out = self._look_up(call, sent_at)
        finally:
            if carried_out is None:
                self._results += [
                    CallResult(step=step, ok=False, code=error.code, in_doubt=True) for step in call
                ]
        if carried_out is None:
            return error, call[0]
        self._record(call, [int(ErrorCode.SUCCESS) if done else error.code for done in carried_out])
        return None if all(carried_out) else (_NotCarriedOut(code=error.code), call[0])

    def _look_up(self, call: Sequence[Step], sent_at: datetime) -> list[bool] | None:
        """Tell from reads whether each step was carried out; None when they do not tell."""
        before = self._profiles.kept(self._membership)
        for pause in _LOOKS:
            self._sleep(pause)
            self._heartbeat.check()
            try:
                loaded = self._profiles.load(self._client, self._membership, anew=True)
            except BungieError:
                continue
            known = before.profile if before else loaded.profile
            verdicts = [was_carried_out(known, loaded.profile, step, sent_at) for step in call]
            if None not in verdicts:
                return [bool(verdict) for verdict in verdicts]
        return None

    def _helps_to_plan_again(self, error: BungieError, step: Step) -> bool:
        """Tell whether the game has moved on in a way that another plan can cope with."""
        if isinstance(error, NoRoom):
            self._learn_full(step)
        elif isinstance(error, ItemEquipped):
            self._learn_equipped(step)
        elif isinstance(error, Throttled):
            # Refused, so not carried out: after a pause it may go out again.
            pause = error.retry_after or _PAUSE
            if pause > _LONGEST_PAUSE:
                return False
            self._sleep(pause)
        elif step.reason is Reason.ROOM and isinstance(error, ItemNotFound | NotTransferable):
            self._never.add(step.instance_id or "")
        else:
            return isinstance(error, ItemNotFound | _NotCarriedOut)
        return True

    def _learn_full(self, step: Step) -> None:
        """Believe the game where a read, old perhaps, shows room that it says is not there."""

        def with_full_bucket(profile: Profile) -> Profile:
            item = profile.instance(step.instance_id or "") or next(
                iter(profile.stacks(step.item_hash, step.source)), None
            )
            return profile.crowded(step.destination, item.bucket_hash) if item else profile

        self._corrections.append(with_full_bucket)

    def _learn_equipped(self, step: Step) -> None:
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
        """Put back what was moved aside in vain, if the game answers and the lock is ours."""
        try:
            # Something is not as the plan expected: the next page asks Bungie.
            self._profiles.doubt(self._membership)
            if not isinstance(failure, Refused | MoveError):
                return
            kept = self._profiles.kept(self._membership)
            carried_out = self._carried_out()
            if kept is not None and carried_out:
                self._carry_out(put_back(kept.profile, carried_out))
                self._profiles.doubt(self._membership)
        except StoreError as error:
            _LOG.warning("cleaning up after a job failed: %s", type(error).__name__)


class _NotCarriedOut(AnswerLost):
    """The answer was lost, and the call was not carried out."""
