"""Profiles: read from Bungie, kept as a snapshot and a journal.

The snapshot is Bungie's last answer, the journal holds our own calls since. Bungie's answers
are old (about a minute, and two servers may disagree), but our calls are known: a call that the
answer may lack is applied to it, so that a page never shows the state before the call. An
answer that was minted after the call is used unchanged.

Both clocks may be set while the site runs. A time in the future counts as long ago, and an
answer is never younger than its arrival. A call that was recorded after an answer arrived is
applied to that answer whatever the clocks say: answers and calls are numbered for that.
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
"""How long after a read, or after our last call, no read is made: Bungie caches for longer."""

_OLDEST_ANSWER = timedelta(minutes=3)
"""No answer of Bungie is older than this, whatever its timestamp says."""

_CLOCK_TOLERANCE = timedelta(seconds=2)
"""Difference between two correct clocks: a Date header has whole seconds."""

_LIFETIME = timedelta(days=7)
"""How long a snapshot is kept for a player who does not come back."""


class _Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of Bungie.

    Attributes:
        answered_at: When it arrived.
        read_at: When Bungie last sent this answer or an older one.
        skew: Seconds by which Bungie's clock was ahead of ours when it arrived.
        number: How many answers have been kept for the account, including this one.
    """

    answer: profile_models.Profile
    answered_at: datetime
    read_at: datetime
    skew: float = 0.0
    number: int = 0

    @property
    def minted(self) -> datetime | None:
        """When Bungie made the answer, by our clock; None when that is not known.

        It is not known when Bungie's timestamp is later than the arrival: a clock was set.
        """
        minted = from_bungie.moment(self.answer.response_minted_timestamp)
        if minted is None:
            return None
        try:
            minted -= timedelta(seconds=self.skew)
        except OverflowError:
            return None
        return minted if minted <= self.answered_at + _CLOCK_TOLERANCE else None

    @property
    def complete_until(self) -> datetime:
        """The time up to which the answer certainly contains our own calls."""
        certain = self.answered_at - _OLDEST_ANSWER
        if from_bungie.moment(self.answer.response_minted_timestamp) is None:
            return certain
        minted = self.minted or self.answered_at
        return min(self.answered_at, max(certain, minted))

    def may_lack(self, entry: "_JournalEntry") -> bool:
        """Tell whether the answer may lack one of our own calls."""
        if entry.number >= self.number:
            return True  # recorded after this answer arrived
        return self.complete_until < entry.at <= self.answered_at


