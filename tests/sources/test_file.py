"""Whole files in every writing give the same bars."""

import gzip
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.errors import DataError, HistoryError, SettingsError
from assay.core.instruments import equity, instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.file import File
from assay.sources.contract import Fetched
from assay.sources.layouts import STAMP_KEY
from assay.sources.told import Told
from tests.sources.files import (
    BTCUSDT,
    EURUSD,
    HEADER,
    as_opened,
    at,
    lines_of,
    market_bars,
    written,
)


def codes(fetched: Fetched) -> list[str]:
    return [note.code for note in fetched.notes]


def clock_of(fetched: Fetched) -> tuple[str, str]:
    """Return the clock that was found, and by what."""
    ((value, evidence),) = ((f.value, f.evidence) for f in fetched.findings if f.what == "clock")
    return value, evidence


def test_the_uniform_layout_is_read_as_bar_opens(tmp_path: Path) -> None:
    bars = market_bars()
    as_opened(bars).with_columns(trades=pl.lit(60)).write_parquet(tmp_path / "bars.parquet")

    fetched = File(tmp_path / "bars.parquet").bars(EURUSD, Timeframe.H1)

    assert_frame_equal(fetched.bars.frame, bars.frame)
    assert codes(fetched) == ["ignored_columns", "stamp"]
    assert "trades" in fetched.notes[0].sentence


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", None])
def test_parquet_times_of_any_unit_and_zone_are_the_same_moments(
    tmp_path: Path, unit: str, zone: str | None
) -> None:
    bars = market_bars()
    column = pl.col("timestamp").cast(pl.Datetime(unit, "UTC"))  # type: ignore[arg-type]  # the units are literals
    moved = column.dt.convert_time_zone(zone) if zone else column.dt.replace_time_zone(None)
    as_opened(bars).with_columns(moved).write_parquet(tmp_path / "bars.parquet")

    fetched = File(tmp_path / "bars.parquet").bars(EURUSD, Timeframe.H1)

    assert_frame_equal(fetched.bars.frame, bars.frame)
    clock, said = clock_of(fetched)
    assert clock == "UTC"
    assert ("begin and end with bars" in said) == (zone is None)


@pytest.mark.parametrize(
    ("form", "naive"),
    [
        ("%Y-%m-%d %H:%M:%S", True),
        ("%Y-%m-%dT%H:%M:%S", True),
        ("%Y-%m-%d %H:%M", True),
        ("%Y.%m.%d %H:%M", True),
        ("%Y/%m/%d %H:%M:%S", True),
        ("%Y%m%d %H%M%S", True),
        ("%Y-%m-%d %H:%M:%S%:z", False),
        ("%Y-%m-%dT%H:%M:%S%.6f%z", False),
        ("%Y-%m-%dT%H:%M:%S%.3fZ", False),
        ("%Y-%m-%d %H:%M:%S UTC", False),
    ],
)
def test_times_in_text_may_be_written_in_many_ways(tmp_path: Path, form: str, naive: bool) -> None:
    bars = market_bars()
    text = as_opened(bars).with_columns(pl.col("timestamp").dt.strftime(form))
    text.write_csv(tmp_path / "bars.csv")

    fetched = File(tmp_path / "bars.csv").bars(EURUSD, Timeframe.H1)

    assert_frame_equal(fetched.bars.frame, bars.frame)
    clock, said = clock_of(fetched)
    assert clock == "UTC"
    assert ("begin and end with bars" in said) == naive


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("kind", ["text", "whole", "float"])
def test_times_may_be_numbers_since_1970(tmp_path: Path, unit: str, kind: str) -> None:
    bars = market_bars()
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    micro = pl.col("timestamp").dt.timestamp("us")
    number = micro // (10**6 // per_second) if per_second < 10**6 else micro * (per_second // 10**6)
    path = tmp_path / "bars.parquet"
    made = as_opened(bars).with_columns(timestamp=number)
    if kind == "text":
        made.write_csv(path)
    elif kind == "float" and unit != "ns":  # a float holds no nanoseconds since 1970
        made.cast({"timestamp": pl.Float64}).write_parquet(path)
    else:
        made.write_parquet(path)

    fetched = File(path).bars(EURUSD, Timeframe.H1)

    assert_frame_equal(fetched.bars.frame, bars.frame)
    assert f"taken as {unit} since 1970" in " ".join(n.sentence for n in fetched.notes)


