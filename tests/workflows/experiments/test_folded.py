"""What a fold trades is what an account by hand comes to, and whoever pays more earns no more."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from assay.core.values.bars import Bars
from assay.evaluation.cuts import Cut
from assay.evaluation.splits import Part
from assay.kernel.costs import Rates
from assay.kernel.market import Params
from assay.risk.decide import Decisions
from assay.workflows.book import START_EQUITY, book_of
from assay.workflows.experiments.folded import Placed, rates_of, risk_of
from assay.workflows.experiments.summing import RETURNS
from assay.workflows.gather import Prepared
from tests.workflows.experiments.test_fold_leakage import ROWS, hit_rate, run
from tests.workflows.experiments.worlds import (
    EURUSD,
    LABELS,
    cuts_of,
    experiment,
    pair,
    prepared,
)


@pytest.fixture(scope="module")
def item() -> Prepared:
    return prepared(pair(ROWS))


@pytest.fixture(scope="module")
def cut(item: Prepared) -> Cut:
    (found,) = cuts_of(item)
    return found


@pytest.mark.parametrize("side", [1, -1])
def test_one_trade_of_one_bar_comes_to_what_it_does_by_hand(side: int) -> None:
    # 1.20000, then a bar that rises by 500 ticks, then the open at which the time is over
    up = 120_000 + 500
    open_, close = [120_000] * 3 + [up], [120_000] * 2 + [up] * 2
    prices = {"open": open_, "high": close, "low": open_, "close": close}
    bars = pair(4)
    frame = bars.frame.with_columns(pl.Series(n, v) * 1e-5 for n, v in prices.items())
    item = prepared(Bars(bars.instrument, bars.timeframe, frame), names=("log_return",))
    asked = np.array([0, 1, 0, 0])
    decisions = Decisions(
        side=(side * asked).astype(np.int8),
        stop_ticks=1_000 * asked,
        target_ticks=9_000 * asked,
        risk_fraction=0.01 * asked,
        reasons=np.zeros(4, dtype=np.int64),
    )
    rates = {EURUSD: Rates(fee=1.0, half_spread=0.45, slippage=0.2)}

    book = book_of(
        {EURUSD: item}, [Placed(EURUSD, np.arange(4), decisions)], limit_bars=1, rates=rates
    )
    net, gross = book.run(), book.run(cost_factor=0.0)

    # at 1.2 half a spread of 0.45 bps is 5.4 ticks and slippage of 0.2 bps 2.4, each rounded up
    paid = 6 + 3
    value = Params.of(item.instrument, book.params[0].costs).tick_value
    lots = int(0.01 * START_EQUITY / (1_000 * value))
    entry, left = 120_000 + side * paid, up - side * paid
    fees = 1e-4 * (entry + left) * lots * value
    (trade,) = net.trades
    assert (trade["lots"], trade["entry"], trade["exit"]) == (lots, entry, left)
    assert trade["fees"] == pytest.approx(fees)
    assert trade["pnl"] == pytest.approx(side * (left - entry) * lots * value - fees)
    assert book.daily(net).tolist() == pytest.approx([trade["pnl"] / START_EQUITY])
    assert book.daily(gross).tolist() == pytest.approx([side * 500 * lots * value / START_EQUITY])


def test_an_experiment_trades_by_its_own_rules_and_costs(item: Prepared) -> None:
    asked = experiment(
        label=dict(LABELS["triple_barrier"]),
        trade={"cost_multiple": 1.5, "sizing": "fixed_fraction", "sizing_settings": {"cap": 0.02}},
        costs={"times": 2.0, "fee": "1 bps"},
    )

    rules, rates = risk_of(asked), rates_of(asked, item)

    usual = rates_of(experiment(), item)
    assert (rules.stop_atr, rules.target_atr, rules.cost_multiple) == (2.0, 3.0, 1.5)
    assert rules.sizing_settings == {"cap": 0.02}
    assert rates == replace(
        usual, fee=2.0, half_spread=2 * usual.half_spread, slippage=2 * usual.slippage
    )


@pytest.mark.parametrize("edge", [0.0, 0.6])
@pytest.mark.parametrize("kind", sorted(LABELS))
def test_whoever_pays_more_earns_no_more(kind: str, edge: float) -> None:
    for seed in (21, 22, 23):
        item = prepared(pair(ROWS, edge=edge, seed=seed))
        found = run(experiment(label=dict(LABELS[kind])), item, cuts_of(item)[0])
        total = {name: float(found.arrays[name].sum()) for name in ("gross", "net", "double")}

        assert total["double"] <= total["net"] <= total["gross"]
        if found.metrics["trades"]:
            assert total["double"] < total["net"] < total["gross"]


def test_free_trading_costs_nothing(item: Prepared, cut: Cut) -> None:
    free = {"fee": "0 bps", "half_spread": "0 bps", "slippage": "0 bps"}

    found = run(experiment(costs=free), item, cut)

    assert found.metrics["trades"] > 10
    assert found.metrics["fees"] == found.metrics["costs"] == 0.0
    assert found.arrays["net"].tobytes() == found.arrays["gross"].tobytes()
    assert found.arrays["double"].tobytes() == found.arrays["gross"].tobytes()


def test_costs_times_two_is_the_run_with_double_costs(item: Prepared, cut: Cut) -> None:
    once = run(experiment(), item, cut)
    twice = run(experiment(costs={"times": 2.0}), item, cut)

    assert float(twice.arrays["net"].sum()) == pytest.approx(
        float(once.arrays["double"].sum()), abs=0.01
    )
    assert twice.arrays["gross"].tobytes() == once.arrays["gross"].tobytes()


def test_the_counts_of_a_fold_agree_with_each_other(item: Prepared, cut: Cut) -> None:
    found = run(experiment(), item, cut)

    told = found.metrics
    assert 0 < told["won"] < told["trades"] < told["bars"]
    assert 0 <= told["long"] <= told["trades"]
    assert told["answered"] == told["asked"] == len(item.rows(cut.parts[Part.TEST][0]))
    assert told["held"] <= told["bars"]
    assert len(found.arrays["day"]) == len(np.unique(found.arrays["day"]))
    assert {len(found.arrays[name]) for name in (*RETURNS, "day")} == {len(found.arrays["day"])}


def test_a_combinatorial_cut_with_an_edge_is_run_and_finds_it(item: Prepared) -> None:
    first = cuts_of(item, "combinatorial", groups=4, test_groups=2)[1]

    found = run(experiment(), item, first)

    assert len(first.parts[Part.TEST]) == 2
    assert hit_rate(found) > 0.55
    assert (np.diff(found.arrays["score_day"]) > 0).all()
