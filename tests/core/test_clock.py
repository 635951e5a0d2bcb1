"""Time is handed in, aware, in UTC."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from assay.core.clock import FixedClock, utc
from assay.core.errors import DataError


def test_a_fixed_clock_stands_still() -> None:
    at = datetime(2024, 1, 2, tzinfo=UTC)
    clock = FixedClock(at)

    assert clock.now() is clock.now() is at


def test_other_zones_become_utc_and_stay_the_same_moment() -> None:
    tokyo = datetime(2024, 1, 2, 9, tzinfo=timezone(timedelta(hours=9)))

    assert utc(tokyo) == tokyo
    assert utc(tokyo).tzinfo is UTC
    assert utc(tokyo).hour == 0


def test_a_naive_time_is_refused_by_name() -> None:
    with pytest.raises(DataError, match=r"The as-of 2024-01-02T00:00:00 has no time zone"):
        utc(datetime(2024, 1, 2), "as-of")  # noqa: DTZ001 - naive is the point
