"""Figures and calendars of files: their vintages, or an assumption that is marked as one."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from assay.core.errors import AssayError, HistoryError, NotFoundError
from assay.sources.published import PUBLISHED
from assay.sources.told import Told
from assay.workflows.desk import FOREVER, Desk
from assay.workflows.macro.importing import MacroRead, import_macro
from assay.workflows.macro.looking import due_macro, listed_macro, shown_macro
from tests.doubles.macrodesk import Version, versions
from tests.doubles.market import NOW
from tests.workflows.workspace import HandClock


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(home=tmp_path / "home", clock=HandClock(NOW))


def one(
    desk: Desk, file: Path, series: str | None = None, *, clock: str | None = None
) -> MacroRead:
    done = import_macro(desk, [file], Told.of(clock=clock), series)
    if done.refused:
        raise done.refused[0].error
    return done.read[0]


def stored(desk: Desk) -> pl.DataFrame:
    return desk.documents.releases(None, FOREVER, simulated=False)


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def in_file(code: str) -> list[Version]:
    return [one for one in versions(code) if one.vintage <= NOW.date()]


def test_a_file_with_vintages_says_what_a_sync_would(desk: Desk, tmp_path: Path) -> None:
    rows = in_file("CPIAUCSL")
    file = tmp_path / "cpi.csv"
    pl.DataFrame(
        {
            "series_id": ["CPIAUCSL"] * len(rows),
            "date": [one.of for one in rows],
            "realtime_start": [one.vintage for one in rows],
            "value": [one.value for one in rows],
        }
    ).write_csv(file)

    read, again = one(desk, file), one(desk, file)

    seen = PUBLISHED["CPIAUCSL"].seen
    assert (read.figures, read.assumed, again.figures) == (len(rows), 0, 0)
    assert sorted(stored(desk).select("period", "seen_at", "actual").rows()) == sorted(
        (f"{one.of:%Y-%m}", seen(one.vintage), one.value) for one in rows
    )
    assert stored(desk).filter(pl.col("seen_at") < pl.col("event_at")).is_empty()


def test_columns_named_by_vintages_say_the_same(desk: Desk, tmp_path: Path) -> None:
    file = written(
        tmp_path / "alfred.csv",
        "observation_date,UNRATE_20260403,UNRATE_20260508\n"
        "2026-02-01,4.1,4.2\n2026-03-01,4.0,4.0\n2026-04-01,.,3.9\n",
    )

    read = one(desk, file)

    assert read.assumed == 0
    assert stored(desk).select("period", "seen_at", "actual").rows() == [
        ("2026-02", datetime(2026, 4, 3, 12, 30, tzinfo=UTC), 4.1),
        ("2026-03", datetime(2026, 4, 3, 12, 30, tzinfo=UTC), 4.0),
        ("2026-02", datetime(2026, 5, 8, 12, 30, tzinfo=UTC), 4.2),
        ("2026-04", datetime(2026, 5, 8, 12, 30, tzinfo=UTC), 3.9),
    ]


def test_a_date_is_never_when_a_figure_was_known(desk: Desk, tmp_path: Path) -> None:
    file = written(
        tmp_path / "x.csv", "date,CPIAUCSL,DGS10\n2026-01-01,300.1,4.0\n2026-02-01,,4.1\n"
    )

    read = one(desk, file)

    found = stored(desk)
    assert read.assumed == found.height == 3
    assert found["assumed"].all()
    by_series = {row["series"]: row for row in found.iter_rows(named=True)}
    assert by_series["cpi_index"]["seen_at"] > datetime(2026, 3, 1, tzinfo=UTC)
    assert by_series["yield_10y_percent"]["seen_at"] > datetime(2026, 2, 2, 23, tzinfo=UTC)
    assert "ASSUMED" in read.findings[0].value


def test_a_quotation_of_friday_counts_as_known_when_monday_is_over() -> None:
    friday = date(2026, 11, 20)

    assert PUBLISHED["DGS10"].assumed(friday) == datetime(2026, 11, 24, 6, tzinfo=UTC)


def test_no_assumed_time_is_earlier_than_any_time_that_is_told(desk: Desk) -> None:
    for code in ("CPIAUCSL", "UNRATE", "DGS10", "DFEDTARU", "IRLTLT01GBM156N"):
        series = PUBLISHED[code]
        begin = min(one.vintage for one in versions(code))
        first: dict[date, date] = {}
        for told in versions(code):
            first.setdefault(told.of, told.vintage)
        fresh = {of: vintage for of, vintage in first.items() if vintage > begin}
        assert all(series.assumed(of) >= series.seen(v) for of, v in fresh.items()), code


def test_two_values_for_one_date_need_a_vintage(desk: Desk, tmp_path: Path) -> None:
    file = written(tmp_path / "x.csv", "date,value\n2026-01-01,4.0\n2026-01-01,4.1\n")

    with pytest.raises(AssayError, match="two values of UNRATE for 2026-01-01"):
        one(desk, file, "UNRATE")
    with pytest.raises(AssayError, match="--series"):
        one(desk, file)


def test_what_is_missing_unreadable_or_unknown_is_counted(desk: Desk, tmp_path: Path) -> None:
    file = written(
        tmp_path / "x.csv",
        "series,date,value\nUNRATE,2026-01-01,.\nUNRATE,some day,4\nUNRATE,2026-02-01,four\n"
        "UNRATE,2026-03-01,4.2\nNAPM,2026-03-01,50\n",
    )

    read = one(desk, file)

    assert (read.found, read.left_out, read.unreadable, read.strangers) == (1, 1, 2, ("NAPM",))


def test_neither_figures_nor_a_calendar_is_refused_with_its_columns(
    desk: Desk, tmp_path: Path
) -> None:
    file = written(tmp_path / "x.csv", "open,close\n1,2\n")

    with pytest.raises(AssayError, match="open, close"):
        one(desk, file)


FACTORY = """\
Date,Time,Currency,Impact,Event,Actual,Forecast,Previous
2026-01-09,8:30am,USD,High Impact Expected,Non-Farm Employment Change,224K,200K,180K
2026-02-06,8:30am,USD,High Impact Expected,Non-Farm Employment Change,-12.5K,190K,231K
2026-03-18,2:00pm,USD,High Impact Expected,Federal Funds Rate,3.75%,4.00%,4.00%
2026-03-19,,GBP,High,Official Bank Rate,3.5%,3.5%,3.75%
2026-03-20,All Day,EUR,Low,German Bank Holiday,,,
2026-12-10,8:30am,USD,High,CPI y/y,,2.9%,3.0%
2026-03-20,9:00am,CNY,Low,House Prices,1%,1%,1%
,,USD,Low,Nothing,,,
"""


def test_a_calendar_is_read_in_its_zone_with_what_was_expected(desk: Desk, tmp_path: Path) -> None:
    file = written(tmp_path / "calendar.csv", FACTORY)

    with pytest.raises(AssayError, match="--zone"):
        one(desk, file)
    read = one(desk, file, clock="America/New_York")

    found = {row["series"]: row for row in stored(desk).iter_rows(named=True)}
    jobs = stored(desk).filter(pl.col("series") == "non_farm_employment_change")
    january = datetime(2026, 1, 9, 13, 30, tzinfo=UTC)
    february = datetime(2026, 2, 6, 13, 30, tzinfo=UTC)
    assert jobs.select("event_at", "seen_at", "actual", "consensus").rows() == [
        (january, january, 224_000.0, 200_000.0),
        (january, february, 231_000.0, 200_000.0),
        (february, february, -12_500.0, 190_000.0),
    ]
    rates = stored(desk).filter(pl.col("series") == "policy_rate_percent")
    assert rates.select("currency", "event_at", "actual").rows() == [
        ("USD", datetime(2026, 3, 18, 18, 0, tzinfo=UTC), 3.75),
        ("GBP", datetime(2026, 3, 19, 12, 0, tzinfo=UTC), 3.5),
    ]
    assert "cpi_y_y" not in found
    assert (read.unreadable, read.strangers) == (1, ("CNY",))


def test_a_previous_figure_never_takes_the_place_of_what_was_first_said(
    desk: Desk, tmp_path: Path
) -> None:
    one(desk, written(tmp_path / "calendar.csv", FACTORY), clock="America/New_York")
    february = datetime(2026, 2, 6, 13, 30, tzinfo=UTC)

    before = shown_macro(
        desk, "non_farm_employment_change", february - timedelta(seconds=1), None, 9
    )
    after = shown_macro(desk, "non_farm_employment_change", february, None, 9)

    assert [known.newest[1] for known in before.figures] == [224_000.0]
    assert [known.newest[1] for known in after.figures] == [231_000.0, -12_500.0]
    assert after.figures[0].first[1] == 224_000.0


def test_a_day_alone_is_over_where_it_ends_last_and_a_bank_speaks_at_its_hour(
    desk: Desk, tmp_path: Path
) -> None:
    file = written(
        tmp_path / "days.csv",
        "date,country,event,actual\n2026-02-05,United Kingdom,BoE Interest Rate Decision,3.75\n"
        "2026-02-05,Japan,Household Spending,1.0\n",
    )

    one(desk, file)

    assert stored(desk).select("currency", "seen_at").rows() == [
        ("GBP", datetime(2026, 2, 5, 12, 0, tzinfo=UTC)),
        ("JPY", datetime(2026, 2, 6, 12, 0, tzinfo=UTC)),
    ]


def test_the_calendar_is_shown_as_it_was_known(desk: Desk, tmp_path: Path) -> None:
    one(desk, written(tmp_path / "calendar.csv", FACTORY), clock="America/New_York")
    span = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))

    now = due_macro(desk, *span, None, ["USD"])
    then = due_macro(desk, *span, datetime(2026, 1, 31, tzinfo=UTC), ["USD"])

    assert [row["actual"] for row in now] == [224_000.0, -12_500.0, 3.75, None]
    assert now[-1]["event_at"] == datetime(2026, 12, 10, 13, 30, tzinfo=UTC)
    assert now[-1]["seen_at"] == NOW
    assert [row["actual"] for row in then] == [224_000.0]


def test_what_is_not_stored_or_not_known_yet_is_said(desk: Desk, tmp_path: Path) -> None:
    assert listed_macro(desk) == []
    with pytest.raises(NotFoundError, match="assay macro list"):
        shown_macro(desk, "cpi_index", None, None, 5)
    one(desk, written(tmp_path / "x.csv", "date,CPIAUCSL\n2026-01-01,300.1\n"))

    with pytest.raises(HistoryError, match="2026-02-01"):
        shown_macro(desk, "CPIAUCSL", datetime(2026, 2, 1, tzinfo=UTC), None, 5)
    assert shown_macro(desk, "cpiaucsl", None, None, 5).figures[0].assumed
    assert listed_macro(desk)[0]["assumed"] == 1


def test_a_look_stores_nothing(desk: Desk, tmp_path: Path) -> None:
    file = written(tmp_path / "x.csv", "date,CPIAUCSL\n2026-01-01,300.1\n")

    done = import_macro(desk, [file], Told(), store=False)

    assert done.read[0].found == 1
    assert stored(desk).is_empty()
