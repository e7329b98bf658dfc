"""Reading a player's belongings, and keeping them.

What is kept is Bungie's answer and a journal of our own calls since. Bungie's reads are
old (about a minute, and two servers may disagree), our writes are known: a read that was
made before one of our calls has that call laid over it, so that it never un-does on the
page what was done in the game. A younger read wins over everything.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from destiny_web.bungie import wire
from destiny_web.bungie.client import BungieClient
from destiny_web.domain import build
from destiny_web.domain.characters import Membership
from destiny_web.domain.definitions import Definitions
from destiny_web.domain.profile import Profile
from destiny_web.domain.steps import Step
from destiny_web.services.records import decoded
from destiny_web.storage.store import Store

FRESH = timedelta(seconds=30)
"""How long a read, or our last call, spares another read: Bungie's own caches live longer."""

STALEST = timedelta(minutes=3)
"""No answer of Bungie's is older than this, whatever its timestamp says."""

KEPT = timedelta(days=7)
"""How long a snapshot is kept for a player who does not come back."""


class _Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, when it came, and when Bungie last had nothing younger than it."""

    answer: wire.Profile
    answered_at: datetime
    read_at: datetime
    skew: float = 0.0

    @property
    def minted(self) -> datetime | None:
        """When the answer was made, by our clock: Bungie's may be another."""
        minted = build.moment(self.answer.response_minted_timestamp)
        return minted - timedelta(seconds=self.skew) if minted else None

    @property
    def knows_until(self) -> datetime:
        """Return the moment up to which our own calls are in the answer for certain."""
        certain = self.answered_at - STALEST
        return certain if self.minted is None else max(certain, self.minted)


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One of our own calls that was carried out."""

    step: Step
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
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

    def load(self, client: BungieClient, membership: Membership, *, anew: bool = False) -> Loaded:
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

    def kept(self, membership: Membership) -> Loaded | None:
        """Return the profile as last known, whatever its age; None when there is none."""
        # The journal first: what is added to it between the two reads is only late, but
        # a snapshot from before a read that cleared the journal would show the past.
        entries = decoded(self._store.get("journal", membership.key), tuple[_Entry, ...])
        snapshot = decoded(self._store.get("snapshot", membership.key), _Snapshot)
        if snapshot is None:
            return None
        return self._joined(membership, snapshot, entries or ())

    def advance(self, membership: Membership, step: Step) -> None:
        """Note that *step* was carried out."""
        entry = _Entry(step=step, at=self._now())

        def add(raw: bytes | None) -> bytes:
            entries = decoded(raw, tuple[_Entry, ...]) or ()
            return msgspec.msgpack.encode([*entries, entry])

        self._store.update("journal", membership.key, add, self._now() + KEPT)

    def doubt(self, membership: Membership) -> None:
        """See to it that the next load asks Bungie: what is kept may be wrong."""
        self._store.put("doubt", membership.key, b"", self._now() + FRESH)

    def trust(self, membership: Membership) -> None:
        """Take a doubt back: what is kept is right again."""
        self._store.delete("doubt", membership.key)

    def _keep(self, membership: Membership, answer: wire.Profile, skew: timedelta) -> Loaded:
        """Keep an answer, unless we hold a younger one: Bungie's servers differ in age."""
        now = self._now()
        fresh = _Snapshot(answer=answer, answered_at=now, read_at=now, skew=skew.total_seconds())
        kept = fresh

        def younger(raw: bytes | None) -> bytes:
            nonlocal kept
            held = decoded(raw, _Snapshot)
            kept = fresh
            if held is not None and _goes_back(held, fresh):
                kept = msgspec.structs.replace(held, read_at=now)
            return msgspec.msgpack.encode(kept)

        def unsettled(raw: bytes | None) -> bytes | None:
            entries = decoded(raw, tuple[_Entry, ...]) or ()
            left = [entry for entry in entries if entry.at > kept.knows_until]
            return msgspec.msgpack.encode(left) if left else None

        self._store.update("snapshot", membership.key, younger, now + KEPT)
        journal = self._store.update("journal", membership.key, unsettled, now + KEPT)
        self._store.delete("doubt", membership.key)
        return self._joined(membership, kept, decoded(journal, tuple[_Entry, ...]) or ())

    def _joined(
        self, membership: Membership, snapshot: _Snapshot, entries: Sequence[_Entry]
    ) -> Loaded:
        """Build the profile of a snapshot and lay the journal over it."""
        profile = build.profile(snapshot.answer, self._definitions, membership)
        profile = replace(profile, minted=snapshot.minted)
        for entry in entries:
            if entry.at > snapshot.knows_until:
                profile = profile.after(entry.step)
        last = max([snapshot.read_at, *(entry.at for entry in entries)])
        doubted = self._store.get("doubt", membership.key) is not None
        return Loaded(
            profile=profile,
            read_at=snapshot.read_at,
            fresh=self._now() - last < FRESH and not doubted,
        )


def _goes_back(held: _Snapshot, fresh: _Snapshot) -> bool:
    """Tell whether an answer was made before the one that we hold.

    Believed for a while only: a clock that was set back must not freeze the page.
    """
    if held.minted is None or fresh.minted is None:
        return False
    return fresh.minted < held.minted and fresh.read_at - held.answered_at < STALEST
