"""Service for moves: runs a player's command, one job at a time for each account."""

import logging
from collections.abc import Callable
from datetime import datetime

from destiny_web.bungie.client import BungieClient
from destiny_web.bungie.errors import BungieError
from destiny_web.domain.account.characters import Membership
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves import undo
from destiny_web.domain.moves.errors import MoveError
from destiny_web.services.moves import messages
from destiny_web.services.moves.account_lock import AccountLocks
from destiny_web.services.moves.commands import Command
from destiny_web.services.moves.executor import JobContext, MoveExecutor
from destiny_web.services.moves.job_records import EarlierRequest, JobRecords, LastJob
from destiny_web.services.moves.outcome import Outcome, Report, Verdict, verdict_of
from destiny_web.services.profiles import Profiles
from destiny_web.storage.heartbeat import Heartbeat
from destiny_web.storage.store import Store, StoreError

_LOG = logging.getLogger("destiny_web.moves")

Observer = Callable[[str, Exception | None], None]
"""Called at the end of each job with its action and its failure; None: it had none."""


def _ignore(_action: str, _failure: Exception | None) -> None:
    """Default observer: does nothing."""


class MoveService:
    """Carries out the commands of players."""

    def __init__(
        self,
        store: Store,
        profiles: Profiles,
        now: Callable[[], datetime],
        observe: Observer = _ignore,
        locks: AccountLocks | None = None,
    ) -> None:
        self._profiles = profiles
        self._now = now
        self._observe = observe
        self._locks = locks or AccountLocks(store)
        self._records = JobRecords(store, now)

    def run(
        self,
        client: BungieClient,
        membership: Membership,
        command: Command,
        idempotency_key: str = "",
    ) -> Report:
        """Carry *command* out, and report it.

        Args:
            client: Calls Bungie in the player's name.
            membership: The account whose items are moved.
            command: The player's command.
            idempotency_key: A second request with the same key within an hour sends nothing,
                and gets the report of the first one; ``""`` for none.

        Raises:
            MoveError: nothing was sent: the request is not valid, the game would refuse it, or
                another job of the account is under way.
            BungieError: nothing was sent: the account could not be read.
            StoreError: nothing was sent: the store failed.
        """
        failure: Exception | None = None
        try:
            with self._locks.hold(membership) as heartbeat:
                earlier_request = self._find_earlier_request(membership, idempotency_key)
                if earlier_request is not None:
                    return _repeat_report(earlier_request)
                context = self._job_context(client, membership, heartbeat)
                outcome = self._carry_out(command, context, idempotency_key)
                failure = outcome.failure
                report = self._make_report(command, outcome)
                if command.consumes_last_job and outcome.left_everything_unchanged:
                    self._restore_last_job(context)
                is_undo = command.consumes_last_job and not outcome.is_redo
                self._record_job(membership, outcome, report, idempotency_key, is_undo=is_undo)
                client.rest()
                return report
        except (BungieError, MoveError, StoreError) as error:
            failure = error
            raise
        finally:
            self._observe(command.action, failure)

    def find_undoable_job(self, profile: Profile) -> LastJob | None:
        """Return the last job of the account, as long as it can be undone."""
        last_job = self._records.last_job(profile.membership)
        if last_job is None:
            return None
        try:
            undo.plan(profile, last_job.recorded_steps)
        except MoveError:
            return None
        return last_job

    def _find_earlier_request(self, membership: Membership, key: str) -> EarlierRequest | None:
        return self._records.earlier_request(membership, key) if key else None

    def _job_context(
        self, client: BungieClient, membership: Membership, heartbeat: Heartbeat
    ) -> JobContext:
        return JobContext(
            client=client,
            membership=membership,
            heartbeat=heartbeat,
            last_job=self._records.last_job(membership),
            recently_moved=self._records.recently_moved(membership),
        )

    def _carry_out(self, command: Command, context: JobContext, key: str) -> Outcome:
        """Plan, record the start of the job, and send its calls."""
        executor = MoveExecutor(self._profiles, context, self._now)
        plan = executor.first_plan(command)
        if plan.steps and key:
            self._records.begin_request(context.membership, key)
        if plan.steps and command.consumes_last_job:
            self._records.drop_last_job(context.membership)
        return executor.run(command, plan)

    def _make_report(self, command: Command, outcome: Outcome) -> Report:
        failure = outcome.failure
        return Report(
            message=messages.describe_failure(outcome) if failure else command.describe(outcome),
            verdict=verdict_of(failure),
            code=failure.code if isinstance(failure, BungieError) else None,
            results=outcome.results,
        )

    def _restore_last_job(self, context: JobContext) -> None:
        """Offer the last job again after an undo that changed nothing."""
        if context.last_job is None:
            return
        try:
            self._records.keep_last_job(context.membership, context.last_job)
        except StoreError as error:
            _LOG.warning("a job cannot be undone any more: %s", type(error).__name__)

    def _record_job(
        self,
        membership: Membership,
        outcome: Outcome,
        report: Report,
        key: str,
        *,
        is_undo: bool,
    ) -> None:
        try:
            if outcome.carried_out:
                self._records.keep_outcome(membership, outcome, report.message, is_undo=is_undo)
            if key and outcome.results:
                self._records.end_request(membership, key, report)
        except StoreError as error:
            # The player gets the report all the same; the job cannot be undone.
            _LOG.warning("a job could not be recorded: %s", type(error).__name__)


def _repeat_report(request: EarlierRequest) -> Report:
    """Answer a request whose idempotency key was used by an earlier request."""
    if request.report is not None:
        return request.report
    return Report(
        message="This request was sent before, and was interrupted before its outcome was"
        " recorded. It is not sent again: look where the item is now.",
        verdict=Verdict.REFUSED,
    )