@pytest.mark.parametrize(
    "header",
    [
        "TimeStamp,Open,High,Low,Close,Volume",
        "open_time,o,h,l,c,v",
        " Open Time , OPEN ,HIGH, low,Close,Tick_Volume",
        '"timestamp","open","high","low","close","volume"',
        "<Timestamp>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<TICKVOL>",
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_headers_and_separators_of_many_programs(
    tmp_path: Path, header: str, separator: str
) -> None:
    expected = File(written(tmp_path, HEADER, *lines_of())).bars(BTCUSDT, Timeframe.H1).bars
    text = [line.replace(",", separator) for line in (header, *lines_of())]

    found = File(written(tmp_path, *text, name="other.txt")).bars(BTCUSDT, Timeframe.H1).bars

    assert_frame_equal(found.frame, expected.frame)


def test_line_ends_byte_order_marks_and_gzip_change_nothing(tmp_path: Path) -> None:
    expected = File(written(tmp_path, HEADER, *lines_of())).bars(BTCUSDT, Timeframe.H1).bars
    text = "\n".join([HEADER, *lines_of(), ""])
    forms = {
        "windows.csv": text.replace("\n", "\r\n").encode(),
        "old_mac.csv": text.replace("\n", "\r").encode(),
        "marked.csv": text.encode("utf-8-sig"),
        "packed.csv.gz": gzip.compress(text.encode()),
        "packed_without_saying_so.csv": gzip.compress(text.encode()),
    }

    for name, content in forms.items():
        (tmp_path / name).write_bytes(content)
        found = File(tmp_path / name).bars(BTCUSDT, Timeframe.H1).bars
        assert_frame_equal(found.frame, expected.frame)


def test_a_date_and_a_clock_in_two_columns_are_one_time(tmp_path: Path) -> None:
    text = ["<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>"]
    text += [f"2024.01.0{1 + h // 24}\t{h % 24:02d}:00:00\t1\t2\t1\t2\t5" for h in range(50)]

    path, told = written(tmp_path, *text), Told.of(clock="Europe/Athens")
    fetched = File(path, told=told).bars(BTCUSDT, Timeframe.H1)

    assert len(fetched.bars) == 50
    assert fetched.bars.first_time == at("2023-12-31 23:00")
    with pytest.raises(SettingsError, match="clock of a server, and nothing shows which"):
        File(path).bars(BTCUSDT, Timeframe.H1)
    assert fetched.bars.last_time == at("2024-01-03 00:00")


def test_what_pandas_writes_is_read_back(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="its exports are what is read (extra oracle)")
    pytest.importorskip("pyarrow", reason="writes pandas' Parquet (extra oracle)")
    bars = market_bars()
    opened = as_opened(bars)
    table = pandas.DataFrame({name: opened[name].to_numpy() for name in opened.columns[1:]})
    table.index = pandas.DatetimeIndex(opened["timestamp"].to_numpy(), tz="UTC")
    for name in (None, "Date", "stamp of the bar"):
        table.index.name = name
        table.to_parquet(tmp_path / "index.parquet")
        found = File(tmp_path / "index.parquet").bars(EURUSD, Timeframe.H1)
        assert_frame_equal(found.bars.frame, bars.frame)
    for name in (None, "Date", "datetime"):
        table.index.name = name
        table.to_csv(tmp_path / "index.csv")
        found = File(tmp_path / "index.csv").bars(EURUSD, Timeframe.H1)
        assert_frame_equal(found.bars.frame, bars.frame)
        table.reset_index().to_csv(tmp_path / "reset.csv")  # a running number comes first
        found = File(tmp_path / "reset.csv").bars(EURUSD, Timeframe.H1)
        assert_frame_equal(found.bars.frame, bars.frame)


def test_what_polars_writes_is_read_back(tmp_path: Path) -> None:
    bars = market_bars()
    bars.frame.write_csv(tmp_path / "own.csv")

    fetched = File(tmp_path / "own.csv").bars(EURUSD, Timeframe.H1)

    assert_frame_equal(fetched.bars.frame, bars.frame)
    assert "taken as bar closes" in fetched.notes[0].sentence


def test_our_own_parquet_says_which_end_it_means(tmp_path: Path) -> None:
    bars = market_bars("BTCUSDT")
    path = tmp_path / "own.parquet"
    bars.frame.write_parquet(path, metadata={STAMP_KEY: "close"})

    assert_frame_equal(File(path).bars(BTCUSDT, Timeframe.H1).bars.frame, bars.frame)


@pytest.mark.parametrize(
    ("symbol", "timeframe"),
    [
        ("EURUSD", Timeframe.M5),
        ("EURUSD", Timeframe.H1),
        ("EURUSD", Timeframe.H4),
        ("XAUUSD", Timeframe.M15),
        ("XAUUSD", Timeframe.H1),
    ],
)
def test_the_market_s_hours_tell_opens_from_closes(
    tmp_path: Path, symbol: str, timeframe: Timeframe
) -> None:
    bars = market_bars(symbol, timeframe)
    bars.frame.write_csv(tmp_path / "close.csv")
    as_opened(bars, "time").write_csv(tmp_path / "open.csv")

    for name in ("close", "open"):
        fetched = File(tmp_path / f"{name}.csv").bars(instrument(symbol), timeframe)
        assert_frame_equal(fetched.bars.frame, bars.frame)
        assert f"taken as bar {name}s" in fetched.notes[0].sentence


def test_a_share_s_session_tells_too(tmp_path: Path) -> None:
    times = [
        at(f"2024-01-{day:02d} 14:30") + timedelta(minutes=15 * number)
        for day in range(8, 13)
        for number in range(26)
    ]
    prices = dict.fromkeys(("open", "high", "low", "close", "volume"), [9.0] * len(times))
    pl.DataFrame({"datetime": times, **prices}).write_csv(tmp_path / "bars.csv")

    fetched = File(tmp_path / "bars.csv").bars(equity("AAPL"), Timeframe.M15)

    assert fetched.bars.frame["time"][0] == at("2024-01-08 14:45")


@pytest.mark.parametrize("hours", [-7, -5, 1, 2, 3, 7, 9])
def test_a_clock_that_is_not_utc_is_found_out(tmp_path: Path, hours: int) -> None:
    moved = as_opened(market_bars(), "time").with_columns(
        (pl.col("time") + pl.duration(hours=hours)).dt.replace_time_zone(None)
    )
    moved.write_csv(tmp_path / "server.csv")

    fetched = File(tmp_path / "server.csv").bars(EURUSD, Timeframe.H1)

    # an hour late is, to the microsecond, what stamped at the close looks like
    assert (clock_of(fetched)[0] == "UTC") == (hours == 1)
    assert_frame_equal(fetched.bars.frame, market_bars().frame)


def test_a_server_clock_is_doubted_even_when_the_end_is_said(tmp_path: Path) -> None:
    moved = as_opened(market_bars(), "time").with_columns(pl.col("time") + pl.duration(hours=3))
    moved.write_csv(tmp_path / "server.csv")

    fetched = File(tmp_path / "server.csv", "open").bars(EURUSD, Timeframe.H1)

    assert "outside_hours" in codes(fetched)
    (said,) = [note.sentence for note in fetched.notes if note.code == "outside_hours"]
    assert "in which FX is closed" in said
    assert said.endswith("; were the times in UTC?")


def test_a_few_bars_after_hours_are_named_without_doubting_the_clock(tmp_path: Path) -> None:
    bars = market_bars().frame
    late = bars.filter(pl.col("time").dt.weekday() == 5).tail(1)
    stray = late.with_columns(time=pl.lit(at("2024-02-10 03:00")).dt.cast_time_unit("us"))
    with_stray = pl.concat([bars, stray]).sort("time")
    with_stray.write_parquet(tmp_path / "bars.parquet")

    fetched = File(tmp_path / "bars.parquet", "close").bars(EURUSD, Timeframe.H1)

    (said,) = [note.sentence for note in fetched.notes if note.code == "outside_hours"]
    assert said == (
        f"1 of {with_stray.height:,} bars lie in hours in which FX is closed, their closes from "
        "2024-02-10 03:00 to 2024-02-10 03:00 UTC; they were kept"
    )
    assert len(fetched.bars) == with_stray.height


def test_where_nothing_tells_it_asks(tmp_path: Path) -> None:
    market_bars("BTCUSDT").frame.write_parquet(tmp_path / "bars.parquet")

    with pytest.raises(SettingsError, match=r"column 'time' holds the open or the close.*--stamp"):
        File(tmp_path / "bars.parquet").bars(BTCUSDT, Timeframe.H1)
    with pytest.raises(SettingsError, match="open or close; found 'end'"):
        File(tmp_path / "bars.parquet", "end")


@pytest.mark.parametrize(("said", "shift"), [("open", 1), ("close", 0)])
def test_the_person_s_word_decides(tmp_path: Path, said: str, shift: int) -> None:
    bars = market_bars("BTCUSDT")
    bars.frame.write_parquet(tmp_path / "bars.parquet")

    fetched = File(tmp_path / "bars.parquet", said).bars(BTCUSDT, Timeframe.H1)

    moved = bars.frame["time"] + timedelta(hours=shift)
    assert fetched.bars.frame["time"].equals(moved)


def test_a_word_against_the_hours_is_doubted_and_a_layout_against_them_refused(
    tmp_path: Path,
) -> None:
    as_opened(market_bars()).write_csv(tmp_path / "open.csv")
    market_bars().frame.rename({"time": "timestamp"}).write_csv(tmp_path / "close.csv")

    assert "stamp_doubt" in codes(File(tmp_path / "open.csv", "close").bars(EURUSD, Timeframe.H1))
    with pytest.raises(SettingsError, match="The layout says that times are bar opens, but of"):
        File(tmp_path / "close.csv").bars(EURUSD, Timeframe.H1)


def test_close_times_of_the_last_instant_count_as_the_full_second(tmp_path: Path) -> None:
    text = ["close_time,open,high,low,close,volume"]
    text += [line.replace(":00:00+", ":59:59.999+") for line in lines_of()]

    fetched = File(written(tmp_path, *text)).bars(BTCUSDT, Timeframe.H1)

    assert fetched.bars.frame["time"][0] == at("2024-01-01 01:00")
    assert "last_instant" in codes(fetched)


def test_both_times_present_are_read_by_the_open(tmp_path: Path) -> None:
    text = ["open_time,open,high,low,close,volume,close_time"]
    text += [f"{line},2024-01-01 00:59:59.999" for line in lines_of()]

    fetched = File(written(tmp_path, *text)).bars(BTCUSDT, Timeframe.H1)

    assert fetched.bars.frame["time"][0] == at("2024-01-01 01:00")


def test_offsets_that_change_with_the_season_are_moments_all_the_same(tmp_path: Path) -> None:
    first = datetime(2022, 10, 29, 20, tzinfo=UTC)
    text = [HEADER]
    for hour in range(12):
        moment = first + timedelta(hours=hour)
        local = moment.astimezone(timezone(timedelta(hours=3 if hour < 4 else 2)))
        text.append(f"{local:%Y-%m-%d %H:%M:%S}+0{3 if hour < 4 else 2}:00,1,2,1,2,5")

    fetched = File(written(tmp_path, *text)).bars(BTCUSDT, Timeframe.H1)

    hours = fetched.bars.frame["time"].diff().drop_nulls().unique().to_list()
    assert hours == [timedelta(hours=1)]
    assert len(fetched.bars) == 12


def test_a_timeframe_that_is_not_the_file_s_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, *lines_of())

    with pytest.raises(DataError, match=r"said to hold 4h bars, but its usual step is 1h \(100%"):
        File(path).bars(BTCUSDT, Timeframe.H4)
    with pytest.raises(DataError, match="said to hold 1d bars, but its usual step is 1h"):
        File(path).bars(BTCUSDT, Timeframe.D1)


def test_one_row_cannot_show_its_timeframe(tmp_path: Path) -> None:
    fetched = File(written(tmp_path, HEADER, *lines_of(1))).bars(BTCUSDT, Timeframe.H4)

    assert len(fetched.bars) == 1
    assert "one_row" in codes(fetched)


def days(tmp_path: Path, *dates: str, header: str = "Date") -> Path:
    text = [f"{header},Open,High,Low,Close,Volume", *(f"{day},1,2,1,2,5" for day in dates)]
    return written(tmp_path, *text, name="days.csv")


def test_days_of_a_share_close_with_its_session(tmp_path: Path) -> None:
    path = days(tmp_path, "2024-07-01", "2024-07-02", "2024-07-03", "2024-07-04", "2024-07-05")

    fetched = File(path).bars(equity("AAPL"), Timeframe.D1)

    assert fetched.bars.frame["time"].to_list() == [
        at("2024-07-01 20:00"),
        at("2024-07-02 20:00"),
        at("2024-07-03 17:00"),
        at("2024-07-05 20:00"),
    ]
    left_out = [note for note in fetched.notes if note.line == 5]
    assert left_out[0].sentence == "Line 5 was left out: XNYS has no session on that date"


def test_days_of_crypto_close_at_midnight_whichever_end_they_name(tmp_path: Path) -> None:
    dates = ("2024-07-01", "2024-07-02", "2024-07-03")
    moments = [f"{day}T00:00:00Z" for day in dates]

    named = File(days(tmp_path, *dates)).bars(BTCUSDT, Timeframe.D1).bars
    opened = File(days(tmp_path, *moments, header="timestamp")).bars(BTCUSDT, Timeframe.D1).bars
    closed = File(days(tmp_path, *moments, header="close_time")).bars(BTCUSDT, Timeframe.D1).bars

    assert named.frame["time"][0] == opened.frame["time"][0] == at("2024-07-02 00:00")
    assert closed.frame["time"][0] == at("2024-07-01 00:00")
    with pytest.raises(SettingsError, match="--stamp open or --stamp close"):
        File(days(tmp_path, *moments)).bars(BTCUSDT, Timeframe.D1)


def test_days_of_fx_that_may_run_past_1700_new_york_are_not_believed(tmp_path: Path) -> None:
    dates = ("2024-07-01", "2024-07-02", "2024-07-03", "2024-07-06")

    with pytest.raises(SettingsError, match="its day closes 17:00 New York"):
        File(days(tmp_path, *dates)).bars(EURUSD, Timeframe.D1)
    with pytest.raises(SettingsError, match="its day closes 17:00 New York"):
        File(days(tmp_path, *dates, header="timestamp")).bars(EURUSD, Timeframe.D1)
    said = File(days(tmp_path, *dates), "close").bars(EURUSD, Timeframe.D1)
    assert said.bars.frame["time"].to_list() == [at(f"2024-07-0{day} 21:00") for day in (1, 2, 3)]


def test_days_of_fx_stamped_at_their_true_ends_are_read(tmp_path: Path) -> None:
    ends = ("2024-03-07 22:00", "2024-03-08 22:00", "2024-03-11 21:00", "2024-03-12 21:00")
    starts = ("2024-03-06 22:00", "2024-03-07 22:00", "2024-03-10 21:00", "2024-03-11 21:00")

    closed = File(days(tmp_path, *ends, header="close_time")).bars(EURUSD, Timeframe.D1).bars
    opened = File(days(tmp_path, *starts, header="open_time")).bars(EURUSD, Timeframe.D1).bars

    assert closed.frame["time"].to_list() == [at(end) for end in ends]
    assert opened.frame["time"].equals(closed.frame["time"])


def test_days_beyond_the_calendar_say_how_far_it_reaches(tmp_path: Path) -> None:
    path = days(tmp_path, "1999-07-01", "1999-07-02", "1999-07-06")

    with pytest.raises(HistoryError, match="XNYS are known from 2007-01-01"):
        File(path).bars(equity("AAPL"), Timeframe.D1)
