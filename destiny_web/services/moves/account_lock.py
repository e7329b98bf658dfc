"""One job at a time for each account, and few requests that wait for it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import BoundedSemaphore

from destiny_web.domain.account.characters import Membership
from destiny_web.domain.moves.errors import MoveError
from destiny_web.storage.heartbeat import Heartbeat, kept_alive
from destiny_web.storage.store import Lease, LockTimeout, Store

LEASE = 30.0
"""Seconds after which the lock of a process that does not renew it is free."""

WAIT = 10.0
"""Seconds that a request waits for the account's job before it."""

_WAITING_PLACES = 2
"""Requests that may wait for one account, over all processes."""

MOST_WAITING = 8
"""Requests of one process that may wait for any account: half of gunicorn's threads."""


class AccountBusy(MoveError):
    """Other jobs of the account are under way or wait already; nothing was sent."""


class AccountLocks:
    """Hands out the lock of an account.

    Args:
        store: Where the locks are, for all processes.
        wait: Seconds that a request waits for the job before it.
        most_waiting: Requests of this process that may wait at once.
    """

    def __init__(
        self, store: Store, *, wait: float = WAIT, most_waiting: int = MOST_WAITING
    ) -> None:
        self._store = store
        self._wait = wait
        self._waiting = BoundedSemaphore(most_waiting)

    @contextmanager
    def hold(self, membership: Membership) -> Iterator[Heartbeat]:
        """Keep other jobs of *membership* out, for as long as the block lives.

        Raises:
            AccountBusy: too many wait already, or the job before took too long.
            StoreError: the lock could not be asked for.
        """
        name = f"job {membership.key}"
        with ExitStack() as held:
            lease = held.enter_context(self._acquire(name))
            yield held.enter_context(kept_alive(lease, LEASE))

    @contextmanager
    def _acquire(self, name: str) -> Iterator[Lease]:
        with ExitStack() as held:
            try:
                lease = held.enter_context(self._store.lock(name, ttl=LEASE, wait=0))
            except LockTimeout:
                lease = self._wait_for(name, held)
            yield lease

    def _wait_for(self, name: str, held: ExitStack) -> Lease:
        """Wait in one of the account's waiting places; full places refuse at once."""
        with ExitStack() as waiting:
            if not self._waiting.acquire(blocking=False):
                raise _busy()
            waiting.callback(self._waiting.release)
            self._take_waiting_place(name, waiting)
            try:
                return held.enter_context(self._store.lock(name, ttl=LEASE, wait=self._wait))
            except LockTimeout as error:
                raise _busy() from error

    def _take_waiting_place(self, name: str, waiting: ExitStack) -> None:
        for place in range(_WAITING_PLACES):
            try:
                waiting.enter_context(
                    self._store.lock(f"{name} waiting {place}", ttl=self._wait + LEASE, wait=0)
                )
            except LockTimeout:
                continue
            return
        raise _busy()


def _busy() -> AccountBusy:
    return AccountBusy(
        "Another move of yours is still under way. Nothing was done: try again in a moment."
    )
