"""Times as files write them: read where they can mean one thing only, else asked about."""

import time
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError, SettingsError
from assay.sources.file_times import AS_WRITTEN, DateOrder, Times, parsed_times

DAY, MONTH = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST


def times(*texts: str | int | None, order: DateOrder | None = None) -> Times:
    return parsed_times(pl.Series("Date", texts), order)


def shown(read: Times) -> list[str | None]:
    return read.values.dt.strftime("%Y-%m-%d %H:%M:%S%.f").to_list()


def codes(read: Times) -> list[str]:
    return [note.code for note in read.notes]


@pytest.mark.parametrize(
    ("text", "expected", "naive"),
    [
        ("2020-01-02 03:04:05", "2020-01-02 03:04:05", True),
        ("2020-01-02T03:04:05Z", "2020-01-02 03:04:05", False),
        ("2020-01-02T03:04:05+05:30", "2020-01-01 21:34:05", False),
        ("2020-01-02 03:04:05.125-0800", "2020-01-02 11:04:05.125", False),
        ("2020-01-02 03:04:05+02", "2020-01-02 01:04:05", False),
        ("2020.01.02 00:00", "2020-01-02 00:00:00", True),
        ("2020/1/2 3:04", "2020-01-02 03:04:00", True),
        ("20191020 170000", "2019-10-20 17:00:00", True),
        ("20191020 1700", "2019-10-20 17:00:00", True),
        ("20191020  17:00:00", "2019-10-20 17:00:00", True),
        ("20191020T170000Z", "2019-10-20 17:00:00", False),
        ("20191020170000", "2019-10-20 17:00:00", True),
        ("201910201700", "2019-10-20 17:00:00", True),
        ("31.01.2019 22:00:00.000", "2019-01-31 22:00:00", True),
        ("31.01.2019 22:00:00.000 GMT+0200", "2019-01-31 20:00:00", False),
        ("31.01.2019 22:00:00.000 GMT-0500", "2019-02-01 03:00:00", False),
        ("12/31/2014 16:00", "2014-12-31 16:00:00", True),
        ("12/31/2014 4:00 PM", "2014-12-31 16:00:00", True),
        ("12/31/2014 12:30:00 am", "2014-12-31 00:30:00", True),
        ("2 Jan 2020 14:05", "2020-01-02 14:05:00", True),
        ("Thu, 02 Jan 2020 00:00:00 GMT", "2020-01-02 00:00:00", False),
        ("Thu Jan 02 2020 00:00:00 GMT+0200", "2020-01-01 22:00:00", False),
    ],
)
def test_moments_are_read_however_they_are_written(text: str, expected: str, naive: bool) -> None:
    read = times(text, "", None)

    assert shown(read) == [expected, None, None]
    assert read.naive is naive
    assert not read.are_dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-01-02", "2020-01-02"),
        ("2020-1-2", "2020-01-02"),
        ("20200102", "2020-01-02"),
        (20200102, "2020-01-02"),
        ("31/12/2014", "2014-12-31"),
        ("12-31-2014", "2014-12-31"),
        ("31.12.2014", "2014-12-31"),
        ("Jan 2, 2020", "2020-01-02"),
        ("January 2 2020", "2020-01-02"),
        ("2-Jan-20", "2020-01-02"),
        ("15Sep1999", "1999-09-15"),
        ("16 Sept 2020", "2020-09-16"),
    ],
)
def test_dates_name_days_and_no_moments(text: str | int, expected: str) -> None:
    read = times(text)

    assert shown(read) == [f"{expected} 00:00:00"]
    assert read.are_dates
    assert not read.naive


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "2020-13-01", "2020-01-32", "2020-01-02 25:00", "2020-01-02 03:04:05+15:00",
        "2020-01-02-05", "024-01-01", "20244-01-01", "0201-04-27", "31/12-2014",
        "12/31/2014 13:00 PM", "2 Foo 2020", "Jan 2, 20200", "yesterday", "NaT",
    ],
)  # fmt: skip
def test_what_is_no_time_is_null(text: str) -> None:
    assert shown(times(text, "2020-01-02 03:04"))[0] is None


def test_a_column_may_hold_several_ways_of_writing() -> None:
    read = times(
        "2020-01-02 00:00:00", "2020-01-02T01:00:00+01:00", "2020.01.02 02:00", "20200102 030000"
    )

    assert shown(read) == [f"2020-01-02 0{hour}:00:00" for hour in (0, 0, 2, 3)]
    assert read.naive


