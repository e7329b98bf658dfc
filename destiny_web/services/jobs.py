"""Carrying out a plan in a game that goes on: act, record, look again, plan anew."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from destiny_web.bungie.client import BungieClient
from destiny_web.bungie.enums import ErrorCode
from destiny_web.bungie.errors import (
    AnswerLost,
    BungieError,
    ItemEquipped,
    ItemNotFound,
    NoRoom,
    NotTransferable,
    Refused,
    Throttled,
    class_of,
)
from destiny_web.domain.characters import Membership
from destiny_web.domain.profile import Profile
from destiny_web.domain.refusals import MoveError
from destiny_web.domain.room import Sparing
from destiny_web.domain.steps import Action, Reason, Step
from destiny_web.domain.tidy import put_back
from destiny_web.services.calls import Done, calls, happened, send
from destiny_web.services.profiles import Loaded, Profiles
from destiny_web.storage.store import Lease

_LOG = logging.getLogger("destiny_web.moves")

LEASE = 25.0
"""Seconds that a call may take, with the lock of its account held: Bungie's time-out and some."""

_REPLANS = 2
_OLD = timedelta(seconds=10)
_PAUSE = 0.5
_LONGEST_PAUSE = 3.0
"""A request's thread does not sleep longer than this because Bungie asks for patience."""

_LOOKS = (0.0, 1.0, 1.5)
"""Seconds to wait before each look at what became of a lost answer."""

