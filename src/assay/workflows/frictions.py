"""What trading did and cost: its figures, ambiguous bars, and other costs than assumed."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from assay.evaluation.bootstrap import Estimate
from assay.evaluation.metrics import annual_return, in_order, one_figure, sharpe, trade_stats
from assay.evaluation.page import show
from assay.kernel.barrier import Resolution
from assay.kernel.book import BookResult
from assay.kernel.records import Exit
from assay.workflows.activity import exposure, turnover
from assay.workflows.book import START_EQUITY, Book

FACTORS = (
    ("none", 0.0),
    ("half", 0.5),
    ("as assumed", 1.0),
    ("half more", 1.5),
    ("doubled", 2.0),
    ("tripled", 3.0),
)


def trading(book: Book, result: BookResult, year: int, seed: int) -> dict[str, Any]:
    """Return the figures of the trades as numbers, each with its interval."""
    trades = result.trades
    share = trades["pnl"] / START_EQUITY
    day = book.day[trades["exit_bar"]] if len(trades) else np.zeros(0, np.int64)
    return {
        **trade_stats(share, day, seed=seed).to_json(),
        "exposure": exposure(book, result, seed=seed).to_json(),
        "turnover": turnover(book, result, year, seed=seed).to_json(),
    }


def trades(result: BookResult, figures: Mapping[str, Any], days: int, year: int) -> dict[str, Any]:
    """Return the figures of the trades as a table."""
    closed = result.trades
    reasons = {reason.name.lower(): int((closed["reason"] == reason).sum()) for reason in Exit}
    return {
        "columns": ["figure", "value"],
        "rows": [
            ["round trips", f"{len(closed):,}"],
            ["a year", f"{len(closed) * year / max(days, 1):,.0f}"],
            ["won", show(figures["hit_rate"], percent=True, digits=1)],
            ["profit factor", show(figures["profit_factor"])],
            [
                "mean profit, of equity at the start",
                show(figures["mean_return"], percent=True, digits=3),
            ],
            ["time in the market", show(figures["exposure"], percent=True, digits=1)],
            ["turnover a year, times equity", show(figures["turnover"], digits=1)],
            ["ended by", ", ".join(f"{name} {n:,}" for name, n in reasons.items())],
            ["fees paid, of equity at the start", f"{closed['fees'].sum() / START_EQUITY:.2%}"],
            [
                "spread and slippage, of equity at the start",
                f"{closed['cost'].sum() / START_EQUITY:.2%}",
            ],
            [
                "decided in a bar that reached stop and target",
                f"{closed['ambiguous'].mean():.1%}" if len(closed) else "–",
            ],
        ],
        "note": "",
    }


def resolutions(book: Book, year: int, seed: int) -> dict[str, Any]:
    """Return the run under each belief about bars that reached both stop and target.

    `touched` counts the trades that ended in such a bar, as the report counts them.
    """
    rows, plot, touched = [], [], 0
    for belief in Resolution:
        result = book.run(resolution=belief)
        name = belief.name.lower()
        cells, ratio = _line(book, result, year, seed)
        rows.append([name, *cells])
        plot.append([name, *in_order(ratio)])
        if belief is Resolution.PESSIMISTIC:
            touched = int((result.trades["ambiguous"] != 0).sum())
    return {
        "columns": ["a bar that reached both", "return a year", "Sharpe", "trades"],
        "rows": rows,
        "plot": plot,
        "touched": touched,
        "note": "Pessimistic counts the stop first, optimistic the target; for one trade the truth "
        "lies between, for a whole run nearly always.",
    }


def stress(book: Book, year: int, seed: int) -> dict[str, Any]:
    """Return the run under other costs, and by which factor of them it would break even.

    `break_even` is interpolated; None where it gains even at the largest factor, or trades nothing,
    0 where it loses even without costs.
    """
    rows, plot, ends = [], [], []
    for name, factor in FACTORS:
        result = book.run(cost_factor=factor)
        cells, ratio = _line(book, result, year, seed)
        rows.append([name, *cells])
        plot.append([name, *in_order(ratio)])
        ends.append(float(result.equity[-1] / START_EQUITY - 1.0) if len(result.trades) else 0.0)
    return {
        "columns": ["costs", "return a year", "Sharpe", "trades"],
        "rows": rows,
        "plot": plot,
        "total_return": ends,
        "break_even": _break_even(ends),
        "note": "Fees, spread and slippage, all times the same factor; half a tick is rounded up.",
    }


def _break_even(ends: list[float]) -> float | None:
    factors = [factor for _, factor in FACTORS]
    if not any(ends):
        return None
    if ends[0] <= 0:
        return 0.0
    for n in range(1, len(ends)):
        if ends[n] <= 0:
            share = ends[n - 1] / (ends[n - 1] - ends[n])
            return factors[n - 1] + share * (factors[n] - factors[n - 1])
    return None


def _line(book: Book, result: BookResult, year: int, seed: int) -> tuple[list[str], Estimate]:
    daily = book.daily(result)
    ratio = one_figure(daily, lambda d: sharpe(d, year), seed=seed)
    growth = one_figure(daily, lambda d: annual_return(d, year), seed=seed)
    cells = [
        show(growth.to_json(), percent=True),
        show(ratio.to_json()),
        f"{len(result.trades):,}",
    ]
    return cells, ratio
