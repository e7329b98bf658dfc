"""Locks when clocks are changed and when processes die, for every backend."""

import os
import signal
import threading
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from destiny_web.storage.lock_rules import MAX_END_AHEAD, MAX_TTL
from destiny_web.storage.process import current_process, is_dead
from destiny_web.storage.store import LockLost, LockTimeout
from tests.storage import workers
from tests.storage.test_sqlite import in_fork

HOUR = 3600


def is_taken(store, name="job"):
    try:
        with store.lock(name, ttl=1, wait=0):
            return False
    except LockTimeout:
        return True


def enter(store, name, ttl=MAX_TTL):
    """Take the lock; return the context manager, to exit it later, and the lease."""
    block = store.lock(name, ttl=ttl, wait=0)
    return block, block.__enter__()


# Clocks


@pytest.mark.parametrize("ttl", [MAX_TTL + 1, 0, -1, float("nan"), float("inf")])
def test_an_impossible_time_to_live_is_a_programming_error(store, ttl):
    with pytest.raises(ValueError, match="seconds at most"):
        store.lock("job", ttl=ttl, wait=0).__enter__()
    with store.lock("job", ttl=1, wait=0) as lease, pytest.raises(ValueError, match="at most"):
        lease.renew(ttl)


def test_a_lock_does_not_outlast_a_clock_that_was_set_back(store, backend, clock):
    with store.lock("job", ttl=60, wait=0) as lease:
        clock.advance(-HOUR)
        with backend.open().lock("job", ttl=60, wait=0), pytest.raises(LockLost):
            lease.renew(60)


def test_a_lock_that_ended_by_a_clock_change_cannot_be_renewed(store, clock):
    with store.lock("job", ttl=60, wait=0) as lease:
        clock.advance(-HOUR)
        with pytest.raises(LockLost):
            lease.renew(60)


def test_a_small_step_back_of_the_clock_frees_no_lock(store, backend, clock):
    with store.lock("job", ttl=MAX_TTL, wait=0) as lease:
        clock.advance(-1)
        assert is_taken(backend.open())
        lease.renew(MAX_TTL)


def test_a_purge_keeps_a_lock_after_a_small_step_of_the_clock(store, backend, clock):
    with store.lock("job", ttl=MAX_TTL, wait=0):
        clock.advance(-1)
        store.purge()
        assert is_taken(backend.open())


def test_a_value_is_visible_again_after_a_wrong_clock_was_corrected(store, clock):
    store.put("session", "a", b"1", clock.after(HOUR))
    clock.advance(1000 * HOUR)
    assert store.get("session", "a") is None
    clock.advance(-1000 * HOUR)
    assert store.get("session", "a") == b"1"


YEAR = 366 * 24 * HOUR


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(
    actions=st.lists(
        st.tuples(st.sampled_from(["step", "put", "update", "purge"]), st.integers(-YEAR, YEAR)),
        max_size=20,
    ),
)
def test_no_clock_change_shows_an_expired_value_or_hides_a_valid_one(store, clock, actions):
    key, begin = str(uuid4()), clock.moment  # a value of its own for each example
    content, end, is_certain = None, begin, True
    for action, seconds in actions:
        if action == "step":
            # Some of these moments are before 1970.
            clock.moment = begin + timedelta(seconds=seconds * 70)
        elif action == "purge":
            store.purge()
            is_certain = is_certain and clock.moment < end
        else:
            content, end = str(seconds).encode(), clock.after(seconds)
            is_certain = clock.moment < end
            if action == "put":
                store.put("session", key, content, end)
            else:
                store.update("session", key, lambda _, new=content: new, end)
        value = store.get("session", key)
        if clock.moment >= end:
            assert value is None
        elif is_certain:
            assert value == content
        else:  # it may have been deleted while the clock was wrong
            assert value in {None, content}


STEPS = st.one_of(
    st.integers(-2 * HOUR, 2 * HOUR),
    st.integers(-150, 150),
    st.sampled_from([-MAX_END_AHEAD - 1, -MAX_END_AHEAD, MAX_TTL, -1, 1]),
)
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("step"), STEPS),
        st.tuples(st.sampled_from(["take", "renew", "release"]), st.integers(0, 2)),
        st.tuples(st.just("purge"), st.none()),
    ),
    max_size=25,
)


class Rivals:
    """Three rivals for one lock, and the one that took it last."""

    def __init__(self, store, clock, name):
        self.store = store
        self.clock = clock
        self.name = name
        self.locks = {}  # by rival: the lock and the lease that the rival believes to hold
        self.owner = None

    def step(self, seconds):
        self.clock.advance(seconds)

    def purge(self, _):
        self.store.purge()

    def take(self, rival):
        if rival in self.locks:
            return
        try:
            self.locks[rival] = enter(self.store, self.name)
        except LockTimeout:
            assert self.owner is not None, "a free lock can be taken"
        else:
            self.owner = rival

    def renew(self, rival):
        if rival not in self.locks:
            return
        try:
            self.locks[rival][1].renew(MAX_TTL)
        except LockLost:
            self.release(rival)
        else:
            assert self.owner == rival

    def release(self, rival):
        if rival in self.locks:
            self.locks.pop(rival)[0].__exit__(None, None, None)
            self.owner = None if self.owner == rival else self.owner


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(actions=ACTIONS)
def test_only_the_last_holder_of_a_lock_can_renew_it(store, clock, actions):
    rivals = Rivals(store, clock, str(uuid4()))  # a lock of its own for each example
    try:
        for action, argument in actions:
            getattr(rivals, action)(argument)
        # After any changes of the clock, no caller waits for longer than this.
        if is_taken(store, rivals.name):
            clock.advance(MAX_END_AHEAD)
            assert not is_taken(store, rivals.name)
        for _block, lease in rivals.locks.values():
            with pytest.raises(LockLost):
                lease.renew(MAX_TTL)
    finally:
        for rival in list(rivals.locks):
            rivals.release(rival)


