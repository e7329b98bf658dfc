"""Outcome of a job: the results of its calls, its failure, and the report for the player."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from destiny_web.bungie.errors import (
    BungieError,
    ConsentEnded,
    Maintenance,
    Overloaded,
    Refused,
    Throttled,
    error_class_of,
)
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves.errors import MoveError
from destiny_web.domain.moves.steps import Reason, Step
from destiny_web.storage.store import StoreError

Failure = BungieError | MoveError | StoreError


class CallResult(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a step that was sent to Bungie.

    Attributes:
        ok: The step was carried out.
        code: Bungie's ErrorCode; None when no answer came.
        in_doubt: No answer came, and no read has shown whether the step was carried out.
    """

    step: Step
    ok: bool
    code: int | None
    in_doubt: bool = False


def select_refused(results: Sequence[CallResult]) -> tuple[CallResult, ...]:
    """Return the results of requested steps that Bungie has refused by the game's rules."""
    return tuple(
        result
        for result in results
        if not result.ok
        and result.code is not None
        and result.step.reason is Reason.REQUESTED
        and issubclass(error_class_of(result.code), Refused)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Outcome of a job.

    Attributes:
        before: The profile that the first plan was made from.
        last_planned: The profile that the last plan was made from.
        results: Every step that was sent to Bungie, in order.
        failure: Why the job failed; None when all of it was done.
        is_redo: The job has undone an undo.
    """

    before: Profile
    last_planned: Profile
    results: tuple[CallResult, ...]
    failure: Failure | None
    is_redo: bool = False

    @property
    def carried_out(self) -> tuple[Step, ...]:
        """The steps that were carried out."""
        return tuple(result.step for result in self.results if result.ok)

    @property
    def refused(self) -> tuple[CallResult, ...]:
        """The results of requested steps that Bungie has refused by the game's rules."""
        return select_refused(self.results)

    @property
    def left_everything_unchanged(self) -> bool:
        """No step was carried out, and none may have been."""
        return not any(result.ok or result.in_doubt for result in self.results)


class Verdict(StrEnum):
    """Kind of outcome: the cases that a caller answers in different ways."""

    DONE = "done"
    INVALID = "invalid"
    """The request is not valid."""

    REFUSED = "refused"
    """Bungie refused a call, or the rules of the game forbid it."""

    BUNGIE_FAILED = "bungie failed"
    BUNGIE_UNAVAILABLE = "bungie unavailable"
    """Bungie is in maintenance or throttles us, or too many of our own calls wait."""

    SIGN_IN_ENDED = "sign-in ended"
    STORE_FAILED = "store failed"
    """The storage of this site failed, or another process took the account's lock."""


# The first entry whose class matches is used.
_VERDICTS: tuple[tuple[type[Exception], Verdict], ...] = (
    (MoveError, Verdict.REFUSED),
    (Refused, Verdict.REFUSED),
    (Maintenance, Verdict.BUNGIE_UNAVAILABLE),
    (Throttled, Verdict.BUNGIE_UNAVAILABLE),
    (Overloaded, Verdict.BUNGIE_UNAVAILABLE),
    (ConsentEnded, Verdict.SIGN_IN_ENDED),
    (StoreError, Verdict.STORE_FAILED),
)


def verdict_of(failure: Failure | None) -> Verdict:
    """Return the verdict on a job with this failure."""
    if failure is None:
        return Verdict.DONE
    return next(
        (verdict for failure_class, verdict in _VERDICTS if isinstance(failure, failure_class)),
        Verdict.BUNGIE_FAILED,
    )


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Report of a job for the player; kept for an hour under its idempotency key.

    Attributes:
        message: One or two sentences for the player.
        code: Bungie's ErrorCode of the failure.
        results: Every step that was sent to Bungie, in order.
    """

    message: str
    verdict: Verdict = Verdict.DONE
    code: int | None = None
    results: tuple[CallResult, ...] = ()

    @property
    def ok(self) -> bool:
        """All of the command is done."""
        return self.verdict is Verdict.DONE
