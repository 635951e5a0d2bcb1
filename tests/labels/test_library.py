import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import DataError, SettingsError
from assay.core.values.decision import Side
from assay.kernel.costs import FREE
from assay.kernel.market import Market, Orders, Params
from assay.kernel.records import Exit
from assay.kernel.run import run
from assay.kernel.volatility import wilder_atr
from assay.labels.library.direction import Direction
from assay.labels.library.forward_return import ForwardReturn
from assay.labels.library.scaled_return import ScaledReturn
from assay.labels.library.three_class import ThreeClass
from assay.labels.library.triple_barrier import TripleBarrier
from tests.factories import make_bars

CLOSES = [100.0, 110.0, 110.0, 99.0, 99.5]


def frame(closes: list[float]) -> pl.DataFrame:
    bars = make_bars(len(closes)).frame
    return bars.with_columns(pl.Series(name, closes) for name in ("open", "high", "low", "close"))


def flat(count: int, size: float = 0.01) -> pl.Series:
    return pl.Series([size] * count)


def test_a_forward_return_is_the_log_of_the_ratio_of_closes() -> None:
    answer = ForwardReturn(2).values(frame(CLOSES), flat(5))

    expected = [math.log(1.1), math.log(0.9), math.log(99.5 / 110)]
    assert answer["value"].to_list()[:3] == pytest.approx(expected, rel=1e-12)
    assert answer["value"].to_list()[3:] == [None, None]
    assert answer["t1"].to_list() == [*frame(CLOSES)["time"].to_list()[2:], None, None]


def test_a_scaled_return_counts_expected_moves() -> None:
    answer = ScaledReturn(4).values(frame(CLOSES), flat(5, 0.005))

    assert answer["value"][0] == pytest.approx(math.log(0.995) / 0.01, rel=1e-12)
    nothing = ScaledReturn(1).values(frame(CLOSES), flat(5, 0.0))
    assert nothing["value"].null_count() == 5


def test_a_direction_is_one_zero_or_unknown() -> None:
    answer = Direction(1).values(frame(CLOSES), flat(5))

    assert answer["value"].to_list() == [1.0, None, 0.0, 1.0, None]
    assert answer["t1"].is_null().to_list() == [False, True, False, False, True]


def test_flat_is_a_share_of_the_expected_move_edges_included() -> None:
    closes = [1.0, math.exp(0.02), math.exp(0.02), math.exp(-0.01), math.exp(-0.0099)]

    answer = ThreeClass(1, band=0.5).values(frame(closes), flat(5, 0.02))

    assert answer["value"].to_list() == [2.0, 1.0, 0.0, 1.0, None]


@pytest.mark.parametrize("band", [0.25, 0.43])
def test_a_band_calls_the_share_flat_that_its_docstring_says(band: float) -> None:
    chance = np.random.default_rng(8)
    bars = make_bars(20_000).frame.with_columns(
        close=pl.Series(np.exp(np.cumsum(chance.normal(0, 0.001, 20_000))))
    )

    answer = ThreeClass(1, band=band).values(bars, flat(20_000, 0.001))

    share = (answer["value"] == 1).sum() / 20_000
    assert share == pytest.approx({0.25: 0.197, 0.43: 0.333}[band], abs=0.01)


def market_outcome(label: TripleBarrier, bars: Any, row: int) -> tuple[float, int] | None:
    """Return class and deciding row from a backtest of one order without costs."""
    frame = bars.frame
    high, low, close = (frame[name].to_numpy() for name in ("high", "low", "close"))
    atr = wilder_atr(high, low, close, label.atr_bars)[row]
    tick = bars.instrument.tick_size
    side = np.zeros(len(bars), np.int8)
    side[row] = Side(label.side).sign
    orders = Orders.of(
        side,
        stop=round(label.stop_atr * atr / tick),
        target=round(label.target_atr * atr / tick),
        limit_bars=label.limit_bars,
        lots=1,
    )
    market = Market.of(bars, half_spread_ticks=0)
    trades = run(market, orders, Params.of(bars.instrument, FREE), equity=1e9).trades
    if not trades.size:
        return None
    trade = trades[0]
    kind = {Exit.STOP: 0.0, Exit.TARGET: 2.0, Exit.TIME: 1.0}[Exit(trade["reason"])]
    late = 1 if trade["reason"] == Exit.TIME else 0  # the kernel leaves at the next open
    return kind, int(trade["exit_bar"]) - late


@given(row=st.integers(20, 380), side=st.sampled_from([Side.LONG, Side.SHORT]))
@settings(deadline=None)
def test_a_triple_barrier_is_what_a_backtest_would_have_done(row: int, side: Side) -> None:
    bars = make_bars(400, symbol="BTCUSDT", seed=9)  # its tick is 5e-7 of the price: no rounding
    label = TripleBarrier(stop_atr=1.0, target_atr=1.5, limit_bars=5, side=side)

    answer = label.values(bars.frame, flat(400))

    expected = market_outcome(label, bars, row)
    assert expected is not None
    assert answer["value"][row] == expected[0]
    assert answer["t1"][row] == bars.frame["time"][expected[1]]


def test_all_three_barriers_are_hit_on_a_random_walk() -> None:
    answer = TripleBarrier().values(make_bars(2000).frame, flat(2000))

    shares = answer["value"].drop_nulls().value_counts(normalize=True)
    assert shares.height == 3
    assert shares["proportion"].min() > 0.1  # type: ignore[operator] # polars types min() loosely


def test_a_bar_that_reaches_both_barriers_is_a_stop() -> None:
    bars = make_bars(40).frame.with_columns(
        open=pl.lit(1.0), high=pl.lit(1.001), low=pl.lit(0.999), close=pl.lit(1.0)
    )
    rows = pl.int_range(pl.len())
    wide = bars.with_columns(
        high=pl.when(rows == 30).then(1.1).otherwise("high"),
        low=pl.when(rows == 30).then(0.9).otherwise("low"),
    )

    for side in (Side.LONG, Side.SHORT):
        answer = TripleBarrier(side=side).values(wide, flat(40))
        assert answer["value"][29] == 0.0
        assert answer["t1"][29] == bars["time"][30]
        assert answer["value"][17] == 1.0


def test_impossible_settings_are_refused() -> None:
    for kind in (ForwardReturn, ScaledReturn, Direction, ThreeClass):
        with pytest.raises(SettingsError):
            kind(0)
    with pytest.raises(SettingsError, match="band"):
        ThreeClass(band=-0.1)
    with pytest.raises(SettingsError, match="stop_atr"):
        TripleBarrier(stop_atr=0)
    with pytest.raises(SettingsError, match="WAIT"):
        TripleBarrier(side=Side.WAIT)


def test_one_volatility_a_bar() -> None:
    with pytest.raises(DataError, match="one volatility"):
        ForwardReturn().values(frame(CLOSES), flat(4))
