"""The spacing between one player's actions, with a fake clock."""

from destiny_web.bungie.pacing import Pacing


class FakeClock:
    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_two_actions_of_a_player_start_the_spacing_apart():
    clock = FakeClock()
    pacing = Pacing(0.5, lambda: clock.now, clock.sleep)
    starts = []
    for _ in range(3):
        pacing.start("a")
        starts.append(clock.now)
    assert starts == [0.0, 0.5, 1.0]


def test_the_spacing_starts_again_with_the_answer():
    clock = FakeClock()
    pacing = Pacing(0.5, lambda: clock.now, clock.sleep)
    pacing.start("a")
    clock.now = 2.0
    pacing.end("a")
    pacing.wait_for_next("a")
    assert clock.now == 2.5
    pacing.start("a")
    assert clock.now == 2.5


def test_players_do_not_wait_for_each_other():
    clock = FakeClock()
    pacing = Pacing(0.5, lambda: clock.now, clock.sleep)
    pacing.start("a")
    pacing.start("b")
    assert clock.now == 0.0


def test_an_action_after_the_spacing_does_not_wait():
    clock = FakeClock()
    pacing = Pacing(0.5, lambda: clock.now, clock.sleep)
    pacing.start("a")
    clock.now = 7.0
    pacing.start("a")
    assert clock.now == 7.0