Planner = Callable[[Profile, Sparing], tuple[Step, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a job has come to.

    Attributes:
        before: The profile that the first plan was made from.
        after: The profile as the calls have left it.
        done: Every call that reached Bungie, in order.
        stopped: What stopped it; None when everything was done.
    """

    before: Profile
    after: Profile
    done: tuple[Done, ...]
    stopped: BungieError | MoveError | None

    @property
    def carried(self) -> tuple[Step, ...]:
        """The steps that were carried out."""
        return tuple(one.step for one in self.done if one.ok)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What every job works with. ``lease`` is how long a call may hold the account's lock."""

    profiles: Profiles
    now: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep
    lease: float = LEASE


class Job:
    """One job of one account, under that account's lock."""

    def __init__(
        self,
        bench: Bench,
        client: BungieClient,
        membership: Membership,
        lease: Lease,
        recent: frozenset[str],
    ) -> None:
        self._profiles = bench.profiles
        self._client = client
        self._membership = membership
        self._lease = lease
        self._now = bench.now
        self._sleep = bench.sleep
        self._done: list[Done] = []
        self._learnt: list[Callable[[Profile], Profile]] = []
        self._lease_seconds = bench.lease
        self._recent = recent
        self._never: set[str] = set()

    def run(self, plan: Planner) -> Outcome:
        """Plan and act until all is done, or nothing more can be.

        Raises:
            MoveError: refused before any call.
            BungieError: the account could not be read; nothing was sent.
        """
        loaded = self._profiles.load(self._client, self._membership)
        steps, loaded = self._first_plan(plan, loaded)
        before = loaded.profile
        stopped: BungieError | MoveError | None = None
        for _ in range(_REPLANS + 1):
            failed = self._carry_out(steps)
            if failed is None:
                return self._outcome(before, None)
            stopped = failed[0]
            if not self._helps_to_plan_anew(*failed):
                break
            try:
                profile = self._reread()
                steps = plan(profile, self._sparing())
            except (BungieError, MoveError) as error:
                stopped = error
                break
        self._tidy(stopped)
        return self._outcome(before, stopped)

    def _first_plan(self, plan: Planner, loaded: Loaded) -> tuple[tuple[Step, ...], Loaded]:
        """Plan; a refusal that comes from an old read is thought over with a new one."""
        try:
            return plan(loaded.profile, self._sparing()), loaded
        except MoveError:
            if self._now() - loaded.read_at < _OLD:
                raise
        loaded = self._profiles.load(self._client, self._membership, anew=True)
        return plan(loaded.profile, self._sparing()), loaded

    def _sparing(self) -> Sparing:
        return Sparing(recent=self._recent, never=frozenset(self._never))

    def _carry_out(self, steps: Sequence[Step]) -> tuple[BungieError, Step] | None:
        """Make the calls; return what went wrong with which of them."""
        for call in calls(steps):
            self._lease.renew(self._lease_seconds)
            failed = self._make(call)
            if failed is not None and failed[1].reason not in {Reason.MEND, Reason.BACK}:
                return failed
        return None

    def _make(self, call: Sequence[Step]) -> tuple[BungieError, Step] | None:
        """Make one call, and note what it did."""
        # Until its outcome is noted the page asks Bungie, also when this process dies here.
        self._profiles.doubt(self._membership)
        sent_at = self._now()
        try:
            codes = send(self._client, self._membership, call)
        except AnswerLost as error:
            return self._after_a_lost_answer(call, error, sent_at)
        except BungieError as error:
            self._done += [Done(step=step, ok=False, code=error.code) for step in call]
            return error, call[0]
        failed: tuple[BungieError, Step] | None = None
        for step, code in zip(call, codes, strict=True):
            self._note(step, code)
            if code != ErrorCode.SUCCESS:
                failed = failed or (class_of(code)(code=code), step)
        if failed is None:
            self._profiles.trust(self._membership)
        return failed

    def _note(self, step: Step, code: int | None) -> None:
        ok = code == ErrorCode.SUCCESS
        self._done.append(Done(step=step, ok=ok, code=code))
        if ok:
            self._profiles.advance(self._membership, step)

    def _after_a_lost_answer(
        self, call: Sequence[Step], error: AnswerLost, sent_at: datetime
    ) -> tuple[BungieError, Step] | None:
        """Find out what became of a call, before anything else is sent."""
        before = self._profiles.kept(self._membership)
        for pause in _LOOKS:
            self._sleep(pause)
            try:
                loaded = self._profiles.load(self._client, self._membership, anew=True)
            except BungieError:
                continue
            was = before.profile if before else loaded.profile
            seen = [happened(was, loaded.profile, step, sent_at) for step in call]
            if None not in seen:
                for step, did in zip(call, seen, strict=True):
                    self._note(step, int(ErrorCode.SUCCESS) if did else error.code)
                return None if all(seen) else (_NotDone(code=error.code), call[0])
        self._done += [Done(step=step, ok=False, code=error.code) for step in call]
        return error, call[0]

    def _helps_to_plan_anew(self, error: BungieError, step: Step) -> bool:
        """Tell whether the game has moved on in a way that another plan can cope with."""
        if isinstance(error, NoRoom):
            self._learn_crowded(step)
        elif isinstance(error, ItemEquipped):
            self._learn_worn(step)
        elif isinstance(error, Throttled):
            # Refused, so not carried out: after a pause it may go out again.
            pause = error.retry_after or _PAUSE
            if pause > _LONGEST_PAUSE:
                return False
            self._sleep(pause)
        elif step.reason is Reason.ROOM and isinstance(error, ItemNotFound | NotTransferable):
            self._never.add(step.instance_id or "")
        else:
            return isinstance(error, ItemNotFound | _NotDone)
        return True

    def _learn_crowded(self, step: Step) -> None:
        """Believe the game where a read, old perhaps, shows room that it says is not there."""

        def crowded(profile: Profile) -> Profile:
            item = profile.instance(step.instance_id or "") or next(
                iter(profile.stacks(step.item_hash, step.source)), None
            )
            return profile.crowded(step.destination, item.bucket_hash) if item else profile

        self._learnt = [crowded]

    def _learn_worn(self, step: Step) -> None:
        worn = Step(
            action=Action.EQUIP,
            item_hash=step.item_hash,
            instance_id=step.instance_id,
            source=step.source,
            destination=step.source,
            carrier=step.source,
        )
        self._learnt = [lambda profile: profile.after(worn)]

    def _reread(self) -> Profile:
        profile = self._profiles.load(self._client, self._membership, anew=True).profile
        for learnt in self._learnt:
            profile = learnt(profile)
        return profile

    def _tidy(self, stopped: object) -> None:
        """Put back what was moved aside in vain, if the game answers at all."""
        if not isinstance(stopped, Refused | MoveError):
            return
        kept = self._profiles.kept(self._membership)
        carried = [one.step for one in self._done if one.ok]
        if kept is not None and carried:
            self._carry_out(put_back(kept.profile, carried))

    def _outcome(self, before: Profile, stopped: BungieError | MoveError | None) -> Outcome:
        if stopped is not None:
            # Something is not as we thought: the next page asks Bungie.
            self._profiles.doubt(self._membership)
        after = before
        for one in self._done:
            if one.ok:
                after = after.after(one.step)
        return Outcome(before=before, after=after, done=tuple(self._done), stopped=stopped)


class _NotDone(AnswerLost):
    """The answer was lost, and the call was not carried out."""
