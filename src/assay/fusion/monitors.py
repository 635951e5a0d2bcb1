"""Whether what is in service still does what it was let in for, on bars that came after."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assay.evaluation.drift import Verdict, drift
from assay.evaluation.statistics.quantile_coverage import quantile_coverage
from assay.fusion.combine import Learned, combine
from assay.fusion.evidence import Floats, Integers, effective_outcomes, log_score
from assay.fusion.inference import t_above
from assay.fusion.proof import Rows

LEAST_OUTCOMES, LEAST_DAYS = 50, 15
"""Outcomes that do not overlap, and days, under which nothing is said."""
WORRY, ALARM = 0.05, 0.01
"""How often a monitor says MOVED, or DRIFTED, of what is as it was."""
SOME_COLUMNS, MANY_COLUMNS = 0.25, 0.5
"""The shares of drifted columns from which a model's inputs have MOVED, and have DRIFTED."""
ROLLED_DAYS = 20


class Watch(StrEnum):
    """What a monitor looks at."""

    LOG_LOSS = "log_loss"
    COVERAGE = "coverage"
    STABILITY = "population_stability"


@dataclass(frozen=True, slots=True)
class Reading:
    """One monitor's reading of one producer, or of the pool (`subject`).

    `now` is what was measured over the newest `count` outcomes, `then` what it was let in with:
    of LOG_LOSS the mean gain over climatology in nats a row, of COVERAGE the share of outcomes
    inside the outermost quantiles, of STABILITY the share of its columns that have drifted. NaN
    where nothing can be said.
    """

    subject: str
    watch: Watch
    now: float
    then: float
    p_value: float
    count: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Rolled:
    """The log loss of the pool over some 20 trading days: mean nats a row, and climatology's."""

    first: int
    last: int
    rows: int
    log_loss: float
    base_loss: float


def loss_reading(
    subject: str, shift: Floats, rows: Rows, expected: float, expected_error: float
) -> Reading:
    """Return whether evidence `shift` (n,) still gains over the base what it did when let in.

    One-sided: that the mean gain is below `expected`, with the errors of both, by whole days. A
    producer that gains more than it did is no cause for alarm.
    """
    outcomes = effective_outcomes(rows.time, rows.t1) if len(rows) else 0
    blocks = rows.blocks if len(rows) else None
    if blocks is None or outcomes < LEAST_OUTCOMES or blocks.days < LEAST_DAYS:
        return _unknown(subject, Watch.LOG_LOSS, expected, outcomes)
    gain, error = blocks.mean(_gain(shift, rows))
    spread = float(np.hypot(float(error), expected_error))
    t = (expected - float(gain)) / spread if spread > 0 else 0.0
    p = t_above(t, blocks.degrees)
    return Reading(subject, Watch.LOG_LOSS, float(gain), expected, p, outcomes, verdict_of(p))


def coverage_reading(
    subject: str, is_inside: NDArray[np.bool_], nominal: float, horizon_bars: int
) -> Reading:
    """Return whether outcomes (n,), in order, still fall inside as often as `nominal` says.

    Every `horizon_bars`-th is counted, so that none overlaps (Kupiec 1995).
    """
    found = quantile_coverage(~is_inside, 1.0 - nominal, every=horizon_bars)
    if found.count < LEAST_OUTCOMES:
        return _unknown(subject, Watch.COVERAGE, nominal, found.count)
    p = found.unconditional_p
    return Reading(
        subject, Watch.COVERAGE, 1.0 - found.rate, nominal, p, found.count, verdict_of(p)
    )


def stability_reading(subject: str, then: Floats, now: Floats) -> Reading:
    """Return how many of the columns (n, F) that are read look like others now (m, F).

    By the population stability index, against what each column does by chance
    (`evaluation.drift`). A column passes its own limit one time in 20 by chance, slow ones wander,
    and columns that are alike pass together: in markets of which nothing changed up to a fifth of
    them did, so it takes a quarter to be MOVED and half of them to be DRIFTED.
    """
    if len(now) < LEAST_OUTCOMES or len(then) < len(now):
        return _unknown(subject, Watch.STABILITY, 0.0, len(now))
    found = [drift(then[:, place], now[:, place]).verdict for place in range(then.shape[1])]
    share = float(np.mean([each is Verdict.DRIFTED for each in found]))
    verdict = Verdict.STEADY
    if share >= SOME_COLUMNS:
        verdict = Verdict.DRIFTED if share >= MANY_COLUMNS else Verdict.MOVED
    return Reading(subject, Watch.STABILITY, share, 0.0, float("nan"), len(now), verdict)


def pooled_shift(rows: Rows, learned: Learned) -> Floats:
    """Return (n,) what the pool adds to the log-odds of the base."""
    pooled = combine(rows.evidence, rows.fresh, learned)
    return np.asarray(pooled.kappa * pooled.mean)


def rolled(shift: Floats, rows: Rows) -> tuple[Rolled, ...]:
    """Return the log loss over stretches of 20 trading days, the newest last and whole."""
    days = np.unique(rows.day)
    starts = days[::-1][ROLLED_DAYS - 1 :: ROLLED_DAYS][::-1]
    edges: list[Integers] = [*starts, days[-1] + 1] if len(starts) else []
    said = log_score(rows.base + shift, rows.outcome)
    base = log_score(rows.base, rows.outcome)
    found = []
    for low, high in pairwise(edges):
        inside = (rows.day >= low) & (rows.day < high)
        found.append(
            Rolled(
                int(rows.day[inside][0]),
                int(rows.day[inside][-1]),
                int(inside.sum()),
                float(-said[inside].mean()),
                float(-base[inside].mean()),
            )
        )
    return tuple(found)


def verdict_of(p_value: float, tests: int = 1) -> Verdict:
    """Return what a p-value means where `tests` were made at once (Bonferroni)."""
    if not np.isfinite(p_value):
        return Verdict.UNKNOWN
    if p_value * tests > WORRY:
        return Verdict.STEADY
    return Verdict.MOVED if p_value * tests > ALARM else Verdict.DRIFTED


def worst(readings: list[Reading]) -> Verdict:
    """Return the verdict on all: the worst of what is known, the tests among them counted.

    UNKNOWN where nothing is.
    """
    tests = sum(bool(np.isfinite(each.p_value)) for each in readings)
    found = [
        verdict_of(each.p_value, tests) if np.isfinite(each.p_value) else each.verdict
        for each in readings
    ]
    order = [Verdict.UNKNOWN, Verdict.STEADY, Verdict.MOVED, Verdict.DRIFTED]
    return max(found, key=order.index, default=Verdict.UNKNOWN)


def _gain(shift: Floats, rows: Rows) -> Floats:
    return log_score(rows.base + shift, rows.outcome) - log_score(rows.base, rows.outcome)


def _unknown(subject: str, watch: Watch, then: float, count: int) -> Reading:
    nothing = float("nan")
    return Reading(subject, watch, nothing, then, nothing, count, Verdict.UNKNOWN)
