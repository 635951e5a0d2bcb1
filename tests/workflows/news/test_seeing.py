"""The first-seen time of a story is never earlier than it could be known."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.workflows.news.seeing import SOON, first_seen

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ASKED = (NOW - 600 * MINUTE, NOW - 60 * MINUTE)


def minutes(least: int, most: int) -> st.SearchStrategy[timedelta]:
    return st.integers(least, most).map(lambda count: count * MINUTE)


@pytest.mark.parametrize(
    ("age", "late", "seen", "is_assumed"),
    [
        (0, 0, 0, False),
        (15, 0, 0, False),
        (16, 0, 16, True),
        (59, 0, 59, True),
        (61, 0, 0, False),
        (599, 0, 0, False),
        (601, 0, 601, True),
        (70, 30, 40, True),
        (100, 30, 0, False),
        (30, 20, 0, False),
        (10, 60, 0, False),
    ],
)
def test_what_is_fetched_is_seen_now_unless_nobody_looked_when_it_came(
    age: int, late: int, seen: int, is_assumed: bool
) -> None:
    found = first_seen(NOW - age * MINUTE, late * MINUTE, NOW, ASKED)

    assert found == (NOW - seen * MINUTE, is_assumed)


def test_of_a_source_that_was_never_asked_all_that_is_old_is_assumed() -> None:
    assert first_seen(NOW - 90 * MINUTE, timedelta(), NOW, None) == (NOW - 90 * MINUTE, True)


@given(minutes(0, 9_000), minutes(0, 3_000), minutes(0, 9_000), minutes(0, 9_000))
def test_nothing_is_known_before_its_source_told_it_or_before_the_last_look(
    age: timedelta, late: timedelta, one: timedelta, other: timedelta
) -> None:
    asked = (NOW - max(one, other), NOW - min(one, other))

    seen, is_assumed = first_seen(NOW - age, late, NOW, asked)

    assert min(NOW, NOW - age + late) <= seen <= NOW
    assert is_assumed or seen == NOW
    if is_assumed:
        assert NOW - seen > SOON
        assert seen > asked[1] or NOW - age <= asked[0]
