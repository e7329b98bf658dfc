"""The difference between Bungie's clock and ours, by the Date header of its answers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from destiny_web.bungie.transport import Transport, http_session
from tests.gateway import gateway

MANIFEST = "/Destiny2/Manifest/"
NO_SKEW = timedelta()


@pytest.fixture
def front(bungie):
    with gateway(bungie) as front:
        yield front


@pytest.fixture
def transport(front, bungie):
    with http_session("tests") as session:
        yield Transport(session, front.root, bungie.api_key)


@pytest.mark.parametrize(
    "date",
    [
        None,
        "",
        "yesterday",
        "Mon, 01 Jan 0001 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Fri, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Fri, 99 Foo 2026 99:99:99 GMT",
        "Tue, 30 Jun 2026 12:00:00 +99999999",
        "Tue, 30 Jun 2026 12:00:00 -0000",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "\xff\xfe",
    ],
)
def test_a_date_that_cannot_be_read_does_not_change_the_skew(transport, front, date):
    front.date = date
    assert transport.get(MANIFEST, dict)
    assert transport.clock_skew == NO_SKEW


def test_a_clock_that_is_ahead_is_noticed(transport, front):
    front.date = date_in_an_hour()
    transport.get(MANIFEST, dict)
    assert timedelta(minutes=59) < transport.clock_skew < timedelta(minutes=61)


def test_the_skew_is_that_of_the_last_answer_of_the_same_thread(transport, front):
    front.date = date_in_an_hour()
    transport.get(MANIFEST, dict)
    front.date = format_datetime(datetime.now(UTC), usegmt=True)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(transport.get, MANIFEST, dict).result()
        assert pool.submit(lambda: transport.clock_skew).result() == NO_SKEW
    assert transport.clock_skew > timedelta(minutes=59)


def date_in_an_hour():
    return format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