class _JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One of our own calls that was carried out.

    Attributes:
        at: When it was recorded.
        number: How many answers had been kept for the account by then.
    """

    step: Step
    at: datetime
    number: int = 0


class _Journal(msgspec.Struct, frozen=True, kw_only=True):
    """Our own calls that the snapshot may lack.

    Attributes:
        number: How many answers have been kept for the account.
    """

    number: int = 0
    entries: tuple[_JournalEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedProfile:
    """A profile and its age.

    Attributes:
        read_at: When Bungie last sent the answer that the profile is built from.
        fresh: The last read, or our last call, is less than ``FRESH`` ago.
    """

    profile: Profile
    read_at: datetime
    fresh: bool


class Profiles:
    """Loads profiles from Bungie or from the store."""

    def __init__(self, store: Store, definitions: Definitions, now: Callable[[], datetime]) -> None:
        self._store = store
        self._definitions = definitions
        self._now = now

    def load(
        self, client: BungieClient, membership: Membership, *, anew: bool = False
    ) -> LoadedProfile:
        """Return the profile of *membership*; asks Bungie unless the kept one is fresh.

        Args:
            client: Calls Bungie in the player's name.
            membership: The account to load.
            anew: Ask Bungie even if the kept profile is fresh.

        Raises:
            BungieError: Bungie had to be asked, and did not answer.
        """
        kept = None if anew else self.load_kept(membership)
        if kept is not None and kept.fresh:
            return kept
        answer = client.profile(membership.type, membership.membership_id)
        return self._keep(membership, answer, client.clock_skew)

    def load_kept(self, membership: Membership) -> LoadedProfile | None:
        """Return the kept profile, whatever its age; None without one."""
        # Read the journal first. An entry that is added between the two reads is only shown late.
        # In the other order, the snapshot may be from before a read that shortened the journal,
        # and the page would show the state before our calls.
        journal = decode(self._store.get("journal", membership.key), _Journal)
        snapshot = decode(self._store.get("snapshot", membership.key), _Snapshot)
        if snapshot is None:
            return None
        return self._build(membership, snapshot, journal or _Journal())

    def advance(self, membership: Membership, step: Step) -> None:
        """Add a step that was carried out to the journal."""
        now = self._now()

        def add(raw: bytes | None) -> bytes:
            journal = decode(raw, _Journal) or _Journal()
            entry = _JournalEntry(step=step, at=now, number=journal.number)
            return msgspec.msgpack.encode(
                _Journal(number=journal.number, entries=(*journal.entries, entry))
            )

        self._store.update("journal", membership.key, add, now + _LIFETIME)

    def doubt(self, membership: Membership) -> None:
        """Make the next load ask Bungie: the kept profile may be wrong."""
        self._store.put("doubt", membership.key, b"", self._now() + FRESH)

    def trust(self, membership: Membership) -> None:
        """Undo ``doubt``: the kept profile is right."""
        self._store.delete("doubt", membership.key)

    def _keep(
        self, membership: Membership, answer: profile_models.Profile, skew: timedelta
    ) -> LoadedProfile:
        """Keep an answer, unless the kept one is younger: Bungie's servers differ in age."""
        now = self._now()
        received = _Snapshot(answer=answer, answered_at=now, read_at=now, skew=skew.total_seconds())
        newest = received

        def keep_newest(raw: bytes | None) -> bytes:
            nonlocal newest
            kept = decode(raw, _Snapshot)
            if kept is None:
                newest = msgspec.structs.replace(received, number=1)
            elif _is_older(received, kept):
                newest = msgspec.structs.replace(kept, read_at=now)
            else:
                newest = msgspec.structs.replace(received, number=kept.number + 1)
            return msgspec.msgpack.encode(newest)

        def keep_lacking(raw: bytes | None) -> bytes:
            journal = decode(raw, _Journal) or _Journal()
            entries = tuple(entry for entry in journal.entries if newest.may_lack(entry))
            number = max(journal.number, newest.number)
            return msgspec.msgpack.encode(_Journal(number=number, entries=entries))

        self._store.update("snapshot", membership.key, keep_newest, now + _LIFETIME)
        raw_journal = self._store.update("journal", membership.key, keep_lacking, now + _LIFETIME)
        self._store.delete("doubt", membership.key)
        return self._build(membership, newest, decode(raw_journal, _Journal) or _Journal())

    def _build(
        self, membership: Membership, snapshot: _Snapshot, journal: _Journal
    ) -> LoadedProfile:
        """Build the profile of a snapshot and apply the journal to it."""
        profile = from_bungie.build_profile(snapshot.answer, self._definitions, membership)
        profile = replace(profile, minted=snapshot.minted)
        entries = [entry for entry in journal.entries if snapshot.may_lack(entry)]
        for entry in entries:
            profile = profile.after(entry.step)
        last_change = max([snapshot.read_at, *(entry.at for entry in entries)])
        is_doubted = self._store.get("doubt", membership.key) is not None
        return LoadedProfile(
            profile=profile,
            read_at=snapshot.read_at,
            fresh=timedelta() <= self._now() - last_change < FRESH and not is_doubted,
        )


def _is_older(received: _Snapshot, kept: _Snapshot) -> bool:
    """Tell whether a received answer was minted before the kept one.

    Only for a short time: a clock that was set back must not keep the page unchanged.
    """
    if kept.minted is None or received.minted is None:
        return False
    age = received.read_at - kept.answered_at
    return received.minted < kept.minted and timedelta() <= age < _OLDEST_ANSWER
