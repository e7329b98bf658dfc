"""The circuit breaker: when Bungie does not answer, the site still serves other pages."""

from contextlib import suppress
from threading import Thread
from time import monotonic, sleep

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from destiny_web.bungie.circuit_breaker import CircuitBreaker
from destiny_web.bungie.errors import (
    AnswerLost,
    ItemNotFound,
    Overloaded,
    Throttled,
    Unreachable,
    Unreadable,
)
from destiny_web.bungie.slots import Slots


class FakeClock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def fail(circuit_breaker, error):
    with pytest.raises(type(error)), circuit_breaker.admit_call():
        raise error


@pytest.mark.parametrize("failure", [Unreachable(), AnswerLost()])
def test_after_failures_in_a_row_no_call_is_made_for_a_while_and_then_one_trial_call(failure):
    clock = FakeClock()
    circuit_breaker = CircuitBreaker(failure_threshold=3, open_seconds=5.0, clock=clock)
    for _ in range(3):
        fail(circuit_breaker, failure)
    admitted = []
    with pytest.raises(Unreachable), circuit_breaker.admit_call():
        admitted.append(1)
    assert admitted == []
    clock.now = 6.0
    with circuit_breaker.admit_call():
        admitted.append(2)
        with pytest.raises(Unreachable), circuit_breaker.admit_call():
            admitted.append(3)
    with circuit_breaker.admit_call():
        admitted.append(4)
    assert admitted == [2, 4]


@pytest.mark.parametrize("answer", [ItemNotFound(code=1623), Unreadable(), AnswerLost(code=1651)])
def test_an_answer_with_an_error_does_not_open_the_circuit(answer):
    circuit_breaker = CircuitBreaker(failure_threshold=2, clock=FakeClock())
    for _ in range(5):
        fail(circuit_breaker, answer)
    with circuit_breaker.admit_call():
        pass


@pytest.mark.parametrize(
    ("code", "retry_after", "expected_wait"),
    [(51, 10, 10), (1672, 0, 1), (51, 9999, 60), (36, 10, 0)],
)
def test_when_bungie_throttles_the_site_no_call_is_made_for_as_long_as_bungie_says(
    code, retry_after, expected_wait
):
    clock = FakeClock()
    circuit_breaker = CircuitBreaker(clock=clock)
    fail(circuit_breaker, Throttled(code=code, retry_after=retry_after))
    if expected_wait:
        clock.now = expected_wait - 0.5
        with pytest.raises(Throttled) as caught, circuit_breaker.admit_call():
            raise AssertionError("a call was admitted")
        assert caught.value.retry_after == 1
    clock.now = expected_wait
    with circuit_breaker.admit_call():
        pass


def test_only_a_fixed_number_of_calls_is_under_way_at_once():
    circuit_breaker = CircuitBreaker(slots=2, slot_wait=0, clock=FakeClock())
    with (
        circuit_breaker.admit_call(),
        circuit_breaker.admit_call(),
        pytest.raises(Overloaded),
        circuit_breaker.admit_call(),
    ):
        raise AssertionError("a third call was admitted")
    with circuit_breaker.admit_call():
        pass


def test_an_overload_of_the_site_does_not_count_as_a_failure_of_bungie():
    circuit_breaker = CircuitBreaker(slots=1, failure_threshold=2, slot_wait=0, clock=FakeClock())
    with circuit_breaker.admit_call():
        for _ in range(5):
            with pytest.raises(Overloaded) as caught, circuit_breaker.admit_call():
                raise AssertionError("a second call was admitted")
    assert caught.value.retry_after > 0
    with circuit_breaker.admit_call():
        pass


def wait_until(claim):
    """Poll until *claim* returns True; other threads make it true."""
    deadline = monotonic() + 10
    while not claim():
        assert monotonic() < deadline
        sleep(0.001)


def test_slots_are_handed_out_in_the_order_of_the_queue():
    slots = Slots(1, max_wait=30)
    order = []

    def use_slot(number):
        assert slots.acquire()
        order.append(number)
        slots.release()

    assert slots.acquire()
    threads = [Thread(target=use_slot, args=(number,)) for number in range(8)]
    for number, thread in enumerate(threads, 1):
        thread.start()
        wait_until(lambda expected=number: slots.waiting == expected)
    slots.release()
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_no_caller_waits_for_a_slot_when_no_slot_was_released_for_the_whole_wait():
    clock = FakeClock()
    slots = Slots(1, max_wait=5.0, clock=clock)
    assert slots.acquire()
    clock.now = 5.0
    assert not slots.acquire()
    slots.release()
    assert slots.acquire()


def test_a_call_that_waited_is_not_made_when_the_circuit_has_opened_meanwhile():
    circuit_breaker = CircuitBreaker(slots=1, failure_threshold=1, slot_wait=30)
    outcomes = []

    def call():
        try:
            with circuit_breaker.admit_call():
                outcomes.append("made")
        except Unreachable:
            outcomes.append("not admitted")

    thread = Thread(target=call)
    with suppress(AnswerLost), circuit_breaker.admit_call():
        thread.start()
        wait_until(lambda: circuit_breaker.slots.waiting == 1)
        raise AnswerLost
    thread.join()
    assert outcomes == ["not admitted"]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(["acquire", "release"]), max_size=40), st.integers(1, 4))
def test_the_number_of_slots_never_changes(operations, count):
    slots, in_use = Slots(count, max_wait=0), 0
    for operation in operations:
        if operation == "acquire":
            is_acquired = slots.acquire()
            assert is_acquired == (in_use < count)
            in_use += is_acquired
        elif in_use:
            slots.release()
            in_use -= 1
