"""Commands: one class for each action of a player, which plans it and describes its outcome.

A command is a value. The service takes the account's lock and passes the command to the
executor, and the executor calls its ``plan``. A new action needs a command, a form and a route.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves import collect, locks, planner, undo
from destiny_web.domain.moves.eviction import NO_PROTECTED_ITEMS, ProtectedItems
from destiny_web.domain.moves.planner import Move
from destiny_web.domain.moves.steps import Action, Reason, Step
from destiny_web.domain.moves.undo import MovedOn
from destiny_web.services.moves import messages
from destiny_web.services.moves.job_records import LastJob
from destiny_web.services.moves.outcome import CallResult, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanContext:
    """Input of a plan beside the profile.

    Attributes:
        protected: Items that must not give way.
        last_job: The last job of the account; None when it cannot be undone any more.
        is_replan: Calls were sent already; the account has changed since the first plan.
        carried_out: Steps that this job has carried out before it plans again.
        before: The profile that the first plan was made from; None before a replan.
        refused: Results of requested steps that Bungie has refused before the job plans again.
    """

    protected: ProtectedItems = NO_PROTECTED_ITEMS
    last_job: LastJob | None = None
    is_replan: bool = False
    carried_out: tuple[Step, ...] = ()
    before: Profile | None = None
    refused: tuple[CallResult, ...] = ()


class Command(Protocol):
    """One action of a player."""

    action: ClassVar[str]
    """Name of the action, for metrics."""

    consumes_last_job: ClassVar[bool] = False
    """The command undoes the account's last job, which cannot be undone again once it has begun."""

    continues_after_refusal: ClassVar[bool] = False
    """A refused step does not stop the job; then each plan has to leave out what was refused."""

    def plan(self, profile: Profile, context: PlanContext) -> tuple[Step, ...]:
        """Return the steps that carry the command out, in order; none when it is done already.

        Raises:
            MoveError: the request is not valid, or the game would refuse it.
        """

    def describe(self, outcome: Outcome) -> str:
        """Describe in one or two sentences an outcome without a failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveItem(Command):
    """Move an item to another owner, and equip it there when the player wants that."""

    action: ClassVar[str] = "move"

    move: Move

    def plan(self, profile: Profile, context: PlanContext) -> tuple[Step, ...]:
        """Plan the move from the item's present owner: ``domain.moves.planner.plan``."""
        move = self.move
        if context.is_replan:
            move = planner.follow_item(profile, move, context.carried_out)
        return planner.plan(profile, move, context.protected)

    def describe(self, outcome: Outcome) -> str:
        """Say where the item is now."""
        return messages.describe_move(outcome.before, self.move, outcome.carried_out)


class PullFromPostmaster(MoveItem):
    """Take an item out of a character's postmaster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectPostmaster(Command):
    """Take everything out of a character's postmaster for which there is room."""

    action: ClassVar[str] = "collect"
    continues_after_refusal: ClassVar[bool] = True

    character_id: str

    def plan(self, profile: Profile, context: PlanContext) -> tuple[Step, ...]:
        """Plan the pulls, oldest first: ``domain.moves.collect.plan``.

        Raises:
            NothingCollected: the job has collected nothing, and everything stays.
        """
        plan = self._plan(profile, context.refused)
        is_without_pull = not any(step.action is Action.PULL for step in context.carried_out)
        if is_without_pull and not plan.steps and (plan.left_overs or context.refused):
            left_overs = messages.describe_left_overs(
                context.before or profile, self.character_id, plan.left_overs, context.refused
            )
            raise collect.NothingCollected(f"Nothing was collected. {left_overs}")
        return plan.steps

    def describe(self, outcome: Outcome) -> str:
        """Say how much was collected, and what stays and why."""
        left_overs = self._plan(outcome.last_planned, outcome.refused).left_overs
        return messages.describe_collected(outcome, self.character_id, left_overs)

    def _plan(self, profile: Profile, refused: Sequence[CallResult]) -> collect.CollectPlan:
        refused_keys = {collect.key_of(result.step) for result in refused}
        return collect.plan(profile, self.character_id, refused_keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipItems(Command):
    """Equip items that the character owns."""

    action: ClassVar[str] = "equip"

    character_id: str
    instance_ids: Sequence[str]

    def plan(self, profile: Profile, context: PlanContext) -> tuple[Step, ...]:
        """Plan the calls, exotics last: ``domain.moves.planner.plan_equip``."""
        return planner.plan_equip(profile, self.character_id, self.instance_ids, context.protected)

    def describe(self, outcome: Outcome) -> str:
        """Say which items the character has equipped now."""
        return messages.describe_equipped(
            outcome.before, self.character_id, self.instance_ids, outcome.carried_out
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLock(Command):
    """Lock an item, so that it cannot be dismantled, or unlock it."""

    action: ClassVar[str] = "lock"

    instance_id: str
    locked: bool

    def plan(self, profile: Profile, context: PlanContext) -> tuple[Step, ...]:  # noqa: ARG002
        """Plan the call that sets the lock: ``domain.moves.locks.plan``."""
        return locks.plan(profile, self.instance_id, locked=self.locked)

    def describe(self, outcome: Outcome) -> str:
        """Say whether the item is locked now."""
        return messages.describe_lock(outcome.before, self.instance_id, locked=self.locked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo(Command):
    """Undo the last job of the account."""

    action: ClassVar[str] = "undo"
    consumes_last_job: ClassVar[bool] = True

    job_id: str

    def plan(self, profile: Profile, context: PlanContext) -> tuple[Step, ...]:
        """Plan the job's steps in reverse, without those that this command has undone already.

        Raises:
            MovedOn: it is not the last job any more, or the account has changed since.
        """
        job = context.last_job
        if job is None or job.job_id != self.job_id:
            raise MovedOn("It cannot be undone any more: another action came after it.")
        undone_count = sum(step.reason is not Reason.LOCK_REPAIR for step in context.carried_out)
        remaining_steps = job.recorded_steps[: len(job.recorded_steps) - undone_count]
        return undo.plan(profile, remaining_steps)

    def describe(self, outcome: Outcome) -> str:
        """Say that all items are back at their former owners."""
        if outcome.is_redo:
            return "Redone: everything is where it was before the undo."
        return "Undone: everything is where it was before."
