"""Macro-economic figures: a calendar for every currency, a consensus and what came out.

All series point one way, as far as the currency goes: above the consensus is good for it. The
price answers at once; what a planted edge adds is what follows.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.core.values.release import Release
from assay.sources.simulation.chance import stream
from assay.sources.simulation.grid import EPOCH, Floats, Grid, Times, microseconds

CURRENCIES = ("USD", "EUR", "GBP", "JPY", "CHF", "AUD", "NZD", "CAD")


@dataclass(frozen=True, slots=True)
class Series:
    """One published series.

    `day` is the day of the month it is due, `every_months` how often (0 every week); `level` its
    usual value, `wander` how far the level drifts from time to time, `surprise` the standard
    deviation of actual less consensus, `digits` what it is rounded to, `weight` how hard prices
    answer.
    """

    name: str
    day: int
    every_months: int
    level: float
    wander: float
    surprise: float
    digits: int
    weight: float


SERIES = (
    Series("cpi_yoy_percent", 12, 1, 2.2, 0.15, 0.15, 1, 1.5),
    Series("core_cpi_yoy_percent", 19, 1, 2.1, 0.10, 0.12, 1, 1.1),
    Series("ppi_mom_percent", 14, 1, 0.2, 0.15, 0.25, 1, 0.6),
    Series("employment_change_thousands", 5, 1, 95.0, 25.0, 42.0, 1, 1.6),
    Series("wages_yoy_percent", 8, 1, 2.9, 0.12, 0.18, 1, 0.8),
    Series("retail_sales_mom_percent", 16, 1, 0.3, 0.20, 0.45, 1, 0.9),
    Series("pmi_manufacturing_index", 1, 1, 51.5, 0.80, 0.80, 1, 1.0),
    Series("pmi_services_index", 22, 1, 52.5, 0.80, 0.80, 1, 1.0),
    Series("industrial_production_mom_percent", 10, 1, 0.2, 0.20, 0.55, 1, 0.6),
    Series("consumer_confidence_index", 26, 1, 98.0, 1.50, 2.20, 1, 0.6),
    Series("trade_balance_billions", 7, 1, -4.0, 1.50, 2.00, 1, 0.5),
    Series("building_permits_thousands", 18, 1, 140.0, 4.00, 6.00, 1, 0.5),
    Series("exports_yoy_percent", 21, 1, 3.0, 0.80, 1.50, 1, 0.5),
    Series("business_morale_index", 24, 1, 99.0, 1.00, 1.20, 1, 0.7),
    Series("household_spending_yoy_percent", 9, 1, 1.5, 0.40, 0.80, 1, 0.5),
    Series("factory_orders_mom_percent", 4, 1, 0.2, 0.40, 0.90, 1, 0.6),
    Series("leading_index_mom_percent", 20, 1, 0.1, 0.10, 0.20, 1, 0.4),
    Series("money_supply_yoy_percent", 27, 1, 5.0, 0.30, 0.35, 1, 0.4),
    Series("gdp_qoq_percent", 28, 3, 0.4, 0.10, 0.18, 1, 1.2),
)
WEEKLY = (
    Series("weekly_confidence_index", 2, 0, 101.0, 0.60, 0.90, 1, 0.4),
    Series("weekly_mortgage_applications_percent", 3, 0, 0.0, 0.60, 1.80, 1, 0.4),
    Series("weekly_card_spending_percent", 4, 0, 0.3, 0.40, 0.90, 1, 0.4),
)
"""Here `day` is the day of the week, Monday 1."""
RATE = "policy_rate_percent"
RATE_WEEKS = 6
RATE_WEIGHT = 2.2
RATE_STEP = 0.25

RELEASE_MINUTES = {
    "USD": (13 * 60 + 30, 14 * 60 + 15, 15 * 60, 19 * 60),
    "EUR": (7 * 60, 9 * 60, 10 * 60, 12 * 60),
    "GBP": (7 * 60, 9 * 60 + 30, 11 * 60, 14 * 60),
    "JPY": (23 * 60 + 50, 30, 4 * 60 + 30, 6 * 60),
    "CHF": (6 * 60 + 30, 7 * 60 + 30, 8 * 60, 9 * 60 + 30),
    "AUD": (30, 1 * 60 + 30, 4 * 60, 23 * 60 + 30),
    "NZD": (22 * 60 + 45, 0, 2 * 60, 4 * 60),
    "CAD": (13 * 60 + 30, 14 * 60 + 30, 15 * 60, 18 * 60),
}
"""Minutes of the UTC day at which each country's offices publish."""
RATE_MINUTE = {
    "USD": 19 * 60, "EUR": 12 * 60 + 45, "GBP": 12 * 60, "JPY": 3 * 60, "CHF": 8 * 60 + 30,
    "AUD": 3 * 60 + 30, "NZD": 1 * 60, "CAD": 15 * 60,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Agenda:
    """All releases of one currency, in order of event time.

    `event_us`, `seen_us` UTC microseconds; `surprise` in standard deviations of its series;
    `weight` how hard prices answer; `series`, `actual`, `consensus` as published.
    """

    currency: str
    event_us: Times
    seen_us: Times
    surprise: Floats
    weight: Floats
    series: tuple[str, ...]
    actual: Floats
    consensus: Floats

    def after(self, moment_us: int) -> "Agenda":
        """Return those that happen after a moment."""
        later = self.event_us > moment_us
        arrays = ("event_us", "seen_us", "surprise", "weight", "actual", "consensus")
        kept: dict[str, Any] = {name: getattr(self, name)[later] for name in arrays}
        names = tuple(name for name, is_later in zip(self.series, later, strict=True) if is_later)
        return replace(self, series=names, **kept)

    def releases(self) -> list[Release]:
        """Return them as values."""
        return [
            Release(
                self.series[i],
                self.currency,
                EPOCH + timedelta(microseconds=int(self.event_us[i])),
                EPOCH + timedelta(microseconds=int(self.seen_us[i])),
                float(self.actual[i]),
                float(self.consensus[i]),
            )
            for i in range(len(self.series))
        ]


def agenda(seed: int, currency: str, grid: Grid) -> Agenda:
    """Return everything that is published for `currency` inside the grid's span."""
    parts = [_published(seed, currency, series, grid) for series in (*SERIES, *WEEKLY)]
    parts.append(_decisions(seed, currency, grid))
    event = np.concatenate([part[0] for part in parts])
    order = np.argsort(event, kind="stable")
    names = [name for part, name in zip(parts, _NAMES, strict=True) for _ in part[0]]
    delay = stream(seed, currency, "release delay").lognormal(0.8, 0.6, event.size)
    event = event[order]
    return Agenda(
        currency,
        event,
        event + (np.maximum(delay, 0.3) * 1e6).astype(np.int64),
        np.concatenate([part[3] for part in parts])[order],
        np.concatenate([part[4] for part in parts])[order],
        tuple(names[i] for i in order),
        np.concatenate([part[1] for part in parts])[order],
        np.concatenate([part[2] for part in parts])[order],
    )


_NAMES = (*(series.name for series in (*SERIES, *WEEKLY)), RATE)
Part = tuple[Times, Floats, Floats, Floats, Floats]


def _published(seed: int, currency: str, series: Series, grid: Grid) -> Part:
    chance = stream(seed, currency, series.name)
    minute = int(chance.choice(RELEASE_MINUTES[currency]))
    days = _due(series, grid, shift=int(chance.integers(-2, 3)), phase=int(chance.integers(12)))
    days = [_business_day(day, minute) for day in days]
    event = _event_times(days, minute)
    draws = chance.standard_normal((event.size, 2))
    level = np.empty(event.size)
    now = series.level
    for i in range(event.size):
        now += 0.12 * (series.level - now) + series.wander * draws[i, 0]
        level[i] = now
    consensus = np.round(level, series.digits)
    actual = np.round(consensus + series.surprise * draws[:, 1], series.digits)
    surprise = (actual - consensus) / series.surprise
    return _inside(grid, event, actual, consensus, surprise, series.weight)


def _due(series: Series, grid: Grid, *, shift: int, phase: int) -> list[date]:
    """Return the days a series is due: once a week, or by its day of the month."""
    first = (EPOCH + timedelta(microseconds=grid.start_us)).date()
    if series.every_months == 0:
        monday = first - timedelta(days=first.weekday())
        weeks = grid.hours // (24 * 7) + 2
        return [monday + timedelta(days=7 * week + series.day - 1) for week in range(weeks)]
    return [
        _in_month(month, series.day + shift)
        for month in _months(grid)
        if (month.month + phase) % series.every_months == 0
    ]


def _decisions(seed: int, currency: str, grid: Grid) -> Part:
    chance = stream(seed, currency, RATE)
    minute = RATE_MINUTE[currency]
    first = (EPOCH + timedelta(microseconds=grid.start_us)).date()
    offset = int(chance.integers(7 * RATE_WEEKS))
    weeks = grid.hours // (24 * 7) + 1
    days = [
        _business_day(first + timedelta(days=offset + 7 * week), minute)
        for week in range(0, weeks, RATE_WEEKS)
    ]
    event = _event_times(days, minute)
    draws = chance.random((event.size, 2))
    rate = 1.0
    actual, consensus = np.empty(event.size), np.empty(event.size)
    for i in range(event.size):
        expected = rate + RATE_STEP * _step(draws[i, 0], 0.18, may_fall=rate > 0)
        rate = expected + RATE_STEP * _step(draws[i, 1], 0.12, may_fall=True)
        consensus[i], actual[i] = expected, rate
    surprise = (actual - consensus) / (RATE_STEP / 2)
    return _inside(grid, event, actual, consensus, surprise, RATE_WEIGHT)


def _step(draw: float, chance_each_way: float, *, may_fall: bool) -> int:
    """Return +1, 0 or -1 steps of the policy rate."""
    if draw > 1.0 - chance_each_way:
        return 1
    return -1 if may_fall and draw < chance_each_way else 0


def _inside(
    grid: Grid, event: Times, actual: Floats, consensus: Floats, surprise: Floats, weight: float
) -> Part:
    keep: NDArray[np.bool_] = (event > grid.start_us) & (event < grid.end_us - 60_000_000)
    return (
        event[keep], actual[keep], consensus[keep], surprise[keep], np.full(int(keep.sum()), weight)
    )  # fmt: skip


def _months(grid: Grid) -> list[date]:
    first = (EPOCH + timedelta(microseconds=grid.start_us)).date().replace(day=1)
    last = (EPOCH + timedelta(microseconds=grid.end_us)).date()
    months = []
    while first <= last:
        months.append(first)
        first = (first + timedelta(days=32)).replace(day=1)
    return months


def _in_month(month: date, day: int) -> date:
    return month + timedelta(days=max(0, min(day, 28) - 1))


def _business_day(day: date, minute: int) -> date:
    """Return the day, or the next one that is a market day at `minute` and no public holiday."""
    last = 3 if minute > 20 * 60 else 4
    while day.weekday() > last or (day.month, day.day) in ((1, 1), (12, 25)):
        day += timedelta(days=1)
    return day


def _event_times(days: list[date], minute: int) -> Times:
    midnight = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in days]
    return np.array(
        [microseconds(moment + timedelta(minutes=minute)) for moment in midnight], dtype=np.int64
    )
