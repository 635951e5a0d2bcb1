"""What the producers said, and what came of it: the arrays that fusion learns from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import DataError
from assay.core.values.timeframe import Timeframe

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

EDGE = 1e-6
"""Probabilities are kept this far from 0 and 1, so that log-odds stay finite."""
LEVEL_MEMORY = 100.0
"""After so many outcomes that do not overlap, a day weighs 1/e in what is taken for a level."""
LEVEL_DAYS = 20
"""The memory of a level is never shorter than this many days, however many outcomes a day has."""


@dataclass(frozen=True, slots=True)
class Producer:
    """One member on one timeframe; `artefact` is the id of the model that spoke."""

    member: str
    family: str
    timeframe: Timeframe
    artefact: str


@dataclass(frozen=True, slots=True)
class Moments:
    """What was known at n decision times, one column a producer (M of them).

    `time` (n,) is UTC microseconds, not decreasing. `p_up` (n, M) is the calibrated probability of
    up given a move in the producer's latest forecast known by then, NaN where there is none.
    `base` (n, M) or (M,) is its climatology. `age_bars` (n, M) is the age of that forecast in bars
    of its own timeframe, at least 0. `median_move` (n, M) is its median volatility-scaled log
    return. `horizon_minutes` (M,) is how far each producer looks.
    """

    producers: tuple[Producer, ...]
    time: Integers
    p_up: Floats
    base: Floats
    age_bars: Floats
    median_move: Floats
    horizon_minutes: Floats

    def __post_init__(self) -> None:
        rows, members = len(self.time), len(self.producers)
        for name in ("p_up", "age_bars", "median_move"):
            if getattr(self, name).shape != (rows, members):
                raise DataError(
                    f"Fusion: {name} must be {(rows, members)}, rows by producers; "
                    f"was {getattr(self, name).shape}"
                )
        if self.base.shape not in ((members,), (rows, members)):
            raise DataError(f"Fusion: base must be {(members,)} or {(rows, members)}; "
                            f"was {self.base.shape}")  # fmt: skip
        if self.horizon_minutes.shape != (members,):
            raise DataError(f"Fusion: {members} producers need as many horizons; "
                            f"was {self.horizon_minutes.shape}")  # fmt: skip
        if rows > 1 and (np.diff(self.time) < 0).any():
            raise DataError("Fusion: the decision times must be in order; found one going back")
        said = self.p_up[np.isfinite(self.p_up)]
        if said.size and not (said.min() >= 0.0 and said.max() <= 1.0):
            raise DataError("Fusion: probabilities lie in [0, 1]; found one outside")
        keys = {(p.member, p.timeframe, p.artefact) for p in self.producers}
        if len(keys) != members:
            raise DataError("Fusion: a producer (member, timeframe, artefact) was named twice")

    def __len__(self) -> int:
        return len(self.time)

    @property
    def evidence(self) -> Floats:
        """Return (n, M): logit p less logit base, NaN where there is no forecast."""
        return logit(self.p_up) - logit(self.base)

    def freshness(self, half_life_bars: float) -> Floats:
        """Return (n, M): 2 to the minus age over half-life, 1 for a forecast just made."""
        return np.exp2(-np.maximum(self.age_bars, 0.0) / half_life_bars)

    def pool_base(self, horizon_minutes: float) -> Floats:
        """Return (n,): the climatology the pool starts from.

        The mean log-odds of the distinct bases of the producers that look `horizon_minutes` ahead,
        of all producers where none does: a producer counted twice changes nothing. NaN where no
        base is known.
        """
        at = np.abs(self.horizon_minutes - horizon_minutes) <= 1e-8 + 1e-5 * horizon_minutes
        chosen = at if at.any() else np.ones(len(self.producers), bool)
        rows = np.atleast_2d(self.base)[:, chosen]
        odds = _mean_of_distinct(logit(rows))
        wide = odds if self.base.ndim == 2 else np.full(len(self), odds[0])
        return expit(wide)

    def hearing(self, producers: NDArray[np.bool_]) -> "Moments":
        """Return the same moments with the `producers` (M,) of the mask alone."""
        return Moments(
            tuple(p for p, heard in zip(self.producers, producers, strict=True) if heard),
            self.time,
            self.p_up[:, producers],
            self.base[..., producers],
            self.age_bars[:, producers],
            self.median_move[:, producers],
            self.horizon_minutes[producers],
        )

    def take(self, rows: NDArray[Any] | slice) -> "Moments":
        """Return the rows chosen by a mask, indices or a slice."""
        base = self.base if self.base.ndim == 1 else self.base[rows]
        return Moments(
            self.producers,
            self.time[rows],
            self.p_up[rows],
            base,
            self.age_bars[rows],
            self.median_move[rows],
            self.horizon_minutes,
        )


@dataclass(frozen=True, slots=True)
class History:
    """The moments of one instrument's fuse span, with what happened after each.

    `timeframe` and `horizon_bars` say what is decided: the move over that many bars. `day` (n,)
    numbers the trading days, not decreasing: the blocks of every standard error. `outcome` (n,) is
    1 up, 0 down, NaN without a move or unknown; `t1` (n,) is when it was known, UTC microseconds.
    """

    symbol: str
    timeframe: Timeframe
    horizon_bars: int
    moments: Moments
    day: Integers
    outcome: Floats
    t1: Integers

    def __post_init__(self) -> None:
        for name in ("day", "outcome", "t1"):
            if len(getattr(self, name)) != len(self.moments):
                raise DataError(
                    f"{self.symbol}: {name} has {len(getattr(self, name))} of "
                    f"{len(self.moments)} rows"
                )
        known = self.outcome[np.isfinite(self.outcome)]
        if not np.isin(known, (0.0, 1.0)).all():
            raise DataError(f"{self.symbol}: an outcome is 1 (up), 0 (down) or NaN")
        if len(self.day) > 1 and (np.diff(self.day) < 0).any():
            raise DataError(f"{self.symbol}: the trading days must be in order")
        labelled = np.isfinite(self.outcome)
        if (self.t1[labelled] <= self.moments.time[labelled]).any():
            raise DataError(f"{self.symbol}: an outcome was known before its decision")

    @property
    def horizon_minutes(self) -> float:
        """Return how far the decision looks, in minutes of bars."""
        return float(self.timeframe.minutes * self.horizon_bars)

    @property
    def timing(self) -> Floats:
        """Return (n, M): each producer's evidence less its own level as known the day before.

        A base rate taken from one stretch of history is wrong by some amount in the next. Evidence
        that leans to one side for long, or drifts, then scores for that alone, though it tells no
        good moment from a bad one. Without its level only the telling apart is left; see `levels`.
        """
        return self.moments.evidence - levels(
            self.moments.evidence,
            self.moments.time,
            self.day,
            self.horizon_minutes * 60e6,
        )

    def take(self, rows: NDArray[Any] | slice) -> "History":
        """Return the rows chosen by a mask, indices or a slice."""
        return History(
            self.symbol,
            self.timeframe,
            self.horizon_bars,
            self.moments.take(rows),
            self.day[rows],
            self.outcome[rows],
            self.t1[rows],
        )


def logit(probability: Floats) -> Floats:
    """Return the log-odds, with probabilities kept `EDGE` away from 0 and 1; NaN stays."""
    kept = np.minimum(np.maximum(probability, EDGE), 1.0 - EDGE)
    return np.asarray(np.log(kept) - np.log1p(-kept), dtype=np.float64)


def expit(log_odds: Floats) -> Floats:
    """Return the probability of given log-odds; does not overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * log_odds)), dtype=np.float64)


