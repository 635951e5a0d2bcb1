"""From the rows of an answer to a page."""

from datetime import UTC, datetime, timedelta

import pytest

from assay.core.calendars.table import micro
from assay.core.instruments import equity, instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import EARLIEST, closes_due
from assay.sources.wire.rows import MILLI, SECOND, Asked, Rows, instants, page_of

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def rows_at(*opened: datetime) -> Rows:
    """Return rows of the price 1 that open then."""
    ones = [1.0] * len(opened)
    return Rows([micro(at) for at in opened], ones, ones, ones, ones, None)


def asked(start: datetime, end: datetime, at: datetime) -> Asked:
    return Asked("Somebody", instrument("EURUSD"), Timeframe.H1, start, end, at)


def test_days_before_the_sessions_known_are_left_out_of_a_whole_history() -> None:
    days = (1984, 2006, 2025)
    rows = rows_at(*(datetime(year, 6, 4, tzinfo=UTC) for year in days))

    page = page_of(
        rows, Asked("Somebody", equity("AAPL"), Timeframe.D1, EARLIEST, NOON, NOON), more=False
    )

    assert [at.year for at in page.bars.frame["time"]] == [2025]
    assert page.notes == ()


def test_the_closes_due_begin_where_the_sessions_are_known() -> None:
    due = closes_due(equity("AAPL"), Timeframe.D1, EARLIEST, NOON)

    assert due[0] == datetime(2007, 1, 3, 21, tzinfo=UTC)
    assert due[-1] == datetime(2026, 11, 17, 21, tzinfo=UTC)


def test_a_close_at_the_start_is_not_due_and_one_at_the_end_is() -> None:
    due = closes_due(instrument("EURUSD"), Timeframe.H1, NOON, NOON + 2 * HOUR)

    assert due.to_list() == [NOON + HOUR, NOON + 2 * HOUR]


@pytest.mark.parametrize(
    ("at", "end", "more", "current"),
    [
        (NOON, NOON, False, False),
        (NOON, NOON + HOUR, False, True),
        (NOON, NOON + HOUR, True, False),
        (NOON + HOUR, NOON, False, False),
    ],
)
def test_a_page_is_current_where_only_time_ends_it(
    at: datetime, end: datetime, *, more: bool, current: bool
) -> None:
    rows = rows_at(NOON - 3 * HOUR, NOON - 2 * HOUR)

    page = page_of(rows, asked(NOON - 4 * HOUR, end, at), more=more)

    assert page.current == current


@pytest.mark.parametrize("unit", [1, MILLI, SECOND])
@pytest.mark.parametrize("value", [None, "1", 1.5, True, 10**30, -(10**30), [1]])
def test_what_is_no_time_is_none(value: object, unit: int) -> None:
    assert instants([value, 3], unit) == [None, 3 * unit]
