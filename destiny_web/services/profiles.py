"""Reading a player's belongings, and keeping them.

What is kept is Bungie's answer and a journal of our own calls since. Bungie's reads are
old (about a minute, and two servers may disagree), our writes are known: a read that was
made before one of our calls has that call laid over it, so that it never un-does on the
page what was done in the game. A younger read wins over everything.

Both clocks may be set while the site runs. A moment in the future counts as long ago, an
answer is never younger than its arrival, and a call that was noted after an answer had come
is laid over that answer whatever the clocks say: answers and calls are numbered for that.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from destiny_web.bungie.client import BungieClient
from destiny_web.bungie.models import profile as profile_models
from destiny_web.domain.account import from_bungie
from destiny_web.domain.account.characters import Membership
from destiny_web.domain.account.definitions import Definitions
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves.steps import Step
from destiny_web.services.codec import decode
from destiny_web.storage.store import Store

FRESH = timedelta(seconds=30)
"""How long a read, or our last call, spares another read: Bungie's own caches live longer."""

STALEST = timedelta(minutes=3)
"""No answer of Bungie's is older than this, whatever its timestamp says."""

_TOLERANCE = timedelta(seconds=2)
"""By how much two right clocks may differ: a Date header has whole seconds."""

KEPT = timedelta(days=7)
"""How long a snapshot is kept for a player who does not come back."""


class _Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of Bungie's.

    Attributes:
        answered_at: When it came.
        read_at: When Bungie last had nothing younger than it.
        skew: Seconds by which Bungie's clock was ahead of ours when it came.
        number: How many answers have been kept for the account, with this one.
    """

    answer: profile_models.Profile
    answered_at: datetime
    read_at: datetime
    skew: float = 0.0
    number: int = 0

    @property
    def minted(self) -> datetime | None:
        """When the answer was made, by our clock; None when that cannot be known.

        It cannot where Bungie's timestamp lies after the arrival: one of the clocks was set.
        """
        minted = from_bungie.moment(self.answer.response_minted_timestamp)
        if minted is None:
            return None
        try:
            minted -= timedelta(seconds=self.skew)
        except OverflowError:
            return None
        return minted if minted <= self.answered_at + _TOLERANCE else None

    @property
    def knows_until(self) -> datetime:
        """Return the moment up to which our own calls are in the answer for certain."""
        certain = self.answered_at - STALEST
        minted = from_bungie.moment(self.answer.response_minted_timestamp)
        if minted is None:
            return certain
        if self.minted is None:
            return self.answered_at
        return min(self.answered_at, max(certain, self.minted))

    def lacks(self, entry: "_Entry") -> bool:
        """Tell whether a call of ours may not be in the answer yet."""
        if entry.number >= self.number:
            return True  # noted after this answer had come
        return self.knows_until < entry.at <= self.answered_at


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One of our own calls that was carried out.

    Attributes:
        at: When it was noted.
        number: How many answers had been kept for the account by then.
    """

    step: Step
    at: datetime
    number: int = 0


