"""Records of an account's jobs: the last job (for undo), recently moved items, and reports."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

import msgspec

from destiny_web.domain.account.characters import Membership
from destiny_web.domain.moves import undo
from destiny_web.domain.moves.steps import Action, Reason
from destiny_web.domain.moves.undo import RecordedStep
from destiny_web.services.codec import decode
from destiny_web.services.moves.outcome import Outcome, Report
from destiny_web.storage.store import Store

UNDO_LIFE = timedelta(minutes=15)
"""How long a job can be undone."""

REPORT_LIFE = timedelta(hours=1)
"""How long a repeated request is answered with the report of the first one."""

_RECENT_LIFE = timedelta(hours=12)
_MOST_RECENT = 100


class LastJob(msgspec.Struct, frozen=True, kw_only=True):
    """The last job of an account, with what an undo needs.

    Attributes:
        is_undo: The job has undone the job before it: to undo this one is to redo that one. A
            redo is no undo. Records of older releases lack this field.
    """

    job_id: str
    message: str
    recorded_steps: tuple[RecordedStep, ...]
    is_undo: bool = False


class _Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request with an idempotency key: its report; None while the job runs."""

    report: Report | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRequest:
    """An earlier request with the same idempotency key.

    Attributes:
        report: The report of its job; None when the process ended before the job did.
    """

    report: Report | None


class JobRecords:
    """Reads and writes the records; a writer has to hold the account's lock."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def last_job(self, membership: Membership) -> LastJob | None:
        """Return the last job of the account, as long as it can be undone."""
        return decode(self._store.get("undo", membership.key), LastJob)

    def drop_last_job(self, membership: Membership) -> None:
        """Delete the last job, because it is being undone: a job is undone once."""
        self._store.delete("undo", membership.key)

    def keep_last_job(self, membership: Membership, job: LastJob) -> None:
        """Keep *job* as the job that can be undone."""
        expires = self._now() + UNDO_LIFE
        self._store.put("undo", membership.key, msgspec.msgpack.encode(job), expires)

    def recently_moved(self, membership: Membership) -> frozenset[str]:
        """Return the instances that the player has moved in the last hours."""
        raw = self._store.get("recent", membership.key)
        return frozenset(decode(raw, list[str]) or ())

    def keep_outcome(
        self, membership: Membership, outcome: Outcome, message: str, *, is_undo: bool
    ) -> None:
        """Keep what an undo of the job needs, and the instances that the player has moved."""
        steps = outcome.carried_out
        last_job = LastJob(
            job_id=token_hex(8),
            message=message,
            recorded_steps=undo.recorded_steps(outcome.before, steps),
            is_undo=is_undo,
        )
        self.keep_last_job(membership, last_job)
        moved_ids = [
            step.instance_id
            for step in steps
            if step.reason is Reason.REQUESTED
            and step.action is not Action.LOCK
            and step.instance_id
        ]

        def add(raw: bytes | None) -> bytes:
            recent_ids = decode(raw, list[str]) or []
            return msgspec.msgpack.encode([*recent_ids, *moved_ids][-_MOST_RECENT:])

        self._store.update("recent", membership.key, add, self._now() + _RECENT_LIFE)

    def earlier_request(self, membership: Membership, key: str) -> EarlierRequest | None:
        """Return the earlier request with this key; None without one."""
        request = decode(self._store.get("request", _request_key(membership, key)), _Request)
        return None if request is None else EarlierRequest(report=request.report)

    def begin_request(self, membership: Membership, key: str) -> None:
        """Record that the first call of a request is about to be sent."""
        self._put_request(membership, key, _Request())

    def end_request(self, membership: Membership, key: str, report: Report) -> None:
        """Keep the report of a request."""
        self._put_request(membership, key, _Request(report=report))

    def _put_request(self, membership: Membership, key: str, request: _Request) -> None:
        expires = self._now() + REPORT_LIFE
        raw = msgspec.msgpack.encode(request)
        self._store.put("request", _request_key(membership, key), raw, expires)


def _request_key(membership: Membership, key: str) -> str:
    return f"{membership.key} {key}"
