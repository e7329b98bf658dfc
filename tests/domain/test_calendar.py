"""Xûr's calendar: Friday 17:00 to Tuesday 17:00 UTC, stock from Friday 09:00."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from destiny_web.domain.xur import schedule

SECOND = timedelta(seconds=1)


def at(day, hour=0, minute=0, second=0):
    return datetime(2026, 6, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "is_present"),
    [
        (at(25, 12), False),  # Thursday
        (at(26, 9), False),  # the stock has changed, but Xûr is not in the game
        (at(26, 16, 59, 59), False),
        (at(26, 17), True),
        (at(28, 12), True),
        (at(30, 16, 59, 59), True),
        (at(30, 17), False),
        # Observed in answers of Bungie, in summer and in winter of several years.
        (datetime(2022, 10, 17, 0, 15, tzinfo=UTC), True),
        (datetime(2023, 11, 28, 17, 50, tzinfo=UTC), False),
        (datetime(2024, 6, 14, 6, 0, tzinfo=UTC), False),
        (datetime(2025, 7, 15, 18, 30, tzinfo=UTC), False),
        (datetime(2025, 12, 2, 19, 40, tzinfo=UTC), False),
        (at(10, 6, 20), False),
        (at(30, 3, 42), True),
    ],
)
def test_xur_is_in_the_game_from_friday_to_tuesday_at_17_utc(moment, is_present):
    assert schedule.present(moment) is is_present
    assert schedule.coming(moment).under_way(moment) is is_present


def test_a_moment_in_any_time_zone_is_the_same_moment():
    tokyo = timezone(timedelta(hours=9))
    assert schedule.present(at(26, 17).astimezone(tokyo))
    assert not schedule.present((at(26, 17) - SECOND).astimezone(tokyo))


def test_between_visits_the_coming_visit_is_a_week_after_the_latest_one():
    thursday = at(25, 12)
    latest, coming = schedule.latest(thursday), schedule.coming(thursday)
    assert (latest.arrives, latest.leaves) == (at(19, 17), at(23, 17))
    assert (coming.arrives, coming.leaves) == (at(26, 17), at(30, 17))
    assert latest.after() == coming


def test_during_a_visit_the_latest_visit_is_the_coming_one():
    assert schedule.latest(at(28)) == schedule.coming(at(28))


@pytest.mark.parametrize(
    ("moment", "visit"),
    [
        (at(25, 12), "2026-06-19"),
        (at(26, 8, 59, 59), "2026-06-19"),
        (at(26, 9), "2026-06-26"),
        (at(26, 17), "2026-06-26"),
        (at(30, 17), "2026-06-26"),
    ],
)
def test_bungie_lists_the_next_visits_stock_from_friday_at_nine(moment, visit):
    assert schedule.stocked(moment).key == visit


def test_a_stock_appears_eight_hours_before_the_visit_and_changes_a_week_later():
    visit = schedule.latest(at(28))
    assert visit.rolled == at(26, 9)
    assert visit.rolls_next == datetime(2026, 7, 3, 9, tzinfo=UTC)


def test_the_visit_a_week_later_is_the_next_visit():
    assert schedule.latest(at(28) + schedule.WEEK) == schedule.latest(at(28)).after()
