"""A Bungie that hangs does not take the site with it."""

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


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def fail(circuit_breaker, error):
    with pytest.raises(type(error)), circuit_breaker.guarded():
        raise error


@pytest.mark.parametrize("silence", [Unreachable(), AnswerLost()])
def test_after_some_silence_nobody_asks_for_a_while_and_then_one_does(silence):
    time = Time()
    circuit_breaker = CircuitBreaker(trip=3, pause=5.0, clock=time)
    for _ in range(3):
        fail(circuit_breaker, silence)
    asked = []
    with pytest.raises(Unreachable), circuit_breaker.guarded():
        asked.append(1)
    assert asked == []
    time.now = 6.0
    with circuit_breaker.guarded():
        asked.append(2)
        with pytest.raises(Unreachable), circuit_breaker.guarded():
            asked.append(3)
    with circuit_breaker.guarded():
        asked.append(4)
    assert asked == [2, 4]


@pytest.mark.parametrize("answer", [ItemNotFound(code=1623), Unreadable(), AnswerLost(code=1651)])
def test_a_bungie_that_answers_is_asked_on(answer):
    circuit_breaker = CircuitBreaker(trip=2, clock=Time())
    for _ in range(5):
        fail(circuit_breaker, answer)
    with circuit_breaker.guarded():
        pass


@pytest.mark.parametrize(
    ("code", "asked", "held"), [(51, 10, 10), (1672, 0, 1), (51, 9999, 60), (36, 10, 0)]
)
def test_when_the_whole_site_asks_too_much_it_waits_as_long_as_it_is_told(code, asked, held):
    time = Time()
    circuit_breaker = CircuitBreaker(clock=time)
    fail(circuit_breaker, Throttled(code=code, retry_after=asked))
    if held:
        time.now = held - 0.5
        with pytest.raises(Throttled) as caught, circuit_breaker.guarded():
            raise AssertionError("a call was let through")
        assert caught.value.retry_after == 1
    time.now = held
    with circuit_breaker.guarded():
        pass


def test_only_so_many_calls_are_under_way_at_once():
    circuit_breaker = CircuitBreaker(slots=2, patience=0, clock=Time())
    with (
        circuit_breaker.guarded(),
        circuit_breaker.guarded(),
        pytest.raises(Overloaded),
        circuit_breaker.guarded(),
    ):
        raise AssertionError("a third call was let through")
    with circuit_breaker.guarded():
        pass


def test_an_overload_of_our_own_does_not_count_as_a_silence_of_bungie():
    circuit_breaker = CircuitBreaker(slots=1, trip=2, patience=0, clock=Time())
    with circuit_breaker.guarded():
        for _ in range(5):
            with pytest.raises(Overloaded) as caught, circuit_breaker.guarded():
                raise AssertionError("a second call was let through")
    assert caught.value.retry_after > 0
    with circuit_breaker.guarded():
        pass


def wait_until(claim):
    """Poll until *claim* holds; other threads have to get somewhere."""
    deadline = monotonic() + 10
    while not claim():
        assert monotonic() < deadline
        sleep(0.001)


def test_slots_are_handed_out_in_the_order_of_the_queue():
    slots = Slots(1, patience=30)
    order = []

    def take(number):
        assert slots.acquire()
        order.append(number)
        slots.release()

    assert slots.acquire()
    threads = [Thread(target=take, args=(number,)) for number in range(8)]
    for number, thread in enumerate(threads, 1):
        thread.start()
        wait_until(lambda expected=number: slots.waiting == expected)
    slots.release()
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_nobody_waits_for_a_slot_while_nothing_moves():
    time = Time()
    slots = Slots(1, patience=5.0, clock=time)
    assert slots.acquire()
    time.now = 5.0
    assert not slots.acquire()
    slots.release()
    assert slots.acquire()


def test_a_call_that_waited_is_not_made_when_the_circuit_has_opened_meanwhile():
    circuit_breaker = CircuitBreaker(slots=1, trip=1, patience=30)
    came = []

    def call():
        try:
            with circuit_breaker.guarded():
                came.append("made")
        except Unreachable:
            came.append("held back")

    thread = Thread(target=call)
    with suppress(AnswerLost), circuit_breaker.guarded():
        thread.start()
        wait_until(lambda: circuit_breaker.slots.waiting == 1)
        raise AnswerLost
    thread.join()
    assert came == ["held back"]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(["take", "give"]), max_size=40), st.integers(1, 4))
def test_no_slot_is_ever_lost_or_made(moves, count):
    slots, held = Slots(count, patience=0), 0
    for move in moves:
        if move == "take":
            taken = slots.acquire()
            assert taken == (held < count)
            held += taken
        elif held:
            slots.release()
            held -= 1
