"""Splits that nobody adjusted for are found, and nothing else; adjusting changes no return."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assay.core.calendars.calendar import calendar
from assay.core.instruments import equity, index, instrument
from assay.core.values.bars import PRICES, Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.file import File
from assay.sources.splits import RATIOS, Split, adjusted, find_splits, split_notes

HOME = Path(
    os.environ.get("ASSAY_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared/data")
)
real_data = pytest.mark.skipif(
    not HOME.is_dir(), reason=f"the shared development data are not at {HOME}"
)
NEW_YORK = calendar("XNYS")
SHARE = equity("SHARE")


def share_bars(
    *, timeframe: Timeframe = Timeframe.M15, seed: int = 3, instrument: Instrument = SHARE
) -> Bars:
    """Return two months of a calm share, already adjusted: a bar wherever one is expected."""
    times = NEW_YORK.expected_closes(
        timeframe, datetime(2021, 3, 1, tzinfo=UTC), datetime(2021, 5, 1, tzinfo=UTC)
    )
    chance = np.random.default_rng(seed)
    count = len(times)
    close = 120.0 * np.exp(np.cumsum(chance.normal(0, 0.002, count)))
    opened = np.concatenate([[120.0], close[:-1]]) * np.exp(chance.normal(0, 0.001, count))
    frame = pl.DataFrame(
        {
            "time": times,
            "open": opened,
            "high": np.maximum(opened, close) * 1.001,
            "low": np.minimum(opened, close) / 1.001,
            "close": close,
            "volume": np.round(chance.gamma(2.0, 50.0, count)) + 1,
        }
    )
    return Bars(instrument, timeframe, frame)


def unadjusted(bars: Bars, at: datetime, new: int, old: int) -> Bars:
    """Return `bars` as a feed has them that does not adjust, split before the bar at `at`."""
    frame = bars.frame.with_columns(
        pl.when(pl.col("time") < at).then(pl.col(name) * new / old).otherwise(pl.col(name))
        for name in PRICES
    ).with_columns(
        volume=pl.when(pl.col("time") < at)
        .then(pl.col("volume") * old / new)
        .otherwise(pl.col("volume"))
    )
    return Bars(bars.instrument, bars.timeframe, frame)


def first_bar(bars: Bars, day: date) -> datetime:
    days = NEW_YORK.trading_day(bars.frame["time"], bars.timeframe)
    time = bars.frame["time"].filter(days == day)[0]
    assert isinstance(time, datetime)
    return time


def named(splits: tuple[Split, ...]) -> list[tuple[str, str]]:
    return [(str(split.day), split.name) for split in splits]


@pytest.mark.parametrize(("new", "old"), RATIOS)
@pytest.mark.parametrize("timeframe", [Timeframe.M15, Timeframe.H1, Timeframe.D1])
def test_a_split_is_found_with_its_day_and_ratio(new: int, old: int, timeframe: Timeframe) -> None:
    bars = share_bars(timeframe=timeframe)
    at = first_bar(bars, date(2021, 4, 5))

    (found,) = find_splits(unadjusted(bars, at, new, old), NEW_YORK)

    assert (found.day, found.at, found.new, found.old) == (date(2021, 4, 5), at, new, old)
    assert found.before / found.after == pytest.approx(new / old, rel=0.02)


@given(
    places=st.lists(st.integers(1, 40), unique=True, max_size=3),
    ratio=st.sampled_from([(4, 1), (3, 2), (1, 10), (20, 1)]),
)
@settings(max_examples=25, deadline=None)
def test_adjusting_gives_back_the_series_that_never_split(
    places: list[int], ratio: tuple[int, int]
) -> None:
    bars = share_bars(timeframe=Timeframe.H1)
    days = NEW_YORK.trading_day(bars.frame["time"], bars.timeframe).unique().sort()
    raw = bars
    for place in places:
        raw = unadjusted(raw, first_bar(bars, days[place]), *ratio)

    splits = find_splits(raw, NEW_YORK)
    again = adjusted(raw, splits)

    assert len(splits) == len(places)
    assert_frame_equal(again.frame, bars.frame, rel_tol=1e-12)
    assert find_splits(again, NEW_YORK) == ()


def test_without_splits_not_a_bit_changes() -> None:
    bars = share_bars()

    assert find_splits(bars, NEW_YORK) == ()
    assert_frame_equal(adjusted(bars, ()).frame, bars.frame, check_exact=True)


def test_a_jump_within_a_session_is_no_split() -> None:
    bars = share_bars()
    noon = first_bar(bars, date(2021, 4, 5)) + timedelta(hours=2)

    assert find_splits(unadjusted(bars, noon, 2, 1), NEW_YORK) == ()


@pytest.mark.parametrize("fall", [0.10, 0.20, 0.26, 0.42])
def test_a_fall_that_is_near_no_ratio_is_no_split(fall: float) -> None:
    bars = share_bars()
    at = first_bar(bars, date(2021, 4, 5))
    frame = bars.frame.with_columns(
        pl.when(pl.col("time") >= at).then(pl.col(name) * (1 - fall)).otherwise(pl.col(name))
        for name in PRICES
    )

    assert find_splits(Bars(SHARE, bars.timeframe, frame), NEW_YORK) == ()


def test_a_jump_over_a_hole_of_weeks_is_not_judged() -> None:
    bars = share_bars()
    at = first_bar(bars, date(2021, 4, 5))
    raw = unadjusted(bars, at, 2, 1)
    hole = pl.col("time").is_between(at - timedelta(days=14), at, closed="left")

    assert find_splits(Bars(SHARE, raw.timeframe, raw.frame.filter(~hole)), NEW_YORK) == ()


@pytest.mark.parametrize("other", [index("INDEX", "XNYS"), replace(instrument("XAUUSD"))])
def test_only_shares_split(other: Instrument) -> None:
    bars = share_bars(instrument=other)
    raw = unadjusted(bars, first_bar(bars, date(2021, 4, 5)), 4, 1)

    assert find_splits(raw, NEW_YORK) == ()


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_bars_hold_none(rows: int) -> None:
    bars = share_bars()

    assert find_splits(Bars(SHARE, bars.timeframe, bars.frame.head(rows)), NEW_YORK) == ()


def test_what_is_found_does_not_change_when_the_future_arrives() -> None:
    bars = share_bars()
    at = first_bar(bars, date(2021, 4, 5))
    raw = unadjusted(bars, at, 4, 1)

    known = [find_splits(raw.until(moment), NEW_YORK) for moment in (at, raw.last_time)]

    assert known[0] == known[1] != ()
    assert find_splits(raw.until(at - timedelta(minutes=1)), NEW_YORK) == ()


def test_the_words_name_day_ratio_and_what_to_do() -> None:
    split = Split(
        date(2020, 8, 31), datetime(2020, 8, 31, 13, 45, tzinfo=UTC), 4, 1, 499.057, 127.527
    )

    (doubt,) = split_notes([split], were_adjusted=False)
    (done,) = split_notes([split], were_adjusted=True)

    assert doubt.code == "split"
    assert doubt.sentence == (
        "2020-08-31: 499.057 was followed by 127.527, which looks like a 4-for-1 split that was "
        "not adjusted for: returns over it are a loss of 74% that nobody made; if the company did "
        "split, import the file with --adjust-splits"
    )
    assert done.code == "split_adjusted"
    assert "divided by 4" in done.sentence
    assert "499.057 became 124.764" in done.sentence


REAL = [
    ("equity/AAPL_15m_2017-2022", equity("AAPL"), [("2020-08-31", "4-for-1")]),
    (
        "equity/TSLA_15m_2017-2022",
        equity("TSLA"),
        [("2020-08-31", "5-for-1"), ("2022-08-25", "3-for-1")],
    ),
    ("equity/US500_1h_2013-2022", index("US500"), []),
    ("crypto/BTCUSDT_1h_2017-2022", instrument("BTCUSDT"), []),
    ("crypto/ETHUSDT_1h_2017-2022", instrument("ETHUSDT"), []),
    ("fx/XAUUSD_1h_2012-2022", instrument("XAUUSD"), []),
]


@real_data
@pytest.mark.parametrize(("name", "known", "splits"), REAL, ids=[row[0] for row in REAL])
def test_real_splits_are_found_and_nothing_else(
    name: str, known: Instrument, splits: list[tuple[str, str]]
) -> None:
    timeframe = Timeframe(name.split("_")[1])
    bars = File(HOME / f"{name}.parquet").bars(known, timeframe).bars
    as_share = Bars(replace(known, asset_class=AssetClass.EQUITY), timeframe, bars.frame)
    market = calendar(known.calendar)

    found = find_splits(as_share, market)

    assert named(found) == splits
    assert find_splits(adjusted(as_share, found), market) == ()
    assert find_splits(bars, market) == (found if known.asset_class is AssetClass.EQUITY else ())
