"""What became of a job: its calls, what stopped it, and the report that the player gets."""

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
)
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves.errors import MoveError
from destiny_web.domain.moves.steps import Step
from destiny_web.storage.store import StoreError

Failure = BungieError | MoveError | StoreError


class CallResult(msgspec.Struct, frozen=True, kw_only=True):
    """A step that was sent to Bungie, and what came of it.

    Attributes:
        ok: It was carried out.
        code: Bungie's ErrorCode; None when no answer came.
        in_doubt: No answer came, and no read has told whether it was carried out.
    """

    step: Step
    ok: bool
    code: int | None
    in_doubt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a job has come to.

    Attributes:
        before: The profile that the first plan was made from.
        results: Every step that was sent to Bungie, in order.
        failure: What stopped the job; None when everything was done.
    """

    before: Profile
    results: tuple[CallResult, ...]
    failure: Failure | None

    @property
    def carried_out(self) -> tuple[Step, ...]:
        """The steps that were carried out."""
        return tuple(result.step for result in self.results if result.ok)

    @property
    def left_everything_unchanged(self) -> bool:
        """No step was carried out, and none may have been."""
        return not any(result.ok or result.in_doubt for result in self.results)


class Verdict(StrEnum):
    """How a report ends, as far as a caller has to tell the cases apart."""

    DONE = "done"
    INVALID = "invalid"
    """The request does not add up."""

    REFUSED = "refused"
    """The game or its rules say no."""

    BUNGIE_FAILED = "bungie failed"
    BUNGIE_UNAVAILABLE = "bungie unavailable"
    """Bungie is switched off or asks for patience, or too many of our own calls wait."""

    SIGN_IN_ENDED = "sign-in ended"
    STORE_FAILED = "store failed"
    """The storage of this site failed, or another process took the account's lock."""


# The first that fits.
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
    """Name how a job with this failure ends."""
    if failure is None:
        return Verdict.DONE
    return next(
        (verdict for kind, verdict in _VERDICTS if isinstance(failure, kind)),
        Verdict.BUNGIE_FAILED,
    )


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a job has done, for the player; kept for an hour under its idempotency key.

    Attributes:
        message: One sentence or two for the player.
        code: Bungie's ErrorCode of what stopped the job.
        results: Every step that was sent to Bungie, in order.
    """

    message: str
    verdict: Verdict = Verdict.DONE
    code: int | None = None
    results: tuple[CallResult, ...] = ()

    @property
    def ok(self) -> bool:
        """Everything that was asked for is done."""
        return self.verdict is Verdict.DONE
