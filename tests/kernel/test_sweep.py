import numpy as np
import pytest

from assay.core.errors import DataError, HistoryError, SettingsError
from assay.kernel.costs import Costs
from assay.kernel.market import Market, Params
from assay.kernel.records import Records
from assay.kernel.run import run
from assay.kernel.sweep import CrossRule, sweep
from tests.factories import make_bars
from tests.kernel.worlds import make_market

BARS = make_bars(1500, seed=2)
COSTS = Costs(0.5, 3, 1)
MARKET = Market.of(BARS, half_spread_ticks=COSTS.half_spread_ticks)
PARAMS = Params.of(BARS.instrument, COSTS, daily_loss=0.02)
GRID = [(f, s, k, t) for f in (3, 8) for s in (20, 50) for k in (1.0, 2.5) for t in (1.5, 4.0)]


def table_of(rule: CrossRule) -> Records:
    fast, slow, stop, target = (np.array(column) for column in zip(*GRID, strict=True))
    return sweep(
        MARKET,
        PARAMS,
        rule,
        fast_bars=fast,
        slow_bars=slow,
        stop_atr=stop,
        target_atr=target,
        equity=100_000.0,
    )


@pytest.mark.parametrize(
    "rule",
    [
        CrossRule(lots=3),
        CrossRule(risk_fraction=0.01, both_sides=True),
        CrossRule(risk_fraction=0.01, both_sides=True, limit_bars=5, atr_bars=30),
    ],
)
def test_every_row_is_a_run_with_the_same_orders(rule: CrossRule) -> None:
    table = table_of(rule)

    for (fast, slow, stop, target), row in zip(GRID, table, strict=True):
        alone = run(MARKET, rule.orders(MARKET, fast, slow, stop, target), PARAMS, equity=100_000.0)
        trades = alone.trades
        assert row["trades"] == trades.size > 5
        assert row["equity"] == alone.equity[-1]
        assert row["wins"] == (trades["pnl"] > 0).sum()
        assert row["ambiguous"] == trades["ambiguous"].sum()
        assert row["bars_held"] == (trades["exit_bar"] - trades["entry_bar"] + 1).sum()
        assert np.isclose(row["net"], alone.net, rtol=1e-12)
        assert np.isclose(row["fees"], trades["fees"].sum(), rtol=1e-12)
        assert np.isclose(row["cost"], trades["cost"].sum(), rtol=1e-12)
        peak = np.maximum.accumulate(alone.equity)
        assert np.isclose(row["drawdown"], (peak - alone.equity).max(), rtol=1e-12)


def test_signals_are_the_crosses_of_plain_means() -> None:
    orders = CrossRule(lots=1, both_sides=True).orders(MARKET, 5, 20, 1.0, 1.0)

    def mean(bars: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        sums = [MARKET.close[t + 1 - bars : t + 1].sum() for t in range(19, len(MARKET))]
        return np.array(sums) / bars

    above = np.concatenate([np.zeros(19), mean(5) > mean(20)]).astype(int)
    expected = np.diff(above, prepend=0)
    expected[:20] = 0
    assert np.array_equal(orders.side, expected)


def one_set(market: Market, fast: int, slow: int) -> Records:
    return sweep(
        market,
        PARAMS,
        CrossRule(lots=1),
        fast_bars=np.array([fast]),
        slow_bars=np.array([slow]),
        stop_atr=np.ones(1),
        target_atr=np.ones(1),
        equity=1.0,
    )


def test_what_cannot_be_swept_is_refused() -> None:
    closed = make_market([(100, 101, 99, 100)] * 30, tradable=[True] * 29 + [False])

    with pytest.raises(DataError, match="tradable"):
        one_set(closed, 2, 5)
    with pytest.raises(HistoryError, match=r"5,000 bars"):
        one_set(MARKET, 2, 5000)
    with pytest.raises(SettingsError, match="at most"):
        one_set(MARKET, 2, 50_000)
    with pytest.raises(SettingsError, match="fast_bars"):
        one_set(MARKET, 0, 50)
    with pytest.raises(SettingsError, match="lots or a risk"):
        CrossRule()
    with pytest.raises(SettingsError, match="limit_bars"):
        CrossRule(lots=1, limit_bars=-1)


def test_the_first_cross_that_can_be_seen_counts() -> None:
    closes = [100, 99, 101, 90]
    market = make_market([(c, c + 1, c - 1, c) for c in closes])

    orders = CrossRule(atr_bars=1, lots=1, both_sides=True).orders(market, 1, 2, 1.0, 1.0)

    assert orders.side.tolist() == [0, 0, 1, -1]
