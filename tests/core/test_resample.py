"""Longer bars out of shorter ones, against a plain loop, and never ahead of time."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assay.core.calendars.calendar import Calendar, calendar
from assay.core.errors import HistoryError, SettingsError
from assay.core.instruments import equity
from assay.core.resample import resample
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.timeframe import Timeframe
from tests.factories import make_bars

PAIRS = [
    (short, long)
    for short in (Timeframe.M5, Timeframe.M15, Timeframe.H1, Timeframe.H4)
    for long in Timeframe
    if long.minutes > short.minutes and long.minutes % short.minutes == 0
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def loop(bars: Bars, to: Timeframe, market: Calendar) -> list[tuple[object, ...]]:
    """Return what `resample` should, bar by bar in plain Python."""
    held: dict[datetime, list[dict[str, float]]] = defaultdict(list)
    sessions = market.sessions(at("2019-12-25 00:00"), at("2021-12-25 00:00")).rows(named=True)
    for bar in bars.frame.iter_rows(named=True):
        stamp: datetime = bar["time"]
        start = stamp - bars.timeframe.length
        if to.is_intraday:
            whole = -(-int(stamp.timestamp()) // (to.minutes * 60))
            end = datetime.fromtimestamp(whole * to.minutes * 60, UTC)
        else:
            inside = [s for s in sessions if s["open"] < stamp and s["close"] > start]
            coming = [s for s in sessions if s["day_close"] >= stamp]
            end = (inside[-1] if inside else coming[0])["day_close"]
        held[end].append(bar)
    last = bars.last_time
    return [
        (
            end,
            parts[0]["open"],
            max(p["high"] for p in parts),
            min(p["low"] for p in parts),
            parts[-1]["close"],
            sum(p["volume"] for p in parts),
        )
        for end, parts in sorted(held.items())
        if end <= last
    ]


@pytest.mark.parametrize(("short", "long"), PAIRS)
@pytest.mark.parametrize("symbol", ["EURUSD", "XAUUSD", "BTCUSDT"])
def test_it_is_the_plain_loop(symbol: str, short: Timeframe, long: Timeframe) -> None:
    bars = make_bars(400, symbol=symbol, timeframe=short, start=at("2020-03-02 00:00"))
    market = calendar(bars.instrument.calendar)

    found = resample(bars, long, market)

    assert found.timeframe is long
    expected = pl.DataFrame(loop(bars, long, market), schema=BAR_SCHEMA, orient="row")
    assert_frame_equal(found.frame, expected)


@settings(max_examples=60, deadline=None)
@given(
    pair=st.sampled_from(PAIRS),
    known=st.integers(1, 250),
    symbol=st.sampled_from(["EURUSD", "XAUUSD", "BTCUSDT"]),
    seed=st.integers(0, 1000),
)
def test_what_was_given_out_stays_when_the_future_arrives(
    pair: tuple[Timeframe, Timeframe], known: int, symbol: str, seed: int
) -> None:
    short, long = pair
    bars = make_bars(250, symbol=symbol, timeframe=short, seed=seed, start=at("2020-03-02 00:00"))
    market = calendar(bars.instrument.calendar)

    then = resample(Bars(bars.instrument, short, bars.frame.head(known)), long, market)
    now = resample(bars, long, market)

    assert_frame_equal(then.frame, now.frame.head(len(then)), check_exact=True)
    assert not len(then) or then.last_time <= bars.frame["time"][known - 1]


def test_in_many_steps_it_is_as_in_one() -> None:
    bars = make_bars(3000, timeframe=Timeframe.M5)
    market = calendar("FX")

    steps = resample(resample(bars, Timeframe.M30, market), Timeframe.H4, market)

    once = resample(bars, Timeframe.H4, market)
    assert_frame_equal(steps.frame.head(len(once) - 1), once.frame.head(len(once) - 1))


def test_a_gap_stays_a_gap() -> None:
    bars = make_bars(48, timeframe=Timeframe.H1, gaps=False)
    without = bars.frame.filter(~pl.col("time").dt.hour().is_in([5, 6, 7, 8]))

    found = resample(Bars(bars.instrument, Timeframe.H1, without), Timeframe.H4, calendar("FX"))

    assert 8 not in found.frame["time"].dt.hour().to_list()
    assert {4, 12}.issubset(found.frame["time"].dt.hour().to_list())


def hourly(symbol: str, first: str, last: str) -> Bars:
    times = pl.datetime_range(
        at(first), at(last), "1h", eager=True, time_unit="us", time_zone="UTC"
    )
    price = pl.int_range(1, len(times) + 1, eager=True).cast(pl.Float64)
    columns = dict.fromkeys(("open", "high", "low", "close", "volume"), price)
    return Bars(equity(symbol), Timeframe.H1, pl.DataFrame({"time": times, **columns}))


def test_a_share_s_day_closes_with_its_session_even_within_an_hour() -> None:
    bars = hourly("VOD", "2024-07-03 08:00", "2024-07-03 16:00")

    found = resample(bars, Timeframe.D1, calendar("XLON"))
    before = Bars(bars.instrument, Timeframe.H1, bars.frame.head(8))

    assert found.frame.row(0) == (at("2024-07-03 15:30"), 1.0, 9.0, 1.0, 9.0, 45.0)
    assert not len(resample(before, Timeframe.D1, calendar("XLON")))


def test_an_fx_day_of_four_hour_bars_holds_nothing_of_the_next() -> None:
    times = pl.datetime_range(
        at("2024-07-02 00:00"), at("2024-07-04 00:00"), "4h", eager=True, time_unit="us",
        time_zone="UTC",
    )  # fmt: skip
    price = pl.int_range(1, len(times) + 1, eager=True).cast(pl.Float64)
    frame = pl.DataFrame(
        {"time": times} | dict.fromkeys(("open", "high", "low", "close", "volume"), price)
    )
    bars = Bars(make_bars(2).instrument, Timeframe.H4, frame)

    days = resample(bars, Timeframe.D1, calendar("FX")).frame

    assert days["time"].to_list() == [at("2024-07-02 21:00"), at("2024-07-03 21:00")]
    assert days["close"].to_list() == [6.0, 12.0]  # closes of the bars to 20:00


def test_what_does_not_divide_is_refused() -> None:
    bars = make_bars(10, timeframe=Timeframe.M10)

    with pytest.raises(SettingsError, match="15 minutes are not a multiple of 10"):
        resample(bars, Timeframe.M15, calendar("FX"))
    with pytest.raises(SettingsError, match="5 minutes are not a multiple of 10"):
        resample(bars, Timeframe.M5, calendar("FX"))


def test_its_own_timeframe_and_no_bars_are_given_back() -> None:
    bars = make_bars(10)
    none = Bars(bars.instrument, bars.timeframe, bars.frame.head(0))

    assert resample(bars, Timeframe.H1, calendar("FX")) is bars
    assert resample(none, Timeframe.D1, calendar("FX")).timeframe is Timeframe.D1


def test_days_outside_the_calendar_are_refused_and_hours_are_not() -> None:
    bars = hourly("OLD", "2005-07-05 14:00", "2005-07-05 20:00")

    assert len(resample(bars, Timeframe.H4, calendar("XNYS"))) == 2
    with pytest.raises(HistoryError, match="known from 2007-01-01"):
        resample(bars, Timeframe.D1, calendar("XNYS"))


def test_days_are_named_as_the_calendar_names_them() -> None:
    bars = make_bars(200, start=at("2020-03-02 00:00"))
    fx = calendar("FX")

    days = resample(bars, Timeframe.D1, fx).frame["time"]

    names = fx.trading_day(days).to_list()
    assert names[0] == date(2020, 3, 2)
    assert all(later - earlier <= timedelta(days=3) for earlier, later in pairwise(names))