def test_a_value_that_can_only_be_one_order_decides_and_is_named() -> None:
    day_first, month_first = times("01/02/2014", "31/12/2014"), times("01/02/2014", "12/31/2014")

    assert shown(day_first) == ["2014-02-01 00:00:00", "2014-12-31 00:00:00"]
    assert day_first.notes[0].sentence == (
        "Dates were read day-first: '31/12/2014' cannot be month-first"
    )
    assert shown(month_first) == ["2014-01-02 00:00:00", "2014-12-31 00:00:00"]
    assert "'12/31/2014' cannot be day-first" in month_first.notes[0].sentence


def test_where_no_value_decides_it_asks_and_the_answer_holds() -> None:
    with pytest.raises(SettingsError) as caught:
        times("01/01/2014", "02/01/2014")

    assert str(caught.value) == (
        "The dates of the column 'Date' (as '02/01/2014') could be day-first or month-first: say "
        "which with --dates day-first or --dates month-first"
    )
    assert shown(times("02/01/2014", order=DAY)) == ["2014-01-02 00:00:00"]
    assert shown(times("02/01/2014", order=MONTH)) == ["2014-02-01 00:00:00"]
    assert shown(times("01/01/2014", "02/02/2014")) == [
        "2014-01-01 00:00:00",
        "2014-02-02 00:00:00",
    ]


def test_two_orders_in_one_column_are_refused_by_value() -> None:
    with pytest.raises(DataError, match="'31/12/2014' can only be day-first and '12/31/2014' only"):
        times("01/02/2014", "31/12/2014", "12/31/2014")


def test_an_order_that_the_dates_contradict_is_refused_and_a_stray_row_is_not_read() -> None:
    with pytest.raises(DataError, match="to be read month-first, but '31/12/2014' can only be day"):
        times("01/02/2014", "31/12/2014", order=MONTH)

    assert shown(times("12/30/2014", "31/12/2014", order=MONTH)) == ["2014-12-30 00:00:00", None]


def test_a_stray_day_first_date_among_clear_ones_is_left_out_not_asked_about() -> None:
    read = times("2024-01-01", "01/02/2024", "2024-01-03")

    assert shown(read)[1] is None
    assert codes(read) == []


def test_years_of_two_digits_stand_last_or_are_refused() -> None:
    read = times("30-12-69", "31-12-99", "01-01-00")

    assert shown(read) == [f"{day} 00:00:00" for day in ("2069-12-30", "1999-12-31", "2000-01-01")]
    assert codes(read) == ["date_order", "short_years"]
    with pytest.raises(DataError, match="seem to stand first"):
        times("14-12-31", "15-01-01", "15-01-02")


@pytest.mark.parametrize(("unit", "per_second"), [("s", 1), ("ms", 10**3), ("us", 10**6)])
def test_numbers_count_from_1970_in_the_unit_of_their_size(unit: str, per_second: int) -> None:
    for value in (
        1577934245 * per_second,
        str(1577934245 * per_second),
        f"{1577934245 * per_second}.0",
    ):
        read = times(value)
        assert shown(read) == ["2020-01-02 03:04:05"]
        assert f"taken as {unit} since 1970" in read.notes[0].sentence
        assert not read.naive


@pytest.mark.parametrize("kind", [str, int])
def test_a_file_may_change_from_milliseconds_to_microseconds(kind: type) -> None:
    read = times(kind(1735689480000), kind(1735689540000), kind(1735689600000000))

    assert shown(read) == ["2024-12-31 23:58:00", "2024-12-31 23:59:00", "2025-01-01 00:00:00"]
    assert codes(read) == ["epoch", "epoch_units"]
    assert read.notes[1].sentence == ("In 1 rows, first 1735689600000000, the time was taken as us")


def test_numbers_that_lost_a_digit_are_not_another_unit() -> None:
    read = times(1735689480000, 1735689540000, 173568960000, 1735689660000, 17356897200000)

    assert [text is None for text in shown(read)] == [False, False, True, False, True]


def test_numbers_grow_by_a_digit_in_september_2001() -> None:
    read = times(999993600, 1000080000, 1000166400)

    assert shown(read) == [f"2001-09-{day:02d} 00:00:00" for day in (9, 10, 11)]


