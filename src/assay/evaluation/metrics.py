"""What a run of daily returns and trades was worth: one module, used by every edge."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.evaluation.bootstrap import Estimate, day_codes, estimate, ratio

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Performance:
    """Figures of one daily return series with 95 % day-block intervals.

    Returns are fractions of equity, net of costs. Annualised figures use `days_per_year` trading
    days. `drawdown` is the deepest fall from a peak, as a positive fraction.
    """

    total_return: Estimate
    annual_return: Estimate
    annual_volatility: Estimate
    sharpe: Estimate
    sortino: Estimate
    calmar: Estimate
    drawdown: Estimate
    expected_shortfall: Estimate
    days: int

    def to_json(self) -> dict[str, object]:
        """Return every figure with its interval."""
        names = (
            "total_return",
            "annual_return",
            "annual_volatility",
            "sharpe",
            "sortino",
            "calmar",
            "drawdown",
            "expected_shortfall",
        )
        return {name: getattr(self, name).to_json() for name in names} | {"days": self.days}


def performance(daily: Floats, days_per_year: int = 260, *, seed: int = 0) -> Performance:
    """Return the figures of `daily` (days,), simple returns of equity per trading day."""

    def of(statistic: object) -> Estimate:
        return estimate(daily, statistic, seed=seed)  # type: ignore[arg-type]

    year = days_per_year
    return Performance(
        total_return=of(total_return),
        annual_return=of(lambda d: annual_return(d, year)),
        annual_volatility=of(lambda d: d.std(axis=1, ddof=1) * np.sqrt(year)),
        sharpe=of(lambda d: sharpe(d, year)),
        sortino=of(lambda d: sortino(d, year)),
        calmar=of(lambda d: _divide(annual_return(d, year), drawdown(d))),
        drawdown=of(drawdown),
        expected_shortfall=of(expected_shortfall),
        days=len(daily),
    )


def one_figure(daily: Floats, statistic: Callable[[Floats], Floats], *, seed: int = 0) -> Estimate:
    """Return one figure of `daily` with its interval, where the others are not asked for."""
    return estimate(daily, statistic, seed=seed)


def in_order(found: Estimate) -> list[float | None]:
    """Return value, low and high, None where there is none: a row of an interval plot."""
    plain = found.to_json()
    return [plain["value"], plain["low"], plain["high"]]


def _divide(top: Floats, bottom: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(bottom > 0, top / bottom, np.nan))


def total_return(daily: Floats) -> Floats:
    """Return the compounded return of each row of `daily` (draws, days)."""
    return np.asarray(np.prod(1.0 + daily, axis=1) - 1.0)


def annual_return(daily: Floats, days_per_year: int) -> Floats:
    """Return the geometric return a year; -1 where equity was lost."""
    growth = np.maximum(np.prod(1.0 + daily, axis=1), 0.0)
    return np.asarray(growth ** (days_per_year / daily.shape[1]) - 1.0)


def sharpe(daily: Floats, days_per_year: int) -> Floats:
    """Return mean over standard deviation of daily returns, annualised (Sharpe 1994), rate 0."""
    return np.asarray(
        _divide(daily.mean(axis=1), daily.std(axis=1, ddof=1)) * np.sqrt(days_per_year)
    )


def sortino(daily: Floats, days_per_year: int) -> Floats:
    """Return mean over downside deviation below 0, annualised (Sortino & Price 1994)."""
    downside = np.sqrt(np.mean(np.minimum(daily, 0.0) ** 2, axis=1))
    return np.asarray(_divide(daily.mean(axis=1), downside) * np.sqrt(days_per_year))


def drawdown(daily: Floats) -> Floats:
    """Return the deepest fall from a peak of compounded equity, as a positive fraction."""
    equity = np.concatenate([np.ones((len(daily), 1)), np.cumprod(1.0 + daily, axis=1)], axis=1)
    peak = np.maximum.accumulate(equity, axis=1)
    return np.asarray((1.0 - equity / peak).max(axis=1))


def expected_shortfall(daily: Floats, level: float = 0.05) -> Floats:
    """Return the mean loss of the worst `level` of days, positive (Acerbi & Tasche 2002)."""
    count = max(1, int(np.ceil(level * daily.shape[1])))
    worst = np.partition(daily, count - 1, axis=1)[:, :count]
    return np.asarray(-worst.mean(axis=1))


@dataclass(frozen=True, slots=True)
class TradeStats:
    """Figures of closed trades with day-block intervals; `count` says how many there were."""

    count: int
    hit_rate: Estimate
    profit_factor: Estimate
    mean_return: Estimate

    def to_json(self) -> dict[str, object]:
        """Return every figure with its interval."""
        return {
            "count": self.count,
            "hit_rate": self.hit_rate.to_json(),
            "profit_factor": self.profit_factor.to_json(),
            "mean_return": self.mean_return.to_json(),
        }


def trade_stats(profit: Floats, day: NDArray[np.int64], *, seed: int = 0) -> TradeStats:
    """Return the figures of trades with `profit` (n,) in fractions of equity, closed on `day`."""
    if not len(profit):
        nothing = Estimate(float("nan"), float("nan"), float("nan"), 0)
        return TradeStats(0, nothing, nothing, nothing)
    wins, losses = np.maximum(profit, 0.0), np.maximum(-profit, 0.0)
    ones = np.ones_like(profit)

    def rate(top: Floats, bottom: Floats) -> Estimate:
        return estimate(_by_day(day, top, bottom), ratio, seed=seed)

    return TradeStats(
        count=len(profit),
        hit_rate=rate((profit > 0).astype(float), ones),
        profit_factor=rate(wins, losses),
        mean_return=rate(profit, ones),
    )


def hit_rate(hits: NDArray[np.bool_], day: NDArray[np.int64], *, seed: int = 0) -> Estimate:
    """Return the share of `hits` (n,) with its day-block interval."""
    pair = _by_day(day, hits.astype(float), np.ones(len(hits)))
    return estimate(pair, ratio, seed=seed)


def mean_by_day(values: Floats, day: NDArray[np.int64], *, seed: int = 0) -> Estimate:
    """Return the mean of `values` (n,) with its day-block interval."""
    return estimate(_by_day(day, values, np.ones(len(values))), ratio, seed=seed)


def _by_day(day: NDArray[np.int64], top: Floats, bottom: Floats) -> Floats:
    """Return (days, 2): the sums of both columns within each day that occurs."""
    _, code = day_codes(day)
    return np.column_stack([np.bincount(code, top), np.bincount(code, bottom)])
