"""What came since the last visit is new during the whole next visit."""

from contextlib import closing
from datetime import timedelta

import pytest

from destiny_web.services.visits import Visits
from destiny_web.storage.sqlite import SQLiteStore
from tests.builders import NOW, make_profile, make_stack, make_weapon

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def visit(tmp_path):
    """Return a function that shows the inventory with these instances at a moment."""
    store = SQLiteStore(tmp_path / "store.sqlite")

    def show(moment, *instance_ids):
        profile = make_profile(make_stack(), *(make_weapon(name) for name in instance_ids))
        return Visits(store, lambda: NOW + moment).record(profile)

    yield show
    store.close()


def test_nothing_is_new_at_the_first_visit(visit):
    assert visit(0 * MINUTE, "70", "100") == 100


def test_an_instance_stays_new_until_the_end_of_the_visit_in_which_it_came(visit):
    visit(0 * MINUTE, "100")
    assert visit(29 * MINUTE, "100", "101") == 100
    assert visit(58 * MINUTE, "100", "101") == 100
    assert visit(2 * HOUR, "100", "101", "102") == 101


def test_an_item_that_has_left_the_account_does_not_make_older_ones_new(visit):
    visit(0 * MINUTE, "100", "200")
    assert visit(1 * HOUR, "100", "150") == 200


def test_an_account_without_instances_has_nothing_new(visit):
    assert visit(0 * MINUTE) == 0


def test_an_incomplete_first_page_makes_nothing_new_later(tmp_path):
    with closing(SQLiteStore(tmp_path / "store.sqlite")) as store:
        visits = Visits(store, lambda: NOW)
        part = make_profile(make_weapon("1"), missing=frozenset({"vault"}))
        assert visits.record(part) is None
        assert visits.record(make_profile(make_weapon("1"), make_weapon("9"))) == 9


def test_nothing_is_new_while_the_store_fails(tmp_path):
    store = SQLiteStore(tmp_path)  # a folder where the file should be
    assert Visits(store, lambda: NOW).record(make_profile(make_weapon("1"))) is None
