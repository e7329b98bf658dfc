"""Lock of an account: one job at a time, and a limited number of requests that wait for it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import BoundedSemaphore

from destiny_web.domain.account.characters import Membership
from destiny_web.domain.moves.errors import MoveError
from destiny_web.storage.heartbeat import Heartbeat, renewing
from destiny_web.storage.store import Lease, LockTimeout, Store

LEASE = 30.0
"""Seconds after which a lock that is not renewed is free."""

WAIT = 10.0
"""Seconds that a request waits for the previous job of the account."""

_MAX_WAITING_FOR_ACCOUNT = 2
"""Requests that may wait for one account, in all processes together."""

MOST_WAITING = 8
"""Requests of one process that may wait for any account: half of gunicorn's threads."""


class AccountBusy(MoveError):
    """Another job of the account is under way, or enough requests wait for it; nothing was sent."""


class AccountLocks:
    """Locks accounts.

    Args:
        store: Keeps the locks, for all processes.
        wait: Seconds that a request waits for the previous job.
        most_waiting: Requests of this process that may wait at the same time.
    """

    def __init__(
        self, store: Store, *, wait: float = WAIT, most_waiting: int = MOST_WAITING
    ) -> None:
        self._store = store
        self._wait = wait
        self._waiting = BoundedSemaphore(most_waiting)

    @contextmanager
    def hold(self, membership: Membership) -> Iterator[Heartbeat]:
        """Hold the lock of *membership* during the block: no other job of the account runs.

        Raises:
            AccountBusy: too many requests wait already, or the previous job took too long.
            StoreError: the store failed.
        """
        name = f"job {membership.key}"
        with ExitStack() as stack:
            lease = stack.enter_context(self._acquire(name))
            yield stack.enter_context(renewing(lease, LEASE))

    @contextmanager
    def _acquire(self, name: str) -> Iterator[Lease]:
        with ExitStack() as lock_stack:
            try:
                lease = lock_stack.enter_context(self._store.lock(name, ttl=LEASE, wait=0))
            except LockTimeout:
                lease = self._wait_for_lock(name, lock_stack)
            yield lease

    def _wait_for_lock(self, name: str, lock_stack: ExitStack) -> Lease:
        """Wait for the lock, unless the allowed number of requests waits already."""
        with ExitStack() as waiting_stack:
            if not self._waiting.acquire(blocking=False):
                raise _account_busy()
            waiting_stack.callback(self._waiting.release)
            self._register_waiting(name, waiting_stack)
            try:
                return lock_stack.enter_context(self._store.lock(name, ttl=LEASE, wait=self._wait))
            except LockTimeout as error:
                raise _account_busy() from error

    def _register_waiting(self, name: str, waiting_stack: ExitStack) -> None:
        """Take one of the locks that count the waiting requests of an account."""
        for number in range(_MAX_WAITING_FOR_ACCOUNT):
            try:
                waiting_stack.enter_context(
                    self._store.lock(f"{name} waiting {number}", ttl=self._wait + LEASE, wait=0)
                )
            except LockTimeout:
                continue
            return
        raise _account_busy()


def _account_busy() -> AccountBusy:
    return AccountBusy(
        "Another move of yours is still under way. Nothing was done: try again in a moment."
    )