# Processes


@contextmanager
def holder(backend):
    """A process that holds the lock; it is killed after the block."""
    pipe, child_pipe = workers.SPAWN.Pipe()
    process = workers.SPAWN.Process(target=workers.hold_lock, args=(backend.address, child_pipe))
    process.start()
    try:
        assert pipe.poll(30)
        assert pipe.recv() == "held"
        yield process
    finally:
        process.kill()
        process.join(30)


@pytest.fixture
def real_time_store(backend):
    """A store with the real clock, like that of the process that holds the lock."""
    store = workers.open_store(backend.address)
    yield store
    store.close()


@pytest.mark.parametrize("is_reaped", [True, False], ids=["reaped", "zombie"])
def test_the_lock_of_a_killed_process_is_free_at_once(real_time_store, backend, is_reaped):
    with holder(backend) as process:
        assert is_taken(real_time_store)
        process.kill()
        if is_reaped:
            process.join(30)
        else:
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with real_time_store.lock("job", ttl=60, wait=0):
            assert is_taken(real_time_store)


def test_a_waiting_caller_gets_the_lock_of_a_process_that_is_killed(real_time_store, backend):
    has_lock = threading.Event()

    def wait():
        with real_time_store.lock("job", ttl=60, wait=50):
            has_lock.set()

    with holder(backend) as process:
        thread = threading.Thread(target=wait)
        thread.start()
        assert not has_lock.wait(0.2)
        process.kill()
        # Less than the 60 seconds after which the lock would end by itself.
        assert has_lock.wait(20)
        thread.join()


def test_only_one_of_many_callers_gets_the_lock_of_a_killed_process(real_time_store, backend):
    with holder(backend) as process:
        process.kill()
        process.join(30)
        blocks, refusals = [], []
        barrier = threading.Barrier(8)

        def take():
            barrier.wait(30)
            try:
                blocks.append(enter(real_time_store, "job")[0])
            except LockTimeout as error:
                refusals.append(error)

        threads = [threading.Thread(target=take) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(blocks), len(refusals)) == (1, 7)
        blocks[0].__exit__(None, None, None)


def test_a_stopped_process_keeps_its_lock(real_time_store, backend):
    with holder(backend) as process:
        os.kill(process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        assert all(is_taken(real_time_store) for _ in range(20))


def test_a_running_process_keeps_its_lock_against_its_threads_and_children(
    real_time_store, backend
):
    own_store = workers.open_store(backend.address)
    with own_store.lock("job", ttl=60, wait=0):
        answers = []
        thread = threading.Thread(target=lambda: answers.append(is_taken(real_time_store)))
        thread.start()
        thread.join()
        assert answers == [True]
        assert in_fork(lambda: _fail_unless(is_taken(real_time_store))) == 0
    own_store.close()


def test_a_forked_child_that_dies_leaves_its_own_lock_and_not_that_of_its_parent(real_time_store):
    with real_time_store.lock("parent", ttl=60, wait=0):
        assert in_fork(lambda: enter(real_time_store, "child")) == 0
        assert is_taken(real_time_store, "parent")
        assert not is_taken(real_time_store, "child")


def test_a_process_with_a_reused_process_id_is_not_the_holder(real_time_store, backend):
    with holder(backend) as process:
        token = backend.token("job")
        identity, _, start = token.rpartition(":")
        assert identity.endswith(f":{process.pid}")
        # The holder has died, and the process that lives has its process id.
        backend.set_token("job", f"{identity}:{int(start) - 1}")
        assert not is_taken(real_time_store)


@pytest.mark.parametrize("part", ["host", "boot", "namespace", "everything"])
def test_a_process_that_cannot_be_observed_never_counts_as_dead(real_time_store, backend, part):
    with holder(backend) as process:
        process.kill()
        process.join(30)
        lease, _, identity = backend.token("job").partition("@")
        host, boot, namespace, pid, start = identity.split(":")
        machine = {
            "host": ("another", boot, namespace),
            "boot": (host, "another", namespace),
            "namespace": (host, boot, "1"),
        }
        if part == "everything":  # no /proc there, or a lock of an earlier release
            backend.set_token("job", lease)
        else:
            backend.set_token("job", f"{lease}@{':'.join((*machine[part], pid, start))}")
        assert is_taken(real_time_store)


def test_a_lock_of_a_machine_that_died_ends_at_its_end(store, backend, clock):
    with store.lock("job", ttl=60, wait=0):
        backend.set_token("job", "f" * 32)
        clock.advance(59)
        assert is_taken(store)
        clock.advance(1)
        assert not is_taken(store)


@given(st.text())
def test_no_arbitrary_text_is_the_identity_of_a_dead_process(text):
    assert not is_dead(text)


@given(st.text(alphabet="0123456789:²-", max_size=40))
def test_only_a_complete_identity_can_be_that_of_a_dead_process(text):
    machine = current_process().rpartition(":")[0].rpartition(":")[0]
    pid, _, start = text.partition(":")
    if is_dead(f"{machine}:{text}"):
        assert pid.isdecimal()
        assert ":" not in start


def test_this_process_is_not_dead():
    assert current_process()
    assert not is_dead(current_process())


def _fail_unless(is_true):
    assert is_true
