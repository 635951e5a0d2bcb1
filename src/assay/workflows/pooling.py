"""Members' answers over time, aligned to one instrument's decision times, pooled."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.core.calendars.calendar import calendar
from assay.core.values.timeframe import Timeframe
from assay.evaluation.splits import Span
from assay.fusion.evidence import History, Moments, Producer
from assay.models.contract import DOWN, UP, Floats
from assay.workflows.gather import HORIZON_BARS, Prepared, Series
from assay.workflows.outcomes import span_samples

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Answers:
    """What one producer said of one series: n' rows in time order.

    `time` is UTC microseconds, when each answer could first be known; `classes` (n', 3) and
    `quantiles` (n', Q) are calibrated, the latter of the volatility-scaled log return; NaN where it
    abstained. `base` is its climatology of up given a move.
    """

    producer: Producer
    series: Series
    time: Integers
    classes: Floats
    quantiles: Floats
    base: float

    @property
    def median(self) -> Floats:
        """Return the middle quantile (n',)."""
        return np.asarray(self.quantiles[:, self.quantiles.shape[1] // 2])

    @property
    def p_up(self) -> Floats:
        """Return p_up / (p_up + p_down), NaN where it abstained."""
        return given_a_move(self.classes)


def given_a_move(classes: Floats) -> Floats:
    """Return (n,) the probability of up given that it is not flat, NaN where neither is said."""
    up, down = classes[:, UP], classes[:, DOWN]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(up + down > 0, up / (up + down), np.nan))


def age_in_bars(clock: Integers, made: Integers, row: Integers, ratio: float) -> Floats:
    """Return how old answers made at `made` are at rows `row` of the decision series.

    Counted in bars that traded, so that a weekend ages nothing: the rows of `clock` (UTC
    microseconds) after `made` and up to `row`, times `ratio` bars of the answer's own timeframe.
    """
    return np.asarray((row - np.searchsorted(clock, made, side="left")) * ratio, dtype=np.float64)


def moments_of(decision: Prepared, rows: Integers, answers: Sequence[Answers]) -> Moments:
    """Return what each producer had last said by the close of each of `rows`."""
    when = decision.time[rows]
    shape = (len(rows), len(answers))
    p_up, median = np.full(shape, np.nan), np.full(shape, np.nan)
    age = np.zeros(shape)
    for column, answer in enumerate(answers):
        last = np.searchsorted(answer.time, when, side="right") - 1
        known = last >= 0
        at = last[known]
        p_up[known, column] = answer.p_up[at]
        median[known, column] = answer.median[at]
        ratio = decision.series.timeframe.minutes / answer.series.timeframe.minutes
        age[known, column] = np.maximum(
            age_in_bars(decision.time, answer.time[at], rows[known], ratio), 0.0
        )
    return Moments(
        producers=tuple(answer.producer for answer in answers),
        time=when,
        p_up=p_up,
        base=np.array([answer.base for answer in answers]),
        age_bars=age,
        median_move=median,
        horizon_minutes=np.array([horizon_minutes(a.series.timeframe) for a in answers]),
    )


def horizon_minutes(timeframe: Timeframe) -> float:
    """Return how far a member on `timeframe` looks ahead."""
    return float(timeframe.minutes * HORIZON_BARS)


def history_of(decision: Prepared, span: Span, answers: Sequence[Answers]) -> History:
    """Return the moments of `span` with what came of them; no outcome looks out of the span."""
    rows = decision.rows(span)
    samples = span_samples(decision, span)
    outcome = np.full(len(rows), np.nan)
    outcome[samples.label == UP] = 1.0
    outcome[samples.label == DOWN] = 0.0
    days = day_numbers(decision, rows)
    return History(
        symbol=decision.series.symbol,
        timeframe=decision.series.timeframe,
        horizon_bars=HORIZON_BARS,
        moments=moments_of(decision, rows, answers),
        day=days,
        outcome=outcome,
        t1=samples.t1,
    )


def day_numbers(decision: Prepared, rows: Integers) -> Integers:
    """Return the trading day of each row as a number of days since 1970."""
    table = calendar(decision.instrument.calendar)
    times = decision.bars.frame["time"][rows.min() : rows.max() + 1] if len(rows) else None
    if times is None:
        return np.zeros(0, dtype=np.int64)
    days = table.trading_day(times, decision.series.timeframe)
    return days.to_physical().to_numpy().astype(np.int64)