class _Journal(msgspec.Struct, frozen=True, kw_only=True):
    """Our own calls that the kept answer may lack.

    Attributes:
        number: How many answers have been kept for the account.
    """

    number: int = 0
    entries: tuple[_Entry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedProfile:
    """A profile and where it comes from.

    Attributes:
        read_at: When Bungie last gave us the answer that it is made from.
        fresh: It was read, or changed by us, just now.
    """

    profile: Profile
    read_at: datetime
    fresh: bool


class Profiles:
    """Loads profiles, from Bungie or from what is kept."""

    def __init__(self, store: Store, definitions: Definitions, now: Callable[[], datetime]) -> None:
        self._store = store
        self._definitions = definitions
        self._now = now

    def load(
        self, client: BungieClient, membership: Membership, *, anew: bool = False
    ) -> LoadedProfile:
        """Return everything that *membership* owns.

        Args:
            client: To ask, if need be.
            membership: Whose.
            anew: Ask Bungie even if what is kept is fresh.

        Raises:
            BungieError: what is kept, if anything, was not fresh, and Bungie did not answer.
        """
        kept = None if anew else self.kept(membership)
        if kept is not None and kept.fresh:
            return kept
        answer = client.profile(membership.type, membership.membership_id)
        return self._keep(membership, answer, client.clock_skew)

    def kept(self, membership: Membership) -> LoadedProfile | None:
        """Return the profile as last known, whatever its age; None when there is none."""
        # The journal first: what is added to it between the two reads is only late, but
        # a snapshot from before a read that cleared the journal would show the past.
        journal = decode(self._store.get("journal", membership.key), _Journal)
        snapshot = decode(self._store.get("snapshot", membership.key), _Snapshot)
        if snapshot is None:
            return None
        return self._joined(membership, snapshot, journal or _Journal())

    def advance(self, membership: Membership, step: Step) -> None:
        """Note that *step* was carried out."""
        now = self._now()

        def add(raw: bytes | None) -> bytes:
            journal = decode(raw, _Journal) or _Journal()
            entry = _Entry(step=step, at=now, number=journal.number)
            return msgspec.msgpack.encode(
                _Journal(number=journal.number, entries=(*journal.entries, entry))
            )

        self._store.update("journal", membership.key, add, now + KEPT)

    def doubt(self, membership: Membership) -> None:
        """See to it that the next load asks Bungie: what is kept may be wrong."""
        self._store.put("doubt", membership.key, b"", self._now() + FRESH)

    def trust(self, membership: Membership) -> None:
        """Take a doubt back: what is kept is right again."""
        self._store.delete("doubt", membership.key)

    def _keep(
        self, membership: Membership, answer: profile_models.Profile, skew: timedelta
    ) -> LoadedProfile:
        """Keep an answer, unless we hold a younger one: Bungie's servers differ in age."""
        now = self._now()
        fresh = _Snapshot(answer=answer, answered_at=now, read_at=now, skew=skew.total_seconds())
        kept = fresh

        def younger(raw: bytes | None) -> bytes:
            nonlocal kept
            before = decode(raw, _Snapshot)
            if before is None:
                kept = msgspec.structs.replace(fresh, number=1)
            elif _goes_back(before, fresh):
                kept = msgspec.structs.replace(before, read_at=now)
            else:
                kept = msgspec.structs.replace(fresh, number=before.number + 1)
            return msgspec.msgpack.encode(kept)

        def lacking(raw: bytes | None) -> bytes:
            journal = decode(raw, _Journal) or _Journal()
            entries = tuple(entry for entry in journal.entries if kept.lacks(entry))
            number = max(journal.number, kept.number)
            return msgspec.msgpack.encode(_Journal(number=number, entries=entries))

        self._store.update("snapshot", membership.key, younger, now + KEPT)
        journal = self._store.update("journal", membership.key, lacking, now + KEPT)
        self._store.delete("doubt", membership.key)
        return self._joined(membership, kept, decode(journal, _Journal) or _Journal())

    def _joined(
        self, membership: Membership, snapshot: _Snapshot, journal: _Journal
    ) -> LoadedProfile:
        """Build the profile of a snapshot and lay the journal over it."""
        profile = from_bungie.build_profile(snapshot.answer, self._definitions, membership)
        profile = replace(profile, minted=snapshot.minted)
        entries = [entry for entry in journal.entries if snapshot.lacks(entry)]
        for entry in entries:
            profile = profile.after(entry.step)
        last = max([snapshot.read_at, *(entry.at for entry in entries)])
        doubted = self._store.get("doubt", membership.key) is not None
        return LoadedProfile(
            profile=profile,
            read_at=snapshot.read_at,
            fresh=timedelta() <= self._now() - last < FRESH and not doubted,
        )


def _goes_back(before: _Snapshot, fresh: _Snapshot) -> bool:
    """Tell whether an answer was made before the one that we hold.

    Believed for a while only: a clock that was set back must not freeze the page.
    """
    if before.minted is None or fresh.minted is None:
        return False
    age = fresh.read_at - before.answered_at
    return fresh.minted < before.minted and timedelta() <= age < STALEST
