"""What a record of signals is worth: every figure with its interval, or with the word "too few"."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.evaluation.bootstrap import Estimate, day_codes
from assay.evaluation.metrics import mean_by_day
from assay.evaluation.reliability import BINS, LEAST_IN_BIN, Bins, Brier, reliability, wilson

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

LEAST = 30
"""Outcomes from which on a figure has an interval."""
LEAST_DAYS = 10
"""Days from which on; blocks of five of fewer days are the same days in another order."""
DOWN, FLAT, UP, UNKNOWN = 0, 1, 2, -1
EDGE = 1e-6
"""Probabilities are kept this far from 0 and 1, as in `fusion.evidence`."""
_NOTHING = float("nan")


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over `count` outcomes on `days` days, with its 95 % interval; NaN where there is none.

    Under `LEAST` outcomes, or on under `LEAST_DAYS` days, it is `too_few` and has no interval.
    """

    value: float
    low: float
    high: float
    count: int
    days: int

    @property
    def too_few(self) -> bool:
        """Say whether the figure must not be read without a warning."""
        return self.count < LEAST or self.days < LEAST_DAYS


@dataclass(frozen=True, slots=True)
class Said:
    """What was said at n signals and what came, shape (n,) throughout.

    `day` numbers the trading day; `probability` is of up given a move and `base` its climatology;
    `side` +1, -1 or 0 is what the sayer leant to; `outcome` is 0 down, 1 flat, 2 up, -1 where the
    return is no outcome; `inside` says by nominal share whether the outcome fell in that fan, 1 or
    0, NaN where no fan was given.
    """

    day: Integers
    probability: Floats
    base: Floats
    side: Integers
    outcome: Integers
    inside: Mapping[str, Floats]

    @property
    def moved(self) -> Flags:
        """Return where the outcome was up or down."""
        return np.asarray((self.outcome == UP) | (self.outcome == DOWN))


@dataclass(frozen=True, slots=True)
class Traded:
    """Trades that ended, shape (n,): `net` return of the price and `r` (both after costs).

    `taken` is false for the trade of a signal that was withheld: what it would have given.
    """

    day: Integers
    net: Floats
    r: Floats
    taken: Flags


@dataclass(frozen=True, slots=True)
class Score:
    """A loss of the probabilities, that of climatology, and how much less it is (above 0: better).

    All three over the same outcomes: those that moved.
    """

    loss: Figure
    baseline: Figure
    gain: Figure


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a group of signals.

    `count` signals were resolved; `moved` of them up or down, `flat` within the label's band,
    `unknown` not to be judged. `hit_rate` is over those that moved and had a side. `net` and `r`
    are of trades taken; `withheld_r` is of those that were not, `missed` of which would have won
    and `spared` lost. `coverage` is by nominal share.
    """

    count: int
    days: int
    moved: int
    flat: int
    unknown: int
    hit_rate: Figure
    brier: Score
    log_loss: Score
    net: Figure
    r: Figure
    withheld_r: Figure
    missed: int
    spared: int
    coverage: Mapping[str, Figure]

    @property
    def too_few(self) -> bool:
        """Say whether the outcomes that moved are too few to be read without a warning."""
        return self.brier.loss.too_few


def record(said: Said, traded: Traded, *, seed: int = 0) -> Record:
    """Return the record of a group.

    Intervals resample blocks of whole days over all instruments at once, for outcomes overlap and
    instruments move together; that of the hit rate is at least as wide as Wilson's.
    """
    moved = said.moved
    up = (said.outcome[moved] == UP).astype(np.float64)
    day = said.day[moved]
    told, usual = (_kept(values[moved]) for values in (said.probability, said.base))
    sided = moved & (said.side != 0)
    hits = (said.outcome[sided] - 1) == said.side[sided]
    held = ~traded.taken
    return Record(
        count=len(said.day),
        days=day_codes(said.day)[0],
        moved=int(moved.sum()),
        flat=int((said.outcome == FLAT).sum()),
        unknown=int((said.outcome == UNKNOWN).sum()),
        hit_rate=hit_rate(hits, said.day[sided], seed=seed),
        brier=_score((told - up) ** 2, (usual - up) ** 2, day, seed),
        log_loss=_score(_log_loss(told, up), _log_loss(usual, up), day, seed),
        net=figure(traded.net[traded.taken], traded.day[traded.taken], seed=seed),
        r=figure(traded.r[traded.taken], traded.day[traded.taken], seed=seed),
        withheld_r=figure(traded.r[held], traded.day[held], seed=seed),
        missed=int((traded.net[held] > 0).sum()),
        spared=int((traded.net[held] <= 0).sum()),
        coverage={
            share: figure(inside[np.isfinite(inside)], said.day[np.isfinite(inside)], seed=seed)
            for share, inside in said.inside.items()
        },
    )


def figure(values: Floats, day: Integers, *, seed: int = 0) -> Figure:
    """Return the mean of `values` (n,) on days `day` (n,), with an interval if there are enough."""
    days = day_codes(day)[0]
    mean = float(values.mean()) if len(values) else _NOTHING
    found = Figure(mean, _NOTHING, _NOTHING, len(values), days)
    if found.too_few:
        return found
    drawn = mean_by_day(values, day, seed=seed)
    return Figure(mean, drawn.low, drawn.high, len(values), days)


def hit_rate(hits: Flags, day: Integers, *, seed: int = 0) -> Figure:
    """Return the share of `hits` (n,), the interval the wider of Wilson's and of day blocks."""
    found = figure(hits.astype(np.float64), day, seed=seed)
    if found.too_few:
        return found
    low, high = wilson(np.array([float(hits.sum())]), np.array([len(hits)]))
    return Figure(
        found.value,
        float(np.fmin(found.low, low[0])),
        float(np.fmax(found.high, high[0])),
        found.count,
        found.days,
    )


def difference(one: Figure | Estimate, other: Figure | Estimate) -> tuple[float, float, float]:
    """Return `one` less `other`, with the interval that their two intervals give.

    For independent figures, of skewed spread too: Zou & Donner 2008 (MOVER). NaN where one of them
    has no interval.
    """
    apart = one.value - other.value
    below = np.hypot(one.value - one.low, other.high - other.value)
    above = np.hypot(one.high - one.value, other.value - other.low)
    return apart, float(apart - below), float(apart + above)


def calibration(said: Said, *, seed: int = 0) -> tuple[Bins, Brier] | None:
    """Return the bins of said against come true, over outcomes that moved; None with too few.

    As many as hold `LEAST_IN_BIN` outcomes each, `BINS` at most.
    """
    moved = said.moved
    bins = min(BINS, int(moved.sum()) // LEAST_IN_BIN)
    day = said.day[moved]
    if bins < 1 or day_codes(day)[0] < LEAST_DAYS:
        return None
    return reliability(
        said.probability[moved], said.outcome[moved] == UP, day, bins=bins, seed=seed
    )


def _score(loss: Floats, baseline: Floats, day: Integers, seed: int) -> Score:
    return Score(
        figure(loss, day, seed=seed),
        figure(baseline, day, seed=seed),
        figure(baseline - loss, day, seed=seed),
    )


def _kept(probability: Floats) -> Floats:
    return np.clip(probability, EDGE, 1.0 - EDGE)


def _log_loss(probability: Floats, up: Floats) -> Floats:
    return np.asarray(-np.log(np.where(up > 0, probability, 1.0 - probability)))
