"""What players ask for: one command for each action, which plans it and describes its outcome.

A command is a value. The service takes the account's lock, hands the command to the executor,
and the executor asks it for a plan; whoever adds an action adds a command, a form and a route.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves import locks, planner, undo
from destiny_web.domain.moves.eviction import NONE_PROTECTED, ProtectedItems
from destiny_web.domain.moves.planner import Move
from destiny_web.domain.moves.steps import Reason, Step
from destiny_web.domain.moves.undo import MovedOn
from destiny_web.services.moves import messages
from destiny_web.services.moves.job_records import LastJob
from destiny_web.services.moves.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanContext:
    """What a plan takes into account beside the profile.

    Attributes:
        protected: Items that are not to be moved aside.
        last_job: The last job of the account; None when it cannot be undone any more.
        is_replan: Calls were sent already; the game has moved on since the first plan.
        carried_out: Steps that this very job has carried out before it plans again.
    """

    protected: ProtectedItems = NONE_PROTECTED
    last_job: LastJob | None = None
    is_replan: bool = False
    carried_out: tuple[Step, ...] = ()


class Command(Protocol):
    """One action of a player."""

    action: ClassVar[str]
    """Name of the action, for metrics."""

    consumes_last_job: ClassVar[bool]
    """The account's last job cannot be undone (again) once this command has begun."""

    def plan(self, profile: Profile, context: PlanContext) -> tuple[Step, ...]:
        """Return the calls that carry the command out, in order; none when it is done already.

        Raises:
            MoveError: the request does not add up, or the game would refuse.
        """

    def describe(self, outcome: Outcome) -> str:
        """Say in a sentence or two what was done; for an outcome without a failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveItem:
    """Bring an item to another owner, and equip it there when asked to."""

    action: ClassVar[str] = "move"
    consumes_last_job: ClassVar[bool] = False

    move: Move

    def plan(self, profile: Profile, context: PlanContext) -> tuple[Step, ...]:
        """Plan the move from where the item is: ``domain.moves.planner.plan``."""
        move = self.move
        if context.is_replan:
            move = planner.follow_item(profile, move, context.carried_out)
        return planner.plan(profile, move, context.protected)

    def describe(self, outcome: Outcome) -> str:
        """Say where the item is now."""
        return messages.moved(outcome.before, self.move, outcome.carried_out)


class PullFromPostmaster(MoveItem):
    """Take an item out of a character's postmaster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipItems:
    """Equip items that the character holds."""

    action: ClassVar[str] = "equip"
    consumes_last_job: ClassVar[bool] = False

    character_id: str
    instance_ids: Sequence[str]

    def plan(self, profile: Profile, context: PlanContext) -> tuple[Step, ...]:
        """Plan the calls, exotics last: ``domain.moves.planner.plan_equip``."""
        return planner.plan_equip(profile, self.character_id, self.instance_ids, context.protected)

    def describe(self, outcome: Outcome) -> str:
        """Say what the character wears now."""
        return messages.equipped(
            outcome.before, self.character_id, self.instance_ids, outcome.carried_out
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLock:
    """Protect an item from being dismantled, or no longer."""

    action: ClassVar[str] = "lock"
    consumes_last_job: ClassVar[bool] = False

    instance_id: str
    locked: bool

    def plan(self, profile: Profile, context: PlanContext) -> tuple[Step, ...]:  # noqa: ARG002
        """Plan the one call that it takes."""
        return locks.plan(profile, self.instance_id, locked=self.locked)

    def describe(self, outcome: Outcome) -> str:
        """Say whether the item is locked now."""
        return messages.locked(outcome.before, self.instance_id, locked=self.locked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """Take the last job of the account back."""

    action: ClassVar[str] = "undo"
    consumes_last_job: ClassVar[bool] = True

    job_id: str

    def plan(self, profile: Profile, context: PlanContext) -> tuple[Step, ...]:
        """Plan the job's calls in reverse, without those that were taken back already.

        Raises:
            MovedOn: it is not the last job any more, or the game has moved on since.
        """
        job = context.last_job
        if job is None or job.job_id != self.job_id:
            raise MovedOn("It cannot be undone any more: something else was done since.")
        undone = sum(step.reason is not Reason.LOCK_REPAIR for step in context.carried_out)
        return undo.plan(profile, job.recorded_steps[: len(job.recorded_steps) - undone])

    def describe(self, outcome: Outcome) -> str:  # noqa: ARG002
        """Say that everything is as before."""
        return "Undone: everything is where it was before."
