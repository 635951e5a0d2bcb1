"""One line a series says how much is there, how sound, how old, and what other sources say."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from assay.core.calendars.calendar import calendar
from assay.core.instruments import equity, instrument
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.sources.quality.rules import find_flaws
from assay.store.comparisons import ComparisonRow, Comparisons
from assay.store.instruments import Instruments
from assay.workflows.check import check_series
from assay.workflows.covered import covered
from assay.workflows.desk import Desk
from assay.workflows.quality import Quality, qualities, quality_of
from tests.sources.test_quality import put, walk
from tests.workflows.workspace import open_at

NOW = datetime(2024, 1, 2, 12, tzinfo=UTC)
H1 = Timeframe.H1


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    """Return two years of bars with two gaps, a spike and a thin volume."""
    whole = walk()
    whole = put(whole, 5_000, high=whole["high"][5_000] * 1.2)
    whole = put(whole, 6_000, volume=0.01)
    row = pl.int_range(pl.len())
    return whole.filter(~row.is_between(3_000, 3_047) & (row != 4_000))


def stored(home: Path, frame: pl.DataFrame, now: datetime = NOW) -> Desk:
    desk = open_at(home, now)
    known = max(now, frame["time"][-1])
    bars = Bars(instrument("EURUSD"), H1, frame)
    desk.bars.append(bars, source="file:a.csv", known_at=known)
    return desk


def one(desk: Desk, symbol: str = "EURUSD") -> Quality:
    return quality_of(desk, desk.bars.info(symbol, H1))


def test_it_is_what_a_check_of_the_series_says(tmp_path: Path, frame: pl.DataFrame) -> None:
    desk = stored(tmp_path / "home", frame)

    found, check = one(desk), check_series(desk, "EURUSD", H1)

    assert (found.coverage, found.flagged, found.score) == (
        check.coverage,
        check.flagged,
        check.score,
    )
    assert found.score == pytest.approx(100 * check.coverage * (1 - 2 / frame.height))
    assert found.gaps == check.gaps
    assert [gap.bars for gap in found.gaps] == [48, 1]
    assert found.codes == {"spike": ("misleading", 1, 1), "thin_volume": ("misleading", 1, 1)}
    assert found.days.rows() == [
        (day.day, day.expected, day.there, day.flagged) for day in check.days
    ]


def test_months_and_days_add_up_to_the_series(tmp_path: Path, frame: pl.DataFrame) -> None:
    found = one(stored(tmp_path / "home", frame))

    for table in (found.days, found.months):
        sums = table.select(pl.col("expected", "there", "flagged").sum()).row(0)
        assert sums == (found.expected, found.there, found.flagged)
    assert found.months.height == 24
    assert found.days["day"].is_sorted()


@pytest.mark.parametrize(
    ("last", "now", "behind"),
    [
        ("2023-03-01 10:00", "2023-03-01 10:59", 0),
        ("2023-03-01 10:00", "2023-03-01 13:00", 3),
        ("2023-03-03 22:00", "2023-03-05 20:00", 0),  # Friday's last, on Sunday
        ("2023-03-03 21:00", "2023-03-06 01:00", 4),
        ("2023-03-01 10:00", "2023-03-31 11:00", None),
        ("2023-03-01 10:00", "2023-02-28 10:00", None),  # a clock that is behind
    ],
)
def test_the_age_counts_bars_that_the_calendar_has_had_since(
    tmp_path: Path, frame: pl.DataFrame, last: str, now: str, behind: int | None
) -> None:
    end, moment = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (last, now))
    desk = stored(tmp_path / "home", frame.filter(pl.col("time") <= end), moment)

    found = one(desk)

    assert found.behind == behind
    assert found.age == moment - end


def test_a_simulated_series_has_no_age(tmp_path: Path, frame: pl.DataFrame) -> None:
    desk = open_at(tmp_path / "home", NOW)
    bars = Bars(instrument("EURUSD"), H1, frame)
    desk.bars.append(bars, source="simulated:7", known_at=NOW, simulated=True)

    assert one(desk).behind is None
    assert one(desk).to_json()["simulated"]


def test_what_other_sources_say_and_a_thin_feed_stand_beside_it(
    tmp_path: Path, frame: pl.DataFrame
) -> None:
    desk = stored(tmp_path / "home", frame)
    said = {"both": 700, "median_bps": 6.5, "differences": [{"sentence": "Closes differ"}]}
    row = ComparisonRow(
        symbol="EURUSD",
        timeframe=H1,
        source="file:a.csv",
        other="massive",
        start=NOW - timedelta(days=30),
        end=NOW,
        at=NOW,
        volume_share=0.03,
        findings=said,
    )
    Comparisons(desk.database).add(row)

    told = one(desk).to_json()

    assert told["thin"].startswith("file:a.csv prints 3.0% of the volume of massive")
    [compared] = told["comparisons"]
    assert (compared["other"], compared["bars"], compared["median_bps"]) == ("massive", 700, 6.5)
    assert compared["differences"] == ["Closes differ"]


def test_corrections_count_and_the_flags_are_those_of_the_newest_version(
    tmp_path: Path, frame: pl.DataFrame
) -> None:
    desk = stored(tmp_path / "home", frame)
    before = one(desk)
    row = frame.with_row_index().filter(pl.col("high") > pl.col("close") * 1.1)["index"][0]
    mended = put(frame, row, high=max(frame["open"][row], frame["close"][row]))
    bars = Bars(instrument("EURUSD"), H1, mended)
    desk.bars.correct(bars, reason="a test", known_at=NOW + timedelta(days=1))

    after = one(desk)

    assert (before.info.corrections, after.info.corrections) == (0, 1)
    assert before.flagged - after.flagged == 1
    assert after.score > before.score


def test_a_holiday_is_named_and_lowers_nothing(tmp_path: Path) -> None:
    found = one(stored(tmp_path / "home", walk()))

    assert found.score == found.coverage * 100 == 100.0
    assert found.closed["2023-12-25"] == "Christmas"
    assert not found.gaps
    assert found.to_json()["longest_gap"] is None


def test_every_series_has_its_line_and_what_cannot_be_looked_at_is_named(tmp_path: Path) -> None:
    desk = stored(tmp_path / "home", walk())
    share = equity("OLD")
    Instruments(desk.database).add(share)
    early = walk().with_columns(pl.col("time").dt.offset_by("-20y"))
    desk.bars.append(Bars(share, H1, early), source="file:old.csv", known_at=NOW)
    seen: list[tuple[int, int]] = []
    problems: list[str] = []
    wanted = [("EURUSD", H1), ("OLD", H1)]

    found = qualities(
        desk, wanted, problems=problems, tick=lambda what, done, total: seen.append((done, total))
    )

    assert [each.name for each in found] == ["EURUSD 1h"]
    [problem] = problems
    assert problem.startswith("OLD 1h: The sessions of XNYS are known from 2007-01-01")
    assert seen == [(1, 2), (2, 2)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_however_many_threads_look_they_say_the_same(
    tmp_path: Path, frame: pl.DataFrame, jobs: int
) -> None:
    desk = stored(tmp_path / "home", frame)
    for symbol in ("GBPUSD", "USDJPY", "AUDUSD"):
        bars = Bars(instrument(symbol), H1, frame.head(4_000))
        desk.bars.append(bars, source="test", known_at=NOW)
    desk.jobs = jobs
    wanted = [(info.symbol, info.timeframe) for info in desk.bars.series()]

    found = qualities(desk, wanted, problems=[])

    assert [each.info.symbol for each in found] == ["AUDUSD", "EURUSD", "GBPUSD", "USDJPY"]
    for each in found:
        bars = desk.bars.read(desk.instrument(each.info.symbol), H1)
        flaws = find_flaws(bars.frame, bars.instrument, H1, calendar(bars.instrument.calendar))
        assert sum(rows for _, _, rows in each.codes.values()) == sum(
            flaw.end - flaw.start + 1 for flaw in flaws
        )
        assert each.coverage == covered(bars).share
