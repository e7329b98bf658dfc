"""Moving, equipping, locking, and taking it back: one job at a time for each account."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex

import msgspec

from destiny_web.bungie.client import BungieClient
from destiny_web.bungie.errors import BungieError
from destiny_web.domain import locks, moves, undo
from destiny_web.domain.characters import Membership
from destiny_web.domain.moves import Move
from destiny_web.domain.profile import Profile
from destiny_web.domain.refusals import MoveError
from destiny_web.domain.room import Sparing
from destiny_web.domain.steps import Action, Reason, Step
from destiny_web.domain.undo import Deed
from destiny_web.services import wording
from destiny_web.services.calls import Done
from destiny_web.services.jobs import Bench, Job, Outcome, Planner
from destiny_web.services.records import decoded
from destiny_web.storage.store import Store, StoreError

PATIENCE = 30.0
"""Seconds that a job waits for the one before it."""

UNDONE = timedelta(minutes=15)
"""How long a job can be taken back."""

_REMEMBERED = 100
_RECENT = timedelta(hours=12)


Observer = Callable[[str, Exception | None], None]
"""Told of each job when it is over: what kind it was, and what stopped it."""


def _unobserved(_kind: str, _stopped: Exception | None) -> None:
    """Look away."""


class _LastJob(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be known to take the last job of an account back."""

    job_id: str
    message: str
    deeds: tuple[Deed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a job has done.

    Attributes:
        message: One sentence or two for the player.
        error: What stopped it; None when all was done.
        steps: Every call that reached Bungie, in order.
    """

    message: str
    error: BungieError | MoveError | None = None
    steps: tuple[Done, ...] = ()

    @property
    def ok(self) -> bool:
        """Everything that was asked for is done."""
        return self.error is None

    @property
    def code(self) -> int | None:
        """Bungie's ErrorCode of what stopped the job."""
        return self.error.code if isinstance(self.error, BungieError) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """An offer to take the last job back."""

    job_id: str
    message: str


class Transfers:
    """Carries out what players ask for.

    Every job raises ``MoveError`` or ``BungieError`` when nothing was sent: the request does
    not add up, the game would refuse, or the account could not be read.
    """

    def __init__(self, store: Store, bench: Bench, observe: Observer = _unobserved) -> None:
        self._store = store
        self._observe = observe
        self._bench = bench
        self._now = bench.now

    def move(self, client: BungieClient, membership: Membership, move: Move) -> Report:
        """Bring an item to another owner, and equip it there when asked to."""
        begun = False

        def plan(profile: Profile, sparing: Sparing) -> tuple[Step, ...]:
            nonlocal begun
            # Once begun, the item is followed: it may have been moved in between.
            asked = moves.followed(profile, move) if begun else move
            steps = moves.plan(profile, asked, sparing)
            begun = True
            return steps

        def told(outcome: Outcome) -> str:
            return wording.moved(outcome.before, move, outcome.carried)

        return self._observed("move", client, membership, plan, told)

    def equip(
        self,
        client: BungieClient,
        membership: Membership,
        character_id: str,
        instance_ids: Sequence[str],
    ) -> Report:
        """Equip items that the character holds."""

        def plan(profile: Profile, sparing: Sparing) -> tuple[Step, ...]:
            return moves.plan_equip(profile, character_id, instance_ids, sparing)

        def told(outcome: Outcome) -> str:
            return wording.equipped(outcome.before, character_id, instance_ids, outcome.carried)

        return self._observed("equip", client, membership, plan, told)

    def lock(
        self, client: BungieClient, membership: Membership, instance_id: str, *, locked: bool
    ) -> Report:
        """Protect an item from being dismantled, or no longer."""

        def plan(profile: Profile, _: Sparing) -> tuple[Step, ...]:
            return locks.plan(profile, instance_id, locked=locked)

        def told(outcome: Outcome) -> str:
            return wording.locked(outcome.before, instance_id, locked=locked)

        return self._observed("lock", client, membership, plan, told)

    def undo(self, client: BungieClient, membership: Membership, job_id: str) -> Report:
        """Take the last job back.

        Raises:
            MovedOn: it is not the last job any more, or the game has moved on since.
        """
        last = self._last(membership)
        if last is None or last.job_id != job_id:
            raise undo.MovedOn("It cannot be undone any more: something else was done since.")

        def plan(profile: Profile, _: Sparing) -> tuple[Step, ...]:
            return undo.plan(profile, last.deeds)

        def told(_: Outcome) -> str:
            return "Undone: everything is where it was before."

        return self._observed("undo", client, membership, plan, told)

    def undoable(self, profile: Profile) -> Undo | None:
        """Return the offer to take the last job back, as long as that can still be done."""
        last = self._last(profile.membership)
        if last is None:
            return None
        try:
            undo.plan(profile, last.deeds)
        except MoveError:
            return None
        return Undo(job_id=last.job_id, message=last.message)

    def _observed(
        self,
        kind: str,
        client: BungieClient,
        membership: Membership,
        plan: Planner,
        told: Callable[[Outcome], str],
    ) -> Report:
        try:
            report = self._job(client, membership, plan, told)
        except (BungieError, MoveError, StoreError) as error:
            self._observe(kind, error)
            raise
        self._observe(kind, report.error)
        return report

    def _job(
        self,
        client: BungieClient,
        membership: Membership,
        plan: Planner,
        told: Callable[[Outcome], str],
    ) -> Report:
        name = f"job {membership.key}"
        with self._store.lock(name, ttl=self._bench.lease, wait=PATIENCE) as lease:
            job = Job(self._bench, client, membership, lease, self._recent(membership))
            outcome = job.run(plan)
            report = Report(
                message=wording.stopped(outcome) if outcome.stopped else told(outcome),
                error=outcome.stopped,
                steps=outcome.done,
            )
            self._remember(membership, outcome, report.message)
            client.rest()
            return report

    def _remember(self, membership: Membership, outcome: Outcome, message: str) -> None:
        """Keep what it takes to undo a job, and what the player has moved by hand."""
        if not outcome.carried:
            return
        last = _LastJob(
            job_id=token_hex(8),
            message=message,
            deeds=undo.deeds(outcome.before, outcome.carried),
        )
        self._store.put("undo", membership.key, msgspec.msgpack.encode(last), self._now() + UNDONE)
        asked = [
            step.instance_id
            for step in outcome.carried
            if step.reason is Reason.ASKED and step.action is not Action.LOCK and step.instance_id
        ]

        def add(raw: bytes | None) -> bytes:
            kept = decoded(raw, list[str]) or []
            return msgspec.msgpack.encode([*kept, *asked][-_REMEMBERED:])

        self._store.update("recent", membership.key, add, self._now() + _RECENT)

    def _recent(self, membership: Membership) -> frozenset[str]:
        raw = self._store.get("recent", membership.key)
        return frozenset(decoded(raw, list[str]) or ())

    def _last(self, membership: Membership) -> _LastJob | None:
        return decoded(self._store.get("undo", membership.key), _LastJob)
