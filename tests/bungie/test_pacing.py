"""The spacing between one player's actions, on a clock that nobody waits for."""

from destiny_web.bungie.pacing import Pacing


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_two_actions_of_a_player_start_the_spacing_apart():
    time = Time()
    pacing = Pacing(0.5, lambda: time.now, time.sleep)
    starts = []
    for _ in range(3):
        pacing.wait("a")
        starts.append(time.now)
    assert starts == [0.0, 0.5, 1.0]


def test_the_spacing_starts_again_with_the_answer():
    time = Time()
    pacing = Pacing(0.5, lambda: time.now, time.sleep)
    pacing.wait("a")
    time.now = 2.0
    pacing.ended("a")
    pacing.rest("a")
    assert time.now == 2.5
    pacing.wait("a")
    assert time.now == 2.5


def test_players_do_not_wait_for_each_other():
    time = Time()
    pacing = Pacing(0.5, lambda: time.now, time.sleep)
    pacing.wait("a")
    pacing.wait("b")
    assert time.now == 0.0


def test_who_comes_late_does_not_wait():
    time = Time()
    pacing = Pacing(0.5, lambda: time.now, time.sleep)
    pacing.wait("a")
    time.now = 7.0
    pacing.wait("a")
    assert time.now == 7.0