def test_dates_of_eight_digits_are_no_seconds() -> None:
    assert shown(times(20191020, 20191021)) == ["2019-10-20 00:00:00", "2019-10-21 00:00:00"]
    assert shown(times("20191020", "20191321"))[1] is None


def test_midnights_where_the_market_is_name_days() -> None:
    written = pl.Series("Date", ["2020-01-02 00:00:00-05:00", "2020-07-02 00:00:00-04:00"])
    zoned = parsed_times(written).values.dt.convert_time_zone("America/New_York")
    epochs = parsed_times(written).values.dt.timestamp("ms")

    as_written = parsed_times(written, days_in=AS_WRITTEN)
    in_column = parsed_times(zoned, days_in=AS_WRITTEN)
    in_zone = parsed_times(epochs, days_in="America/New_York")

    for read in (as_written, in_column, in_zone):
        assert shown(read) == ["2020-01-02 00:00:00", "2020-07-02 00:00:00"]
        assert read.are_dates
        assert "local_days" in codes(read)
    assert not parsed_times(written).are_dates
    assert not parsed_times(epochs, days_in=AS_WRITTEN).are_dates


def test_one_time_that_is_no_midnight_leaves_all_as_moments() -> None:
    written = pl.Series("Date", ["2020-01-02 00:00:00-05:00", "2020-01-02 01:00:00-05:00"])

    assert not parsed_times(written, days_in=AS_WRITTEN).are_dates


def test_columns_of_times_and_dates_are_taken_as_they_are() -> None:
    moment = datetime(2020, 1, 2, 3, 4)  # noqa: DTZ001  # a column without a zone is the case
    naive, aware = pl.Series([moment]), pl.Series([moment.replace(tzinfo=UTC)])

    assert parsed_times(naive).naive
    assert not parsed_times(aware).naive
    assert parsed_times(naive).values.equals(parsed_times(aware).values)
    assert parsed_times(pl.Series([moment.date()])).are_dates


FORMS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y.%m.%d %H:%M:%S", "%Y%m%d %H%M%S",
    "%Y%m%d%H%M%S", "%d %b %Y %H:%M:%S", "%b %d, %Y %I:%M:%S %p", "%Y/%m/%d, %H:%M:%S",
)  # fmt: skip


@given(
    moment=st.datetimes(datetime(1971, 1, 1), datetime(2199, 12, 31)),  # noqa: DTZ001  # naive by intent
    form=st.sampled_from(FORMS),
)
def test_any_moment_survives_being_written(moment: datetime, form: str) -> None:
    whole = moment.replace(microsecond=0)

    assert times(whole.strftime(form)).values.to_list() == [whole.replace(tzinfo=UTC)]


@given(
    moment=st.datetimes(datetime(1971, 1, 1), datetime(2199, 12, 31)),  # noqa: DTZ001  # naive by intent
    order=st.sampled_from(DateOrder),
)
def test_a_date_is_never_read_the_other_way_round(moment: datetime, order: DateOrder) -> None:
    form = "%d/%m/%Y %H:%M" if order is DAY else "%m/%d/%Y %H:%M"
    written, meant = moment.strftime(form), moment.replace(second=0, microsecond=0, tzinfo=UTC)

    assert times(written, order=order).values.to_list() == [meant]
    try:
        found = times(written).values.to_list()
    except SettingsError:
        assert moment.day <= 12
    else:
        assert found == [meant]


@pytest.mark.parametrize(
    ("form", "most"),
    [
        ("%Y-%m-%d %H:%M:%S", 0.5),
        ("%Y-%m-%dT%H:%M:%S%.3f+00:00", 0.8),
        ("%Y-%m-%d %H:%M:%S+02:00", 0.5),
        ("%d.%m.%Y %H:%M:%S%.3f GMT+0200", 4.0),
    ],
)
def test_a_million_rows_take_no_time(form: str, most: float) -> None:
    start = np.datetime64("2019-01-01T00:00:00", "us")
    column = pl.Series(start + np.arange(1_000_000) * np.timedelta64(60, "s")).dt.strftime(form)

    took = []
    for _ in range(2):
        begun = time.process_time()
        read = parsed_times(column)
        took.append(time.process_time() - begun)

    assert read.values.null_count() == 0
    assert min(took) < most