def log_score(log_odds: Floats, outcome: Floats) -> Floats:
    """Return the log probability (nats, at most 0) given to what happened."""
    return np.asarray(-np.logaddexp(0.0, np.where(outcome > 0, -log_odds, log_odds)))


def effective_outcomes(time: Integers, t1: Integers) -> int:
    """Return how many outcomes do not overlap: each starts when the one before is known.

    `time` must be in order; taken greedily from the first, which is the largest such set when
    all labels are as long.
    """
    count, row, rows = 0, 0, len(time)
    while row < rows:
        count += 1
        row = max(row + 1, int(np.searchsorted(time, t1[row], side="left")))
    return count


def levels(
    values: Floats, time: Integers, day: Integers, horizon: float, memory: float = LEVEL_MEMORY
) -> Floats:
    """Return (n, M): where each column of `values` (n, M) was heading, as known the day before.

    For the rows of a day: the value, at its start, of the straight line fitted to all days before
    by least squares discounted with age (Brown 1963, double exponential smoothing), so that of a
    steady drift little is left; its slope is held back as by a past of half a `memory` that was
    level, for a slope of few days is noise. NaN on the first day a column is known. Age is counted
    in outcomes over `horizon` (as `time`, microseconds) that do not overlap, so that weekends age
    nothing, at most `memory` / `LEVEL_DAYS` a day. NaN values are left out; a row never looks at
    its own day.
    """
    if not len(values):
        return np.zeros(values.shape)
    known = np.isfinite(values)
    before = 2 * time[0] - time[min(1, len(time) - 1)]
    passed = np.minimum(np.diff(time, prepend=before) / horizon, 1.0)[:, None]
    starts = np.flatnonzero(np.diff(day, prepend=day[0] - 1))
    lengths = np.add.reduceat(passed[:, 0], starts)
    most = np.minimum(1.0, memory / LEVEL_DAYS / np.maximum(lengths, 1e-9))
    lengths *= most
    weights = np.add.reduceat(known * passed, starts, axis=0) * most[:, None]
    sums = np.add.reduceat(np.where(known, values, 0.0) * passed, starts, axis=0) * most[:, None]
    out = np.full(sums.shape, np.nan)
    weight, first, second, total, moment = np.zeros((5, values.shape[1]))  # of age: 1, a, a², v, av
    for number, (length, own, summed) in enumerate(zip(lengths, weights, sums, strict=True)):
        said = np.maximum(weight, 1e-9)
        mean, age = total / said, first / said
        slope = (moment / said - mean * age) / (second / said - age**2 + (memory / 2) ** 2)
        out[number] = np.where(weight > 0, mean - slope * age, np.nan)
        kept = np.exp(-length / memory)
        second = kept * (second + 2 * length * first + length**2 * weight) + own * length**2 / 4
        moment = kept * (moment + length * total) + summed * length / 2
        first = kept * (first + length * weight) + own * length / 2
        weight, total = kept * weight + own, kept * total + summed
    return np.repeat(out, np.diff(np.append(starts, len(values))), axis=0)


def _mean_of_distinct(values: Floats) -> Floats:
    ordered = np.sort(values, axis=1)
    new = np.isfinite(ordered)
    new[:, 1:] &= ordered[:, 1:] - ordered[:, :-1] > 1e-12
    count = new.sum(axis=1)
    total = np.where(new, ordered, 0.0).sum(axis=1)
    unknown = np.full(len(values), np.nan)
    return np.asarray(np.divide(total, count, out=unknown, where=count > 0))
