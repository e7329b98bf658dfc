"""A Bungie that hangs does not take the site with it."""

import pytest

from destiny_web.bungie.breaker import Breaker
from destiny_web.bungie.errors import AnswerLost, ItemNotFound, Throttled, Unreachable, Unreadable


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def fail(breaker, error):
    with pytest.raises(type(error)), breaker.guarded():
        raise error


@pytest.mark.parametrize("silence", [Unreachable(), AnswerLost()])
def test_after_some_silence_nobody_asks_for_a_while_and_then_one_does(silence):
    time = Time()
    breaker = Breaker(trip=3, pause=5.0, clock=time)
    for _ in range(3):
        fail(breaker, silence)
    asked = []
    with pytest.raises(Unreachable), breaker.guarded():
        asked.append(1)
    assert asked == []
    time.now = 6.0
    with breaker.guarded():
        asked.append(2)
        with pytest.raises(Unreachable), breaker.guarded():
            asked.append(3)
    with breaker.guarded():
        asked.append(4)
    assert asked == [2, 4]


@pytest.mark.parametrize("answer", [ItemNotFound(code=1623), Unreadable(), AnswerLost(code=1651)])
def test_a_bungie_that_answers_is_asked_on(answer):
    breaker = Breaker(trip=2, clock=Time())
    for _ in range(5):
        fail(breaker, answer)
    with breaker.guarded():
        pass


@pytest.mark.parametrize(
    ("code", "asked", "held"), [(51, 10, 10), (1672, 0, 1), (51, 9999, 60), (36, 10, 0)]
)
def test_when_the_whole_site_asks_too_much_it_waits_as_long_as_it_is_told(code, asked, held):
    time = Time()
    breaker = Breaker(clock=time)
    fail(breaker, Throttled(code=code, retry_after=asked))
    if held:
        time.now = held - 0.5
        with pytest.raises(Throttled) as caught, breaker.guarded():
            raise AssertionError("a call was let through")
        assert caught.value.retry_after == 1
    time.now = held
    with breaker.guarded():
        pass


def test_only_so_many_calls_are_under_way_at_once():
    breaker = Breaker(slots=2, clock=Time())
    with breaker.guarded(), breaker.guarded(), pytest.raises(Unreachable), breaker.guarded():
        raise AssertionError("a third call was let through")
    with breaker.guarded():
        pass
