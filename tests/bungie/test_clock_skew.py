"""The estimate of how far Bungie's clock is ahead of ours."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from destiny_web.bungie.clock_skew import ClockSkew

BEGIN = datetime(2026, 11, 21, 12, tzinfo=UTC)

SKEWS = st.floats(-7200, 7200).map(lambda seconds: timedelta(seconds=seconds))
EXCHANGES = st.lists(
    st.tuples(st.floats(0.01, 3.0), st.floats(0.0, 1.0), st.floats(0.0, 20.0)), min_size=1
)


def header(moment: datetime) -> datetime:
    """Return a moment as a Date header has it."""
    return moment.replace(microsecond=0)


def exchange(clock: ClockSkew, now: datetime, skew: timedelta, duration=0.05, part=0.5):
    """Let the clock learn from one answer that was written at a part of its duration."""
    written = now + timedelta(seconds=duration * part)
    return clock.observe(header(written + skew), now, now + timedelta(seconds=duration))


@given(skew=SKEWS, exchanges=EXCHANGES)
def test_an_answer_never_counts_as_younger_than_it_is(skew, exchanges):
    clock, now = ClockSkew(), BEGIN
    for duration, part, pause in exchanges:
        estimate = exchange(clock, now, skew, duration, part)
        assert estimate >= skew or estimate == timedelta()
        now += timedelta(seconds=duration + pause)


@given(skew=SKEWS)
def test_many_short_exchanges_make_the_estimate_exact(skew):
    clock, now = ClockSkew(), BEGIN
    for _ in range(60):
        exchange(clock, now, skew)
        now += timedelta(seconds=0.917)
    assert abs(clock.estimate - skew) <= timedelta(seconds=0.2)


@given(before=SKEWS, after=SKEWS)
def test_a_clock_that_is_set_begins_the_estimate_again(before, after):
    clock, now = ClockSkew(), BEGIN
    for _ in range(30):
        exchange(clock, now, before)
        now += timedelta(seconds=0.917)
    for _ in range(60):
        exchange(clock, now, after)
        now += timedelta(seconds=0.917)
    assert abs(clock.estimate - after) <= timedelta(seconds=0.2)


def test_equal_clocks_have_no_skew():
    clock, now = ClockSkew(), BEGIN
    for _ in range(30):
        assert exchange(clock, now, timedelta()) == timedelta()
        now += timedelta(seconds=0.917)


def test_an_answer_without_a_usable_date_changes_nothing():
    clock = ClockSkew()
    exchange(clock, BEGIN, timedelta(hours=1))
    estimate = clock.estimate
    for date in (None, datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)):
        assert clock.observe(date, BEGIN, BEGIN) == estimate
