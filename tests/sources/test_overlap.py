"""Each kind of difference between two sources is found, named, and none is found where none is."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from assay.core.errors import DataError
from assay.core.values.bars import PRICES
from assay.core.values.timeframe import Timeframe
from assay.sources.quality.overlap import Kind, Overlap, compared
from tests.doubles.market import LISTED, bars_of

SYMBOLS = sorted(set(LISTED) - {"GONE"})
M15 = Timeframe.M15


def bars(symbol: str = "BTCUSDT", timeframe: Timeframe = M15) -> pl.DataFrame:
    return bars_of(symbol, timeframe).frame


def kinds(found: Overlap) -> list[Kind]:
    return [difference.kind for difference in found.differences]


def noisy(frame: pl.DataFrame, basis_points: float) -> pl.DataFrame:
    """Return bars as another venue prints them: every price a little elsewhere."""
    chance = np.random.default_rng(4)
    factor = pl.Series(np.exp(chance.normal(0, basis_points * 1e-4, frame.height)))
    return frame.with_columns(pl.col(name) * factor for name in PRICES)


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("timeframe", [Timeframe.M5, M15, Timeframe.M30, Timeframe.H1])
def test_two_honest_sources_differ_in_nothing(symbol: str, timeframe: Timeframe) -> None:
    ours = bars(symbol, timeframe)

    found = compared(ours, noisy(ours, 1.0), timeframe, "one", "other")

    assert found.differences == ()
    assert (found.both, found.only_here, found.only_there) == (ours.height, 0, 0)
    assert found.median_bps < 2.0


@pytest.mark.parametrize("hours", [-5, -2, -1, 1, 2, 7])
def test_another_clock_is_a_time_shift(hours: int) -> None:
    ours = bars()
    theirs = noisy(ours, 0.5).with_columns(pl.col("time") + timedelta(hours=hours))

    found = compared(ours, theirs, M15, "one", "other")

    assert kinds(found) == [Kind.SHIFT]
    assert found.shift_bars == hours * 4
    assert ("later" if hours > 0 else "earlier") in found.differences[0].sentence


def test_stamps_of_the_other_end_are_a_shift_of_one_bar() -> None:
    ours = bars("AAPL", Timeframe.M30)
    theirs = ours.with_columns(pl.col("time") - timedelta(minutes=30))

    found = compared(ours, theirs, Timeframe.M30, "one", "other")

    assert kinds(found) == [Kind.SHIFT]
    assert found.shift_bars == -1


@pytest.mark.parametrize(("new", "old"), [(4, 1), (2, 1), (3, 2), (1, 10)])
def test_prices_of_before_a_split_are_an_adjustment(new: int, old: int) -> None:
    ours = bars("AAPL", Timeframe.M30)
    theirs = noisy(ours, 0.5).with_columns(pl.col(name) * (old / new) for name in PRICES)

    found = compared(ours, theirs, Timeframe.M30, "one", "other")

    assert kinds(found) == [Kind.ADJUSTMENT]
    assert f"{new}-for-{old}" in found.differences[0].sentence
    assert found.median_bps < 2.0


def test_other_prices_are_a_difference_of_price() -> None:
    ours = bars()

    far = compared(ours, noisy(ours, 40.0), M15, "one", "other")
    spikes = ours.with_columns(
        close=pl.when(pl.int_range(pl.len()) % 50 == 0)
        .then(pl.col("close") * 1.02)
        .otherwise(pl.col("close"))
    )
    rare = compared(ours, spikes, M15, "one", "other")

    assert kinds(far) == [Kind.PRICE]
    assert kinds(rare) == [Kind.PRICE]
    assert rare.median_bps == 0.0
    assert rare.far_share == pytest.approx(0.02, abs=0.002)


def test_a_thin_venue_is_a_difference_of_volume_whoever_it_is() -> None:
    ours = bars()
    thin = ours.with_columns(pl.col("volume") * 0.03)

    here = compared(thin, ours, M15, "small", "large")
    there = compared(ours, thin, M15, "large", "small")

    assert kinds(here) == kinds(there) == [Kind.VOLUME]
    assert here.volume_share == pytest.approx(0.03)
    assert here.differences[0].sentence == "small prints 3.0% of the volume of large"
    assert there.differences[0].sentence == "small prints 3.0% of the volume of large"


def test_volume_that_nobody_publishes_is_no_difference() -> None:
    ours = bars("EURUSD")

    found = compared(ours, bars("EURUSD").with_columns(volume=pl.lit(70.0)), M15, "one", "other")

    assert found.volume_share is None
    assert found.differences == ()


def test_bars_that_one_lacks_are_a_difference_of_coverage() -> None:
    ours = bars()
    theirs = ours.filter(pl.int_range(pl.len()) % 20 != 0)

    found = compared(ours, theirs, M15, "one", "other")

    assert kinds(found) == [Kind.COVERAGE]
    assert found.differences[0].measure == pytest.approx(0.05, abs=0.002)
    assert "other lacks" in found.differences[0].sentence


def test_several_kinds_are_told_apart_in_one_comparison() -> None:
    ours = bars("AAPL", Timeframe.M30)
    theirs = ours.filter(pl.int_range(pl.len()) % 9 != 0).with_columns(
        pl.col("time") + timedelta(minutes=30),
        pl.col("volume") * 0.01,
        *(pl.col(name) * 0.25 for name in PRICES),
    )

    found = compared(ours, theirs, Timeframe.M30, "one", "other")

    assert set(kinds(found)) == {Kind.SHIFT, Kind.ADJUSTMENT, Kind.VOLUME, Kind.COVERAGE}


def test_too_few_bars_in_common_say_nothing() -> None:
    ours = bars()

    with pytest.raises(DataError, match="in common"):
        compared(ours.head(200), ours.tail(200), M15, "one", "other")
